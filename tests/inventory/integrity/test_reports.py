"""Reports: by the clock, in words, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import Account
from accounts.roles import Role
from inventory import integrity
from inventory.integrity.question import Question
from inventory.integrity.registry import Check
from inventory.integrity.retention import prune
from inventory.models import IntegrityReport
from tests.build import make_account, make_actor
from tests.inventory.integrity.breaking import by_hand
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


def make_report(account: Account, *, days: int) -> IntegrityReport:
    at = timezone.now() - timedelta(days=days)
    return IntegrityReport.objects.create(account=account, asked_by="Mara", started_at=at, finished_at=at)


def test_the_schedule_keeps_a_report_and_says_what_it_found() -> None:
    shop = Shop()
    shop.buy(3)
    assert integrity.scheduled(shop.account) == "All invariants hold."
    by_hand("UPDATE inventory_level SET packs = 4000")
    assert integrity.scheduled(shop.account) == "2 things break an invariant: I1 1, I11 1."
    assert list(IntegrityReport.objects.values_list("asked_by", "offenders")) == [("Nightly check", 2), ("Nightly check", 0)]


def test_one_is_one_thing() -> None:
    report = IntegrityReport(offenders=1, checks=[{"invariant": "I4", "offenders": 1}])
    assert integrity.in_words(report) == "1 thing breaks an invariant: I4 1."


def test_a_viewer_reads_and_does_not_check() -> None:
    with pytest.raises(NotAllowed):
        integrity.check(make_actor(make_account(), Role.VIEWER))


def test_an_app_above_asks_more(monkeypatch: pytest.MonkeyPatch) -> None:
    from inventory.integrity import registry

    monkeypatch.setattr(registry, "_checks", dict(registry._checks))
    told = Question(
        "Level", "SELECT id, product_id, warehouse_id FROM inventory_level WHERE account_id = %(account)s", lambda _: "Is told."
    )
    integrity.register(Check(16, "Nobody is told more than there is.", lambda _: (told,)))
    shop = Shop()
    shop.buy(3)
    last = integrity.check(shop.actor).checks[-1]
    assert (last["invariant"], last["holds"], last["note"], last["offenders"]) == ("I16", "Nobody is told more than there is.", "", 1)
    assert last["sample"][0]["trouble"] == "Is told."


def test_old_reports_go_and_the_last_one_stays() -> None:
    account, quiet = make_account(), make_account("Quiet")
    days = settings.CHANGE_RETENTION_DAYS
    make_report(account, days=days + 2)
    fresh = make_report(account, days=days - 2)
    make_report(quiet, days=days + 9)
    last = make_report(quiet, days=days + 5)
    assert prune(timezone.now()) == 2
    assert set(IntegrityReport.objects.all()) == {fresh, last}
