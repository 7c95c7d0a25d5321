"""How people keep products, categories, places and partners. Each verb is one transaction."""

from __future__ import annotations

from typing import Any

from sandbox.odoo.database import Database
from sandbox.odoo.records import Category, Company, Location, Orderpoint, Partner, PickingType, Product, Row, Template, Unit, Warehouse
from sandbox.system import ActionError

_TYPES = (
    ("Receipts", "incoming"),
    ("Delivery Orders", "outgoing"),
    ("Internal Transfers", "internal"),
    ("Manufacturing", "mrp_operation"),
)


class Catalogue(Database):
    """A database with master data."""

    def add_company(self, name: str) -> Company:
        """A second company, which the user belongs to."""
        with self.transaction():
            made = self._new(self.companies, Company, name=name, currency=self.rupees)
            self.user.companies.append(made)
            return made

    def add_category(self, name: str, parent: Category | str | None = None) -> Category:
        """A new category. Raises ActionError."""
        with self.transaction():
            return self._new(self.categories, Category, name=name, parent=self.category(parent) if parent else None)

    def edit_category(self, category: Category | str, *, name: str = "", parent: Category | str | None = None) -> None:
        """Rename or move it. From 19 on those below it change with it; the products never. Raises ActionError."""
        with self.transaction():
            row = self.category(category)
            row.name, row.parent = name or row.name, self.category(parent) if parent else row.parent
            self._touch(row, *(self._below(row) if self.version >= 19 else ()))

    def _below(self, category: Category) -> list[Category]:
        below = [row for row in self.categories if row.parent is category]
        return below + [each for row in below for each in self._below(row)]

    def delete_category(self, category: Category | str) -> None:
        """Delete one that nothing is in. Raises ActionError."""
        with self.transaction():
            row = self.category(category)
            if self._below(row) or any(each.category is row for each in self.templates):
                raise ActionError(f"{row.complete_name} is in use.")
            self.categories.drop(row)

    def add_partner(self, name: str, *, vendor: bool = True, **more: Any) -> Partner:
        """A new vendor, or a customer."""
        with self.transaction():
            return self._new(self.partners, Partner, name=name, supplier_rank=int(vendor), customer_rank=int(not vendor), **more)

    def edit(self, row: Row, **values: Any) -> None:
        """Change columns of any record by the names they have here (sandbox/odoo/records.py), and its time."""
        with self.transaction():
            for name, value in values.items():
                setattr(row, name, value)
            self._touch(row)

    def add_product(
        self,
        code: str,
        name: str,
        *,
        barcode: str = "",
        category: Category | str | None = None,
        price: float = 0.0,
        cost: float = 0.0,
        kind: str = "storable",
        unit: Unit | None = None,
        company: Company | None = None,
        template: Template | None = None,
    ) -> Product:
        """A new product of the kind storable, consu or service; with a template another variant of it. Raises ActionError."""
        with self.transaction():
            self._free(barcode, company)
            if template is None:
                template = self._new(
                    self.templates,
                    Template,
                    name=name,
                    category=self.category(category) if category else self._usual_category(),
                    unit=unit or self.piece,
                    price=price,
                    kind=kind,
                    company=company,
                )
            costs = {(company or self.company).id: cost}
            made = self._new(self.products, Product, template=template, code=code, barcode=barcode, costs=costs)
            template.variants.append(made)
            return made

    def _usual_category(self) -> Category | None:
        """Up to 18 a product has to have one."""
        if self.version >= 19:
            return None
        return next((row for row in self.categories if row.name == "All"), None) or self.add_category("All")

    def _free(self, barcode: str, company: Company | None, *, but: Product | None = None) -> None:
        """Barcodes are unique within a company, among products that are not archived."""
        for row in self.products if barcode else ():
            same = company is None or row.template.company is None or row.template.company is company
            if row is not but and row.barcode == barcode and row.active and same:
                raise ActionError(f"The barcode {barcode} is that of {row.display_name}.")

    def edit_template(self, product: Product | str, **values: Any) -> None:
        """Change name, category, price, unit or kind. Up to 16 the product's own time stays. Raises ActionError."""
        with self.transaction():
            row = self.product(product)
            if isinstance(values.get("category"), str):
                values["category"] = self.category(values["category"]) if values["category"] else None
            for name, value in values.items():
                setattr(row.template, name, value)
            self._touch(row.template, *(row.template.variants if self.version >= 17 else ()))

    def edit_product(self, product: Product | str, *, code: str | None = None, barcode: str | None = None) -> None:
        """Another code or barcode, "" for none. Raises ActionError."""
        with self.transaction():
            row = self.product(product)
            if barcode is not None:
                self._free(barcode, row.template.company, but=row)
                row.barcode = barcode
            row.code = row.code if code is None else code
            self._touch(row)

    def set_cost(self, product: Product | str, cost: float, company: Company | None = None) -> None:
        """What it costs in a company. Raises ActionError."""
        with self.transaction():
            row = self.product(product)
            row.costs[(company or self.company).id] = cost
            self._touch(row)

    def archive(self, product: Product | str, *, back: bool = False) -> None:
        """Archive a product, or bring it back. Raises ActionError."""
        with self.transaction():
            row = self.product(product)
            if back:
                self._free(row.barcode, row.template.company, but=row)
            row.active = row.template.active = back
            self._touch(row, row.template)

    def delete_product(self, product: Product | str) -> None:
        """Delete one that never moved and is on no order. Raises ActionError."""
        with self.transaction():
            row = self.product(product)
            if row.quants or any(each.product is row for each in self.moves) or any(each.product is row for each in self.lines):
                raise ActionError(f"{row.display_name} has moves or order lines: archive it.")
            for point in row.points:
                self.orderpoints.drop(point)
            self.products.drop(row)
            row.template.variants.remove(row)
            if not row.template.variants:
                self.templates.drop(row.template)

    def add_warehouse(
        self, name: str, code: str, *, company: Company | None = None, shelves: int = 2, two_steps: bool = False
    ) -> Warehouse:
        """A warehouse with its view, stock, input, shelves and operations; with `two_steps` what it receives is put away later."""
        with self.transaction():
            owner = company or self.company

            def place(label: str, above: Location | None, usage: str = "internal") -> Location:
                complete = f"{above.complete_name}/{label}" if above else label
                return self._new(self.locations, Location, name=label, usage=usage, complete_name=complete, parent=above, company=owner)

            view = place(code, None, "view")
            stock, incoming = place("Stock", view), place("Input", view)
            racks = [place(f"Shelf {chr(65 + number)}", stock) for number in range(shelves)]
            made = self._new(
                self.warehouses,
                Warehouse,
                name=name,
                code=code,
                company=owner,
                view=view,
                stock=stock,
                input=incoming,
                shelves=racks,
                two_steps=two_steps,
            )
            for label, kind in _TYPES:
                # Odoo archives what a database with one warehouse doesn't need.
                made.types[kind] = self._new(
                    self.picking_types, PickingType, name=label, code=kind, warehouse=made, company=owner, active=kind != "internal"
                )
            for each in (view, stock, incoming, *racks):
                each.warehouse = made
            return made

    def set_point(self, product: Product | str, warehouse: Warehouse | str, least: float, most: float) -> Orderpoint:
        """The reordering rule of a product in a warehouse; the product's own time stays. Raises ActionError."""
        with self.transaction():
            row, place = self.product(product), self.warehouse(warehouse)
            for point in row.points:
                if point.warehouse is place and point.active:
                    point.least, point.most = least, most
                    self._touch(point)
                    return point
            number = len(self.orderpoints) + 1
            made = self._new(
                self.orderpoints,
                Orderpoint,
                name=f"OP/{number:05d}",
                product=row,
                warehouse=place,
                location=place.stock,
                least=least,
                most=most,
                company=place.company,
            )
            row.points.append(made)
            return made
