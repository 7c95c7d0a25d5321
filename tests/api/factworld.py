"""A held line, a rule and a place, for tests that go through all addresses."""

from __future__ import annotations

from accounts.models import Account
from sync.models import Connection, FactKind, FactRule, FactState, SourceFact, WarehouseRef
from tests.api.build import NOON

MARK = "FACT-777"


def make_fact_rows(account: Account) -> dict[str, int]:
    """By the beginning of the address, the row it names."""
    till = Connection.objects.create(
        account=account, system="pos", name=f"Till {MARK}", settings={"dialect": "sqlite", "file": "t.sqlite3"}
    )
    mine = {"account": account, "connection": till}
    fact = SourceFact.objects.create(
        **mine, external_id=f"POS:{MARK}:B1:1", feed="sales", kind=FactKind.SALE, state=FactState.HELD, code="unmapped_branch",
        sentence=MARK, place_there=MARK, barcode="4001", barcode_key="4001", quantity=1, happened_at=NOON, first_seen_at=NOON, held_at=NOON,
    )  # fmt: skip
    rule = FactRule.objects.create(**mine, about="barcode", value=MARK, value_key="FACT777", action="ignore")
    place = WarehouseRef.objects.create(**mine, external_id=MARK, name=MARK, first_seen_at=NOON)
    return {"/api/facts/": fact.pk, "/api/fact-rules/": rule.pk, "/api/places/": place.pk}
