"""What of the held facts waits for somebody: by the one decision that would let them book themselves (docs/facts.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account
from inventory.quantity import plain
from sync.facts.codes import HELD, PLACE_CODES
from sync.facts.deciding import ISSUES, RECEIPTS
from sync.models import Connection, FactState, ProductRef, RuleAbout, SourceFact, WarehouseRef
from sync.references.places import outwards, warehouse_of

BARCODE_CODES = frozenset({"unknown_barcode", "ambiguous_barcode"})
PRODUCT_CODES = frozenset({"unmatched_product"})

PARTS: Mapping[str, frozenset[str]] = {
    "places": PLACE_CODES,
    "products": BARCODE_CODES | PRODUCT_CODES,
    "lines": frozenset(HELD) - PLACE_CODES - BARCODE_CODES - PRODUCT_CODES,
}
"""Places to be assigned, products to be matched, and lines that have to be corrected where they come from."""

MOST_PLACES = 1000
"""So many pairs of places are looked at; there are never that many places."""


@dataclass(frozen=True)
class Group:
    """Held facts that one decision would free. `about` is blank where there is none to take: each has to be corrected.

    `value` is what they name, as it is there; `named` what it is called there, if that is known. `quantity` is their sum.
    """

    connection_id: int
    code: str
    about: str
    value: str
    lines: int
    quantity: Decimal
    first_day: date | None
    last_day: date | None
    held_since: datetime | None
    example: str
    sentence: str
    named: str = ""
    ref_id: int | None = None

    @property
    def label(self) -> str:
        return HELD.get(self.code, self.code)


def held(account: Account | int, connection: Connection | int | None = None) -> QuerySet[SourceFact]:
    """All held facts, in no order."""
    # Each has a reason. It is named, and the account only by its connections, so that SQLite, which knows no figures of the table, takes
    # the index of what is held and does not walk over all lines there are.
    rows = SourceFact.objects.filter(state=FactState.HELD, code__gt="").order_by()
    mine = Connection.objects.filter(account=account).values("pk")
    return rows.filter(connection__in=mine) if connection is None else rows.filter(account=account, connection=connection)


def in_parts(rows: QuerySet[SourceFact]) -> dict[str, int]:
    """How many held facts there are in each part. One query."""
    return rows.aggregate(**{part: Count("pk", filter=Q(code__in=codes)) for part, codes in PARTS.items()})


def by_code(rows: QuerySet[SourceFact]) -> list[dict[str, Any]]:
    """For each connection and code how many facts are held, since when, and what they add up to. One query; most lines first."""
    found = (
        rows.values("connection", "code").annotate(lines=Count("pk"), quantity=_total(), since=Min("held_at")).order_by("-lines", "code")
    )
    return [{**each, "label": HELD.get(each["code"], each["code"]), "quantity": plain(each["quantity"])} for each in found]


def places(rows: QuerySet[SourceFact]) -> list[Group]:
    """The places without a warehouse, those with the most lines first. A query for the facts, two for each connection."""
    pairs = _grouped(rows.filter(code__in=PLACE_CODES), "place_there", "place_to_there", "kind")[:MOST_PLACES]
    known: dict[int, set[str]] = {}
    found: dict[tuple[int, str], Group] = {}
    for row in pairs:
        number = row["connection"]
        if number not in known:
            known[number] = _known(number)
        place = _missing(row["kind"], row["place_there"], row["place_to_there"], known[number])
        group, before = _group(row, RuleAbout.PLACE, place), found.get((number, place))
        found[number, place] = group if before is None else _together(before, group)
    return _with_examples(sorted(found.values(), key=lambda group: (-group.lines, group.value)))


def products(rows: QuerySet[SourceFact]) -> QuerySet[SourceFact, dict[str, Any]]:
    """Barcodes and products there that nobody could match, those with the most lines first; rows for `groups`."""
    return _grouped(rows.filter(code__in=PARTS["products"]), "value", value=_VALUE)


def lines(rows: QuerySet[SourceFact]) -> QuerySet[SourceFact, dict[str, Any]]:
    """What is wrong with single lines, by what is wrong; rows for `groups`."""
    return _grouped(rows.filter(code__in=PARTS["lines"]))


def groups(rows: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Rows of `products` or `lines` with an example of each. Two queries."""
    return _with_examples([_group(row, about_of(row["code"]), row.get("value", "")) for row in rows])


def about_of(code: str) -> str:
    """What has to be decided for facts that are held for `code`; blank where nothing can be."""
    if code in PLACE_CODES:
        return RuleAbout.PLACE
    return RuleAbout.BARCODE if code in BARCODE_CODES else RuleAbout.PRODUCT if code in PRODUCT_CODES else ""


def naming(about: str, value: str) -> Q:
    """The facts that name this barcode (by its key), product or place, as a condition."""
    if about == RuleAbout.PLACE:
        return Q(place_there=value) | Q(place_to_there=value)
    return Q(barcode_key=value) if about == RuleAbout.BARCODE else Q(product_there=value)


