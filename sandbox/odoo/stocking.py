"""Goods that move: transfers, manufacturing, scrap, counts, deliveries, and what is where afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.odoo.catalogue import Catalogue
from sandbox.odoo.records import Location, Move, Picking, PickingType, Product, Production, Quant, Scrap, Unit, Warehouse
from sandbox.system import ActionError

_ROUND = timedelta(milliseconds=300)
"""Validating takes a moment: the date of a move is read from the clock later than the transaction began."""


class Stocking(Catalogue):
    """Every verb but `arrive` makes its moves and does them at once."""

    def quant(self, product: Product | str, place: Location) -> float:
        """How much of it is there, in the product's unit. Raises ActionError."""
        found = self.product(product).quants.get(place.id)
        return found.quantity if found else 0.0

    def on_hand(self, product: Product | str, warehouse: Warehouse | str | None = None) -> float:
        """How much is in a warehouse, or in all. Raises ActionError."""
        place = self.warehouse(warehouse) if warehouse else None
        return sum(
            each.quantity
            for each in self.product(product).quants.values()
            if each.location.usage == "internal" and (place is None or each.location.warehouse is place)
        )

    def transfer(
        self,
        product: Product | str,
        quantity: float,
        origin: Warehouse | str,
        to: Warehouse | str,
        *,
        via_transit: bool = False,
        arrives: bool = True,
    ) -> list[Move]:
        """From a warehouse to another: one move, or via the transit location two, the second of which may `arrive` later."""
        with self.transaction():
            row, there, here = self.product(product), self.warehouse(origin), self.warehouse(to)
            if not via_transit:
                picking = self._picking(there.types["internal"])
                return [self._done(self._move(row, quantity, there.stock, here.stock, picking=picking))]
            out = self._move(row, quantity, there.stock, self.transit, picking=self._picking(there.types["internal"]))
            into = self._move(row, quantity, self.transit, here.stock, picking=self._picking(here.types["internal"]))
            out.after, into.before = (into,), (out,)
            self._done(out)
            into.state = "assigned"
            return [out, self._done(into) if arrives else into]

    def arrive(self, move: Move | int | str, quantity: float | None = None) -> Move:
        """A move that waits is done, with what was asked for or with so much. Raises ActionError."""
        with self.transaction():
            row = self.move(move)
            if row.state in ("done", "cancel"):
                raise ActionError(f"{row.reference or row.id} is {row.state}.")
            return self._done(row, quantity)

    def put_away(self, product: Product | str, quantity: float, warehouse: Warehouse | str) -> Move:
        """From the first shelf's warehouse's input to a shelf: within one warehouse. Raises ActionError."""
        with self.transaction():
            place = self.warehouse(warehouse)
            to = place.shelves[0] if place.shelves else place.stock
            return self._done(self._move(self.product(product), quantity, place.input, to, picking=self._picking(place.types["internal"])))

    def deliver(self, product: Product | str, quantity: float, warehouse: Warehouse | str) -> Move:
        """To a customer. Raises ActionError."""
        with self.transaction():
            place = self.warehouse(warehouse)
            picking = self._picking(place.types["outgoing"])
            return self._done(self._move(self.product(product), quantity, place.stock, self.customers, picking=picking, warehouse=place))

    def take_back(self, move: Move | int | str, quantity: float | None = None) -> Move:
        """A customer brings back what was delivered. Raises ActionError."""
        with self.transaction():
            sent = self.move(move)
            picking = self._picking(self._of(sent.origin).types["incoming"], returns=sent.picking)
            back = self._move(
                sent.product,
                quantity or sent.done,
                self.customers,
                sent.origin,
                unit=sent.unit,
                picking=picking,
                returned=sent,
                warehouse=sent.warehouse,
                to_refund=True,
            )
            return self._done(back)

    def manufacture(
        self,
        product: Product | str,
        quantity: float,
        components: Mapping[str, float] | Sequence[tuple[Product | str, float]],
        warehouse: Warehouse | str,
    ) -> Production:
        """So many are made of components, whose quantities are for all of them. Raises ActionError."""
        with self.transaction():
            place, made = self.warehouse(warehouse), self.product(product)
            given = components.items() if isinstance(components, Mapping) else components
            lines = [(self.product(component), amount) for component, amount in given]
            name = f"{place.code}/MO/{len(self.productions) + 1:05d}"
            order = self._new(
                self.productions,
                Production,
                name=name,
                product=made,
                quantity=quantity,
                warehouse=place,
                state="done",
                begins=self._clock(),
                ends=self._clock(),
            )
            common: dict[str, Any] = {"reference": name, "picking_type": place.types["mrp_operation"]}
            for component, amount in lines:
                order.raw.append(self._done(self._move(component, amount, place.stock, self.making, consumed_for=order, **common)))
            order.finished.append(self._done(self._move(made, quantity, self.making, place.stock, production=order, **common)))
            return order

    def scrap(self, product: Product | str, quantity: float, warehouse: Warehouse | str) -> Scrap:
        """Throw so much away. Raises ActionError."""
        with self.transaction():
            place, row = self.warehouse(warehouse), self.product(product)
            to = self.losses if self.version >= 19 else self.scrapped
            name = f"SP/{len(self.scraps) + 1:05d}"
            made = self._new(
                self.scraps,
                Scrap,
                name=name,
                product=row,
                quantity=quantity,
                location=place.stock,
                to=to,
                state="done",
                done_at=self._clock(),
            )
            made.moves.append(self._done(self._move(row, quantity, place.stock, to, scrap=made, reference=name)))
            return made

    def count(self, product: Product | str, counted: float, warehouse: Warehouse | str) -> Move | None:
        """A count: the stock location has so many afterwards; None where it had them. Raises ActionError."""
        with self.transaction():
            place, row = self.warehouse(warehouse), self.product(product)
            there = self.quant(row, place.stock)
            if counted == there:
                return None
            ends = (self.losses, place.stock) if counted > there else (place.stock, self.losses)
            move = self._move(row, abs(counted - there), *ends, is_inventory=True, reference="Product Quantity Updated")
            return self._done(move)

    def correct(self, move: Move | int | str, quantity: float) -> Move:
        """Change what a done move moved, in its unit: its date stays. Raises ActionError."""
        with self.transaction():
            row = self.move(move)
            if row.state != "done":
                raise ActionError(f"{row.reference or row.id} is not done.")
            self._shift(row, -row.done)
            row.done = quantity
            self._shift(row, quantity)
            self._touch(row)
            self._tell_order(row)
            return row

    def delete_move(self, move: Move | int | str) -> None:
        """Delete one that is not done. Raises ActionError."""
        with self.transaction():
            row = self.move(move)
            if row.state == "done":
                raise ActionError(f"{row.reference or row.id} is done: it can't be deleted.")
            self._forget(row)

    def move(self, move: Move | int | str) -> Move:
        """By itself or its id. Raises ActionError."""
        if isinstance(move, Move):
            return move
        found = self.moves.get(int(move)) if str(move).isdigit() else None
        if found is None:
            raise ActionError(f"There is no move {move}.")
        return found

    def _clock(self) -> datetime:
        return (self.stamp + _ROUND).replace(microsecond=0)

    def _of(self, place: Location) -> Warehouse:
        assert place.warehouse is not None
        return place.warehouse

    def _picking(self, kind: PickingType, *, origin: str = "", returns: Picking | None = None) -> Picking:
        label = {"incoming": "IN", "outgoing": "OUT"}.get(kind.code, "INT")
        name = f"{kind.warehouse.code}/{label}/{len(self.pickings) + 1:05d}"
        return self._new(self.pickings, Picking, name=name, picking_type=kind, origin=origin, returns=returns)

    def _move(
        self,
        product: Product,
        demand: float,
        origin: Location,
        to: Location,
        *,
        unit: Unit | None = None,
        picking: Picking | None = None,
        **more: Any,
    ) -> Move:
        owner = (origin.warehouse or to.warehouse or next(iter(self.warehouses))).company
        more.setdefault("reference", picking.name if picking else "")
        more.setdefault("picking_type", picking.picking_type if picking else None)
        made = self._new(
            self.moves,
            Move,
            product=product,
            unit=unit or product.template.unit,
            demand=demand,
            done=0.0,
            state="draft",
            date=self._clock(),
            origin=origin,
            to=to,
            company=owner,
            picking=picking,
            **more,
        )
        if picking:
            picking.moves.append(made)
        return made

    def _done(self, move: Move, quantity: float | None = None) -> Move:
        move.done = move.demand if quantity is None else quantity
        move.state, move.picked, move.date = "done", True, self._clock()
        self._shift(move, move.done)
        self._touch(move, *((move.picking,) if move.picking else ()))
        return move

    def _shift(self, move: Move, quantity: float) -> None:
        """What a quantity in the move's unit does to what is where."""
        amount = quantity * move.unit.size / move.product.template.unit.size
        for place, change in ((move.origin, -amount), (move.to, amount)):
            if move.product.template.kind != "storable":
                continue
            found = move.product.quants.get(place.id)
            if found is None:
                found = self._new(self.quants, Quant, product=move.product, location=place)
                move.product.quants[place.id] = found
            found.quantity = round(found.quantity + change, 6)
            self._touch(found)

    def _tell_order(self, move: Move) -> None:
        """What was received is stored on line and order."""
        if move.line is not None:
            self._touch(move.line, move.line.order)

    def _forget(self, move: Move) -> None:
        self.moves.drop(move)
        if move.line is not None:
            move.line.moves.remove(move)
        if move.picking is not None:
            move.picking.moves.remove(move)
