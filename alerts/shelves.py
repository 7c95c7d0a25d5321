"""Alerts of critical products: by one comparison of what inventory says with what is open, in sets (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from alerts.kinds import SUPPLY, SUPPLY_KINDS, is_worse
from alerts.models import LIVE, Alert, AlertState, Kind, Notice
from alerts.raising import REVIEW, Seen, chunks, end_all, one_at_a_time, open_all
from alerts.recipients import House
from inventory.ledgerwords import number, page_of
from inventory.models import Supply, SupplyState

BRAKE_WINDOW = timedelta(hours=1)
_KIND = Case(*(When(state=state, then=Value(kind.value)) for state, kind in SUPPLY.items()), default=Value(""), output_field=CharField())


def look(house: House, now: datetime, *, at_most: int | None = None) -> bool:
    """Open alerts for products that became critical, end those of products that are not so any more.

    Six statements where nothing differs. When too many became critical within an hour, none of them is told: they are held back, and one
    alert asks a person to look. False, and nothing is done, when it would be more than `at_most` alerts.
    """
    if at_most is not None and _new(house).count() + _over(house).count() > at_most:
        return False
    _end(house, now)
    new = list(_new(house).order_by(F("days_left").asc(nulls_first=True), "product__sku_key", "pk").values_list("pk", flat=True))
    review = _review(house)
    absurd = bool(new) and _is_absurd(house, len(new), now)
    if absurd and review is None:
        review = _brake(house, now)
    # A review that nobody has looked at for long must not silence what became critical since.
    holds = review is not None and (absurd or review.opened_at > now - BRAKE_WINDOW)
    for part in chunks(new):
        open_all(house, _seen(part), now, held_by=review if holds else None)
    if review is not None:
        _keep_count(house, review, now)
    return True


def _new(house: House) -> QuerySet[Supply]:
    """What is critical and has no alert that says so."""
    live = Alert.objects.filter(account=house.account, state__in=LIVE, product=OuterRef("product"), kind=OuterRef("kind"))
    return Supply.objects.filter(~Q(state=SupplyState.FINE), account=house.account).annotate(kind=_KIND).filter(~Exists(live))


def _over(house: House) -> QuerySet[Alert, tuple[int, str, str | None]]:
    """Live alerts whose product is not so any more: id, kind, and which kind it would be now, None where nobody watches it."""
    live = Alert.objects.filter(account=house.account, state__in=LIVE, kind__in=SUPPLY_KINDS)
    kind_now = Supply.objects.filter(product=OuterRef("product")).annotate(kind=_KIND).values("kind")[:1]
    over = live.annotate(kind_now=Subquery(kind_now)).filter(Q(kind_now__isnull=True) | ~Q(kind=F("kind_now")))
    return over.order_by("pk").values_list("pk", "kind", "kind_now")


def _end(house: House, now: datetime) -> None:
    better: list[int] = []
    silent: dict[str, list[int]] = {}
    for pk, kind, current in _over(house):
        if current is None:
            silent.setdefault("The product is not watched any more.", []).append(pk)
        elif current and is_worse(current, kind):
            silent.setdefault(f"It got worse: {Kind(current).label.lower()}.", []).append(pk)
        else:
            better.append(pk)
    end_all(house, better, now)
    for why, pks in silent.items():
        end_all(house, pks, now, why, silent=True)


def _is_absurd(house: House, new: int, now: datetime) -> bool:
    """Whether so many new ones, with those of the last hour, are more than a business can have in an hour."""
    settings = house.settings
    many = new + _lately(house, now).count()
    if many <= settings.brake_products:
        return False
    return many * 100 > Supply.objects.filter(account=house.account).count() * settings.brake_percent


def _lately(house: House, now: datetime) -> QuerySet[Alert]:
    """Open alerts of the last hour. What somebody has looked at and approved is no sign of a wrong download."""
    rows = Alert.objects.filter(account=house.account, kind__in=SUPPLY_KINDS, state=AlertState.OPEN, review__isnull=True)
    return rows.filter(opened_at__gt=now - BRAKE_WINDOW)


def _review(house: House) -> Alert | None:
    return Alert.objects.filter(account=house.account, kind=Kind.MASS_CHANGE, subject=REVIEW, state=AlertState.OPEN).first()


def _brake(house: House, now: datetime) -> Alert:
    """The alert that asks for a review. What came in the same hour and was told to nobody yet is held back with the rest."""
    title = "Many products became critical at once"
    sentence = "Nobody is told of them before somebody has looked: a wrong download looks like this."
    open_all(house, [Seen(Kind.MASS_CHANGE, REVIEW, title, sentence, page=page_of("alerts_alert_changelist"))], now)
    with transaction.atomic():
        one_at_a_time(house.account)
        review = _review(house)
        assert review is not None
        told = Notice.objects.filter(alert=OuterRef("pk"), digest__isnull=False)
        held = list(_lately(house, now).filter(~Exists(told)).values_list("pk", flat=True))
        for part in chunks(held):
            Notice.objects.filter(alert__in=part).delete()
            Alert.objects.filter(pk__in=part).update(state=AlertState.HELD, review=review, remind_at=None)
    return review


def _keep_count(house: House, review: Alert, now: datetime) -> None:
    """The review says how many it holds; when none is left, there is nothing to review."""
    held = Alert.objects.filter(review=review, state=AlertState.HELD).count()
    if not held:
        end_all(house, [review.pk], now, "All of them are well again.", silent=True)
    elif review.facts.get("held") != held:
        Alert.objects.filter(pk=review.pk).update(facts={**review.facts, "held": held}, title=f"{held:,} products became critical at once")


def _seen(supplies: list[int]) -> Iterator[Seen]:
    rows = Supply.objects.filter(pk__in=supplies).select_related("product__vendor")
    found = {row.pk: row for row in rows.only(*_NEEDED)}
    for pk in supplies:
        # One may have become well since.
        row = found.get(pk)
        if row is not None and row.state != SupplyState.FINE:
            yield seen(row)


_NEEDED = (
    "product",
    "product__vendor",
    "available",
    "reorder_point",
    "reorder_quantity",
    "days_left",
    "state",
    "product__sku",
    "product__name",
    "product__vendor__name",
)


def seen(row: Supply) -> Seen:
    """A critical product as an alert says it. `row` has its product and vendor with it."""
    product = row.product
    kind = SUPPLY[SupplyState(row.state)]
    facts = {
        "sku": product.sku,
        "name": product.name,
        "available": number(row.available),
        "reorder_point": "" if row.reorder_point is None else number(row.reorder_point),
        "reorder_quantity": "" if row.reorder_quantity is None else number(row.reorder_quantity),
        "days_left": "" if row.days_left is None else str(row.days_left),
        "vendor": product.vendor.name if product.vendor else "",
    }
    parts = [f"{facts['available']} available"]
    parts += [f"reorder point {facts['reorder_point']}"] if facts["reorder_point"] else []
    parts += [f"{facts['days_left']} days left"] if facts["days_left"] and kind is Kind.ABOUT_TO_RUN_OUT else []
    parts += [f"from {facts['vendor']}"] if facts["vendor"] else []
    page = page_of("inventory_product_change", product.pk)
    title = f"{product}: {Kind(kind).label.lower()}"
    return Seen(kind, f"product:{product.pk}", title, ", ".join(parts) + ".", facts, page, product_id=product.pk)
