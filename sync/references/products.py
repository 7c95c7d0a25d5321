"""Products here in line with what one connection says of them: matched, made and written, a part at a time. Set-based."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection as database

from inventory.categories import LONGEST as LONGEST_CATEGORY
from inventory.dialect import differs, is_postgres, load, quoted
from inventory.keys import model_key, name_key
from inventory.linking import link
from inventory.models import AliasKind, Category, Product, ProductAlias, Unit
from inventory.productrecord import one_at_a_time
from sync.models import CategoryRef, Connection, ProductRef, VendorRef
from sync.references.matching import Decision, Unmatched, decide
from sync.references.ownership import ahead_of, may_write
from sync.references.statements import Some, table_of, temporary

CHOSEN, MADE, CATEGORIES = "chosen_product", "made_product", "chosen_category"


@dataclass
class Products:
    """One run's way of bringing products in line with what `connection` says. `match_sku`: an equal SKU is the same product."""

    connection: Connection
    match_sku: bool
    ahead: dict[Any, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.ahead = ahead_of(self.connection)

    def follow(self, some: Some, at: datetime) -> None:
        """Bring the products of these references in line. Within the caller's transaction, which holds the account's catalogue."""
        one_at_a_time(self.connection.account)
        unmatched = self._unmatched(some)
        newest = self._newest()
        with _categories(self.connection, some):
            if unmatched:
                self._choose(unmatched, newest, at)
            self._write(some, newest, at)
        self._rename(some, at)
        self._name_barcodes(some)

    def _unmatched(self, some: Some) -> list[Unmatched]:
        with database.cursor() as cursor:
            cursor.execute(
                f"SELECT r.id, r.sku, r.sku_key, r.barcode_key FROM {table_of(ProductRef)} r "
                f"WHERE {some.where} AND r.product_id IS NULL AND r.gone_at IS NULL ORDER BY r.id",
                some.parameters,
            )
            return [Unmatched(*row) for row in cursor.fetchall()]

    def _newest(self) -> int:
        """The newest product there is. What has a larger number after this is made here: the catalogue is held."""
        with database.cursor() as cursor:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table_of(Product)}")
            (newest,) = cursor.fetchone()
        return int(newest)

    def _choose(self, unmatched: Sequence[Unmatched], newest: int, at: datetime) -> None:
        account = self.connection.account_id
        barcodes = {each.barcode_key for each in unmatched if each.barcode_key}
        aliases = ProductAlias.objects.filter(account=account, kind=AliasKind.BARCODE, key__in=barcodes)
        by_barcode = _grouped(aliases.values_list("key", "product_id")) if barcodes else {}
        skus = {each.sku_key for each in unmatched if each.sku_key} if self.match_sku else set()
        by_sku = _grouped(Product.objects.filter(account=account, sku_key__in=skus).order_by().values_list("sku_key", "pk")) if skus else {}
        candidates = {number for found in (by_barcode, by_sku) for numbers in found.values() for number in numbers}
        known = ProductRef.objects.filter(connection=self.connection, product__in=candidates, gone_at=None)
        taken = set(known.order_by().values_list("product_id", flat=True)) if candidates else set()
        decisions = decide(unmatched, by_barcode=by_barcode, by_sku=by_sku, taken=taken, match_sku=self.match_sku)
        keys = {each.ref_id: model_key(each.sku) for each in unmatched}
        with temporary(CHOSEN, "ref_id bigint PRIMARY KEY, product_id bigint, problem varchar(300), model_key varchar(80)"):
            load(
                CHOSEN,
                ("ref_id", "product_id", "problem", "model_key"),
                [(each.ref_id, each.product_id, each.problem, keys[each.ref_id]) for each in decisions],
            )
            self._take(decisions, newest, at)

    def _take(self, decisions: Sequence[Decision], newest: int, at: datetime) -> None:
        ref, product = table_of(ProductRef), table_of(Product)
        with database.cursor() as cursor:
            if any(each.product_id or each.problem for each in decisions):
                cursor.execute(
                    f"UPDATE {ref} AS r SET product_id = c.product_id, problem = c.problem FROM {quoted(CHOSEN)} c "
                    "WHERE r.id = c.ref_id AND (c.product_id IS NOT NULL OR c.problem <> '')"
                )
            if all(each.product_id or each.problem for each in decisions):
                return
            columns = self._first_values(at)
            names = ", ".join(map(quoted, columns))
            chosen = ", ".join(expression for expression, _ in columns.values())
            cursor.execute(
                f"INSERT INTO {product} ({names}) SELECT {chosen} FROM {quoted(CHOSEN)} c JOIN {ref} r ON r.id = c.ref_id {_joins()} "
                "WHERE c.product_id IS NULL AND c.problem = '' ORDER BY c.ref_id",
                [parameter for _, parameters in columns.values() for parameter in parameters],
            )
            # In the order in which they were stored.
            cursor.execute(f"SELECT id FROM {product} WHERE account_id = %s AND id > %s ORDER BY id", [self.connection.account_id, newest])
            made = [number for (number,) in cursor.fetchall()]
        new = [each.ref_id for each in decisions if not each.product_id and not each.problem]
        with temporary(MADE, "ref_id bigint PRIMARY KEY, product_id bigint"), database.cursor() as cursor:
            load(MADE, ("ref_id", "product_id"), list(zip(new, made, strict=True)))
            cursor.execute(
                f"UPDATE {ref} AS r SET product_id = m.product_id, problem = '' FROM {quoted(MADE)} m WHERE r.id = m.ref_id",
            )

    def _first_values(self, at: datetime) -> dict[str, tuple[str, list[Any]]]:
        values: dict[str, tuple[str, list[Any]]] = {}
        for column in Product._meta.concrete_fields:
            if not column.primary_key:
                stamp = getattr(column, "auto_now_add", False) or getattr(column, "auto_now", False)
                default = at if stamp else column.get_default()
                values[str(column.column)] = ("%s", [column.get_db_prep_save(default, database)])
        values["account_id"] = ("%s", [self.connection.account_id])
        said = {
            "sku": "r.sku",
            "sku_key": "r.sku_key",
            "model_key": "c.model_key",
            "name": "r.name",
            "fractional": "COALESCE(r.fractional, FALSE)",
        }
        said |= _said("NULL")
        return {**values, **{name: (expression, []) for name, expression in said.items()}}

    def _write(self, some: Some, newest: int, at: datetime) -> None:
        """Products that were there before; one that was made here began with what its reference says, and nobody else speaks of it yet."""
        wanted = {"name": "CASE WHEN r.name <> '' THEN r.name ELSE p.name END", **_said("p.{}")}
        fields = {"category_id": "category", "vendor_id": "vendor"}
        chosen = []
        for column, expression in wanted.items():
            alive = "1 = 1" if column == "active" else "r.gone_at IS NULL"
            may = may_write(fields.get(column, column), self.ahead)
            chosen.append(f"CASE WHEN {alive} AND {may} THEN {expression} ELSE p.{column} END AS {column}")
        table = table_of(Product)
        test = " OR ".join(differs(f"p.{column}", f"n.{column}") for column in wanted)
        sets = ", ".join(f"{column} = n.{column}" for column in wanted)
        with database.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} AS p SET {sets}, updated_at = %s FROM ("
                f"SELECT p.id AS id, {', '.join(chosen)} FROM {table_of(ProductRef)} r JOIN {table} p ON p.id = r.product_id {_joins()} "
                f"WHERE {some.where} AND p.id <= %s) n WHERE p.id = n.id AND ({test})",
                [Product._meta.get_field("updated_at").get_db_prep_save(at, database), *some.parameters, newest],
            )

    def _rename(self, some: Some, at: datetime) -> None:
        """New SKUs, one by one: they are rare, and how models are compared is no matter of SQL."""
        with database.cursor() as cursor:
            cursor.execute(
                f"SELECT p.id, p.model_key, r.sku, r.sku_key FROM {table_of(ProductRef)} r "
                f"JOIN {table_of(Product)} p ON p.id = r.product_id "
                f"WHERE {some.where} AND r.gone_at IS NULL AND r.sku <> p.sku "
                f"AND {may_write('sku', self.ahead)}",
                some.parameters,
            )
            renamed = cursor.fetchall()
        for number, old, sku, key in renamed:
            new = model_key(sku)
            Product.objects.filter(pk=number).update(sku=sku, sku_key=key, model_key=new, updated_at=at)
            link(Unit.objects.filter(account=self.connection.account_id, model_key__in={old, new} - {""}))

    def _name_barcodes(self, some: Some) -> None:
        alias = table_of(ProductAlias)
        kind = AliasKind.BARCODE.value
        with database.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {alias} (account_id, product_id, kind, text, {quoted('key')}) "
                f"SELECT r.account_id, r.product_id, '{kind}', MIN(r.barcode), r.barcode_key FROM {table_of(ProductRef)} r "
                f"WHERE {some.where} AND r.product_id IS NOT NULL AND r.gone_at IS NULL AND r.barcode_key <> '' "
                f"AND NOT EXISTS (SELECT 1 FROM {alias} a WHERE a.product_id = r.product_id AND a.kind = '{kind}' "
                f"AND a.{quoted('key')} = r.barcode_key) GROUP BY r.account_id, r.product_id, r.barcode_key",
                some.parameters,
            )


