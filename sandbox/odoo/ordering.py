"""Orders, as each version takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from sandbox.odoo.errors import ServerError, value_error
from sandbox.odoo.fields import Field, Model, fields_of
from sandbox.odoo.records import Row


def sorting(model: Model, version: int, order: str) -> list[tuple[Callable[[Any], Any], bool]]:
    """The keys of an order, each with whether it falls. Raises ServerError."""
    keys = []
    for part in order.split(","):
        words = part.split()
        if not words or len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise _no_order(order)
        name = words[0]
        if "." in name:
            raise _no_order(order)
        field = fields_of(model, version).get(name)
        if field is None:
            raise value_error(f"Invalid field {name!r} on model {model.name!r}")
        if not field.stored:
            if version >= 19:
                raise value_error(f"Cannot convert {model.name}.{name} to SQL because it is not stored")
            if version == 18:
                raise value_error(f"Cannot sort by {model.name}.{name}: it is not stored")
            continue
        keys.append((_key(field), len(words) == 2 and words[1].lower() == "desc"))
    return keys


def _no_order(order: str) -> ServerError:
    return ServerError(
        "odoo.exceptions.UserError",
        f'Invalid "order" specified ({order}). A valid "order" specification is a comma-separated list of valid field names.',
        422,
    )


def _key(field: Field) -> Callable[[Any], Any]:
    """Empty ones come last, as in the database."""

    def key(row: Any) -> tuple[bool, Any]:
        value = field.get(row)
        if isinstance(value, Row):
            value = value.id
        if field.by_company:
            value = next(iter(value.values()), 0.0)
        empty = value is None or (value == "" and field.kind != "boolean")
        return (empty, 0 if empty else value)

    return key


def sorted_by(rows: Sequence[Row], keys: Sequence[tuple[Callable[[Any], Any], bool]]) -> list[Row]:
    """Those of equal keys by id."""
    found = sorted(rows, key=attrgetter("id"))
    for key, falls in reversed(keys):
        found.sort(key=key, reverse=falls)
    return found


def own_order(model: Model) -> list[tuple[Callable[[Any], Any], bool]]:
    """The model's default."""
    return [(_plain(attrgetter(name)), False) for name in model.order]


def _plain(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def key(row: Any) -> tuple[bool, Any]:
        value = get(row)
        return (value in (None, ""), value or ("" if isinstance(value, str) else 0))

    return key
