"""`manage.py push --verify`: compares shops here and now, and repairs where that is asked for."""

from __future__ import annotations

import time
from typing import Any

from accounts.acting import Actor
from inventory.models import Item
from marketplaces import verify
from marketplaces.errors import AlreadyVerifying
from marketplaces.inbox import said
from marketplaces.models import Decision, Difference, DifferenceKind, Shop, Verification
from marketplaces.verify.verifying import ACTIVE

POLL_SECONDS = 0.5
SHOWN = 200


def compare(actor: Actor, shop: Shop) -> Verification:
    """A comparison from its start to its end, by this process or by the worker that was faster."""
    try:
        run = verify.start(actor, shop)
    except AlreadyVerifying as busy:
        run = Verification.objects.get(pk=(busy.details or {})["verification"])
    while True:
        verify.execute(run.pk)
        run.refresh_from_db()
        if run.status not in ACTIVE:
            return run
        time.sleep(POLL_SECONDS)


def repair(actor: Actor, run: Verification, item: Item | None) -> verify.Decided:
    """Tell the shop again whatever its lots have otherwise. What is missing there, or not known here, is a person's to decide."""
    rows = Difference.objects.filter(verification=run, kind=DifferenceKind.DIFFERS, decision=Decision.OPEN)
    decided = verify.decide_many(actor, rows if item is None else rows.filter(item=item), "repair")
    verify.carry_out(run.shop_id)
    return decided


def answer(run: Verification, item: Item | None) -> dict[str, Any]:
    """A comparison for programs."""
    rows = Difference.objects.filter(verification=run).order_by("pk")
    shown = rows if item is None else rows.filter(item=item)
    return {
        "shop": str(run.shop),
        "verification": run.pk,
        "status": run.status,
        "message": run.message,
        "hint": run.hint,
        "code": run.code,
        "counters": run.counters,
        "differences": [
            {
                "id": row.pk,
                "kind": row.kind,
                "label": row.label,
                "lot": row.lot_id,
                "item": row.item_id,
                "fields": row.fields,
                "sentence": said(row),
                "decision": row.decision,
                "outcome": row.outcome,
            }
            for row in shown[:SHOWN]
        ],
        "open": shown.filter(decision=Decision.OPEN).count(),
    }