def _said(otherwise: str) -> dict[str, str]:
    """What a reference says of the columns of its product, and `otherwise` (a name in braces) where it does not know."""

    def known(value: str, column: str) -> str:
        return f"COALESCE({value}, {otherwise.format(column)})"

    price = "CAST(NULLIF(r.cost, '') AS numeric(14, 4))" if is_postgres() else "CAST(NULLIF(r.cost, '') AS numeric)"
    return {
        "category_id": known("COALESCE(g.category_id, k.category_id)", "category_id"),
        "purchase_price": known(price, "purchase_price"),
        "vendor_id": known("v.vendor_id", "vendor_id"),
        "lead_time_days": known("r.lead_time_days", "lead_time_days"),
        "units_per_pack": known("r.units_per_case", "units_per_pack"),
        "reorder_excluded": "r.reorder_excluded",
        "active": "(r.active AND r.gone_at IS NULL)",
    }


def _joins() -> str:
    return (
        f"LEFT JOIN {table_of(VendorRef)} v ON v.connection_id = r.connection_id AND v.external_id = r.vendor_id_there "
        f"LEFT JOIN {table_of(CategoryRef)} g ON g.connection_id = r.connection_id AND g.external_id = r.category_id_there "
        f"LEFT JOIN {quoted(CATEGORIES)} k ON k.text = r.category AND r.category_id_there = ''"
    )


