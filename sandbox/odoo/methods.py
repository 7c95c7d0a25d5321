"""Methods of the models, for a user who may only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.odoo import domains, ordering
from sandbox.odoo.database import LANGUAGES
from sandbox.odoo.errors import no_access, type_error, unprocessable, user_error, value_error
from sandbox.odoo.fields import Model, fields_of, plain, renderer
from sandbox.odoo.models import MODELS
from sandbox.odoo.records import Row

if TYPE_CHECKING:
    from sandbox.odoo.world import World

REQUIRED = object()
_WRITING = ("create", "write", "unlink", "copy", "action_archive", "action_unarchive", "button_confirm", "toggle_active", "name_create")


@dataclass(frozen=True)
class Method:
    """A method: its parameters in order with their defaults; `of_records` is called on ids."""

    do: Callable[..., Any]
    parameters: Mapping[str, Any]
    of_records: bool = False
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """Who asks what, and in which context."""

    world: World
    model: Model
    context: Mapping[str, Any]

    @property
    def version(self) -> int:
        return self.world.version

    @property
    def companies(self) -> tuple[int, ...]:
        """Those that the call is limited to, the first of which is the current one. Raises ServerError."""
        allowed = self.context.get("allowed_company_ids")
        mine = [each.id for each in self.world.user.companies]
        if not allowed:
            return (self.world.user.company.id, *(each for each in mine if each != self.world.user.company.id))
        if any(each not in mine for each in allowed):
            raise no_access("Access to unauthorized or invalid companies.")
        return tuple(allowed)


def invoke(
    world: World,
    model: str,
    method: str,
    positional: Sequence[Any],
    named: Mapping[str, Any],
    *,
    by_name: bool = False,
    without: str = "",
) -> Any:
    """The result; None where the method returns nothing. With `by_name` ids are among the named arguments.

    The field `without` is as if it were not there.

    Raises ServerError; LookupError for a model or a method that is not there.
    """
    if model not in MODELS:
        raise LookupError(f"the model {model!r} does not exist")
    if method.startswith("_"):
        raise no_access(f"Private methods (such as {model!r}.{method}) cannot be called remotely.")
    if method in _WRITING:
        raise no_access(f"You are not allowed to modify '{model}' records. This operation is allowed for the groups: Administrator")
    known = METHODS.get(method)
    if known is None or (method == "context_get" and model != "res.users"):
        raise LookupError(f"The method '{model}.{method}' does not exist")
    given = dict(named)
    context = given.pop("context", None) or {}
    if context.get("lang") not in (None, False, "", *LANGUAGES):
        raise user_error(f"Invalid language code: {context['lang']}")
    rest = list(positional)
    ids = given.pop("ids", None) if by_name else rest.pop(0) if known.of_records and rest else None
    if ids is not None and not known.of_records:
        raise unprocessable(f"cannot call {model}.{method} with ids")
    values = _bound(model, method, known, rest, given)
    missing = [name for name, value in values.items() if value is REQUIRED]
    if missing:
        message = f"missing a required argument: {missing[0]!r}"
        raise unprocessable(message) if by_name else type_error(f"{model}.{method}() {message}")
    call = Call(world, _lacking(MODELS[model], without) if without else MODELS[model], context)
    if known.of_records:
        values["ids"] = [ids] if isinstance(ids, int) else ids or []
    return known.do(call, **values)


@cache
def _lacking(model: Model, name: str) -> Model:
    return replace(model, fields=tuple(field for field in model.fields if field.name != name))


def _bound(model: str, method: str, known: Method, positional: Sequence[Any], named: dict[str, Any]) -> dict[str, Any]:
    names = list(known.parameters)
    if len(positional) > len(names):
        raise type_error(f"{model}.{method}() takes {len(names)} positional arguments but {len(positional)} were given")
    values = dict(zip(names, positional, strict=False))
    for name, value in named.items():
        if name in values:
            raise type_error(f"{model}.{method}() got multiple values for argument {name!r}")
        if name not in names and name not in known.more:
            raise type_error(f"{model}.{method}() got an unexpected keyword argument {name!r}")
        values[name] = value
    return {**known.parameters, **values}


def found(call: Call, domain: Any, offset: int | None, limit: int | None, order: str | None) -> list[Row]:
    """The records that fit, without those that are archived unless they are asked for. Raises ServerError."""
    version, model = call.version, call.model
    wanted = domains.understood(model, version, domain)
    archived = wanted.active or call.context.get("active_test") is False or "active" not in fields_of(model, version)
    companies, fits = set(call.companies), wanted.fits
    of_company = company_of(model, version)
    table = call.world.table(model)
    single = len(call.world.companies) < 2

    def ours(row: Row) -> bool:
        if not archived and not row.active:
            return False
        if not single and of_company is not None:
            company = of_company(row)
            if company is not None and company.id not in companies:
                return False
        return fits(row)

    first = offset or 0
    stop = first + limit if limit else None
    if order is not None and order.replace(" asc", "").strip() == "id":
        return list(islice(filter(ours, table.after(wanted.after)), first, stop))
    keys = ordering.sorting(model, version, order) if order else ordering.own_order(model)
    return ordering.sorted_by(list(filter(ours, table.after(wanted.after))), keys)[first:stop]


def company_of(model: Model, version: int) -> Callable[[Any], Any] | None:
    """How a record's company is found; None where the model has none."""
    if model.name == "product.template":
        return lambda row: row.company
    field = fields_of(model, version).get("company_id")
    return field.get if field else None


