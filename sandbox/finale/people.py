"""What people can do to the account from the control page, and what they get to see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.finale.days import pass_day
from sandbox.finale.generated import generated, touch
from sandbox.finale.world import COMMITTED, DRAFT, World
from sandbox.system import Action, ActionError, Table

SMALL = 500
"""Accounts with more products are not listed by product on the page."""

ACTIONS: tuple[Action, ...] = (
    Action("next-day", "A day's business"),
    Action("reset", "Back to the first day"),
    Action("ship", "Ship a sale", ("product", "quantity", "order"), "a product by its SKU, or a sales order that waits"),
    Action("order-sale", "A customer orders", ("product", "quantity"), "it is reserved until it is shipped"),
    Action("sell-out", "Sell out", ("product",), "everything on hand is shipped"),
    Action("restock", "Put into stock", ("product", "quantity"), "without any document; less with a minus"),
    Action(
        "buy",
        "Make a purchase order",
        ("vendor", "lines", "reference", "draft"),
        "lines: SOIL-25 = 40; TRAY 10/20 = 12. draft: yes, to commit it later",
    ),
    Action("commit", "Commit a purchase order", ("order",), "its goods are on order from now on"),
    Action("receive", "Receive a purchase order", ("order", "quantity"), "all that is on order, or so many of each line"),
    Action("cancel-order", "Cancel an order", ("order",)),
    Action("add-product", "Add a product", ("sku", "name")),
    Action("edit-product", "Change a product", ("product", "sku", "name", "cost", "active"), "active: yes or no"),
    Action("remove-product", "Delete a product", ("product",)),
    Action("touch", "Change many products", ("share", "seed"), "share: 0.01 is one in a hundred; cost and stock"),
    Action("become-big", "Be a big account instead", ("products", "burst"), "burst: how many were changed in one second"),
)


def done(world: World, action: str, given: Mapping[str, Any]) -> World:
    """Carry out one of ACTIONS but reset; the world it leads to. Raises ActionError."""
    known = {each.name: each for each in ACTIONS}
    if action not in known:
        raise ActionError(f"There is no action “{action}”. There are: {', '.join(known)}.")
    unknown = [name for name in given if name not in known[action].fields]
    if unknown:
        raise ActionError(f"“{action}” has no “{unknown[0]}”.")
    if action == "become-big":
        return generated(round(number(given, "products", 280_000)), burst=round(number(given, "burst", 0)))
    does: dict[str, Callable[[], object]] = {
        "next-day": lambda: pass_day(world),
        "ship": lambda: world.ship(word(given, "product"), number(given, "quantity", 1), order=word(given, "order")),
        "order-sale": lambda: world.order_sale(word(given, "product"), number(given, "quantity", 1)),
        "sell-out": lambda: world.sell_out(word(given, "product")),
        "restock": lambda: world.restock(word(given, "product"), number(given, "quantity", 1)),
        "buy": lambda: world.buy(
            word(given, "vendor"),
            _lines(word(given, "lines")),
            reference=word(given, "reference"),
            commit=not yes(given, "draft"),
        ),
        "commit": lambda: world.commit(word(given, "order")),
        "receive": lambda: world.receive(word(given, "order"), number(given, "quantity", 0) or None),
        "cancel-order": lambda: world.cancel_order(word(given, "order")),
        "add-product": lambda: world.add_product(word(given, "sku") or f"NEW-{world.day}", word(given, "name")),
        "edit-product": lambda: _edited(world, given),
        "touch": lambda: touch(world, number(given, "share", 0.01), seed=round(number(given, "seed", 1))),
        "remove-product": lambda: world.remove_product(word(given, "product")),
    }
    does[action]()
    return world


def _edited(world: World, given: Mapping[str, Any]) -> None:
    product = world.url(word(given, "product"))
    columns: dict[str, Any] = {
        column: word(given, name) for name, column in (("sku", "productId"), ("name", "internalName")) if name in given
    }
    if "cost" in given:
        columns["cost"] = number(given, "cost", 0)
    world.edit_product(product, **columns)
    if "active" in given:
        world.set_active(product, yes(given, "active"))


def _lines(text: str) -> list[tuple[str, float]]:
    """SKU = quantity; SKU = quantity. Raises ActionError."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        sku, _, quantity = part.rpartition("=")
        found.append((sku.strip() or quantity.strip(), number({"quantity": quantity} if sku else {}, "quantity", 1)))
    if not found:
        raise ActionError("Name at least one line: SOIL-25 = 40.")
    return found


def word(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name, "")).strip()


def yes(given: Mapping[str, Any], name: str) -> bool:
    return word(given, name).lower() in ("yes", "y", "true", "1", "on")


def number(given: Mapping[str, Any], name: str, default: float) -> float:
    """As a number. Raises ActionError naming it."""
    if name not in given:
        return default
    try:
        return float(word(given, name))
    except ValueError as error:
        raise ActionError(f"“{word(given, name)}” is no {name}: give a number.") from error


def tables(world: World) -> Sequence[Table]:
    """Products with their stock, purchase orders that are open, the newest shipments, vendors. The lock is held."""
    return (_products(world), _orders(world), _shipments(world), _vendors(world))


def _products(world: World) -> Table:
    urls = list(world.products.places())
    # Of a big account what changed last.
    shown = urls if len(urls) <= SMALL else urls[-Table.SHOWN :]
    rows = []
    for url in shown:
        record = world.product(url)
        totals = world.stock.totals(url)
        points = [entry["reorderPoint"] for entry in record["reorderGuidelineList"] if "reorderPoint" in entry]
        numbers = [f"{each / 1000:g}" for each in (totals.on_hand, totals.reserved, totals.on_order)]
        state = "" if record["statusId"] == "PRODUCT_ACTIVE" else "inactive"
        rows.append((record["productId"], record["internalName"] or "", *numbers, f"{sum(points):g}" if points else "", state))
    rows.sort()
    return Table("Products", ("SKU", "Name", "On hand", "Reserved", "On order", "Reorder point", ""), rows, len(urls))


def _orders(world: World) -> Table:
    open_ones = [row for row in world.orders.all() if row["statusId"] in (DRAFT, COMMITTED)]
    rows = [
        (
            row["orderId"],
            "purchase" if row["orderTypeId"] == "PURCHASE_ORDER" else "sale",
            "draft" if row["statusId"] == DRAFT else "committed",
            row["referenceNumber"] or "",
            ", ".join(f"{line['quantity']} of {line['productId']}" for line in row["orderItemList"]),
        )
        for row in reversed(open_ones)
    ]
    return Table("Open orders", ("Order", "Kind", "State", "Reference", "Lines"), rows[: Table.SHOWN], len(rows))


def _shipments(world: World) -> Table:
    newest = world.shipments.newest(Table.SHOWN)
    rows = [
        (
            row["shipmentIdUser"],
            row["statusId"].removeprefix("SHIPMENT_").lower(),
            (row["shipDate"] or row["receiveDate"] or "")[:10],
            ", ".join(f"{line['quantity']} of {line['productId']}" for line in row["shipmentItemList"]),
        )
        for row in newest
    ]
    return Table("Shipments", ("Shipment", "State", "Day", "Lines"), rows, len(world.shipments), folded=True)


def _vendors(world: World) -> Table:
    rows = [(row["partyId"], row["groupName"], ", ".join(row["roleTypeIdList"]).lower()) for row in world.parties.newest(Table.SHOWN)]
    return Table("Parties", ("Id", "Name", "Roles"), rows, len(world.parties), folded=True)
