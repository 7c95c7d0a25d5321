"""Which type of record comes from which system, and in what order everything is synced. The one place that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accounts.errors import Problem
from sync.models import Stage


@dataclass(frozen=True)
class Origin:
    """Where a type comes from: the scope that reads it alone, and `within` the scopes that read it among others.

    `feeds` are what its cursors, its facts and the verdicts on it are called; a cursor's may have a part behind a slash.
    """

    system: str
    scope: str
    within: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        return (self.scope, *self.within)


@dataclass(frozen=True)
class SyncType:
    """A type of record that has an address of its own. The first of `origins` that is connected is meant."""

    key: str
    label: str
    stage: Stage
    origins: tuple[Origin, ...]

    @property
    def systems(self) -> tuple[str, ...]:
        return tuple(origin.system for origin in self.origins)

    def origin(self, system: str) -> Origin:
        """Where it comes from in `system`."""
        return next(origin for origin in self.origins if origin.system == system)


class UnknownType(Problem):
    """Refused: there is no such type."""


def _odoo(scope: str, stage: Stage, *feeds: str) -> Origin:
    return Origin("odoo", scope, (stage.value,), feeds)


def _moved(key: str, label: str, *origins: Origin) -> SyncType:
    return SyncType(key, label, Stage.TRANSACTIONAL, origins)


def _known(key: str, label: str, *origins: Origin) -> SyncType:
    return SyncType(key, label, Stage.MASTER, origins)


_DELIVERIES = _odoo("deliveries", Stage.TRANSACTIONAL, "deliveries")

_ALL = (
    _known("categories", "Categories", _odoo("categories", Stage.MASTER, "categories")),
    _known("warehouses", "Warehouses", _odoo("warehouses", Stage.MASTER, "warehouses", "locations")),
    _known("products", "Products", _odoo("products", Stage.MASTER, "products")),
    _moved("purchases", "Purchases", _odoo("purchases", Stage.TRANSACTIONAL, "orders", "purchases")),
    _moved("purchase-returns", "Returns to vendors", _odoo("purchase-returns", Stage.TRANSACTIONAL, "vendor_returns")),
    _moved("transfers", "Transfers", _odoo("transfers", Stage.TRANSACTIONAL, "transfers")),
    _moved("manufacturing", "Manufacturing", _odoo("manufacturing", Stage.TRANSACTIONAL, "manufacturing")),
    _moved("wastage", "Wastage", _odoo("wastage", Stage.TRANSACTIONAL, "wastage")),
    _moved("sales", "Sales", Origin("pos", "sales", ("today",), ("sales",)), _DELIVERIES),
    _moved("sales-returns", "Returns of customers", Origin("pos", "sales-returns", (), ("sales_returns",)), _DELIVERIES),
)

TYPES: Mapping[str, SyncType] = MappingProxyType({each.key: each for each in _ALL})

STEPS: tuple[tuple[Stage, str, str], ...] = (
    (Stage.MASTER, "odoo", "master"),
    (Stage.MASTER, "pos", "branches"),
    (Stage.TRANSACTIONAL, "odoo", "transactional"),
    (Stage.TRANSACTIONAL, "pos", "sales"),
    (Stage.TRANSACTIONAL, "pos", "sales-returns"),
)
"""What a round does with each connection of a system: stage, system, scope."""

SYSTEMS: tuple[str, ...] = tuple(dict.fromkeys(system for _, system, _ in STEPS))
"""The systems that rounds sync, in the order of their steps."""


def type_called(key: str) -> SyncType:
    """The type with this key. Raises UnknownType naming those there are."""
    found = TYPES.get(key)
    if found is None:
        raise UnknownType(f"There is no type “{key[:40]}”. There are: {', '.join(TYPES)}.")
    return found
