"""Syncs of Finale or Odoo, each killed five times at random, end as one that nobody disturbed (docs/bench.md). Prints JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from random import Random
from typing import Any

import django

from bench.recovery import recover, wait_for_lease
from bench.told import Told

KILLS = 5
DEATHS = 3
"""So many workers may die at a run before it is given up."""
SHARE = 0.2
"""Of an undisturbed run within which a worker dies: each goes on where the last one fell, so there is less and less left to die in."""
LONGEST = 1_800.0
"""Seconds within which a run has to be over."""
IDENTICAL, GOES_ON, SAME_AGAIN = "the dump is that of an undisturbed run", "the run goes on and succeeds", "the same again writes nothing"
CLEAN = "the movements prove the stock"

_FINALE = {
    "places": "SELECT external_id, name, code, parent_id_there, active, counts FROM sync_warehouseref WHERE connection_id = %(of)s",
    "suppliers": "SELECT external_id, party_id, name, email, active, raw FROM sync_vendorref WHERE connection_id = %(of)s",
    "product references": "SELECT r.external_id, r.sku, r.name, r.active, r.barcode, r.category, r.cost, r.lead_time_days, r.packing, "
    "r.vendor_id_there, r.suppliers, r.guidelines, r.raw, r.problem, p.sku FROM sync_productref r "
    "LEFT JOIN inventory_product p ON p.id = r.product_id WHERE r.connection_id = %(of)s",
    "stock references": "SELECT key, sku, on_hand, reserved, on_order, gone_at IS NULL FROM sync_stockref WHERE connection_id = %(of)s",
    "purchase orders there": "SELECT external_id, number, reference, status, vendor_id_there FROM sync_orderref "
    "WHERE connection_id = %(of)s",
    "products": "SELECT p.sku, p.name, p.active, p.purchase_price, p.lead_time_days, p.reorder_excluded, c.name, v.name "
    "FROM inventory_product p LEFT JOIN inventory_category c ON c.id = p.category_id LEFT JOIN inventory_vendor v ON v.id = p.vendor_id "
    "WHERE p.account_id = %(account)s",
    "barcodes": "SELECT a.text, p.sku FROM inventory_productalias a JOIN inventory_product p ON p.id = a.product_id "
    "WHERE p.account_id = %(account)s",
    "levels": "SELECT p.sku, w.name, l.units, l.reserved_units, l.on_order_units, l.reorder_point, l.reorder_quantity "
    "FROM inventory_level l JOIN inventory_product p ON p.id = l.product_id JOIN inventory_warehouse w ON w.id = l.warehouse_id "
    "WHERE l.account_id = %(account)s",
    "movements": "SELECT p.sku, m.cause, COUNT(*) FROM inventory_movement m JOIN inventory_product p ON p.id = m.product_id "
    "WHERE m.account_id = %(account)s GROUP BY p.sku, m.cause",
    "demand": "SELECT d.document, d.line, d.day, d.quantity, p.sku FROM inventory_demand d JOIN inventory_product p ON p.id = d.product_id "
    "WHERE d.account_id = %(account)s",
    "supply": "SELECT p.sku, s.state, s.level FROM inventory_supply s JOIN inventory_product p ON p.id = s.product_id "
    "WHERE s.account_id = %(account)s",
    "changes": "SELECT c.entity, c.label, c.type FROM sync_syncchange c JOIN sync_syncrun r ON r.id = c.run_id "
    "WHERE r.connection_id = %(of)s",
}
# Without watermarks: they stay behind by as long as reading took, and a run that dies takes longer.
_ODOO = {
    **{name: _FINALE[name] for name in ("places", "purchase orders there", "products", "levels")},
    "movements": "SELECT p.sku, w.name, m.cause, COUNT(*) FROM inventory_movement m JOIN inventory_product p ON p.id = m.product_id "
    "JOIN inventory_warehouse w ON w.id = m.warehouse_id WHERE m.account_id = %(account)s GROUP BY p.sku, w.name, m.cause",
    "moves": "SELECT external_id, feed, kind, quantity, state, code, revision, booked_revision, gone_at IS NULL FROM sync_sourcefact "
    "WHERE connection_id = %(of)s",
    "changes": _FINALE["changes"],
}


@dataclass(frozen=True)
class Subject:
    """What is killed: syncs of `scope`, once those of `before` were done in peace. `dump` is what counts afterwards, without ids, moments
    and run: each part sorted by what makes a row one."""

    label: str
    scope: str
    dump: Mapping[str, str]
    before: Sequence[str] = ()


SUBJECTS: Mapping[str, Subject] = {
    "finale": Subject("full syncs of Finale", "full", _FINALE),
    "odoo": Subject("syncs of Odoo's moves", "transactional", _ODOO, before=("master",)),
}


def main() -> int:
    """Go through the points and print what came of them."""
    parser = argparse.ArgumentParser(prog="bench.killedpoints")
    parser.add_argument("--system", choices=sorted(SUBJECTS), required=True)
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    drill = Drill(given.system, given.sandbox, Random(given.seed))
    for number in range(1, given.points + 1):
        drill.point(number)
        print(f"{given.name}: {number} of {given.points} {SUBJECTS[given.system].label}, {drill.told.kills} kills", file=sys.stderr)
    json.dump(drill.told.content(), sys.stdout)
    return 0


class Drill:
    """Accounts that are each filled from the same outside: one in peace, the others under fire."""

    def __init__(self, system: str, sandbox: str, rng: Random) -> None:
        from bench import death
        from sync import runs

        self._system, self._subject = system, SUBJECTS[system]
        self._sandbox, self._rng, self.told = sandbox, rng, Told()
        self._peaceful = self._open("Undisturbed")
        run = self._start(self._peaceful)
        # A run that is put down at the end of its time is taken up again: this is its first part.
        whole = death.usual(partial(runs.execute, run.pk))
        self._usual = death.Usual(whole.seconds * SHARE, max(1, int(whole.statements * SHARE)), max(1, int(whole.commits * SHARE)))
        recover(run, LONGEST)
        if run.status != "succeeded":
            raise RuntimeError(f"Nobody disturbed run {run.pk}, and it ended as {run.status}: {run.message}")

    def _open(self, name: str) -> Any:
        from bench.shop import open_finale, open_odoo

        if self._system == "finale":
            return open_finale(self._sandbox, name)
        # Else what moved before the warehouses were made here would be history, and nothing booked.
        shop = open_odoo(self._sandbox, name, book_from="2000-01-01", page_rows=200)
        for scope in self._subject.before:
            recover(self._start(shop, scope), LONGEST)
        return shop

    def _start(self, shop: Any, scope: str = "") -> Any:
        from sync import runs
        from sync.models import Trigger

        return runs.start(shop.owner, shop.connection, scope or self._subject.scope, trigger=Trigger.COMMAND)

    def point(self, number: int) -> None:
        """One sync, killed five times; then the same again."""
        from bench import death
        from inventory import integrity
        from sync import runs

        shop = self._open(f"Disturbed {number}")
        run, moments, again = self._start(shop), [], 0
        for _ in range(KILLS):
            wait_for_lease(run, LONGEST)
            run.refresh_from_db()
            if run.status == "failed":
                # Three deaths without anything finished between them, and a run is given up: a person starts it again, as it says.
                run, again = self._start(shop), again + 1
            moment = death.some_moment(self._rng, self._usual)
            if death.work(partial(runs.execute, run.pk), moment):
                moments.append(moment)
        recover(run, LONGEST)
        if run.status == "failed" and len(moments) > again * DEATHS:
            run = self._start(shop)
            recover(run, LONGEST)
        told, where = self.told, f"point {number}, run {run.pk} (killed {', '.join(map(str, moments)) or 'never'})"
        told.points += 1
        told.killed += bool(moments)
        told.not_killed += not moments
        told.kills += len(moments)
        told.statuses[run.status] += 1
        told.faults["none"] += 1
        for moment in moments:
            told.moments[moment.kind] += 1
        told.judge(GOES_ON, [] if run.status == "succeeded" else [f"it is {run.status}: {run.message}"], where)
        told.judge(IDENTICAL, list(_differences(self._subject.dump, self._peaceful, shop)), where)
        proof = integrity.check(shop.owner)
        told.judge(CLEAN, [] if not proof.offenders else [integrity.in_words(proof)], where)
        last = self._start(shop)
        recover(last, LONGEST)
        wrong = [] if not last.changes_logged else [f"run {last.pk} wrote {last.changes_logged} changes: {last.message}"]
        told.judge(SAME_AGAIN, wrong, where)


def _differences(dump: Mapping[str, str], one: Any, other: Any) -> Iterator[str]:
    """What differs between the dumps of two accounts: of each part the first row."""
    from inventory import supply

    for shop in (one, other):
        # As the worker does every minute, whatever became of its runs.
        supply.follow(shop.account.pk)
    for name, asked in dump.items():
        for first, second in zip_longest(_dump(asked, one), _dump(asked, other)):
            if first != second:
                yield f"{name}: undisturbed {first}, disturbed {second}"
                break


def _dump(asked: str, shop: Any) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(asked.replace("%(of)s", str(shop.connection.pk)).replace("%(account)s", str(shop.account.pk)))
        return sorted(json.dumps(row, default=str) for row in cursor.fetchall())


if __name__ == "__main__":
    sys.exit(main())
