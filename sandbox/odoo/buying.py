"""Purchase orders, from the draft to the receipt and back to the vendor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sandbox.odoo.records import Line, Move, Order, Partner, Picking, Product, Unit, Warehouse
from sandbox.odoo.stocking import Stocking
from sandbox.system import ActionError

Lines = Mapping[str, float] | Sequence[tuple[Product | str, float]]
OPEN = ("assigned", "confirmed", "waiting", "partially_available")


class Buying(Stocking):
    """A database that buys."""

    def buy(
        self,
        vendor: Partner | str,
        lines: Lines,
        *,
        warehouse: Warehouse | str | None = None,
        price: float = 0.0,
        unit: Unit | None = None,
        reference: str = "",
        confirm: bool = True,
    ) -> Order:
        """An order of (product, quantity) lines, confirmed unless it shall stay a draft; quantities are in `unit`. Raises ActionError."""
        with self.transaction():
            place = self.warehouse(warehouse) if warehouse else next(iter(self.warehouses))
            wanted = [(self.product(product), quantity) for product, quantity in (lines.items() if isinstance(lines, Mapping) else lines)]
            made = self._new(
                self.orders,
                Order,
                name=f"P{len(self.orders) + 1:05d}",
                partner=self.partner(vendor),
                company=place.company,
                picking_type=place.types["incoming"],
                ordered=self._clock(),
                day=self.day,
                reference=reference,
            )
            made.partner.orders.append(made)
            for product, quantity in wanted:
                self._line(made, product, quantity, price, unit)
            if confirm:
                self._confirm(made)
            return made

    def _line(self, order: Order, product: Product, quantity: float, price: float, unit: Unit | None) -> Line:
        made = self._new(
            self.lines,
            Line,
            order=order,
            text=product.display_name,
            product=product,
            quantity=quantity,
            unit=unit or product.template.unit,
            price=price,
            planned=order.ordered + timedelta(days=3),
        )
        order.lines.append(made)
        return made

    def add_line(self, order: Order | str, product: Product | str, quantity: float, *, price: float = 0.0) -> Line:
        """Another line, which a confirmed order gets moves for, too. Raises ActionError."""
        with self.transaction():
            row = self.order(order)
            made = self._line(row, self.product(product), quantity, price, None)
            if row.state == "purchase":
                self._await([made])
            self._touch(row)
            return made

    def add_note(self, order: Order | str, text: str, *, section: bool = False) -> Line:
        """A note or a heading among the lines. Raises ActionError."""
        with self.transaction():
            row = self.order(order)
            made = self._new(self.lines, Line, order=row, text=text, display="line_section" if section else "line_note")
            row.lines.append(made)
            self._touch(row)
            return made

    def edit_line(self, line: Line, quantity: float) -> None:
        """Order another quantity: what still waits of it changes, too; line and order have a new time."""
        with self.transaction():
            waiting = [move for move in line.moves if move.state in OPEN]
            for move in waiting[:1]:
                move.demand += quantity - line.quantity
                self._touch(move)
            line.quantity = quantity
            self._touch(line, line.order)

    def delete_line(self, line: Line) -> None:
        """Delete a line of which nothing was received: only its order has a new time. Raises ActionError."""
        with self.transaction():
            if any(move.state == "done" for move in line.moves):
                raise ActionError("Something of this line was received.")
            for move in list(line.moves):
                self._forget(move)
            line.order.lines.remove(line)
            self.lines.drop(line)
            self._touch(line.order)

    def confirm(self, order: Order | str) -> None:
        """Confirm a draft: a receipt waits. From 19 on its lines keep their time. Raises ActionError."""
        with self.transaction():
            self._confirm(self.order(order))

    def _confirm(self, order: Order) -> None:
        if order.state not in ("draft", "sent"):
            raise ActionError(f"{order.name} is no draft.")
        order.state, order.approved = "purchase", self._clock()
        self._changed(order)
        self._await([line for line in order.lines if line.product])

    def _changed(self, order: Order) -> None:
        """The state of a line is stored up to 18."""
        self._touch(order, *(order.lines if self.version <= 18 else ()))

    def _await(self, lines: list[Line]) -> None:
        if not lines:
            return
        order = lines[0].order
        place = order.picking_type.warehouse
        picking = self._picking(order.picking_type, origin=order.name)
        for line in lines:
            assert line.product is not None
            move = self._move(
                line.product,
                line.quantity,
                self.vendors,
                place.input if place.two_steps else place.stock,
                unit=line.unit,
                picking=picking,
                line=line,
                warehouse=place,
            )
            move.state = "assigned"
            line.moves.append(move)

    def cancel(self, order: Order | str) -> None:
        """Cancel an order and what waits of it. Raises ActionError."""
        with self.transaction():
            row = self.order(order)
            for move in (move for line in row.lines for move in line.moves if move.state in OPEN):
                move.state = "cancel"
                self._touch(move)
            row.state = "cancel"
            self._changed(row)

    def lock_order(self, order: Order | str) -> None:
        """Lock an order: up to 18 its state is done then. Raises ActionError."""
        with self.transaction():
            row = self.order(order)
            row.locked = True
            self._changed(row)

    def delete_order(self, order: Order | str) -> None:
        """Delete a draft, or one that was cancelled. Raises ActionError."""
        with self.transaction():
            row = self.order(order)
            if row.state not in ("draft", "sent", "cancel"):
                raise ActionError(f"Cancel {row.name} before you delete it.")
            for line in row.lines:
                for move in list(line.moves):
                    self._forget(move)
                self.lines.drop(line)
            row.partner.orders.remove(row)
            self.orders.drop(row)

    def receive(self, order: Order | str, quantities: float | Mapping[str, float] | None = None, *, back_order: bool = True) -> list[Move]:
        """Receive what waits, or so much of each line, or of the products named; the moves that are done now.

        More than was asked for is taken. Of less, the rest waits in a new move, or without a back-order is given up. Raises ActionError.
        """
        with self.transaction():
            row = self.order(order)
            done: list[Move] = []
            rest: Picking | None = None
            for move in [move for line in row.lines for move in line.moves if move.state in OPEN]:
                quantity = self._wanted(move, quantities)
                if quantity is None or quantity <= 0:
                    continue
                left = round(move.demand - quantity, 6)
                if left > 0 and back_order:
                    move.demand = quantity
                    rest = rest or self._picking(row.picking_type, origin=row.name)
                    assert move.line is not None
                    later = self._move(
                        move.product,
                        left,
                        move.origin,
                        move.to,
                        unit=move.unit,
                        picking=rest,
                        line=move.line,
                        warehouse=move.warehouse,
                    )
                    later.state = "assigned"
                    move.line.moves.append(later)
                done.append(self._done(move, quantity))
                self._tell_order(move)
            if not done:
                raise ActionError(f"Nothing of {row.name} waits to be received.")
            row.effective = row.effective or self._clock()
            return done

    def _wanted(self, move: Move, quantities: float | Mapping[str, float] | None) -> float | None:
        if quantities is None:
            return move.demand
        if isinstance(quantities, Mapping):
            return quantities.get(move.product.code)
        return quantities

    def send_back(self, move: Move | int | str, quantity: float | None = None, *, refund: bool = True) -> Move:
        """Return to the vendor what a receipt brought, in its unit. Raises ActionError."""
        with self.transaction():
            came = self.move(move)
            if came.state != "done" or came.origin.usage != "supplier":
                raise ActionError(f"{came.reference or came.id} is no receipt that is done.")
            picking = self._picking(self._of(came.to).types["outgoing"], origin=came.reference, returns=came.picking)
            back = self._move(
                came.product,
                came.done if quantity is None else quantity,
                came.to,
                came.origin,
                unit=came.unit,
                picking=picking,
                line=came.line,
                returned=came,
                to_refund=refund,
                warehouse=came.warehouse,
            )
            if came.line is not None:
                came.line.moves.append(back)
            self._done(back)
            self._tell_order(back)
            return back

    def order(self, order: Order | str) -> Order:
        """By itself or its name. Raises ActionError."""
        return self._one(self.orders, "order", order, "name")
