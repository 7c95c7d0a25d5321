"""Who may do what about types and rounds."""

from __future__ import annotations

from sync.systems import SYSTEMS

TYPES = (
    "products",
    "categories",
    "warehouses",
    "purchases",
    "purchase-returns",
    "sales",
    "sales-returns",
    "transfers",
    "manufacturing",
    "wastage",
)

ROUNDS: dict[str, str] = {
    **{f"POST /api/sync/{key}": "run.start" for key in TYPES},
    # Every other scope of these systems has an address of its own, too.
    **{f"POST /api/sync/{scope}": "run.start" for key in ("odoo", "pos") if key in SYSTEMS for scope in SYSTEMS[key].scopes},
    "POST /api/sync/all": "run.start",
    "GET /api/sync/status": "run.view",
    "POST /api/sync/reset/<type>": "run.reset",
    "GET /api/rounds": "run.view",
    "GET /api/rounds/<pk>": "run.view",
    "POST /api/rounds/<pk>/cancel": "run.cancel",
}
