"""Fields: what a version calls them, how they are read, and what may be asked about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

FOREVER = 99
Getter = Callable[[Any], Any]


@dataclass(frozen=True)
class Field:
    """One field, in the versions `since` to `until`. `get` takes the record.

    The value of a many2one is a record, of a one2many or many2many a sequence of them, of a datetime a datetime. With `by_company` it is a
    mapping by company id.
    """

    name: str
    kind: str
    get: Getter
    relation: str = ""
    since: int = 16
    until: int = FOREVER
    stored: bool = True
    searchable: bool = True
    required: bool = False
    choices: tuple[str, ...] = ()
    by_company: bool = False


@dataclass(frozen=True)
class Model:
    """A model: its fields, the attribute of the world that holds its records, and how they are sorted by default."""

    name: str
    table: str
    fields: tuple[Field, ...]
    order: tuple[str, ...] = ("id",)


@cache
def fields_of(model: Model, version: int) -> Mapping[str, Field]:
    """The fields that the model has in that version."""
    return {each.name: each for each in model.fields if each.since <= version <= each.until}


def _field(kind: str) -> Callable[..., Field]:
    def made(name: str, get: str | Getter = "", relation: str = "", **more: Any) -> Field:
        return Field(name, kind, get if callable(get) else attrgetter(get or name), relation, **more)

    return made


char, text, selection = _field("char"), _field("text"), _field("selection")
floating, integer, boolean, monetary = _field("float"), _field("integer"), _field("boolean"), _field("monetary")
moment, binary = _field("datetime"), _field("binary")
many2one, one2many, many2many = _field("many2one"), _field("one2many"), _field("many2many")


def computed(made: Field, *, searchable: bool = False) -> Field:
    """The same, but not stored."""
    return Field(**{**made.__dict__, "stored": False, "searchable": searchable})


def plain(field: Field, version: int) -> dict[str, Any]:
    """What fields_get says of it."""
    found: dict[str, Any] = {
        "type": field.kind,
        "string": field.name.removesuffix("_id").replace("_", " ").capitalize(),
        "required": field.required,
        "readonly": not field.stored,
        "store": field.stored,
        "searchable": field.searchable,
        "name": field.name,
    }
    if version >= 19:
        found["sortable"] = field.stored
    if field.relation:
        found["relation"] = field.relation
    if field.kind == "selection":
        found["selection"] = [[each, each.replace("_", " ").capitalize()] for each in field.choices]
    if field.by_company:
        found["company_dependent"] = True
    return found


def renderer(field: Field, *, pairs: bool, company: int) -> Getter:
    """How a record's value is sent."""
    get, kind = field.get, field.kind
    if field.by_company:
        return lambda row: float(get(row).get(company) or 0)
    if kind == "many2one":
        return _pair(get) if pairs else lambda row: False if (found := get(row)) is None else found.id
    if kind == "datetime":
        return lambda row: found.isoformat(" ", "seconds") if (found := get(row)) else False
    if kind in ("one2many", "many2many"):
        return lambda row: [each.id for each in get(row)]
    if kind == "boolean":
        return lambda row: bool(get(row))
    if kind in ("float", "monetary"):
        return lambda row: float(get(row) or 0)
    if kind == "integer":
        return lambda row: get(row) or 0
    return lambda row: get(row) or False


def _pair(get: Getter) -> Getter:
    made: dict[int, list[Any]] = {}

    def pair(row: Any) -> Any:
        found = get(row)
        if found is None:
            return False
        known = made.get(found.id)
        if known is None:
            known = made[found.id] = [found.id, found.display_name]
        return known

    return pair


def seconds(value: datetime | None) -> datetime | None:
    """Without the microseconds."""
    return value.replace(microsecond=0) if value else None
