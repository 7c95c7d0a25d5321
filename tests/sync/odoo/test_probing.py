"""Testing a connection finds out whether its stock can be read, and says what is wrong in words."""

from __future__ import annotations

import pytest

from sandbox.odoo.world import World
from sync.sources.odoo import probing
from sync.wire.verdict import Finding
from tests.sync.odoo.asking import connection_to, unbudgeted  # noqa: F401
from tests.sync.odoo.build import OdooStandIn

pytestmark = pytest.mark.usefixtures("unbudgeted")


@pytest.mark.parametrize(("version", "through"), [(16, "JSON-RPC"), (17, "JSON-RPC"), (18, "JSON-RPC"), (19, "JSON-2")])
def test_good_connection_says_version_and_warehouses(odoo: OdooStandIn, version: int, through: str) -> None:
    odoo.be(version)
    found = probing.test(connection_to(odoo.url))
    assert (found.finding, found.sentence) == (Finding.OK, f"Odoo {version} answers through {through} and shows 2 warehouses.")
    assert odoo.calls() <= 9


@pytest.mark.parametrize(
    ("version", "settings", "fault", "finding"),
    [
        (19, {}, "expired_key", Finding.BAD_SECRET),
        (17, {}, "expired_key", Finding.BAD_SECRET),
        (19, {}, "no_rights", Finding.BAD_SECRET),
        (19, {"database": "elsewhere"}, "", Finding.WRONG_ACCOUNT),
        (17, {"database": "elsewhere"}, "", Finding.WRONG_ACCOUNT),
        (18, {"login": "who@example.com"}, "", Finding.BAD_SECRET),
        (18, {"login": ""}, "", Finding.BAD_SECRET),
        (18, {"api": "json2"}, "", Finding.NOT_WHAT_IT_CLAIMS),
        (19, {}, "renamed_field", Finding.NOT_WHAT_IT_CLAIMS),
        (19, {"database": "no such"}, "", Finding.WRONG_ACCOUNT),
        (18, {}, "login_page", Finding.NOT_WHAT_IT_CLAIMS),
    ],
)
def test_what_is_wrong_is_told_apart(odoo: OdooStandIn, version: int, settings: dict[str, str], fault: str, finding: Finding) -> None:
    odoo.be(version)
    if fault:
        odoo.turn_on(fault)
    found = probing.test(connection_to(odoo.url, **settings))
    assert (found.finding, bool(found.sentence), bool(found.hint)) == (finding, True, True)
    assert not found.ok


def test_missing_key_and_silence_are_told_apart(odoo: OdooStandIn) -> None:
    assert probing.test(connection_to(odoo.url, secrets={})).finding == Finding.BAD_SECRET
    assert probing.test(connection_to("http://127.0.0.1:9")).finding == Finding.UNREACHABLE


def test_no_warehouse_to_be_seen_is_the_wrong_company(odoo: OdooStandIn) -> None:
    odoo.have(World(19))
    found = probing.test(connection_to(odoo.url))
    assert (found.finding, "shows no warehouses" in found.sentence) == (Finding.WRONG_ACCOUNT, True)
