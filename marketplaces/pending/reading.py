"""A file of queued changes: CSV with headings, or one JSON object on each line. Pure (docs/verify.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from accounts.errors import in_one_line
from inventory.csvtable import RowProblem, columns_of, lines_of
from inventory.errors import UnreadableFile
from inventory.texts import lines

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "token": ("token", "item", "itemtoken", "sku"),
    "lot_id": ("lotid", "lot", "inventoryid", "marketplaceid"),
    "number": ("number", "partnumber", "part", "no", "itemno"),
    "item_type": ("type", "itemtype"),
    "color": ("color", "colour", "colorid", "colourid"),
    "condition": ("condition", "neworused"),
    "shop": ("shop", "marketplace", "provider", "store"),
    "operation": ("operation", "action", "changetype", "change"),
    "quantity": ("quantity", "newquantity", "quantityavailable", "qty"),
    "price": ("price", "newprice", "unitprice"),
    "notes": ("notes", "newnotes", "description", "publicnote"),
    "queued_at": ("queuedat", "queued", "createdat", "time", "timestamp", "at"),
}
CHANGE, DELETE = "change", "delete"
_OPERATIONS = {
    **dict.fromkeys(("", "create", "add", "insert", "update", "edit", "change", "upsert", "adjust"), CHANGE),
    **dict.fromkeys(("delete", "remove", "archive"), DELETE),
}
FIELDS = ("quantity", "price", "notes")
_JSON = "json"


@dataclass(frozen=True)
class Queued:
    """A change that was queued and not sent. `values` holds those of FIELDS that it sets, as items hold them."""

    row: int
    operation: str
    queued_at: datetime
    token: str = ""
    lot_id: str = ""
    number: str = ""
    item_type: str = ""
    color: int | None = None
    condition: str = ""
    shop: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def read(content: bytes) -> tuple[list[Queued], list[RowProblem]]:
    """The changes of a file, and what is wrong with the others. Raises UnreadableFile for what is neither CSV nor lines of JSON."""
    found, problems = [], []
    for row, cells in _rows(content):
        wrong: list[RowProblem] = []
        change = _queued(row, cells, wrong)
        if change is None:
            problems.extend(wrong)
        else:
            found.append(change)
    return found, problems


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        yield from _json_lines(content)
        return
    table = lines_of(content)
    header = next(table, None)
    if header is None:
        raise UnreadableFile("The file is empty.")
    columns, _ = columns_of(header[1], HEADINGS)
    if "queued_at" not in columns or not columns.keys() & {"token", "lot_id", "number"}:
        raise UnreadableFile(
            "The first row has to name the columns: when a change was queued, and its item (token, lot or number).",
            hint="For example: lot,shop,operation,quantity,price,notes,queued_at",
        )
    for row, cells in table:
        yield row, {name: cells[place] for name, place in columns.items() if place < len(cells)}


def _json_lines(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    known = {spelling: name for name, spellings in HEADINGS.items() for spelling in spellings}
    try:
        texts = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableFile("The file is not a text in UTF-8.") from error
    for row, line in enumerate(texts, start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            # Not only what is no JSON: numbers of thousands of digits and lists within lists without end are refused otherwise.
            raise UnreadableFile(f"Line {row} is no JSON object.") from error
        if not isinstance(given, dict):
            raise UnreadableFile(f"Line {row} is no JSON object.")
        cells = {known.get("".join(filter(str.isalnum, str(name).lower())), ""): value for name, value in given.items()}
        yield row, {_JSON: True, **{name: value for name, value in cells.items() if name}}


def _queued(row: int, cells: Mapping[str, Any], wrong: list[RowProblem]) -> Queued | None:
    def cell(name: str, reader: Callable[[Any], Any]) -> Any:
        try:
            return reader(cells.get(name))
        except ValueError as error:
            wrong.append(RowProblem(row, name, str(error)))
            return None

    values = {name: cell(name, _READERS[name]) for name in FIELDS if _is_there(name, cells)}
    change = Queued(
        row=row,
        operation=cell("operation", _operation),
        queued_at=cell("queued_at", _moment),
        token=_text(cells.get("token")),
        lot_id=_text(cells.get("lot_id")),
        number=_text(cells.get("number")),
        item_type=_text(cells.get("item_type")).upper(),
        color=cell("color", lambda value: None if _text(value) == "" else _whole(value)),
        condition=cell("condition", _condition),
        shop=_text(cells.get("shop")),
        values=values,
    )
    if not wrong and not (change.token or change.lot_id or change.number):
        wrong.append(RowProblem(row, "token", "The row names no item: give its token, its lot, or its number, colour and condition."))
    if not wrong and change.operation == CHANGE and not values:
        wrong.append(RowProblem(row, "operation", "The row sets neither a quantity nor a price nor notes."))
    return None if wrong else change


def _is_there(name: str, cells: Mapping[str, Any]) -> bool:
    """An empty cell says nothing; to clear notes, write “-” in a table, or an empty text in JSON."""
    value = cells.get(name)
    return value is not None and (_text(value) != "" or (name == "notes" and cells.get(_JSON) is True))


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _whole(value: Any) -> int:
    text = _text(value)
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"Enter a whole number of 0 or more, not “{text[:40]}”.")
    return int(text)


def _price(value: Any) -> Decimal:
    text = _text(value)
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"“{text[:40]}” is not an amount of money; write it with digits and a point, like 0.125.") from error
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"Enter a price above 0, not {text[:40]}.")
    return amount


def _notes(value: Any) -> str:
    try:
        return "" if value == "-" else lines("notes", str(value))
    except ValidationError as error:
        raise ValueError(in_one_line(error)) from error


def _operation(value: Any) -> str:
    text = _text(value).lower()
    if text not in _OPERATIONS:
        raise ValueError(f"There is no operation “{text[:40]}”. Use create, update or delete.")
    return _OPERATIONS[text]


def _condition(value: Any) -> str:
    text = _text(value).lower()
    known = {"": "", "n": "new", "new": "new", "u": "used", "used": "used"}
    if text not in known:
        raise ValueError(f"There is no condition “{text[:40]}”. Use new or used.")
    return known[text]


def _moment(value: Any) -> datetime:
    """Text as ISO 8601, or seconds or milliseconds since 1970; without a zone it is UTC."""
    text = _text(value)
    try:
        if text.isdigit():
            seconds = int(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"“{text[:40]}” is no time. Write it like 2026-03-04T05:06:07Z.") from error


_READERS: dict[str, Callable[[Any], Any]] = {"quantity": _whole, "price": _price, "notes": _notes}
