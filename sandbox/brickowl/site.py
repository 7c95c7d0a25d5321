"""The store at Brick Owl as buyers and its seller see it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.brickowl import catalog, lots, orders
from sandbox.brickowl.lots import NotTaken
from sandbox.market.memory import Row
from sandbox.market.site import Site, whole
from sandbox.system import Action, ActionError, Table

CURRENCY = "EUR"


class BrickOwlSite(Site):
    """The store of demo_seller."""

    name = "brickowl"
    title = "Brick Owl, store of demo_seller"
    actions: Sequence[Action] = (
        Action("sell", "Somebody orders pieces of a lot", ("lot", "pieces")),
        Action("sell-random", "Somebody orders something"),
        Action("grow-order", "The buyer adds to an order", ("order", "lot", "pieces"), "No order: the newest."),
        Action("order-status", "An order gets another status", ("order", "status"), f"One of: {', '.join(orders.STATUSES)}."),
        Action("ship-order", "Ship an order", ("order",)),
        Action("cancel-order", "Cancel an order", ("order", "restock"), "Restock yes: the shop puts the pieces back by itself."),
        Action("refund", "Refund pieces of an order's line", ("order", "line", "pieces"), "No line: the first."),
        Action("delete-lot", "Delete a lot on the site", ("lot",)),
        Action("edit-lot", "Edit a lot on the site", ("lot", "price", "quantity", "notes", "place", "hidden", "condition")),
        Action("add-lot", "Add a lot on the site", ("boid", "color", "quantity", "price", "condition", "notes", "place", "external")),
        Action("fill", "Add many lots on the site", ("lots", "boid", "color", "quantity", "price", "condition", "place")),
        Action("limit", "Answer so many calls a minute", ("calls",)),
        Action("reset", "Empty the store"),
    )

    def make(self, given: Mapping[str, str]) -> Row:
        """A new lot. Raises NotTaken."""
        lot = lots.made("", given)
        lot["lot_id"] = str(self.next_number("lot", 55_500_001))
        self.memory.put("lots", lot["lot_id"], lot)
        return lot

    def quantity_of(self, lot: Row) -> int:
        return int(lot["qty"])

    def on_sale(self, lot: Row) -> bool:
        return bool(lot["qty"]) and lot["for_sale"] == "1"

    def with_quantity(self, key: str, quantity: int) -> None:
        """An empty lot stays."""
        self.memory.put("lots", key, {**self.memory.table("lots")[key], "qty": quantity})

    def sold(self, wanted: Sequence[tuple[Row, int]], order: Row | None) -> str:
        if order is not None:
            row = orders.grown(order, wanted, self._line_number)
        else:
            row = orders.placed(str(self.next_number("order", 8_800_001)), wanted, self._line_number)
        self.memory.put("orders", row["order_id"], row)
        return str(row["order_id"])

    def _line_number(self) -> int:
        return self.next_number("line", 99_000_001)

    def edited(self, lot: Row, values: Mapping[str, Any]) -> Row:
        names = {"price": "price", "notes": "public_note", "place": "personal_note", "condition": "condition"}
        given = {names[name]: str(value) for name, value in values.items() if name in names}
        if "hidden" in values:
            given["for_sale"] = "0" if str(values["hidden"]).lower() in ("1", "true", "yes", "on") else "1"
        try:
            return lots.changed(lot, given)
        except NotTaken as problem:
            raise ActionError(str(problem)) from problem

    def add_on_site(self, **values: Any) -> str:
        """Somebody adds a lot on the site; its number. Raises ActionError."""
        boid = str(values.get("boid", next(iter(catalog.ENTRIES))))
        found = catalog.entry(boid)
        color = str(values.get("color", "38" if found is not None and found.type == "Part" and "-" not in boid else ""))
        given = {
            "boid": boid,
            "color_id": color,
            "quantity": str(values.get("quantity", 10)),
            "price": str(values.get("price", "0.1")),
            "condition": str(values.get("condition", "new")),
            "external_id": str(values.get("external", "")),
        }
        noted = {"public_note": str(values.get("notes", "")), "personal_note": str(values.get("place", ""))}
        with self.lock:
            try:
                lot = self.make(given)
                self.memory.put("lots", lot["lot_id"], lots.changed(lot, noted))
            except NotTaken as problem:
                raise ActionError(str(problem)) from problem
            finally:
                self.memory.commit()
            return str(lot["lot_id"])

    def set_status(self, order: object, status: str) -> None:
        """An order gets another status, by its words or number. Raises ActionError."""
        found = next((number for number, words in enumerate(orders.STATUSES) if status.lower() in (words.lower(), str(number))), None)
        if found is None:
            raise ActionError(f"There is no status “{status}”. There are: {', '.join(orders.STATUSES)}.")
        with self.lock:
            row = orders.with_status(self.order(order), found)
            self.memory.put("orders", row["order_id"], row)
            self.memory.commit()

    def ship(self, order: object) -> None:
        """The order leaves. Raises ActionError."""
        self.set_status(order, "Shipped")

    def cancel(self, order: object, *, restock: bool = False) -> None:
        """The order is cancelled; with `restock` its pieces go back into those lots that are still there. Raises ActionError."""
        with self.lock:
            row = orders.with_status(self.order(order), orders.CANCELLED)
            self.memory.put("orders", row["order_id"], row)
            for line in row["lines"] if restock else ():
                lot = self.memory.table("lots").get(line["lot"]["lot_id"])
                if lot is not None:
                    self.with_quantity(lot["lot_id"], lot["qty"] + line["quantity"])
            self.memory.commit()

    def refund(self, order: object, line: object = "", pieces: object = 1) -> None:
        """So many pieces of a line are paid back; without `line`, of the first. Raises ActionError."""
        with self.lock:
            row = self.order(order)
            lines = {each["id"]: each for each in row["lines"]}
            name, number = str(line or next(iter(lines))), whole(pieces, "pieces", least=1)
            if name not in lines or lines[name]["refunded"] + number > lines[name]["quantity"]:
                raise ActionError(f"Line “{name}” has not so many pieces.")
            self.memory.put("orders", row["order_id"], orders.refunded(row, name, number))
            self.memory.commit()

    def do(self, action: str, given: Mapping[str, Any]) -> None:
        match action:
            case "order-status":
                self.set_status(given.get("order", ""), str(given.get("status", "")))
            case "ship-order":
                self.ship(given.get("order", ""))
            case "cancel-order":
                self.cancel(given.get("order", ""), restock=str(given.get("restock", "")).lower() in ("1", "true", "yes", "on"))
            case "refund":
                self.refund(given.get("order", ""), given.get("line", ""), given.get("pieces", 1))
            case _:
                super().do(action, given)

    def shown(self, table: str, key: str) -> Row:
        """Lots as the list shows them, and when they were made; orders as they are kept, with the words of their status."""
        row = self.memory.table(table)[key]
        if table == "lots":
            return {**lots.read(row), "created": row["created"], "name": row["name"], "external_id": row["external_id"]}
        return {**row, "status": orders.words(row)}

    def tables(self) -> Sequence[Table]:
        with self.lock:
            kept, sales = self.memory.table("lots"), self.memory.table("orders")
            return (
                Table(
                    "Lots",
                    ("Lot", "BOID", "Item", "Condition", "Pieces", "Price", "Notes", "Personal note", "External id", "Status"),
                    [
                        (
                            lot["lot_id"],
                            lot["boid"],
                            f"{lot['type']} {lot['name']}",
                            lot["full_con"],
                            lot["qty"],
                            lot["base_price"],
                            lot["public_note"],
                            lot["personal_note"],
                            lot["external_id"],
                            "hidden" if lot["for_sale"] == "0" else "for sale" if lot["qty"] else "empty",
                        )
                        for lot in list(kept.values())[: -Table.SHOWN - 1 : -1]
                    ],
                    len(kept),
                ),
                Table(
                    "Orders",
                    ("Order", "Placed", "Status", "Pieces", "Lots"),
                    [
                        (
                            order["order_id"],
                            time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(order["created"])),
                            orders.words(order),
                            sum(line["quantity"] for line in order["lines"]),
                            ", ".join(f"{line['quantity']} of {line['lot']['lot_id']}" for line in order["lines"]),
                        )
                        for order in list(sales.values())[: -Table.SHOWN - 1 : -1]
                    ],
                    len(sales),
                ),
            )
