"""What people decide about facts that are held: which product or warehouse is meant, and what is never booked (docs/facts.md).

Each verb sets the facts that it concerns free and wakes a worker, which books them; the sweep of every minute does what got lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import Entry, record, record_many
from accounts.errors import Problem
from inventory import catalogue
from inventory.keys import model_key
from inventory.models import AliasKind, Product, ProductAlias, Warehouse
from sync import references
from sync.facts import releasing
from sync.facts.codes import HELD, PLACE_CODES
from sync.facts.worklist import BARCODE_CODES, PRODUCT_CODES, held, naming, touched
from sync.models import Connection, FactRule, FactState, ProductRef, RuleAbout, RuleAction, SourceFact, WarehouseRef
from sync.references import KnownAlready, NotThere

Decided = TypeVar("Decided")
LEFT_OUT = ("uncounted_place", "same_warehouse")
"""Why facts are ignored for the places they name."""
BY_HAND = "by_hand"


@dataclass(frozen=True)
class Fixed(Generic[Decided]):
    """What was decided, and how many held facts were set free by it: they book themselves now."""

    row: Decided
    freed: int


def assign_place(actor: Actor, connection: Connection, place: str, warehouse: Warehouse) -> Fixed[WarehouseRef]:
    """Say which warehouse here a branch or location there is; one that no reading has told of yet is kept. Audited.

    Raises NotAllowed, NotThere, and Problem for a warehouse that can't be it.
    """
    actor.require("reference.edit")
    with transaction.atomic():
        stored = _connection(actor, connection)
        ref, _ = WarehouseRef.objects.get_or_create(
            connection=stored,
            external_id=_named(RuleAbout.PLACE, place),
            defaults={"account": stored.account, "name": place.strip()[:200], "first_seen_at": timezone.now()},
        )
        if not ref.counts:
            ref = references.set_counts(actor, ref, True)
        return set_warehouse(actor, ref, warehouse)


def set_warehouse(actor: Actor, ref: WarehouseRef, warehouse: Warehouse) -> Fixed[WarehouseRef]:
    """Say which warehouse a known place is (references.set_warehouse), and set free what was held for that."""
    with transaction.atomic():
        done = references.set_warehouse(actor, ref, warehouse)
        return Fixed(done, _of_places(actor, done))


def set_counts(actor: Actor, ref: WarehouseRef, counts: bool) -> Fixed[WarehouseRef]:
    """Say whether a place counts (references.set_counts), and look again at what was held or left out for that."""
    with transaction.atomic():
        done = references.set_counts(actor, ref, counts)
        return Fixed(done, _of_places(actor, done))


def alias_barcode(actor: Actor, product: Product, barcode: str) -> Fixed[ProductAlias]:
    """Let a product have this barcode too, for everybody; what any connection's facts were held for by it is free. Audited.

    Raises NotAllowed, NotThere, ValidationError, and KnownAlready where another active product has it: only a rule can tell them apart.
    """
    actor.require("product.edit")
    key = _named(RuleAbout.BARCODE, barcode)
    with transaction.atomic():
        mine = _product(actor, product)
        others = Product.objects.filter(account=actor.account, aliases__kind=AliasKind.BARCODE, aliases__key=key, active=True)
        other = others.exclude(pk=mine.pk).first()
        if other is not None:
            hint = "Say for this connection alone which one is meant, or take the barcode away from that product."
            raise KnownAlready(f"{other} has the barcode “{barcode.strip()}” already.", hint=hint)
        alias = catalogue.add_alias(actor, mine, AliasKind.BARCODE, barcode.strip())
        return Fixed(alias, _free(actor, None, Q(code__in=BARCODE_CODES, barcode_key=key)))


def match_product(actor: Actor, ref: ProductRef, product: Product | None) -> Fixed[ProductRef]:
    """Say which product a reference means (references.match_product), and set free what was held for that."""
    with transaction.atomic():
        done = references.match_product(actor, ref, product)
        return Fixed(done, _free(actor, done.connection_id, Q(code__in=PRODUCT_CODES, product_there=done.external_id)))


def add_rule(
    actor: Actor, connection: Connection, *, about: str, value: str, action: str, product: Product | None = None, note: str = ""
) -> Fixed[FactRule]:
    """Decide once for all facts of a connection that name this barcode, product or place. The same again changes the rule. Audited.

    What is booked already stays as it was booked. Raises NotAllowed, NotThere, and Problem for what makes no rule.
    """
    actor.require("fact_rule.edit")
    _check(about, action, product)
    key = _named(about, value)
    with transaction.atomic():
        stored = _connection(actor, connection)
        meant = None if product is None else _product(actor, product)
        known = FactRule.objects.select_for_update().filter(connection=stored, about=about, value_key=key).first()
        before = None if known is None else _state(known)
        rule = known or FactRule(account=stored.account, connection=stored, about=about, value_key=key)
        rule.value, rule.action, rule.product, rule.note = value.strip(), action, meant, note.strip()[:300]
        rule.made_by = actor.label[:200]
        rule.save()
        action_word = "ADD" if before is None else "CHANGE"
        record(actor, entity="FactRule", entity_id=rule.pk, action=action_word, before=before, after=_state(rule))
        freed = _free(actor, stored.pk, naming(about, key))
        return Fixed(rule, freed + (0 if before is None else _again(stored.pk, about, key)))


def remove_rule(actor: Actor, rule: FactRule) -> int:
    """Take a rule away; how many facts it had kept from being booked are looked at again. Safe to repeat. Audited. Raises NotAllowed."""
    actor.require("fact_rule.edit")
    with transaction.atomic():
        stored = FactRule.objects.select_for_update().filter(pk=rule.pk, account=actor.account).first()
        if stored is None:
            return 0
        before, number = _state(stored), stored.pk
        stored.delete()
        record(actor, entity="FactRule", entity_id=number, action="DELETE", before=before)
        return _again(stored.connection_id, stored.about, stored.value_key)


def retry(
    actor: Actor,
    connection: Connection | None = None,
    *,
    codes: Collection[str] = (),
    about: str = "",
    value: str = "",
    facts: Iterable[int] | None = None,
) -> int:
    """Try again to book what is held: all of it, or of one connection, for these reasons, naming this, or these rows. How many are tried.

    What still can't be booked is held again. Raises NotAllowed, NotThere, and Problem for a reason that does not exist.
    """
    actor.require("fact.retry")
    unknown = sorted(set(codes) - HELD.keys())
    if unknown:
        raise Problem(f"Nothing is held for “{unknown[0]}”.", hint=f"There are: {', '.join(HELD)}.")
    wanted = Q(code__in=codes) if codes else Q()
    if about:
        wanted &= naming(about, _named(about, value))
    if facts is not None:
        wanted &= Q(pk__in=list(facts))
    with transaction.atomic():
        return _free(actor, None if connection is None else _connection(actor, connection).pk, wanted)


def leave_out(actor: Actor, facts: Iterable[int], note: str = "") -> int:
    """Let held lines that will never be right be: they are ignored until their source says something else of them; how many. Audited.

    One that is booked as it was before stays held. Raises NotAllowed.
    """
    actor.require("fact_rule.edit")
    said = f"Left out by {actor.label}{f': {note.strip()}' if note.strip() else ''}."[:500]
    with transaction.atomic():
        rows = SourceFact.objects.filter(account=actor.account, pk__in=list(facts), state=FactState.HELD, booked_revision=None)
        found = list(rows.select_for_update().order_by("pk").values_list("pk", "external_id", "code"))
        record_many(
            actor,
            [Entry("SourceFact", pk, "LEAVE_OUT", before={"held": code}, after={"line": key, "note": note}) for pk, key, code in found],
        )
        chosen = SourceFact.objects.filter(pk__in=[pk for pk, *_ in found])
        return chosen.update(state=FactState.IGNORED, code=BY_HAND, sentence=said, held_at=None)


def take_in(actor: Actor, facts: Iterable[int]) -> int:
    """Look again at lines that were left out by hand; how many. Safe to repeat. Audited. Raises NotAllowed."""
    actor.require("fact_rule.edit")
    freed = 0
    with transaction.atomic():
        rows = SourceFact.objects.filter(account=actor.account, pk__in=list(facts), state=FactState.IGNORED, code=BY_HAND)
        found = list(rows.select_for_update().order_by("pk").values_list("pk", "external_id", "connection_id"))
        record_many(actor, [Entry("SourceFact", pk, "TAKE_IN", after={"line": key}) for pk, key, _ in found])
        for connection in sorted({number for *_, number in found}):
            freed += _wait(connection, SourceFact.objects.filter(pk__in=[pk for pk, _, number in found if number == connection]))
    return freed


def _of_places(actor: Actor, ref: WarehouseRef) -> int:
    """Facts at a place, or at one that lies in it, that wait for somebody to say where it is, or were left out as it did not count."""
    here = touched(ref.connection_id, RuleAbout.PLACE, ref.external_id)
    left_out = SourceFact.objects.filter(here, connection=ref.connection_id, state=FactState.IGNORED, code__in=LEFT_OUT)
    return _free(actor, ref.connection_id, here & Q(code__in=PLACE_CODES)) + _wait(ref.connection_id, left_out)


def _free(actor: Actor, connection: int | None, wanted: Q) -> int:
    """Set held facts of one connection or of all free; a worker is woken for each that has some."""
    freed = 0
    numbers = Connection.objects.filter(account=actor.account).order_by("pk").values_list("pk", flat=True)
    for number in [connection] if connection is not None else list(numbers):
        freed += _wait(number, held(actor.account, number).filter(wanted))
    return freed


def _again(connection: int, about: str, key: str) -> int:
    """Look again at what a rule had kept from being booked."""
    ruled = SourceFact.objects.filter(naming(about, key), connection=connection, state=FactState.IGNORED, code="rule")
    return _wait(connection, ruled)


def _wait(connection: int, facts: QuerySet[SourceFact]) -> int:
    """Let these facts of a connection wait to be booked, and wake a worker for them; how many they are."""
    number = facts.update(state=FactState.WAITING)
    if number:
        releasing.wake(connection)
    return number


def _check(about: str, action: str, product: Product | None) -> None:
    if about not in RuleAbout.values:
        raise Problem(f"There are no rules about “{about}”.", hint=f"There are rules about: {', '.join(RuleAbout.values)}.")
    if action not in RuleAction.values:
        raise Problem(f"A rule can't say “{action}”.", hint=f"It can say: {', '.join(RuleAction.values)}.")
    if action == RuleAction.PRODUCT and about == RuleAbout.PLACE:
        raise Problem("A place is no product.", hint="Assign it to a warehouse, or let nothing of it ever be booked.")
    if action == RuleAction.PRODUCT and product is None:
        raise Problem("Say which product it is.", hint="Name a product, or let it never be booked.")
    if action == RuleAction.IGNORE and product is not None:
        raise Problem("What is never booked is no product.", hint="Leave the product out, or let the rule say that it is this product.")


def _named(about: str, value: str) -> str:
    """The form in which facts name it. Raises Problem where that is nothing."""
    key = model_key(value) if about == RuleAbout.BARCODE else value.strip()
    if not key or "\x00" in key:
        raise Problem(f"Say which {RuleAbout(about).label.lower()} is meant.")
    if len(key) > 300 or len(value.strip()) > 300:
        raise Problem(f"A {RuleAbout(about).label.lower()} has 300 characters at most.")
    return key


def _state(rule: FactRule) -> dict[str, object]:
    return {
        "connection": rule.connection_id,
        "about": rule.about,
        "value": rule.value,
        "action": rule.action,
        "product": rule.product_id,
        "note": rule.note,
    }


def _connection(actor: Actor, connection: Connection) -> Connection:
    stored = Connection.objects.select_related("account").filter(pk=connection.pk, account=actor.account).first()
    if stored is None:
        raise NotThere("There is no such connection in this business account.")
    return stored


def _product(actor: Actor, product: Product) -> Product:
    stored = Product.objects.filter(pk=product.pk, account=actor.account).first()
    if stored is None:
        raise NotThere("There is no such product in this business account.")
    return stored
