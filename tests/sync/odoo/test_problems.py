from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.sources.odoo import problems
from sync.sources.odoo.problems import NoField
from sync.sources.odoo.versions import Version
from sync.wire.errors import (
    BadCredentials,
    BreakerOpen,
    BudgetSpent,
    Refused,
    RetryLater,
    SessionExpired,
    TargetRefused,
    Unreachable,
    WireError,
    WrongAnswer,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THERE = "https://erp.example.com/json/2/product.product/search_read"


@pytest.mark.parametrize(
    ("error", "kind", "code", "words"),
    [
        (RetryLater(f"It failed (502) at {THERE}", after=2, code="server_error", http_status=502), RetryLater, "server_error", "(502)"),
        (RetryLater("x", after=2, code="server_error", http_status=200), RetryLater, "server_error", "Odoo is down or busy."),
        (
            BadCredentials(f"Refused (401) at {THERE}", http_status=401),
            BadCredentials,
            "bad_credentials",
            "wrong, has ended or was withdrawn",
        ),
        (Refused(f"No (403) at {THERE}", code="forbidden", http_status=403), Refused, "forbidden", "may not read Odoo's products"),
        (Refused(f"Nothing at {THERE}", code="not_found", http_status=404), Refused, "no_database", "no database of the name"),
        (Refused("x", code="no_model"), Refused, "no_model", "Odoo has no products (product.product)"),
        (Refused(f"No (415) at {THERE}", http_status=415), Refused, "refused", "did not take the question as JSON"),
        (Refused(f"No (418) at {THERE}", http_status=418), Refused, "refused", "refused to give its products (418)"),
        (NoField("product.product", "uom_po_id"), Refused, "no_field", "“uom_po_id” of its products (product.product)"),
        (WrongAnswer(f"It leads from {THERE}", code="redirect", http_status=302), WrongAnswer, "redirect", "a redirect"),
        (SessionExpired(f"It leads from {THERE}", http_status=303), WrongAnswer, "redirect", "a redirect"),
        (WrongAnswer(f"A page from {THERE}", code="html"), WrongAnswer, "html", "a web page instead of its products"),
        (WrongAnswer(f"Half of {THERE}", code="half_body"), WrongAnswer, "half_body", "broke off in the middle"),
        (WrongAnswer(f"{THERE} is large", code="too_large"), WrongAnswer, "too_large", "larger than can be taken"),
        (WrongAnswer(f"{THERE} is odd", code="undecodable"), WrongAnswer, "undecodable", "can't be used"),
        (Unreachable(f"No connection to {THERE}", code="connect"), Unreachable, "connect", "can't be reached"),
        (Unreachable(f"Silent: {THERE}", code="timeout"), Unreachable, "timeout", "can't be reached"),
    ],
)
def test_each_failure_has_a_sentence_without_an_address(error: WireError, kind: type[WireError], code: str, words: str) -> None:
    found = problems.told(error, "product.product", now=NOW, version=Version(19))
    assert (type(found), found.code, found.http_status) == (kind, code, error.http_status)
    assert words in found.sentence
    assert found.hint
    assert "erp.example.com" not in f"{found.sentence} {found.hint}"
    assert found.body == b""


def test_too_many_calls_say_when_it_goes_on() -> None:
    found = problems.told(RetryLater("x", after=90, code="too_many_calls", http_status=429), "stock.move", now=NOW)
    assert isinstance(found, BudgetSpent)
    assert found.until == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    "error", [BudgetSpent("Ours is spent.", until=NOW), BreakerOpen("It rests.", until=NOW), TargetRefused("Not in the list of networks.")]
)
def test_what_is_ours_keeps_its_words(error: WireError) -> None:
    assert problems.told(error, "stock.move", now=NOW) is error


@pytest.mark.parametrize(
    ("message", "model", "field"),
    [
        ("Invalid field 'uom_po_id' on 'product.product'", "product.product", "uom_po_id"),
        ("Invalid field 'uom_po_id' on model 'product.product'", "product.product", "uom_po_id"),
        ("Invalid field product.product.uom_po_id in leaf ('uom_po_id', '=', 1)", "product.product", "uom_po_id"),
        ("Invalid field 'uom_po_id'", "", "uom_po_id"),
    ],
)
def test_field_that_odoo_complains_of_is_found(message: str, model: str, field: str) -> None:
    found = problems.judged({"name": "builtins.ValueError", "message": message, "debug": "Traceback"}, 500)
    assert isinstance(found, NoField)
    assert (found.model, found.field) == (model, field)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([], 200),
        ({"name": "a product"}, 200),
        ({"error": "proxy"}, 500),
        ({"name": 5}, 500),
        ({"name": "x", "message": "y"}, 503),
        ("no", 500),
    ],
)
def test_what_is_no_error_of_odoo_is_judged_by_its_status(said: object, status: int) -> None:
    assert problems.judged(said, status) is None


def test_exception_with_a_strange_name_is_not_repeated() -> None:
    found = problems.judged({"name": "x.<script>key", "message": "secret"}, 500)
    assert isinstance(found, Refused)
    assert found.sentence == "Odoo did not understand the question (an error)."
    assert isinstance(problems.judged_rpc({"error": "secret"}, 200), Refused)
    assert problems.judged_rpc({"result": []}, 200) is None
