"""What people can do to the database from the control page, and what they get to see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sandbox.finale.people import number, word, yes
from sandbox.odoo.buying import OPEN
from sandbox.odoo.days import pass_day
from sandbox.odoo.generated import generated, touch, touch_products
from sandbox.odoo.records import Move, Product
from sandbox.odoo.world import World
from sandbox.system import Action, ActionError, Table

SMALL = 500
"""Databases with more products are not listed by product on the page."""

ACTIONS: tuple[Action, ...] = (
    Action("next-day", "A day's business"),
    Action("reset", "Back to the first day"),
    Action("version", "Be another version", ("version",), "16, 17, 18 or 19: the data stays, as after an upgrade"),
    Action(
        "buy",
        "Make a purchase order",
        ("vendor", "lines", "warehouse", "unit", "draft"),
        "lines: RICE-5 = 40; SOAP = 12. unit: dozen. draft: yes, to confirm it later",
    ),
    Action("confirm", "Confirm an order", ("order",), "from 19 on its lines keep the time of their last change"),
    Action(
        "receive",
        "Receive an order",
        ("order", "quantity", "back_order"),
        "all that waits, or so many of each line, more than was ordered as well; back_order: no, to give up the rest",
    ),
    Action("send-back", "Return to the vendor", ("move", "quantity"), "what a receipt brought, by the move's id"),
    Action("cancel-order", "Cancel an order", ("order",)),
    Action("lock-order", "Lock an order", ("order",)),
    Action("delete-order", "Delete an order", ("order",), "a draft, or one that was cancelled"),
    Action("add-note", "Write a note into an order", ("order", "text")),
    Action(
        "transfer",
        "Transfer",
        ("product", "quantity", "origin", "to", "transit", "later"),
        "warehouses by their codes. transit: yes, in two moves; later: yes, the second one has to arrive",
    ),
    Action("arrive", "Let a transfer arrive", ("move", "quantity")),
    Action("put-away", "Put away", ("product", "quantity", "warehouse"), "from the input to a shelf of the same warehouse"),
    Action("deliver", "Deliver to a customer", ("product", "quantity", "warehouse")),
    Action("take-back", "A customer brings it back", ("move", "quantity"), "what a delivery brought, by the move's id"),
    Action(
        "manufacture",
        "Manufacture",
        ("product", "quantity", "components", "warehouse"),
        "components for all of them: TEA-500 = 3; SUGAR-1 = 3",
    ),
    Action("scrap", "Scrap", ("product", "quantity", "warehouse")),
    Action("count", "Count", ("product", "counted", "warehouse"), "the stock location has so many afterwards"),
    Action("correct", "Correct a done move", ("move", "quantity"), "by its id: its date stays"),
    Action(
        "late",
        "A count that shows late",
        ("product", "counted", "warehouse", "seconds"),
        "its transaction began so many seconds ago (default 60), and was committed just now",
    ),
    Action("add-product", "Add a product", ("code", "name", "barcode", "category")),
    Action("edit-product", "Change a product", ("product", "code", "name", "barcode", "category", "cost"), "barcode: none, for none"),
    Action("archive", "Archive a product", ("product", "back"), "back: yes, to bring it back"),
    Action("delete-product", "Delete a product", ("product",), "one that never moved"),
    Action("rename-category", "Rename a category", ("category", "name")),
    Action("set-point", "Set a reordering rule", ("product", "warehouse", "least", "most")),
    Action("add-warehouse", "Add a warehouse", ("name", "code")),
    Action("touch", "Correct many moves", ("share", "seed"), "share: 0.01 is one in a hundred, each by one"),
    Action("touch-products", "Change many products", ("share", "seed"), "what they cost"),
    Action("become-big", "Be a big database instead", ("products", "moves", "orders"), "moves: done ones, of a year"),
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
        sizes = {"products": 5_000, "moves": 200_000, "orders": 500}
        products, moves, orders = (_whole(given, name, default) for name, default in sizes.items())
        return generated(products, moves, version=world.version, orders=orders)
    (_documents(world, given) | _goods(world, given) | _catalogue(world, given))[action]()
    return world


_Does = dict[str, Callable[[], object]]


def _documents(world: World, given: Mapping[str, Any]) -> _Does:
    return {
        "next-day": lambda: pass_day(world),
        "version": lambda: world.upgrade(_whole(given, "version", 19)),
        "buy": lambda: world.buy(
            word(given, "vendor"),
            lines(word(given, "lines")),
            warehouse=word(given, "warehouse") or None,
            unit=world.dozen if word(given, "unit").lower().startswith("dozen") else None,
            confirm=not yes(given, "draft"),
        ),
        "confirm": lambda: world.confirm(word(given, "order")),
        "receive": lambda: world.receive(
            word(given, "order"),
            number(given, "quantity", 0) if "quantity" in given else None,
            back_order=word(given, "back_order").lower() not in ("no", "n", "false", "0"),
        ),
        "send-back": lambda: world.send_back(word(given, "move"), _some(given)),
        "cancel-order": lambda: world.cancel(word(given, "order")),
        "lock-order": lambda: world.lock_order(word(given, "order")),
        "delete-order": lambda: world.delete_order(word(given, "order")),
        "add-note": lambda: world.add_note(word(given, "order"), word(given, "text") or "A note"),
    }


def _goods(world: World, given: Mapping[str, Any]) -> _Does:
    product, warehouse = word(given, "product"), word(given, "warehouse")

    def amount() -> float:
        return number(given, "quantity", 1)

    return {
        "transfer": lambda: world.transfer(
            product,
            amount(),
            word(given, "origin"),
            word(given, "to"),
            via_transit=yes(given, "transit"),
            arrives=not yes(given, "later"),
        ),
        "arrive": lambda: world.arrive(word(given, "move"), _some(given)),
        "put-away": lambda: world.put_away(product, amount(), warehouse),
        "deliver": lambda: world.deliver(product, amount(), warehouse),
        "take-back": lambda: world.take_back(word(given, "move"), _some(given)),
        "manufacture": lambda: world.manufacture(product, amount(), lines(word(given, "components")), warehouse),
        "scrap": lambda: world.scrap(product, amount(), warehouse),
        "count": lambda: world.count(product, number(given, "counted", 0), warehouse),
        "correct": lambda: world.correct(word(given, "move"), number(given, "quantity", 0)),
        "late": lambda: _late(world, given),
        "touch": lambda: touch(world, number(given, "share", 0.01), seed=_whole(given, "seed", 1)),
    }


def _catalogue(world: World, given: Mapping[str, Any]) -> _Does:
    product = word(given, "product")
    return {
        "add-product": lambda: world.add_product(
            word(given, "code") or f"NEW-{world.day}",
            word(given, "name") or "New product",
            barcode=word(given, "barcode"),
            category=word(given, "category") or None,
        ),
        "edit-product": lambda: _edited(world, given),
        "archive": lambda: world.archive(product, back=yes(given, "back")),
        "delete-product": lambda: world.delete_product(product),
        "rename-category": lambda: world.edit_category(word(given, "category"), name=word(given, "name")),
        "set-point": lambda: world.set_point(product, word(given, "warehouse"), number(given, "least", 0), number(given, "most", 0)),
        "add-warehouse": lambda: world.add_warehouse(word(given, "name") or "New warehouse", word(given, "code") or "NEW"),
        "touch-products": lambda: touch_products(world, number(given, "share", 0.01), seed=_whole(given, "seed", 1)),
    }


def _edited(world: World, given: Mapping[str, Any]) -> None:
    row = world.product(word(given, "product"))
    with world.transaction():
        if "code" in given or "barcode" in given:
            barcode = word(given, "barcode") if "barcode" in given else None
            world.edit_product(row, code=word(given, "code") or None, barcode="" if barcode == "none" else barcode)
        template = {name: word(given, name) for name in ("name", "category") if name in given}
        if template:
            world.edit_template(row, **template)
        if "cost" in given:
            world.set_cost(row, number(given, "cost", 0))


def _late(world: World, given: Mapping[str, Any]) -> None:
    began = world.begin()
    began.at -= timedelta(seconds=number(given, "seconds", 60))
    with world.finish(began):
        world.count(word(given, "product"), number(given, "counted", 0), word(given, "warehouse"))


def _some(given: Mapping[str, Any]) -> float | None:
    return number(given, "quantity", 0) if "quantity" in given else None


def _whole(given: Mapping[str, Any], name: str, default: int) -> int:
    return round(number(given, name, default))


def lines(text: str) -> list[tuple[Product | str, float]]:
    """CODE = quantity; CODE = quantity. Raises ActionError."""
    found: list[tuple[Product | str, float]] = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        code, _, quantity = part.rpartition("=")
        found.append((code.strip() or quantity.strip(), number({"quantity": quantity} if code else {}, "quantity", 1)))
    if not found:
        raise ActionError("Name at least one line: RICE-5 = 40.")
    return found


def tables(world: World) -> Sequence[Table]:
    """Products with their stock, open orders, the newest moves, warehouses. The lock is held."""
    return (_products(world), _orders(world), _moves(world), _warehouses(world))


def _products(world: World) -> Table:
    shown = list(world.products) if len(world.products) <= SMALL else world.products.newest(Table.SHOWN)
    codes = [place.code for place in world.warehouses][:6]
    rows = [
        (
            row.code,
            row.template.name,
            row.barcode,
            row.template.category.complete_name if row.template.category else "",
            *(f"{world.on_hand(row, code):g}" for code in codes),
            "" if row.active else "archived",
        )
        for row in shown
    ]
    return Table("Products", ("Code", "Name", "Barcode", "Category", *codes, ""), sorted(rows), len(world.products))


def _orders(world: World) -> Table:
    rows = [
        (
            row.name,
            row.partner.name,
            row.picking_type.warehouse.code,
            "locked" if row.locked else row.state,
            ", ".join(
                f"{line.quantity:g} {line.unit.name if line.unit else ''} of {line.product.code}" for line in row.lines if line.product
            ),
            sum(1 for line in row.lines for move in line.moves if move.state in OPEN) or "",
        )
        for row in world.orders.newest(Table.SHOWN)
    ]
    return Table("Purchase orders", ("Order", "Vendor", "To", "State", "Lines", "Waiting"), rows, len(world.orders))


def _moves(world: World) -> Table:
    rows = [
        (row.id, row.reference, row.state, f"{row.date:%Y-%m-%d %H:%M}", row.product.code, _amount(row), row.display_name)
        for row in world.moves.newest(Table.SHOWN)
    ]
    return Table("Moves", ("Id", "Reference", "State", "Date", "Product", "Quantity", "From and to"), rows, len(world.moves), folded=True)


def _amount(row: Move) -> str:
    return f"{row.done if row.state == 'done' else row.demand:g} {row.unit.name}"


def _warehouses(world: World) -> Table:
    rows = [(row.id, row.code, row.name, row.company.name, "" if row.active else "archived") for row in world.warehouses]
    return Table("Warehouses", ("Id", "Code", "Name", "Company", ""), rows, len(world.warehouses), folded=True)
