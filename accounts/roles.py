"""Who may do what: one matrix, asked by the admin, the API and the commands alike."""

from __future__ import annotations

from django.db.models import TextChoices


class Role(TextChoices):
    """From least to most; each may do all that the ones before it may."""

    VIEWER = "viewer", "Viewer"
    STAFF = "staff", "Staff"
    MANAGER = "manager", "Manager"
    OWNER = "owner", "Owner"


_RANK = {role: rank for rank, role in enumerate(Role)}

OPERATIONS: dict[str, Role] = {
    "account.view": Role.VIEWER,
    "run.view": Role.VIEWER,
    "change.view": Role.VIEWER,
    "unit.view": Role.VIEWER,
    "load.view": Role.VIEWER,
    "session.view": Role.VIEWER,
    "conflict.view": Role.VIEWER,
    "held.view": Role.VIEWER,
    "product.view": Role.VIEWER,
    "warehouse.view": Role.VIEWER,
    "category.view": Role.VIEWER,
    "vendor.view": Role.VIEWER,
    "level.view": Role.VIEWER,
    "batch.view": Role.VIEWER,
    "movement.view": Role.VIEWER,
    "purchase.view": Role.VIEWER,
    "sale.view": Role.VIEWER,
    "write_off.view": Role.VIEWER,
    "transfer.view": Role.VIEWER,
    "return.view": Role.VIEWER,
    "count.view": Role.VIEWER,
    "stock.verify": Role.VIEWER,
    "reconciliation.view": Role.VIEWER,
    "integrity.view": Role.VIEWER,
    "stock_settings.view": Role.VIEWER,
    "metrics.view": Role.VIEWER,
    "connection.view": Role.VIEWER,
    "schedule.view": Role.VIEWER,
    "audit.view": Role.VIEWER,
    "health.view": Role.VIEWER,
    "run.preview": Role.STAFF,
    "run.start": Role.STAFF,
    "run.cancel": Role.STAFF,
    "feed.upload": Role.STAFF,
    "connection.test": Role.STAFF,
    "unit.edit": Role.STAFF,
    "load.edit": Role.STAFF,
    "session.edit": Role.STAFF,
    "scan.add": Role.STAFF,
    "scan.delete": Role.STAFF,
    "product.add": Role.STAFF,
    "category.add": Role.STAFF,
    "vendor.add": Role.STAFF,
    "purchase.add": Role.STAFF,
    "sale.add": Role.STAFF,
    "write_off.add": Role.STAFF,
    "transfer.add": Role.STAFF,
    "return.add": Role.STAFF,
    "count.add": Role.STAFF,
    "stock.open": Role.STAFF,
    "stock.reconcile": Role.STAFF,
    "reconciliation.cancel": Role.STAFF,
    "integrity.check": Role.STAFF,
    "category.edit": Role.MANAGER,
    "vendor.edit": Role.MANAGER,
    "level.edit": Role.MANAGER,
    "purchase.edit": Role.MANAGER,
    "purchase.void": Role.MANAGER,
    "sale.edit": Role.MANAGER,
    "sale.cancel": Role.MANAGER,
    "write_off.reverse": Role.MANAGER,
    "transfer.reverse": Role.MANAGER,
    "count.decide": Role.MANAGER,
    "reconciliation.approve": Role.MANAGER,
    "stock.rebuild": Role.MANAGER,
    "stock_settings.edit": Role.MANAGER,
    "run.approve": Role.MANAGER,
    "run.undo": Role.MANAGER,
    "feed.confirm": Role.MANAGER,
    "conflict.resolve": Role.MANAGER,
    "product.edit": Role.MANAGER,
    "product.import": Role.MANAGER,
    "product.delete": Role.MANAGER,
    "warehouse.edit": Role.MANAGER,
    "connection.pause": Role.MANAGER,
    "schedule.edit": Role.MANAGER,
    "member.view": Role.MANAGER,
    "connection.edit": Role.OWNER,
    "member.edit": Role.OWNER,
    "token.view": Role.OWNER,
    "token.edit": Role.OWNER,
    "account.edit": Role.OWNER,
}


def allows(role: str, operation: str) -> bool:
    """Whether a member with `role` may do `operation`. Raises KeyError for an operation the matrix does not name."""
    return _RANK[Role(role)] >= _RANK[OPERATIONS[operation]]
