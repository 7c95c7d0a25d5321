"""Importing products from a CSV file: all of it or nothing (docs/products.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from accounts.differences import changed
from accounts.models import Account
from inventory import pins
from inventory.csvtable import RowProblem
from inventory.errors import FileTooLarge
from inventory.keys import model_key
from inventory.linking import link
from inventory.mirror import follow_units
from inventory.models import AliasKind, Product, ProductAlias, Unit
from inventory.productfile import ProductFile, ProductRow, read
from inventory.productgroups import Groups
from inventory.productrecord import COLUMNS, NAMES, REFERENCES, described, one_at_a_time
from inventory.productrules import wrong

PLAIN = tuple(name for name in COLUMNS[1:] if name not in REFERENCES)
"""What a row writes as it stands there. The SKU of a stored product stays as it is written there."""

NAMED = 5
"""New categories, and new vendors, in a sentence."""

BATCH = 1000
CAUSE = "Import of a CSV file"


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do: products added, changed and left as they are. With `problems` it does nothing at all.

    `ignored` are headings that mean nothing to an import, `categories` and `vendors` those that are added with the products.
    """

    added: int
    changed: int
    unchanged: int
    problems: tuple[RowProblem, ...]
    ignored: tuple[str, ...]
    applied: bool
    categories: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What came of it, for a person."""
        if self.problems:
            return f"Nothing was imported: {_so_many(len(self.problems), 'cell')} to be corrected."
        would = "" if self.applied else "Nothing was written yet. It would be: "
        done = f"{would}{_so_many(self.added, 'product')} added, {self.changed:,} changed, {self.unchanged:,} as before."
        return done + _new("categories", self.categories) + _new("vendors", self.vendors)


class _Name(NamedTuple):
    """Another name of a product."""

    kind: str
    key: str
    text: str


@dataclass
class _Wanted:
    """A product as it is to be, with the names it has and those it gets; `before` is what it was, None for a new one."""

    product: Product
    names: list[_Name]
    new_names: list[_Name]
    before: dict[str, Any] | None

    def after(self) -> dict[str, Any]:
        return described(self.product, ((name.kind, name.text) for name in (*self.names, *self.new_names)))


@dataclass
class _Plan:
    groups: Groups
    added: list[_Wanted] = field(default_factory=list)
    changed: list[_Wanted] = field(default_factory=list)
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def import_csv(actor: Actor, content: bytes, *, dry_run: bool = False) -> ImportReport:
    """Add the products of a file and change those with the same SKU; models and barcodes are added to theirs, never removed.

    Categories and vendors that it names are added where there are none. A dry run only says what would happen. Units are linked anew.
    Raises NotAllowed, UnreadableFile, FileTooLarge; problems of single rows are in the report.
    """
    actor.require("product.import")
    if len(content) > settings.UPLOAD_LIMIT:
        raise FileTooLarge(f"The file is larger than {settings.UPLOAD_LIMIT / 1024 / 1024:g} MB.", hint="Split it.")
    file = read(content)
    with transaction.atomic():
        one_at_a_time(actor.account)
        plan = _plan(actor.account, file)
        problems = sorted((*file.problems, *plan.problems), key=lambda problem: problem.row)
        applied = not problems and not dry_run
        new = plan.groups.new_names()
        if applied:
            _apply(actor, plan)
    numbers = (len(plan.added), len(plan.changed), plan.unchanged)
    return ImportReport(*numbers, tuple(problems), file.ignored, applied, *new)


def _so_many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _new(what: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f" New {what}: {', '.join(names[:NAMED])}{more}." if names else ""


def _plan(account: Account, file: ProductFile) -> _Plan:
    plan = _Plan(Groups(account))
    for rows in _batches(file.rows):
        stored: dict[str, list[Product]] = {}
        for found in Product.objects.filter(account=account, sku_key__in=[row.key for row in rows]).select_related(*REFERENCES):
            stored.setdefault(found.sku_key, []).append(found)
        plan.groups.read_vendors(row.vendor for row in rows if row.vendor)
        names = _names(products[0] for products in stored.values())
        owners = _owners(account, [key for row in rows for key in row.models])
        for row in rows:
            products = stored.get(row.key, [])
            product = products[0] if products else None
            problems = _problems(row, products, owners)
            if not problems:
                wanted, problems = _wanted(plan.groups, row, product, [] if product is None else names.get(product.pk, []))
            if problems:
                plan.problems += [RowProblem(row.number, file.headings[column], sentence) for column, sentence in problems]
            else:
                _place(plan, wanted)
    return plan


def _problems(row: ProductRow, products: Sequence[Product], owners: dict[str, tuple[int, str]]) -> list[tuple[str, str]]:
    """What speaks against a row in the catalogue, as pairs of a column and a sentence."""
    if len(products) > 1:
        return [("sku", f"There are {len(products)} products with the SKU {row.sku}; edit them by hand.")]
    own = products[0].pk if products else None
    taken = {text: owners[key][1] for key, text in row.models.items() if key in owners and owners[key][0] != own}
    return [("models", f"The model {text} belongs to the product {sku}.") for text, sku in taken.items()]


def _wanted(groups: Groups, row: ProductRow, product: Product | None, names: list[_Name]) -> tuple[_Wanted, list[tuple[str, str]]]:
    """The product as the row wants it, and what speaks against that."""
    before = None
    if product is None:
        product = Product(account=groups.account, sku=row.sku, sku_key=row.key, model_key=model_key(row.sku))
    else:
        before = described(product, ((name.kind, name.text) for name in names))
    problems = []
    try:
        if row.category:
            product.category = groups.category(row.category, product.category)
    except ValueError as error:
        problems.append(("category", str(error)))
    try:
        if row.vendor:
            product.vendor = groups.vendor(row.vendor)
    except ValueError as error:
        problems.append(("vendor", str(error)))
    for name in PLAIN:
        # An empty cell says nothing.
        value = getattr(row, name)
        if value is not None:
            setattr(product, name, value)
    for column, sentence in wrong(product).items():
        # What the row says of fractions may not go with what is stored in another column.
        blamed = next((name for name in (column, "fractional") if getattr(row, name) is not None), None)
        problems += [(blamed, sentence)] if blamed else []
    known = {(name.kind, name.key) for name in names}
    given = (_Name(NAMES[column], key, text) for column in NAMES for key, text in getattr(row, column).items())
    return _Wanted(product, names, [name for name in given if (name.kind, name.key) not in known], before), problems


def _place(plan: _Plan, wanted: _Wanted) -> None:
    if wanted.before is None:
        plan.added.append(wanted)
    elif wanted.before != wanted.after():
        plan.changed.append(wanted)
    else:
        plan.unchanged += 1


def _apply(actor: Actor, plan: _Plan) -> None:
    made = list(plan.groups.make())
    now = timezone.now()
    for wanted in plan.changed:
        wanted.product.updated_at = now
        _, new = changed(wanted.before or {}, wanted.after())
        wanted.product.pins = pins.pin(actor, wanted.product.pins, new, among=pins.OF_PRODUCTS)
    Product.objects.bulk_create((wanted.product for wanted in plan.added), batch_size=BATCH)
    columns = [*COLUMNS[1:], "pins", "updated_at"]
    # bulk_update takes several times as long.
    Product.objects.bulk_create(
        (wanted.product for wanted in plan.changed), BATCH, update_conflicts=True, update_fields=columns, unique_fields=["id"]
    )
    aliases = (
        ProductAlias(account=actor.account, product=wanted.product, kind=name.kind, key=name.key, text=name.text)
        for wanted in (*plan.added, *plan.changed)
        for name in wanted.new_names
    )
    ProductAlias.objects.bulk_create(aliases, batch_size=BATCH)
    record_many(actor, (*(replace(entry, cause=CAUSE) for entry in made), *_entries(plan)))
    if link(Unit.objects.filter(account=actor.account)):
        follow_units(actor.account, actor=actor)


def _entries(plan: _Plan) -> Iterator[Entry]:
    for wanted in plan.added:
        yield Entry("Product", wanted.product.pk, "ADD", after=wanted.after(), cause=CAUSE)
    for wanted in plan.changed:
        before, after = changed(wanted.before or {}, wanted.after())
        yield Entry("Product", wanted.product.pk, "CHANGE", before, after, CAUSE)


def _names(products: Iterable[Product]) -> dict[int, list[_Name]]:
    """The other names of these products by their ids."""
    found: dict[int, list[_Name]] = {}
    rows = ProductAlias.objects.filter(product__in=[product.pk for product in products]).order_by("key")
    for product, *name in rows.values_list("product", "kind", "key", "text"):
        found.setdefault(product, []).append(_Name(*name))
    return found


def _owners(account: Account, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Whose these models are: id and SKU by key."""
    rows = ProductAlias.objects.filter(account=account, kind=AliasKind.MODEL, key__in=keys)
    return {key: (product, sku) for key, product, sku in rows.values_list("key", "product", "product__sku")}


def _batches(rows: Sequence[ProductRow]) -> Iterator[Sequence[ProductRow]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
