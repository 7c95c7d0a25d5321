"""Who may do what at the addresses of stock that is kept here."""

from __future__ import annotations

LEDGER: dict[str, str] = {
    "GET /api/levels": "level.view",
    "GET /api/levels/<pk>": "level.view",
    "POST /api/levels": "level.edit",
    "PATCH /api/levels/<pk>": "level.edit",
    "GET /api/batches": "batch.view",
    "GET /api/batches/<pk>": "batch.view",
    "GET /api/batches/expiring": "batch.view",
    "GET /api/movements": "movement.view",
    "GET /api/movements/<pk>": "movement.view",
    "GET /api/purchases": "purchase.view",
    "GET /api/purchases/<pk>": "purchase.view",
    "POST /api/purchases": "purchase.add",
    "PATCH /api/purchases/<pk>": "purchase.edit",
    "DELETE /api/purchases/<pk>": "purchase.void",
    "POST /api/purchases/<pk>/void-rest": "purchase.void",
    "GET /api/sales": "sale.view",
    "GET /api/sales/<pk>": "sale.view",
    "POST /api/sales": "sale.add",
    "POST /api/sales/preview": "sale.add",
    "PATCH /api/sales/<pk>": "sale.edit",
    "DELETE /api/sales/<pk>": "sale.cancel",
}