@contextmanager
def _categories(connection: Connection, some: Some) -> Iterator[None]:
    """A temporary table of the categories that these references name, made where there were none; those of a tree are made with it."""
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT r.category FROM {table_of(ProductRef)} r "
            f"WHERE {some.where} AND r.category <> '' AND r.category_id_there = '' AND r.gone_at IS NULL",
            some.parameters,
        )
        texts = {text: name_key(text) for (text,) in cursor.fetchall() if name_key(text) and len(text) <= LONGEST_CATEGORY}
    on_top = Category.objects.filter(account=connection.account_id, parent=None)
    known = dict(on_top.filter(name_key__in=set(texts.values())).values_list("name_key", "pk")) if texts else {}
    first = {key: text for text, key in sorted(texts.items(), reverse=True) if key not in known}
    made = Category.objects.bulk_create(
        [Category(account_id=connection.account_id, name=text, name_key=key) for key, text in sorted(first.items())]
    )
    known |= {each.name_key: each.pk for each in made}
    with temporary(CATEGORIES, "text varchar(120) PRIMARY KEY, category_id bigint"):
        load(CATEGORIES, ("text", "category_id"), [(text, known[key]) for text, key in texts.items()])
        yield


def _grouped(pairs: Any) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for key, number in pairs:
        found[key].append(number)
    return found
