from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inventory.models import Batch, IntegrityReport
from tests.inventory.integrity.breaking import by_hand
from tests.inventory.ledger.build import Shop, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    return shop


def stock(*words: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    out = StringIO()
    code = 0
    try:
        call_command("stock", words[0], "--account", "7qx", *words[1:], stdout=out, stderr=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    except CommandError as refused:
        code = refused.returncode
        out.write(str(refused))
    return code, out.getvalue()


def answer(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    def asked(_question: str) -> str:
        if said is None:
            raise EOFError
        return said

    monkeypatch.setattr("builtins.input", asked)


def test_integrity_lists_all_and_ends_clean(shop: Shop) -> None:
    code, said = stock("integrity")
    assert code == 0
    assert said.splitlines()[0] == "  I1  Each counter of a level is the sum of what remains of its batches that count. Holds."
    assert said.splitlines()[15].endswith("Holds.")
    assert said.splitlines()[-1] == "All invariants hold."
    assert IntegrityReport.objects.get().asked_by == "command line"


def test_integrity_names_what_breaks_it(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET packs = 9000")
    code, said = stock("integrity")
    assert code == 1
    assert f"      {shop.tea.sku} in MAIN: 9 packs in the counter, 6 in its batches.\n" in said


def test_integrity_as_json_is_the_apis_answer(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET packs = 9000")
    code, said = stock("integrity", "--json")
    report = json.loads(said)
    assert (code, report["offenders"], report["checks"][0]["offenders"]) == (1, 2, 1)


def test_rebuild_of_something_sound_says_so(shop: Shop) -> None:
    code, said = stock("rebuild", "--product", shop.tea.sku)
    assert (code, said) == (0, f"Everything of {shop.tea} is as its movements say.\n")


@pytest.mark.parametrize(("said", "received"), [("y", 10), ("yes", 10), ("", 12), ("n", 12), (None, 12)])
def test_rebuild_shows_and_asks(shop: Shop, monkeypatch: pytest.MonkeyPatch, said: str | None, received: int) -> None:
    by_hand("UPDATE inventory_batch SET received = 12000, remaining = 8000")
    by_hand("UPDATE inventory_level SET packs = 8000")
    answer(monkeypatch, said)
    code, printed = stock("rebuild", "--product", shop.tea.sku)
    batch = Batch.objects.get()
    assert code == 1
    assert f"Batch {batch.pk}: received 12 → 10, remaining 8 → 6\n" in printed
    assert "Level in MAIN: 8 → 6 packs\n" in printed
    assert batch.received == received


def test_rebuild_with_yes_writes_and_lifts_the_quarantine(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET written_off = 1000")
    stock("integrity")
    code, said = stock("rebuild", "--product", shop.tea.sku, "--yes")
    assert code == 1
    assert f"quarantine lifted (Batch {Batch.objects.get().pk} does not add up.)" in said
    assert stock("integrity")[0] == 0


def test_rebuild_as_json_writes_only_with_yes(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET received = 12000, remaining = 8000")
    code, said = stock("rebuild", "--product", shop.tea.sku, "--json")
    assert (code, json.loads(said)["batches"][0]["after"]) == (1, {"received": 10, "remaining": 6})
    assert Batch.objects.get().received == 12
    assert stock("rebuild", "--product", shop.tea.sku, "--json", "--yes")[0] == 1
    assert Batch.objects.get().received == 10


def test_rebuild_from_movements_that_contradict_themselves_is_an_error(shop: Shop) -> None:
    by_hand("DELETE FROM inventory_movement WHERE kind = 'receipt'")
    for more in ((), ("--json",), ("--yes",), ("--json", "--yes")):
        code, said = stock("rebuild", "--product", shop.tea.sku, *more)
        assert code == 2
        assert "remaining of batch" in said
    assert Batch.objects.get().remaining == 6


def test_rebuild_of_one_warehouse(shop: Shop) -> None:
    shop.buy(5, warehouse=make_place(shop.account, "SECOND"))
    by_hand("UPDATE inventory_batch SET received = received + 1000, remaining = remaining + 1000")
    stock("rebuild", "--product", shop.tea.sku, "--warehouse", "SECOND", "--yes")
    assert sorted(Batch.objects.values_list("received", flat=True)) == [5, 11]


@pytest.mark.parametrize("options", [{"product": "NOT-THERE"}, {"product": "QTX-TEA", "warehouse": "NOWHERE"}])
def test_what_is_not_there_is_named(shop: Shop, options: dict[str, Any]) -> None:
    code, said = stock("rebuild", *(word for name, value in options.items() for word in (f"--{name}", value)))
    assert code == 2
    assert list(options.values())[-1] in said
