"""How much a pass may change without asking (docs/reconcile.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from inventory.models import StockSettings
from inventory.quantity import from_thousandths, plain, to_thousandths


@dataclass(frozen=True)
class Limits:
    """A pass stops when more than `rows` levels differ that are also more than `rows_percent` of all levels, or when they differ by more
    than `quantity` that is also more than `quantity_percent` of all stock, the three unit kinds together."""

    rows: int
    rows_percent: int
    quantity: Decimal
    quantity_percent: int

    @classmethod
    def of(cls, settings: StockSettings, asked: Mapping[str, Any] | None = None) -> Limits:
        """What the account has set. `asked` may hold `rows` and `quantity` of one pass, which hold whatever share of all that is.

        Raises ValidationError for limits that are none.
        """
        limits = cls(settings.stop_rows, settings.stop_percent, settings.stop_quantity, settings.stop_percent)
        given = {name: value for name, value in (asked or {}).items() if value is not None}
        if unknown := given.keys() - {"rows", "quantity"}:
            raise ValidationError({"limits": f"There is no limit “{min(unknown)}”; there are rows and quantity."})
        try:
            if "rows" in given:
                limits = replace(limits, rows=int(given["rows"]), rows_percent=0)
            if "quantity" in given:
                limits = replace(limits, quantity=from_thousandths(to_thousandths(given["quantity"])), quantity_percent=0)
        except (TypeError, ValueError) as error:
            raise ValidationError({"limits": str(error)}) from error
        if limits.rows < 0 or limits.quantity < 0:
            raise ValidationError({"limits": "A limit is not negative."})
        return limits

    def exceeded(self, *, rows: int, of_rows: int, quantity: Decimal, of_quantity: Decimal) -> str:
        """Why a pass that would change so many levels by so much has to ask a person first; blank when it need not."""
        if rows > self.rows and rows * 100 > self.rows_percent * of_rows:
            return f"{rows} of {of_rows} levels differ, more than {_least(self.rows, self.rows_percent)}."
        if quantity > self.quantity and quantity * 100 > self.quantity_percent * of_quantity:
            return f"The differences come to {plain(quantity)}, more than {_least(plain(self.quantity), self.quantity_percent)}."
        return ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "quantity": str(self.quantity)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Limits:
        return cls(**{**stored, "quantity": Decimal(stored["quantity"])})


def _least(number: object, percent: int) -> str:
    return f"{number} and {percent} %" if percent else f"{number}"
