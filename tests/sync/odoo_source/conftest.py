from __future__ import annotations

from tests.sync.odoo.conftest import account, odoo, odoo_server

__all__ = ["account", "odoo", "odoo_server"]
