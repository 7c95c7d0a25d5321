"""The store at BrickLink as buyers and its seller see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.bricklink import lots, orders
from sandbox.bricklink.lots import NotTaken
from sandbox.market.memory import Row
from sandbox.market.site import Site
from sandbox.system import Action, ActionError, Table


class BrickLinkSite(Site):
    """The store of demo_seller."""

    name = "bricklink"
    title = "BrickLink, store of demo_seller"
    actions: Sequence[Action] = (
        Action("sell", "Somebody orders pieces of a lot", ("lot", "pieces")),
        Action("sell-random", "Somebody orders something"),
        Action("grow-order", "The buyer adds to an order", ("order", "lot", "pieces"), "No order: the newest."),
        Action("order-status", "An order gets another status", ("order", "status"), f"One of: {', '.join(orders.STATUSES)}."),
        Action("ship-order", "Ship an order", ("order",)),
        Action("cancel-order", "Cancel an order", ("order", "restock"), "Restock yes: the shop puts the pieces back by itself."),
        Action("refund", "Refund an order", ("order",)),
        Action("delete-lot", "Delete a lot on the site", ("lot",)),
        Action("edit-lot", "Edit a lot on the site", ("lot", "price", "quantity", "notes", "place")),
        Action(
            "add-lot",
            "Add a lot on the site",
            ("number", "type", "color", "quantity", "price", "condition", "notes", "place"),
            "Nothing given: ten black bricks.",
        ),
        Action("fill", "Add many lots on the site", ("lots", "number", "color", "quantity", "price", "condition", "place")),
        Action("limit", "Answer so many calls a day", ("calls",)),
        Action("reset", "Empty the store"),
    )

    def make(self, given: Any, extra: str = "") -> Row:
        """A new lot. Raises NotTaken."""
        lot = lots.made(0, given, extra)
        lot["inventory_id"] = self.next_number("lot", 700_000_001)
        self.memory.put("lots", str(lot["inventory_id"]), lot)
        return lot

    def quantity_of(self, lot: Row) -> int:
        return int(lot["quantity"])

    def on_sale(self, lot: Row) -> bool:
        return bool(lot["quantity"]) and not lot["is_stock_room"]

    def with_quantity(self, key: str, quantity: int) -> None:
        """An empty lot is gone unless it is retained."""
        lot = self.memory.table("lots")[key]
        if quantity or lot["is_retain"]:
            self.memory.put("lots", key, {**lot, "quantity": quantity})
        else:
            self.memory.cut("lots", key)

    def sold(self, wanted: Sequence[tuple[Row, int]], order: Row | None) -> str:
        row = orders.grown(order, wanted) if order is not None else orders.placed(self.next_number("order", 31_000_001), wanted)
        self._note(row)
        return str(row["order_id"])

    def _note(self, order: Row) -> None:
        """Keep the order, and tell of it in the notifications."""
        self.memory.put("orders", str(order["order_id"]), order)
        number = self.next_number("note", 1)
        told = {"event_type": "Order", "resource_id": order["order_id"], "timestamp": order["date_status_changed"]}
        self.memory.put("notes", str(number), told)

    def edited(self, lot: Row, values: Mapping[str, Any]) -> Row:
        names = {"price": "unit_price", "notes": "description", "place": "remarks"}
        given = {"description": lot["description"], **{names[name]: value for name, value in values.items() if name in names}}
        try:
            return lots.changed(lot, given)
        except NotTaken as problem:
            raise ActionError(problem.description) from problem

    def add_on_site(self, **values: Any) -> str:
        """Somebody adds a lot on the site; its number. Raises ActionError."""
        kind = str(values.get("type", "PART"))
        given = {
            "item": {"no": str(values.get("number", "3001")), "type": kind},
            "color_id": _number(values.get("color", 11 if kind == "PART" else 0)),
            "quantity": _number(values.get("quantity", 10)),
            "unit_price": str(values.get("price", "0.1")),
            "new_or_used": "U" if str(values.get("condition", "N"))[:1].upper() == "U" else "N",
            "description": str(values.get("notes", "")),
            "remarks": str(values.get("place", "")),
            "is_retain": bool(values.get("retain", False)),
            "is_stock_room": False,
            **({"completeness": str(values.get("completeness", "C"))} if kind == "SET" else {}),
        }
        with self.lock:
            try:
                lot = self.make(given)
            except NotTaken as problem:
                raise ActionError(problem.description) from problem
            self.memory.commit()
            return str(lot["inventory_id"])

    def set_status(self, order: object, status: str) -> None:
        """An order gets another status. Raises ActionError."""
        if status.upper() not in orders.STATUSES:
            raise ActionError(f"There is no status “{status}”. There are: {', '.join(orders.STATUSES)}.")
        with self.lock:
            self._note(orders.with_status(self.order(order), status.upper()))
            self.memory.commit()

    def ship(self, order: object) -> None:
        """The order leaves. Raises ActionError."""
        self.set_status(order, "SHIPPED")

    def cancel(self, order: object, *, restock: bool = False) -> None:
        """The order is cancelled; with `restock` its pieces go back into those lots that are still there. Raises ActionError."""
        with self.lock:
            row = self.order(order)
            self._note(orders.with_status(row, "CANCELLED"))
            for line in (line for batch in row["batches"] for line in batch if restock):
                lot = self.memory.table("lots").get(str(line["inventory_id"]))
                if lot is not None:
                    self.with_quantity(str(line["inventory_id"]), lot["quantity"] + line["quantity"])
            self.memory.commit()

    def refund(self, order: object) -> None:
        """The buyer gets the money back: the payment is returned. Raises ActionError."""
        with self.lock:
            row = self.order(order)
            self._note(orders.with_status({**row, "payment": {**row["payment"], "status": "Returned"}}, row["status"]))
            self.memory.commit()

    def do(self, action: str, given: Mapping[str, Any]) -> None:
        match action:
            case "order-status":
                self.set_status(given.get("order", ""), str(given.get("status", "")))
            case "ship-order":
                self.ship(given.get("order", ""))
            case "cancel-order":
                self.cancel(given.get("order", ""), restock=_yes(given.get("restock")))
            case "refund":
                self.refund(given.get("order", ""))
            case _:
                super().do(action, given)

    def shown(self, table: str, key: str) -> Row:
        """As it is kept: plain texts."""
        return dict(self.memory.table(table)[key])

    def tables(self) -> Sequence[Table]:
        with self.lock:
            kept, sales = self.memory.table("lots"), self.memory.table("orders")
            return (
                Table(
                    "Lots",
                    ("Lot", "Number", "Colour", "Condition", "Pieces", "Price", "Notes", "Remarks", "Status"),
                    [
                        (
                            lot["inventory_id"],
                            f"{lot['item']['type']} {lot['item']['no']} {lot['item']['name']}",
                            lot["color_name"],
                            lot["new_or_used"] + lot.get("completeness", ""),
                            lot["quantity"],
                            lot["unit_price"],
                            lot["description"],
                            lot["remarks"],
                            {"Y": "for sale", "N": "empty"}.get(lots.status_of(lot), "in a stockroom"),
                        )
                        for lot in list(kept.values())[: -Table.SHOWN - 1 : -1]
                    ],
                    len(kept),
                ),
                Table(
                    "Orders",
                    ("Order", "Placed", "Buyer", "Status", "Pieces", "Lots"),
                    [
                        (
                            order["order_id"],
                            order["date_ordered"],
                            order["buyer_name"],
                            order["status"],
                            order["total_count"],
                            ", ".join(f"{line['quantity']} of {line['inventory_id']}" for batch in order["batches"] for line in batch),
                        )
                        for order in list(sales.values())[: -Table.SHOWN - 1 : -1]
                    ],
                    len(sales),
                ),
            )


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.strip().isdigit() else value


def _yes(value: object) -> bool:
    return str(value or "").lower() in ("1", "true", "yes", "on")
