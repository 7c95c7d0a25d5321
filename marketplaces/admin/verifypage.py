"""What the page of a comparison shows: its differences of one kind at a time, ours beside theirs, with the ways out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet

from accounts.acting import Actor
from inventory.models import Item
from marketplaces import verify
from marketplaces.admin.filters import shops_of
from marketplaces.admin.words import DECISION, KIND, field_label, item_link, items_like, lot_link, named, value_text
from marketplaces.errors import NotDecidable
from marketplaces.models import Decision, Difference, DifferenceKind, Verification, VerificationStatus
from marketplaces.push import Choice
from marketplaces.verify import choices

PER_PAGE = 50
ALL = "1"
SHOWN = ("quantity", "price", "condition", "notes", "location")
"""What a lot that is not known here is told by."""


@dataclass(frozen=True)
class Tab:
    label: str
    count: int
    link: str
    chosen: bool


@dataclass(frozen=True)
class Sides:
    """A field: ours and the shop's."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Row:
    difference: Difference
    lot: Any
    item: Any
    sides: list[Sides]
    decision: Any
    candidates: list[tuple[int, str]]
    open: bool


def of_kind(run: Verification, kind: str) -> QuerySet[Difference]:
    return Difference.objects.filter(verification=run, kind=kind)


def contents(run: Verification, actor: Actor, query: Mapping[str, str]) -> dict[str, Any]:
    """For the template. A constant number of statements."""
    counted = Difference.objects.filter(verification=run).order_by().values_list("kind", "decision").annotate(number=Count("pk"))
    numbers: Counter[tuple[str, bool]] = Counter()
    for kind, decision, number in counted:
        numbers[kind, decision == Decision.OPEN] += number
    present = [kind.value for kind in DifferenceKind if numbers[kind.value, True] or numbers[kind.value, False]]
    first = next((kind for kind in present if numbers[kind, True]), present[0] if present else "")
    chosen = query.get("kind") if query.get("kind") in present else first
    settled = query.get("decided") == "1"
    found = of_kind(run, chosen or "")
    rows = found.exclude(decision=Decision.OPEN) if settled else found.filter(decision=Decision.OPEN)
    page = Paginator(rows.select_related("item", "shop__connection", "listing__item").order_by("id"), PER_PAGE).get_page(query.get("page"))
    shown = list(page.object_list)
    ways = ways_out(shown) if not settled and actor.may("difference.decide") else ()
    moving_in = _moving_in(run, actor)
    return {
        "tabs": [
            Tab(KIND[kind].word, numbers[kind, True], f"?kind={kind}#differences", kind == chosen and not settled) for kind in present
        ],
        "decided_tab": Tab("Decided", numbers[chosen or "", False], f"?kind={chosen}&decided=1#differences", settled),
        "kind": chosen,
        "settled": settled,
        "rows": described(shown),
        "page": page,
        "query": f"kind={chosen}{'&decided=1' if settled else ''}",
        "ways": ways,
        "open_here": numbers[chosen or "", True],
        "figures": figures(run),
        "may_decide": actor.may("difference.decide"),
        "moving_in": moving_in,
        "other_shops": [each for each in shops_of(actor) if each.pk != run.shop_id] if moving_in else [],
        "may_import": actor.may("item.import"),
    }


def figures(run: Verification) -> list[tuple[str, int]]:
    """What was counted, in words."""
    counted = run.counters or {}
    named_ = (("lots", "Lots compared"), ("agreeing", "Agree"), ("moving", "Just being changed"))
    kinds = [(KIND[kind.value].word, counted.get(kind.value, 0)) for kind in DifferenceKind]
    return [(label, counted[name]) for name, label in named_ if name in counted] + ([*kinds] if counted else [])


def ways_out(rows: Iterable[Difference]) -> tuple[Choice, ...]:
    """What can be chosen for at least one of these differences of one kind."""
    found = list(rows)
    if not found:
        return ()
    if found[0].kind == DifferenceKind.DUPLICATE:
        return (choices.REMOVE, choices.IGNORE)
    return verify.choices_of(found[0])


def described(rows: Iterable[Difference]) -> list[Row]:
    """Differences as lines of a table. One statement for all candidates."""
    found = list(rows)
    wanted = {pk for row in found for pk in row.candidates}
    names = {item.pk: f"{named(item)} {item.name}" for item in Item.objects.filter(pk__in=wanted)} if wanted else {}
    return [_row(row, names) for row in found]


def _row(row: Difference, names: Mapping[int, str]) -> Row:
    return Row(
        row,
        lot_link(row.shop.provider, row.lot_id, str(row.lot.get("part_number", "")) if row.lot else ""),
        item_link(row.item) if row.item else "",
        sides_of(row),
        DECISION[row.decision],
        [(pk, names[pk]) for pk in row.candidates if pk in names],
        row.decision == Decision.OPEN,
    )


def sides_of(row: Difference) -> list[Sides]:
    """What differs, ours and theirs; of a lot that is not known here, what it is."""
    if row.fields:
        ordered = sorted(row.fields.items(), key=_first)
        return [Sides(field_label(name), value_text(name, pair[0]), value_text(name, pair[1])) for name, pair in ordered]
    lot: Mapping[str, Any] = row.lot or {}
    known = {**(lot.get("fields") or {}), **{name: lot.get(name) for name in ("quantity", "condition") if lot.get(name) not in (None, "")}}
    return [Sides(field_label(name), "", value_text(name, known[name])) for name in SHOWN if known.get(name) not in (None, "", [])]


def _first(pair: tuple[str, Any]) -> tuple[bool, str]:
    return (pair[0] != "quantity", pair[0])


def deciding(rows: QuerySet[Difference], choice: str, sought: str = "") -> dict[str, Any]:
    """What the page before a decision says: the choice, how many, and the first of them. Of one lot that is like no item a person can say
    which one it is: `sought` finds it. Raises NotDecidable for what is no choice."""
    first = list(rows.select_related("item", "shop__connection", "listing__item").order_by("id")[:PER_PAGE])
    way = next((each for each in ways_out(first) if each.key == choice), None)
    if way is None:
        raise NotDecidable("That is no way out of these differences.", hint="Choose another.")
    number = rows.count()
    naming = way.key == choices.ADOPT.key and number == 1 and first[0].item_id is None and not first[0].candidates
    found = items_like(first[0].account_id, sought) if naming and sought else []
    return {
        "naming": naming,
        "sought": sought,
        "found": found,
        "way": way,
        "number": number,
        "more": number - len(first),
        "rows": described(first),
    }


def _moving_in(run: Verification, actor: Actor) -> verify.MovingIn | None:
    """The numbers of a shop that already has lots, on the page of its newest comparison."""
    if run.status != VerificationStatus.SUCCEEDED or not run.counters.get(DifferenceKind.UNKNOWN_LOT.value):
        return None
    try:
        found = verify.preview(actor, run.shop)
    except NotDecidable:
        return None
    return found if found.verification.pk == run.pk and (found.adopted or found.imported or found.untranslated) else None
