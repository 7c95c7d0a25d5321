"""Counts that are handed in as files: which products they are of (docs/ledger.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.models import Account
from inventory.countfile import CountFile, CountRow, read
from inventory.csvtable import RowProblem
from inventory.errors import FileTooLarge
from inventory.keys import model_key, sku_key
from inventory.ledger.countedlines import PROBLEMS_SHOWN, CountedLine
from inventory.models import AliasKind, Product, ProductAlias

IN_ONE = 1000
"""Names looked up by one statement."""


def read_count_file(actor: Actor, content: bytes) -> list[CountedLine]:
    """The lines of a count in a CSV file, for `enter_count`: all of them or none.

    Raises NotAllowed, FileTooLarge, UnreadableFile, and ValidationError with a sentence for each row that is wrong, naming the column.
    """
    actor.require("count.add")
    if len(content) > settings.UPLOAD_LIMIT:
        raise FileTooLarge(f"The file is larger than {settings.UPLOAD_LIMIT / 1024 / 1024:g} MB.", hint="Split it.")
    file = read(content)
    products, problems = _products(actor.account, file)
    problems = sorted((*file.problems, *problems), key=lambda problem: problem.row)
    if problems:
        said = [f"Row {each.row}, {each.column}: {each.sentence}" for each in problems[:PROBLEMS_SHOWN]]
        more = len(problems) - PROBLEMS_SHOWN
        raise ValidationError({"file": [*said, *([f"{more} more cells are wrong."] if more > 0 else [])]})
    return [line for row in file.rows for line in _lines(row, products[row.number])]


def _lines(row: CountRow, product: Product) -> Iterable[CountedLine]:
    for kind, counted in row.counted.items():
        yield CountedLine(
            product,
            kind or product.unit_kind,
            counted,
            lot=row.lot,
            expires_on=row.expires_on,
            unit_cost=row.unit_cost,
            note=row.note,
            place=f"Row {row.number}",
        )


def _products(account: Account, file: CountFile) -> tuple[dict[int, Product], list[RowProblem]]:
    """The product of each row by its number, and what is wrong with the others."""
    by_sku = _by_sku(account, {sku_key(row.sku) for row in file.rows if row.sku})
    by_barcode = _by_barcode(account, {model_key(row.barcode) for row in file.rows if row.barcode})
    found: dict[int, Product] = {}
    problems = []
    for row in file.rows:
        column, text = ("sku", row.sku) if row.sku else ("barcode", row.barcode)
        meant = by_sku.get(sku_key(row.sku), []) if row.sku else by_barcode.get(model_key(row.barcode), [])
        others = by_barcode.get(model_key(row.barcode), []) if row.sku and row.barcode else []
        if not meant:
            wrong = f"There is no product “{text}”."
        elif len(meant) > 1:
            named = ", ".join(sorted(product.sku for product in meant)[:5])
            wrong = f"“{text}” may be {named}." + (" Enter the SKU." if column == "barcode" else " Several products have it.")
        elif others and meant[0] not in others:
            column, wrong = "barcode", f"“{row.barcode}” belongs to {others[0].sku}, not to {meant[0].sku}."
        else:
            found[row.number] = meant[0]
            continue
        problems.append(RowProblem(row.number, file.headings[column], wrong))
    return found, problems


def _by_sku(account: Account, keys: set[str]) -> Mapping[str, Sequence[Product]]:
    found: dict[str, list[Product]] = defaultdict(list)
    for part in _parts(keys):
        for product in Product.objects.filter(account=account, sku_key__in=part):
            found[product.sku_key].append(product)
    return found


def _by_barcode(account: Account, keys: set[str]) -> Mapping[str, Sequence[Product]]:
    found: dict[str, list[Product]] = defaultdict(list)
    for part in _parts(keys):
        aliases = ProductAlias.objects.filter(account=account, kind=AliasKind.BARCODE, key__in=part)
        for alias in aliases.select_related("product"):
            found[alias.key].append(alias.product)
    return found


def _parts(keys: set[str]) -> Iterable[list[str]]:
    in_order = sorted(keys)
    return (in_order[start : start + IN_ONE] for start in range(0, len(in_order), IN_ONE))
