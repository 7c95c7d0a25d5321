"""What BrickLink's answers say. Pure; the errors in them are refusing.py's (docs/bricklink.md).

Texts come escaped as for a web page and are decoded once. Members that are not known are ignored; one that is missing or of another kind
where it matters makes the answer a WrongAnswer.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from inventory.models import Completeness, ItemType
from inventory.models.item import TOKEN_LENGTH, TOKEN_LETTERS
from marketplaces.lots import RemoteLine, RemoteLot, RemoteOrder, Store
from marketplaces.models import OrderPhase
from marketplaces.providers.bricklink.mapping import COMPLETENESS, CONDITIONS, TIERS
from sync.wire.errors import WrongAnswer

_MARK = re.compile(rf"(?:^|\s)#([{TOKEN_LETTERS}]{{{TOKEN_LENGTH}}})\s*$")
_CONDITIONS: dict[str, str] = {code: word.value for word, code in CONDITIONS.items()}
_COMPLETENESS: dict[str, str] = {code: word.value for word, code in COMPLETENESS.items()}
_TYPES = frozenset(ItemType.values)
_THOUSANDTH = Decimal("0.001")

PHASES: Mapping[str, OrderPhase] = {
    **dict.fromkeys(("PENDING", "UPDATED", "PROCESSING", "READY", "PAID", "PACKED", "OCR", "NPB", "NRS", "NSS"), OrderPhase.OPEN),
    "SHIPPED": OrderPhase.SHIPPED,
    **dict.fromkeys(("RECEIVED", "COMPLETED", "PURGED"), OrderPhase.DONE),
    **dict.fromkeys(("CANCELLED", "NPX"), OrderPhase.CANCELLED),
}
"""What a status means for stock. A word that is not known is taken for an open order."""


def lot(data: Any) -> RemoteLot:
    """A lot as an answer shows it. Raises WrongAnswer."""
    row = _object(data, "lot")
    item = _object(row.get("item"), "lot's item")
    lot_id = number_of(row.get("inventory_id"))
    if not lot_id:
        raise _wrong("A lot in the answer has no id.")
    location, token = unmarked(text(row.get("remarks")))
    kind, code = text(item.get("type")).upper(), text(row.get("new_or_used")).upper()
    color = _whole(row.get("color_id"), "colour")
    stated = text(row.get("completeness")).upper() if kind == ItemType.SET else ""
    return RemoteLot(
        lot_id=lot_id,
        quantity=_whole(row.get("quantity"), "quantity"),
        identity={"type": kind, "number": text(item.get("no")), "color": color, "condition": code, "completeness": stated},
        fields=_fields(row, location),
        part_number=text(item.get("no")),
        item_type=kind if kind in _TYPES else "",
        color_id=color,
        condition=_CONDITIONS.get(code, ""),
        completeness=_COMPLETENESS.get(stated, Completeness.UNSTATED.value),
        name=text(item.get("name")),
        token=token,
        created_at=moment(row.get("date_created")),
        url=lot_address(lot_id),
    )


def _fields(row: Mapping[str, Any], location: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "notes": text(row.get("description")),
        "location": location,
        "hidden": row.get("is_stock_room") in (True, "true", "Y"),
    }
    if (price := money(row.get("unit_price"))) is not None:
        fields["price"] = price
    if (cost := money(row.get("my_cost"))) is not None:
        fields["cost"] = cost
    if row.get("bulk") is not None:
        fields["bulk"] = _whole(row["bulk"], "bulk")
    if row.get("sale_rate") is not None:
        fields["sale_percent"] = _whole(row["sale_rate"], "sale rate")
    if row.get("tier_quantity1") is not None:
        fields["tiers"] = list(_tiers(row))
    return fields


def _tiers(row: Mapping[str, Any]) -> Iterator[list[Any]]:
    for number in range(1, TIERS + 1):
        quantity, price = _whole(row.get(f"tier_quantity{number}") or 0, "tier"), money(row.get(f"tier_price{number}"))
        if quantity and price is not None:
            yield [quantity, price]


def lots(data: Any) -> Iterator[RemoteLot]:
    """The lots of a list, one after another. Raises WrongAnswer."""
    return (lot(row) for row in _list(data, "lots"))


def unmarked(remarks: str) -> tuple[str, str]:
    """A lot's private text without our mark, and the token in the mark, blank where there is none."""
    mark = _MARK.search(remarks)
    return (remarks[: mark.start()].rstrip(), mark.group(1)) if mark else (remarks, "")


def orders(data: Any) -> list[RemoteOrder]:
    """The orders of a list. Raises WrongAnswer."""
    return [_order(_object(row, "order")) for row in _list(data, "orders")]


def _order(row: Mapping[str, Any]) -> RemoteOrder:
    order_id, ordered_at = number_of(row.get("order_id")), moment(row.get("date_ordered"))
    if not order_id or ordered_at is None:
        raise _wrong("An order in the answer has no id or no date.")
    status = text(row.get("status"))
    cost: Mapping[str, Any] = row["cost"] if isinstance(row.get("cost"), dict) else {}
    said = [status, cost.get("subtotal"), *(row.get(name) for name in ("date_status_changed", "total_count", "unique_count"))]
    return RemoteOrder(
        order_id=order_id,
        status=status,
        phase=PHASES.get(status.upper(), OrderPhase.OPEN),
        ordered_at=ordered_at,
        digest=hashlib.sha256("\n".join(str(each or "") for each in said).encode()).hexdigest(),
        changed_at=moment(row.get("date_status_changed")),
        buyer=text(row.get("buyer_name")),
        pieces=_whole(row.get("total_count") or 0, "count of pieces"),
        lot_count=_whole(row.get("unique_count") or 0, "count of lots"),
        currency=text(cost.get("currency_code")).upper(),
        subtotal=amount(cost.get("subtotal")),
        total=amount(cost.get("grand_total")),
    )


