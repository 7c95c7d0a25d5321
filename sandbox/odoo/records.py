"""What is kept of each record. A many2one is the record itself, so that a dotted path is a walk along attributes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, eq=False, kw_only=True)
class Row:
    """What every record has. Times are UTC without a zone and have microseconds; the API shows none of them."""

    id: int
    created: datetime
    written: datetime
    active: bool = True

    @property
    def display_name(self) -> str:
        return str(getattr(self, "name", self.id))


@dataclass(slots=True, eq=False, kw_only=True)
class Currency(Row):
    """A currency by its code."""

    name: str


@dataclass(slots=True, eq=False, kw_only=True)
class Company(Row):
    """A company, which has one currency."""

    name: str
    currency: Currency


@dataclass(slots=True, eq=False, kw_only=True)
class User(Row):
    """The user that the API is used by."""

    name: str
    login: str
    company: Company
    companies: list[Company]


@dataclass(slots=True, eq=False, kw_only=True)
class Unit(Row):
    """A unit of measure that is `size` reference units, and rounded to `rounding`."""

    name: str
    size: float
    rounding: float
    family: Unit | None = None

    @property
    def reference(self) -> Unit:
        return self.family or self


@dataclass(slots=True, eq=False, kw_only=True)
class Partner(Row):
    """Somebody we buy from or sell to."""

    name: str
    email: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    zip: str = ""
    supplier_rank: int = 0
    customer_rank: int = 0
    ref: str = ""
    orders: list[Order] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Category(Row):
    """A category of products."""

    name: str
    parent: Category | None = None

    @property
    def complete_name(self) -> str:
        return f"{self.parent.complete_name} / {self.name}" if self.parent else self.name

    @property
    def display_name(self) -> str:
        return self.complete_name


@dataclass(slots=True, eq=False, kw_only=True)
class Template(Row):
    """What the variants of a product have in common."""

    name: str
    category: Category | None
    unit: Unit
    price: float = 0.0
    kind: str = "storable"
    company: Company | None = None
    variants: list[Product] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Product(Row):
    """A product, which is a variant of its template. `costs` are by company id."""

    template: Template
    code: str = ""
    barcode: str = ""
    extra: float = 0.0
    costs: dict[int, float] = field(default_factory=dict)
    points: list[Orderpoint] = field(default_factory=list)
    quants: dict[int, Quant] = field(default_factory=dict)

    @property
    def display_name(self) -> str:
        return f"[{self.code}] {self.template.name}" if self.code else self.template.name


@dataclass(slots=True, eq=False, kw_only=True)
class Location(Row):
    """Where goods can be. `usage` is one of Odoo's seven; `complete_name` is what this version calls it."""

    name: str
    usage: str
    complete_name: str
    parent: Location | None = None
    warehouse: Warehouse | None = None
    company: Company | None = None
    scrap: bool = False

    @property
    def display_name(self) -> str:
        return self.complete_name


@dataclass(slots=True, eq=False, kw_only=True)
class PickingType(Row):
    """What is done in a warehouse: incoming, outgoing, internal, mrp_operation."""

    name: str
    code: str
    warehouse: Warehouse
    company: Company

    @property
    def display_name(self) -> str:
        return f"{self.warehouse.name}: {self.name}"


@dataclass(slots=True, eq=False, kw_only=True)
class Warehouse(Row):
    """A warehouse with its locations and operations. With `two_steps` receipts lie in its input until they are put away."""

    name: str
    code: str
    company: Company
    view: Location
    stock: Location
    input: Location
    two_steps: bool = False
    types: dict[str, PickingType] = field(default_factory=dict)
    shelves: list[Location] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Orderpoint(Row):
    """A reordering rule."""

    name: str
    product: Product
    warehouse: Warehouse
    location: Location
    least: float
    most: float
    multiple: float = 1.0
    trigger: str = "auto"
    company: Company


@dataclass(slots=True, eq=False, kw_only=True)
class Quant(Row):
    """How much of a product is at a location, in the product's unit."""

    product: Product
    location: Location
    quantity: float = 0.0
    reserved: float = 0.0

    @property
    def display_name(self) -> str:
        return f"{self.location.complete_name}, {self.product.display_name}"


@dataclass(slots=True, eq=False, kw_only=True)
class Order(Row):
    """A purchase order. `state` is as up to 18 without done; `locked` is what done was there. It was made on the day `day` of its world."""

    name: str
    partner: Partner
    company: Company
    picking_type: PickingType
    ordered: datetime
    day: int
    state: str = "draft"
    locked: bool = False
    approved: datetime | None = None
    effective: datetime | None = None
    reference: str = ""
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Line(Row):
    """A line of a purchase order; with `display` a section or a note, without a product. `quantity` is in `unit`."""

    order: Order
    text: str
    product: Product | None = None
    quantity: float = 0.0
    unit: Unit | None = None
    price: float = 0.0
    planned: datetime | None = None
    display: str = ""
    moves: list[Move] = field(default_factory=list)

    @property
    def display_name(self) -> str:
        return f"{self.order.name} ({self.text})"

    @property
    def product_quantity(self) -> float:
        """In the product's unit."""
        return self.quantity * self.unit.size / self.product.template.unit.size if self.unit and self.product else 0.0

    @property
    def received(self) -> float:
        """What came and was not sent back for money, in the line's unit."""
        total = 0.0
        for move in self.moves:
            if move.state == "done" and self.unit:
                amount = move.done * move.unit.size / self.unit.size
                if move.to.usage == "supplier":
                    total -= amount if move.to_refund else 0.0
                else:
                    total += amount
        return total


@dataclass(slots=True, eq=False, kw_only=True)
class Picking(Row):
    """A receipt, a delivery or a transfer."""

    name: str
    picking_type: PickingType
    origin: str = ""
    returns: Picking | None = None
    moves: list[Move] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Production(Row):
    """A manufacturing order."""

    name: str
    product: Product
    quantity: float
    warehouse: Warehouse
    state: str
    begins: datetime
    ends: datetime
    raw: list[Move] = field(default_factory=list)
    finished: list[Move] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Scrap(Row):
    """Goods that were thrown away."""

    name: str
    product: Product
    quantity: float
    location: Location
    to: Location
    state: str
    done_at: datetime | None
    moves: list[Move] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Move(Row):
    """Goods that move, or shall. `demand` and `done` are in `unit`."""

    product: Product
    unit: Unit
    demand: float
    done: float
    state: str
    date: datetime
    origin: Location
    to: Location
    company: Company
    reference: str = ""
    picked: bool = False
    warehouse: Warehouse | None = None
    picking: Picking | None = None
    picking_type: PickingType | None = None
    line: Line | None = None
    returned: Move | None = None
    to_refund: bool = False
    production: Production | None = None
    consumed_for: Production | None = None
    scrap: Scrap | None = None
    is_inventory: bool = False
    before: tuple[Move, ...] = ()
    after: tuple[Move, ...] = ()

    @property
    def display_name(self) -> str:
        return f"{self.origin.name} > {self.to.name}"

    @property
    def demanded(self) -> float:
        """The demand in the product's unit."""
        return self.demand * self.unit.size / self.product.template.unit.size