def inside(connection: int, place: str) -> list[str]:
    """A place and all that lie in it, by their external ids. One query."""
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection).only("external_id", "parent_id_there")}
    found = (there for there, ref in refs.items() if there != place and any(each.external_id == place for each in outwards(ref, refs)))
    return [place, *found]


def touched(connection: int, about: str, value: str) -> Q:
    """The facts that a decision about it concerns, as a condition: those that name it or, of a place, one that lies in it."""
    if about != RuleAbout.PLACE:
        return naming(about, value)
    places_there = inside(connection, value)
    return Q(place_there__in=places_there) | Q(place_to_there__in=places_there)


def one(rows: QuerySet[SourceFact], about: str, value: str) -> Group | None:
    """All held facts that name it, as one group; None where none does."""
    named = rows.filter(naming(about, value))
    if about == RuleAbout.PLACE:
        return next((group for group in places(named) if group.value == value), None)
    wanted = BARCODE_CODES if about == RuleAbout.BARCODE else PRODUCT_CODES
    return next(iter(groups(list(_grouped(named.filter(code__in=wanted), "value", value=_VALUE)[:1]))), None)


_VALUE = Case(
    When(code__in=sorted(BARCODE_CODES), then=F("barcode_key")), default=F("product_there"), output_field=CharField(max_length=300)
)


def _total() -> Coalesce:
    return Coalesce(Sum("quantity"), Value(Decimal(0)), output_field=SourceFact._meta.get_field("quantity"))


def _grouped(rows: QuerySet[SourceFact], *by: str, **computed: Any) -> QuerySet[SourceFact, dict[str, Any]]:
    found = rows.annotate(**computed).values("connection", "code", *by)
    counted: Any = found.annotate(
        count=Count("pk"), total=_total(), first=Min("day"), last=Max("day"), since=Min("held_at"), newest=Max("pk")
    )
    ordered: QuerySet[SourceFact, dict[str, Any]] = counted.order_by("-count", "connection", "code", *by)
    return ordered


def _known(connection: int) -> set[str]:
    """The places of which it is known what becomes of facts there: those with a warehouse, and those that do not count."""
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection)}
    return {there for there, ref in refs.items() if not ref.counts or warehouse_of(ref, refs)}


def _missing(kind: str, left: str, came: str, known: Collection[str]) -> str:
    """Which of the two places has no warehouse."""
    asked = [came] if kind in RECEIPTS else [left] if kind in ISSUES else [left, came]
    return next((place for place in asked if place and place not in known), next((place for place in asked if place), ""))


def _group(row: Mapping[str, Any], about: str, value: str) -> Group:
    return Group(
        row["connection"], row["code"], about, value, row["count"], plain(row["total"]), row["first"], row["last"], row["since"],
        example=str(row["newest"]), sentence="",
    )  # fmt: skip


def _together(one: Group, other: Group) -> Group:
    days = [day for group in (one, other) for day in (group.first_day, group.last_day) if day]
    since = [at for at in (one.held_since, other.held_since) if at]
    return replace(
        one,
        lines=one.lines + other.lines,
        quantity=plain(one.quantity + other.quantity),
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        held_since=min(since, default=None),
        example=str(max(int(one.example), int(other.example))),
    )


def _with_examples(found: Sequence[Group]) -> list[Group]:
    """The newest line of each stands for it, and what the outside system calls what it names."""
    lines = SourceFact.objects.only("external_id", "document", "sentence", "barcode").in_bulk([int(group.example) for group in found])
    names = _names(found)
    shown = []
    for group in found:
        fact = lines.get(int(group.example))
        ref_id, named = names.get((group.connection_id, group.about, group.value), (None, ""))
        said = fact.barcode if fact and group.about == RuleAbout.BARCODE else ""
        shown.append(
            replace(
                group,
                example=(fact.document or fact.external_id) if fact else "",
                sentence=fact.sentence if fact else "",
                named=named or (said if said != group.value else ""),
                ref_id=ref_id,
            )
        )
    return shown


def _names(found: Sequence[Group]) -> dict[tuple[int, str, str], tuple[int, str]]:
    """What the connections call the places and products that are named, and their references. A query for each of the two."""
    names: dict[tuple[int, str, str], tuple[int, str]] = {}
    for about, model in ((RuleAbout.PLACE, WarehouseRef), (RuleAbout.PRODUCT, ProductRef)):
        there = {group.value for group in found if group.about == about}
        if not there:
            continue
        connections = {group.connection_id for group in found}
        shown = ("name",) if about == RuleAbout.PLACE else ("sku", "name")
        rows = model.objects.filter(connection__in=connections, external_id__in=there)
        for number, value, pk, *words in rows.values_list("connection", "external_id", "pk", *shown):
            names[number, about, value] = (pk, " ".join(word for word in words if word))
    return names