def rendered(call: Call, rows: Sequence[Row], names: Any, load: Any) -> list[dict[str, Any]]:
    """The records with these fields, or with all. Raises ServerError."""
    known = fields_of(call.model, call.version)
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise value_error(f"Invalid field {unknown[0]!r} on {call.model.name!r}")
    pairs, company = load == "_classic_read", call.companies[0]
    chosen = [(name, renderer(known[name], pairs=pairs, company=company)) for name in dict.fromkeys(("id", *(names or known)))]
    return [{name: sent(row) for name, sent in chosen} for row in rows]


def _search_read(call: Call, domain: Any, fields: Any, offset: Any, limit: Any, order: Any, load: Any = "_classic_read") -> Any:
    return rendered(call, found(call, domain, offset, limit, order), fields, load)


def _search(call: Call, domain: Any, offset: Any, limit: Any, order: Any) -> Any:
    return [row.id for row in found(call, domain, offset, limit, order)]


def _search_count(call: Call, domain: Any, limit: Any) -> Any:
    return len(found(call, domain, 0, limit, "id"))


def _read(call: Call, ids: Sequence[int], fields: Any, load: Any) -> Any:
    """Those that there are; archived ones, too."""
    table = call.world.table(call.model)
    return rendered(call, [row for row in map(table.get, ids) if row is not None], fields, load)


def _exists(call: Call, ids: Sequence[int]) -> Any:
    table = call.world.table(call.model)
    return [number for number in ids if table.get(number) is not None]


def _fields_get(call: Call, allfields: Any, attributes: Any) -> Any:
    known = fields_of(call.model, call.version)
    said = {name: plain(field, call.version) for name, field in known.items() if not allfields or name in allfields}
    if not attributes:
        return said
    return {name: {key: value for key, value in each.items() if key in attributes} for name, each in said.items()}


def _context_get(call: Call) -> Any:
    return {"lang": "en_US", "tz": "Asia/Karachi", "uid": call.world.user.id}


def _may(call: Call, operation: Any, raise_exception: Any) -> Any:
    if operation != "read" and raise_exception:
        raise no_access(f"You are not allowed to modify '{call.model.name}' records.")
    return operation == "read"


def _check(call: Call, operation: Any) -> None:
    if operation != "read":
        raise no_access(f"You are not allowed to modify '{call.model.name}' records.")


def _allowed(call: Call, operation: Any) -> Any:
    return operation == "read"


METHODS: dict[str, Method] = {
    "search_read": Method(_search_read, {"domain": None, "fields": None, "offset": 0, "limit": None, "order": None}, more=("load",)),
    "search": Method(_search, {"domain": REQUIRED, "offset": 0, "limit": None, "order": None}),
    "search_count": Method(_search_count, {"domain": REQUIRED, "limit": None}),
    "read": Method(_read, {"fields": None, "load": "_classic_read"}, of_records=True),
    "exists": Method(_exists, {}, of_records=True),
    "fields_get": Method(_fields_get, {"allfields": None, "attributes": None}),
    "context_get": Method(_context_get, {}),
    "check_access_rights": Method(_may, {"operation": REQUIRED, "raise_exception": True}),
    "check_access": Method(_check, {"operation": REQUIRED}),
    "has_access": Method(_allowed, {"operation": REQUIRED}),
}
