"""Domains, as each version takes them: which records fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter, ge, gt, le, lt
from typing import Any

from sandbox.odoo.errors import value_error
from sandbox.odoo.fields import Field, Model, fields_of, seconds
from sandbox.odoo.models import MODELS
from sandbox.odoo.records import Row

Test = Callable[[Any], bool]
Term = tuple[str, str, Any]
Part = tuple[Test, Term | None]
"""A test, with the condition it is made of when it is one alone."""
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_OPERATORS = ("=", "!=", *_COMPARE, "in", "not in", "like", "ilike", "not like", "not ilike", "child_of", "=?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True)
class Wanted:
    """A domain that was understood: all records with a greater id than `after` that `fits`; `active` tells whether it asks for active."""

    fits: Test
    after: int
    active: bool


def understood(model: Model, version: int, domain: Any) -> Wanted:
    """Raises ServerError as the version does."""
    if domain in (None, False):
        domain = []
    if not isinstance(domain, list):
        raise value_error(f"Domain must be a list, not {type(domain).__name__}")
    terms = [_term(part) for part in domain]
    active = any(isinstance(term, tuple) and term[0] == "active" for term in terms)
    needed = _joined([term if isinstance(term, str) else (_leaf(model, version, *term), term) for term in terms])
    bounds = [term[2] for _, term in needed if term is not None and term[:2] == ("id", ">") and isinstance(term[2], int)]
    return Wanted(_all([test for test, _ in needed]), max(bounds, default=0), active)


def _term(part: Any) -> str | Term:
    if isinstance(part, str):
        if part not in ("&", "|", "!"):
            raise value_error(f"Domain() invalid item in domain: {part!r}")
        return part
    if not isinstance(part, list) or len(part) != 3 or not isinstance(part[0], str) or not isinstance(part[1], str):
        # [1, "=", 1], which is always true.
        if isinstance(part, list) and len(part) == 3 and part[0] in (0, 1):
            return ("id", "!=" if part[0] == part[2] else "=", False)
        raise value_error(f"Domain() invalid item in domain: {part!r}")
    return (part[0], part[1].lower(), part[2])


def _joined(terms: Sequence[str | Part]) -> list[Part]:
    """What all has to hold: prefix operators took the next one or two terms."""
    stack: list[Part] = []
    for term in reversed(terms):
        if not isinstance(term, str):
            stack.append(term)
        elif len(stack) < (1 if term == "!" else 2):
            raise value_error(f"Domain() missing conditions after {term!r}")
        elif term == "!":
            stack.append((_not(stack.pop()[0]), None))
        else:
            one, other = stack.pop()[0], stack.pop()[0]
            stack.append((_both(one, other) if term == "&" else _either(one, other), None))
    return stack[::-1]


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _both(one: Test, other: Test) -> Test:
    return lambda row: one(row) and other(row)


def _either(one: Test, other: Test) -> Test:
    return lambda row: one(row) or other(row)


def _all(tests: list[Test]) -> Test:
    if not tests:
        return lambda row: True
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        return _both(*tests)
    return lambda row: all(test(row) for test in tests)


def _leaf(model: Model, version: int, path: str, operator: str, value: Any) -> Test:
    if operator not in _OPERATORS:
        raise value_error(f"Invalid operator {operator!r} in domain term ({path!r}, {operator!r}, {value!r})")
    get, field = _walk(model, version, path, operator, value)
    if field is None:
        return lambda row: True
    if operator == "=?":
        return (lambda row: True) if value in (None, False) else _test(get, field, "=", value, version)
    return _test(get, field, operator, value, version)


def _walk(model: Model, version: int, path: str, operator: str, value: Any) -> tuple[Callable[[Any], Any], Field | None]:
    """How the value is reached; no field where the version ignores the condition. Raises ServerError."""
    getters: list[Callable[[Any], Any]] = []
    names = path.split(".")
    for place, name in enumerate(names):
        field = fields_of(model, version).get(name)
        if field is None:
            said = f"Invalid field {model.name}.{name} in " + ("condition" if version >= 19 else "leaf")
            raise value_error(f"{said} ({path!r}, {operator!r}, {value!r})")
        if not field.searchable:
            if version >= 19:
                raise value_error(f"Cannot convert {model.name}.{name} to SQL because it is not stored")
            return (lambda row: None), None
        getters.append(field.get)
        if place + 1 < len(names):
            if field.kind != "many2one" or field.relation not in MODELS:
                raise value_error(f"Invalid field {path!r} on {model.name!r}: {name} can't be followed")
            model = MODELS[field.relation]
    if len(getters) == 1:
        return getters[0], field

    def walked(row: Any) -> Any:
        for get in getters:
            if row is None:
                return None
            row = get(row)
        return row

    return walked, field


def _test(get: Callable[[Any], Any], field: Field, operator: str, value: Any, version: int) -> Test:
    if field.kind == "datetime":
        return _test_moment(get, operator, value, version)
    if field.kind in ("many2one", "one2many", "many2many"):
        return _test_relation(get, field, operator, value)
    if field.by_company:
        base = get
        get = lambda row: next(iter(base(row).values()), 0.0)  # noqa: E731
    if field.kind == "boolean":
        return _test_boolean(get, operator, value)
    if operator.endswith("like"):
        return _test_like(get, operator, value)
    number = field.kind in ("integer", "float", "monetary")
    if operator in _COMPARE:
        compare = _COMPARE[operator]
        if field.name == "id":
            return lambda row: compare(row.id, value)
        return lambda row: (found := get(row)) is not None and compare(found, value)
    return _among(lambda row: get(row) if number else get(row) or None, operator, value, number)


def _among(get: Callable[[Any], Any], operator: str, value: Any, number: bool) -> Test:
    """Equal to a value, or to one of several; false is empty, and for numbers nought, too."""
    values = list(value) if isinstance(value, list) else [value]
    known = {0 if number and each in (None, False) else None if each in (None, False, "") else each for each in values}
    if operator in ("=", "in"):
        return lambda row: get(row) in known
    return lambda row: get(row) not in known


def _test_boolean(get: Callable[[Any], Any], operator: str, value: Any) -> Test:
    known = {bool(each) for each in (value if isinstance(value, list) else [value])}
    if operator in ("=", "in"):
        return lambda row: bool(get(row)) in known
    return lambda row: bool(get(row)) not in known


def _test_like(get: Callable[[Any], Any], operator: str, value: Any) -> Test:
    fold = str.casefold if operator.endswith("ilike") else str
    part = fold(str(value or ""))
    if operator.startswith("not"):
        return lambda row: part not in fold(str(get(row) or ""))
    return lambda row: part in fold(str(get(row) or ""))


def _test_relation(get: Callable[[Any], Any], field: Field, operator: str, value: Any) -> Test:
    many = field.kind != "many2one"

    def rows(row: Any) -> tuple[Row, ...]:
        found = get(row)
        return tuple(found) if many else (found,) if found is not None else ()

    values = value if isinstance(value, list) else [value]
    if operator == "child_of":
        ids = {each for each in values if isinstance(each, int)}
        above: Callable[[Any], Any] = attrgetter("parent")
        return lambda row: any(_below(each, ids, above) for each in rows(row))
    if operator.endswith("like"):
        return _test_like(lambda row: " ".join(each.display_name for each in rows(row)), operator, value)
    if operator in _COMPARE:
        compare = _COMPARE[operator]
        return lambda row: any(compare(each.id, value) for each in rows(row))
    # A text is compared with the display name.
    ids = {each for each in values if isinstance(each, int) and not isinstance(each, bool)}
    names = {each for each in values if isinstance(each, str)}
    empty = any(each in (None, False) for each in values if not isinstance(each, int) or isinstance(each, bool))

    def fits(row: Any) -> bool:
        found = rows(row)
        return any(each.id in ids or (names and each.display_name in names) for each in found) if found else empty

    return fits if operator in ("=", "in") else _not(fits)


def _below(row: Row | None, ids: set[int], above: Callable[[Any], Any]) -> bool:
    while row is not None:
        if row.id in ids:
            return True
        row = above(row) if hasattr(row, "parent") else None
    return False


def _test_moment(get: Callable[[Any], Any], operator: str, value: Any, version: int) -> Test:
    """Up to 18 what is stored is compared with its microseconds, from 19 on in whole seconds."""
    if version >= 19:
        whole = get
        get = lambda row: seconds(whole(row))  # noqa: E731
    if operator in _COMPARE:
        compare, bound = _COMPARE[operator], moment_of(value, version)
        if bound is None:
            return lambda row: False
        return lambda row: (found := get(row)) is not None and compare(found, bound)
    if operator not in ("=", "!=", "in", "not in"):
        raise value_error(f"Invalid operator {operator!r} for a datetime")
    known = {moment_of(each, version) for each in (value if isinstance(value, list) else [value])}
    if operator in ("=", "in"):
        return lambda row: get(row) in known
    return lambda row: get(row) not in known


def moment_of(value: Any, version: int) -> datetime | None:
    """The time of a text in a domain, None for false. Raises ServerError."""
    if value in (None, False):
        return None
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise value_error(f"time data {value!r} does not match format '%Y-%m-%d %H:%M:%S'")
    day, clock, zone = match.groups()
    if zone and version >= 19:
        raise value_error(f"expecting only datetimes with no timezone, got {value!r}")
    try:
        found = datetime.fromisoformat(f"{day} {clock or '00:00'}{'' if not zone else '+00:00' if zone == 'Z' else zone}")
    except ValueError as error:
        raise value_error(str(error)) from error
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