def order_lines(data: Any) -> list[RemoteLine]:
    """The lines of an order, from its batches. Raises WrongAnswer.

    BrickLink has no ids for lines, and neither batches nor lines have an order to rely on. So what an order has of one lot at one price is
    one line, in whatever batches it was bought, and lot and price are its key.
    """
    found: dict[str, RemoteLine] = {}
    for batch in _list(data, "batches"):
        for row in batch if isinstance(batch, list) else [batch]:
            line = _line(_object(row, "line of an order"))
            same = found.get(line.key)
            found[line.key] = line if same is None else _joined(same, line)
    return [found[key] for key in sorted(found)]


def _line(row: Mapping[str, Any]) -> RemoteLine:
    item = _object(row.get("item"), "item of an order's line")
    lot_id, price = number_of(row.get("inventory_id")), money(_first(row, "unit_price_final", "unit_price"))
    kind, code, number = text(item.get("type")).upper(), text(row.get("new_or_used")).upper(), text(item.get("no"))
    color = _whole(row.get("color_id") or 0, "colour")
    what = lot_id or f"{kind} {number} {color} {code}"
    return RemoteLine(
        key=f"{what}@{price or ''}"[:120],
        lot_id=lot_id,
        quantity=_whole(row.get("quantity"), "quantity"),
        token=unmarked(text(row.get("remarks")))[1],
        part_number=number,
        item_type=kind if kind in _TYPES else "",
        color_id=color,
        condition=_CONDITIONS.get(code, ""),
        name=text(item.get("name")),
        unit_price=amount(_first(row, "unit_price_final", "unit_price")),
    )


def _joined(one: RemoteLine, other: RemoteLine) -> RemoteLine:
    return RemoteLine(**{**vars(one), "quantity": one.quantity + other.quantity, "token": one.token or other.token})


def _first(row: Mapping[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def store(data: Any) -> Store:
    """Who sells, by the newest of the received orders; blank while there is none. Raises WrongAnswer."""
    rows = [_object(row, "order") for row in _list(data, "orders")]
    if not rows:
        return Store()
    newest = max(rows, key=lambda row: moment(row.get("date_ordered")) or datetime.min.replace(tzinfo=UTC))
    cost: Mapping[str, Any] = newest["cost"] if isinstance(newest.get("cost"), dict) else {}
    name = text(newest.get("store_name")) or text(newest.get("seller_name"))
    return Store(name=name, currency=text(cost.get("currency_code")).upper())


def colors(data: Any) -> dict[int, str]:
    """The names of the colours by their ids. Raises WrongAnswer."""
    rows = [_object(row, "colour") for row in _list(data, "colours")]
    return {_whole(row.get("color_id"), "colour"): text(row.get("color_name")) for row in rows}


def number_of(value: Any) -> str:
    """An id, sent as a number or as text, as text; blank where it is none."""
    plain = value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    return plain if plain.isascii() and plain.isdigit() and int(plain[:40]) > 0 and len(plain) <= 40 else ""


def text(value: Any) -> str:
    """A text as people wrote it: entities are decoded once. Blank where there is none."""
    return html.unescape(value).strip() if isinstance(value, str) else ""


def money(value: Any) -> str | None:
    """An amount as text with three decimals, or four where three are not exact; None where there is none."""
    found = amount(value)
    if found is None:
        return None
    short = found.quantize(_THOUSANDTH)
    return str(short) if short == found else f"{found:.4f}"


def amount(value: Any) -> Decimal | None:
    """A number that BrickLink sends as text with four decimals; None where it is none."""
    try:
        found = Decimal(str(value).strip()) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found) < 10**10 else None


def moment(value: Any) -> datetime | None:
    """A point in time, UTC where it names no zone; None where it can't be read, or lies at the edge of the calendar."""
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or not 1900 < found.year < 9999:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def lot_address(lot_id: str) -> str:
    """Where a person finds a lot at BrickLink."""
    return f"https://www.bricklink.com/inventory_detail.asp?invID={lot_id}"


def _whole(value: Any, what: str) -> int:
    found = amount(value)
    if found is None or found != found.to_integral_value():
        raise _wrong(f"A {what} in the answer is no whole number.")
    return int(found)


def _object(data: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise _wrong(f"A {what} in the answer is not in the form that BrickLink's have.")
    return data


def _list(data: Any, what: str) -> Sequence[Any]:
    # An empty list may come as an empty object.
    if data is None or data == {}:
        return []
    if not isinstance(data, list):
        raise _wrong(f"The answer has no list of {what}.")
    return data


def _wrong(sentence: str) -> WrongAnswer:
    return WrongAnswer(sentence, code="json_shape", may_have_acted=True)
