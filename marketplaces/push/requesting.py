"""The one way in: whatever changed an item ends here, and leaves its listings due and the shops' drains woken (docs/push.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from inventory.models import Item, ItemStatus
from jobs.queue import enqueue
from marketplaces.models import Listing, ListingState, Priority, Shop

DRAIN = "marketplaces.push.draining.drain"
BLOCKING = ("lot_vanished", "several_lots", "unclear")
"""Codes of listings that wait for a person, whatever happens to the item."""
AT_ONCE = 500
MOST_CORRELATIONS = 50


def request(item_ids: Iterable[int], cause: str, *, account_id: int, correlation: uuid.UUID | None = None) -> None:
    """Let the shops of the account be told of these items, if they differ from what was told. Call it in the transaction of the change.

    `cause` is a word or two on what changed them. A listing that is due already stays one piece of work. Costs a few statements for every
    500 items, and one task for each shop.
    """
    wanted = sorted(set(item_ids))
    shops = list(selling(account_id))
    if not wanted or not shops:
        return
    correlation = correlation or uuid.uuid4()
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        make_listings(account_id, shops, part)
        _mark(Listing.objects.filter(shop__in=shops, item__in=part), cause, correlation)
    wake(shop.pk for shop in shops)


def judge_again(shop: Shop, item_ids: Iterable[int], cause: str = "mapping") -> None:
    """As `request`, for one shop whose view of these items has changed."""
    wanted, correlation = sorted(set(item_ids)), uuid.uuid4()
    for start in range(0, len(wanted), AT_ONCE):
        _mark(Listing.objects.filter(shop=shop, item__in=wanted[start : start + AT_ONCE]), cause, correlation)
    if wanted:
        wake([shop.pk])


def selling(account_id: int | None = None) -> QuerySet[Shop]:
    """The shops whose connections are switched on, paused ones too: what they miss is sent when they go on."""
    shops = Shop.objects.filter(connection__enabled=True).order_by("pk")
    return shops if account_id is None else shops.filter(account=account_id)


def make_listings(account_id: int, shops: Sequence[Shop], item_ids: Sequence[int]) -> None:
    """A listing for each of these items at each shop, where there is none; none for what is archived and was never listed."""
    present = set(Listing.objects.filter(shop__in=shops, item__in=item_ids).values_list("shop_id", "item_id"))
    if len(present) == len(shops) * len(item_ids):
        return
    live = Item.objects.filter(account=account_id, pk__in=item_ids, archived_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    missing = [
        Listing(account_id=account_id, shop=shop, item_id=item_id)
        for item_id in live
        for shop in shops
        if (shop.pk, item_id) not in present
    ]
    # Two may make the same one at once; the constraint keeps one of them.
    Listing.objects.bulk_create(missing, ignore_conflicts=True, batch_size=AT_ONCE)


def wake(shop_ids: Iterable[int]) -> None:
    """Let a worker look at each shop's due listings. Several wake-ups of one shop do no harm."""
    for shop_id in shop_ids:
        enqueue(DRAIN, shop_id, cluster="push")


def due(listings: QuerySet[Listing]) -> QuerySet[Listing]:
    """Of these, what may be worked on once it is due: not what only a person or a reading can settle."""
    return listings.exclude(state=ListingState.NEEDS_PERSON, code__in=BLOCKING)


def _mark(listings: QuerySet[Listing], cause: str, correlation: uuid.UUID) -> None:
    offered = Subquery(Item.objects.filter(pk=OuterRef("item_id")).values(offered=offered_by()))
    reserved = Item.objects.filter(pk=OuterRef("item_id"), status=ItemStatus.RESERVED)
    alone = Value([str(correlation)], Listing._meta.get_field("correlations"))
    # What is unknown keeps its own time: it is settled first.
    settled = due(listings).exclude(state=ListingState.UNKNOWN)
    settled.update(
        state=ListingState.SYNCING,
        due_at=Now(),
        tries=0,
        priority=Case(
            # What is reserved has to be hidden.
            When(Q(told_quantity__gt=offered) | Q(Exists(reserved)), then=Value(Priority.LESS)),
            When(told_quantity__lt=offered, then=Value(Priority.MORE)),
            default=Value(Priority.PRICE),
        ),
        requested_at=Coalesce(F("requested_at"), Now()),
        cause=cause[:40],
        correlation=correlation,
        correlations=Case(
            When(requested_at__isnull=True, then=alone),
            default=With("correlations", Value(str(correlation))),
        ),
    )


def offered_by(item: str = "") -> Case:
    """How many pieces of an item are for sale, as SQL: the same as Item.offered. `item` leads to it, such as `item__`."""
    none = Q(**{f"{item}archived_at__isnull": False}) | Q(**{f"{item}status": ItemStatus.SOLD})
    return Case(When(none, then=Value(0)), default=F(f"{item}quantity_available"), output_field=IntegerField())


class With(Func):
    """A JSON list with one more text at its end, unless it has many already."""

    output_field = Listing._meta.get_field("correlations")

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._sql(compiler, "json_array_length({0}) < {most}", "json_insert({0}, '$[#]', {1})")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._sql(compiler, "jsonb_array_length({0}) < {most}", "{0} || jsonb_build_array({1}::text)")

    def _sql(self, compiler: Any, room: str, longer: str) -> tuple[str, list[Any]]:
        (listed, first), (added, second) = (compiler.compile(each) for each in self.source_expressions)
        statement = f"CASE WHEN {room} THEN {longer} ELSE {{0}} END"
        return statement.format(listed, added, most=MOST_CORRELATIONS), [*first, *first, *second, *first]
