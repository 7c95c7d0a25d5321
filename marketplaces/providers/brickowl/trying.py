"""Whether a connection leads to a store at Brick Owl, and what its key may do there."""

from __future__ import annotations

from django.db.models import F

from accounts.errors import Problem
from marketplaces.lots import Store
from marketplaces.models import Shop
from marketplaces.providers.brickowl import reading
from marketplaces.providers.brickowl.calls import Calls
from marketplaces.providers.brickowl.system import SYSTEM
from sync.models import Connection
from sync.wire.caller import Spending
from sync.wire.errors import Refused
from sync.wire.verdict import Finding, Verdict, verdict

_ONE = {"active_only": "0", "lot_id": "1"}


def test(connection: Connection) -> Verdict:
    """Ask who the key belongs to, then whether it may see inventory, orders and catalogue. Keeps name and currency of the store."""
    try:
        with Calls(connection, guarded=False) as calls:
            store = reading.store(calls.get("user/details", {}, Spending()))
            if not store.extras["has_store"]:
                who = store.extras["username"]
                whose = f"belongs to “{who}”, who" if who else "belongs to somebody who"
                sentence = f"Brick Owl answers, but the key {whose} has no store there."
                return Verdict(Finding.WRONG_ACCOUNT, sentence, "Use the key of a seller's account.")
            keep_store(connection, store)
            calls.get("inventory/list", _ONE, Spending())
            if SYSTEM.complete(connection.settings)["orders"]:
                calls.get("order/list", {"list_type": "store", "limit": "1"}, Spending())
            return _good(store, hint=_catalog_hint(calls))
    except Problem as problem:
        return verdict(problem, system=SYSTEM.label)


def keep_store(connection: Connection, store: Store) -> None:
    """Keep whose the shop is. In another currency than before, every item is judged again."""
    rows = Shop.objects.filter(connection=connection)
    if store.currency:
        rows.exclude(currency=store.currency).update(currency=store.currency, rules_version=F("rules_version") + 1)
    rows.update(store_name=store.name[:200])


def _good(store: Store, hint: str) -> Verdict:
    currency = f", which sells in {store.currency}" if store.currency else ""
    return Verdict(Finding.OK, f"Brick Owl answers; the key belongs to the store “{store.name}”{currency}.", hint)


def _catalog_hint(calls: Calls) -> str:
    try:
        calls.get("catalog/id_lookup", {"id": "3001", "type": "Part", "id_type": "bl_item_no"}, Spending())
    except Refused as error:
        return f"{error.sentence} {error.hint}" if error.code == "forbidden_function" else ""
    return ""
