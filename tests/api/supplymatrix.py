"""Who may do what with critical items."""

from __future__ import annotations

SUPPLY: dict[str, str] = {
    "GET /api/critical-items": "supply.view",
    "GET /api/critical-items/<product>": "supply.view",
    "GET /api/critical-items/counts": "supply.view",
    "PATCH /api/critical-items/<product>": "supply.edit",
    "GET /api/supply-settings": "supply.view",
    "PATCH /api/supply-settings": "supply.edit",
}
