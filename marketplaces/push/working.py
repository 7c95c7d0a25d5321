"""The work on one listing: claim it, look, send one step, note what came of it, and look again until they agree (docs/push.md)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from inventory import moment
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Operation, Priority
from marketplaces.push import attempts, settling, shops
from marketplaces.push.held import Held, Lost, View, shortened
from marketplaces.push.line import Line
from marketplaces.push.outcome import Ending, Verdict, judge
from marketplaces.push.plan import Create, Delete, Nothing, Read, Retire, Step, Update, plan, priority_of
from marketplaces.push.spending import spending
from marketplaces.push.words import NONE, Words, said_by
from sync.secrets import CredentialsUnreadable
from sync.wire.errors import WireError

logger = logging.getLogger(__name__)

MOST_STEPS = 12
"""More than a change ever needs: hide, replace, create, texts, delete, and some that came meanwhile."""

MOST_POSTPONED = 2000
"""In one statement; those beyond them are postponed when the next of them finds no budget."""

Failure = WireError | CredentialsUnreadable


def work(line: Line, listing_id: int) -> bool:
    """Bring a due listing to where the shop agrees with the item, or as far as it goes now; whether the shop can be sent more."""
    held = Held.claim(listing_id)
    if held is None:
        return True
    try:
        return _steps(line, held)
    except Lost:
        logger.info("Listing %s went to another worker.", listing_id)
        return True


def _steps(line: Line, held: Held) -> bool:
    for _ in range(MOST_STEPS):
        view = held.look()
        if not usable(view):
            held.write(lease_until=None, worker="")
            return False
        going = _step(line, held, view)
        if going is not None:
            return going
    # Somebody changes it as fast as it is sent: others first.
    held.write(lease_until=None, worker="")
    return True


def usable(view: View) -> bool:
    """Whether anything may be sent to the shop now."""
    shop = view.shop
    rests = shop.resting_until is not None and shop.resting_until > moment.now()
    return shop.connection.enabled and not (shop.connection.paused_at or shop.maintenance_at or shop.stopped_at or rests)


def _step(line: Line, held: Held, view: View) -> bool | None:
    """One step; None when the listing is to be looked at again, else whether the shop can be sent more."""
    if line.mocked:
        return _mocked(line, held, view)
    priority = Priority.LESS
    try:
        if view.attempt is not None:
            return None if settling.settled(line, held, view, view.attempt) else True
        # What is looked up may not use the reserved calls: that they are left is not to be kept from what is urgent.
        priority = Priority.MORE
        step, warnings = next_step(line, view)
        if isinstance(step, Read):
            # Many may be in doubt at once: those that need not be told of less leave calls to the others.
            priority = Priority.LESS if view.item.offered < view.told.quantity else Priority.TEXTS
            return None if settling.reread(line, held, view, spending(priority)) else True
    except (WireError, CredentialsUnreadable) as error:
        return _failed(held, view, error, judge(error, None), priority)
    if isinstance(step, Nothing):
        return _agree(held, view, warnings)
    if isinstance(step, Refusal):
        return True if held.refuse(view, step) else None
    if isinstance(step, Retire):
        held.write(**{**attempts.without_lot(), "retiring_lot_id": view.told.lot_id})
        return None
    return _send(line, held, view, step)


def next_step(line: Line, view: View, *, sends: bool = True) -> tuple[Step, tuple[str, ...]]:
    """What is to be done next, and what the shop can't show as it is. With `sends` what has to be looked up there is. Raises WireError."""
    offered = 0 if view.gone else view.item.offered
    values = line.settings_of(view.shop)
    # Nothing that can't be looked up keeps a shop from being told of less, which comes first.
    less = bool(view.told.lot_id) and offered < view.told.quantity
    if offered and sends and not less:
        line.remote.prepare(view.item, spending(Priority.MORE))
    wanted: Wanted | Refusal = line.provider.wanted(view.item, view.shop, values)
    warnings = wanted.warnings if isinstance(wanted, Wanted) else ()
    return plan(view.told, wanted, offered=offered, gone=view.gone, rules=line.rules(values)), warnings


def _agree(held: Held, view: View, warnings: tuple[str, ...] = ()) -> bool | None:
    if view.listing.kept_off:
        return True if held.settle(view, ListingState.KEPT_OFF) else None
    seen, told = view.listing.seen_quantity, view.told.quantity
    if view.told.lot_id and seen is not None and seen > told:
        sentence = f"The shop shows {seen} and was told {told}: somebody has changed it there."
        hint = "Verify the shop, and say whose number is right."
        return True if held.settle(view, ListingState.SYNCED, Words("shop_has_more", sentence, hint)) else None
    words = Words("warning", " ".join(warnings)) if warnings and view.told.lot_id else NONE
    return True if held.settle(view, ListingState.SYNCED, words) else None


def _send(line: Line, held: Held, view: View, step: Create | Update | Delete) -> bool | None:
    priority = priority_of(step)
    allowance = spending(priority)
    attempt: Attempt | None = None
    try:
        remote = line.remote
        attempt = attempts.opened(held, view, step)
        if attempt is None:
            return None
        if isinstance(step, Create):
            made = remote.create(step.wanted, view.item.token, allowance)
            attempts.created(held, attempt, made.lot_id, made.fields, made.seen)
        elif isinstance(step, Update):
            known = {name: value for name, value in view.told.fields.items() if value is not None}
            present = {**view.listing.seen.get("fields", {}), **known}
            lot = remote.update(
                view.told.lot_id,
                difference=step.difference,
                absolute=step.absolute,
                fields=step.fields,
                present=present,
                spending=allowance,
            )
            attempts.updated(held, attempt, lot)
        else:
            remote.delete(step.lot_id, allowance)
            attempts.deleted(held, attempt)
    except (WireError, CredentialsUnreadable) as error:
        return _not_sent(held, view, step, attempt, error, priority)
    return None


def _not_sent(
    held: Held, view: View, step: Create | Update | Delete, attempt: Attempt | None, error: Failure, priority: Priority
) -> bool | None:
    operation = attempts.operation_of(step)
    moves = isinstance(step, Update) and bool(step.difference) and step.absolute is None
    verdict = judge(error, operation, moves=moves)
    words = said_by(error)
    if attempt is None or not verdict.sent:
        if attempt is not None:
            attempts.withdrawn(attempt)
        return _failed(held, view, error, verdict, priority)
    if verdict.ending is Ending.UNKNOWN:
        attempts.unknown(held, attempt, words)
        held.wait(
            ListingState.UNKNOWN,
            moment.now() + timedelta(seconds=shortened(_first_look(operation))),
            Words(words.code, words.sentence, UNKNOWN_HINT),
        )
        return True
    if verdict.ending is Ending.RETRY and not isinstance(error, CredentialsUnreadable) and error.may_have_acted:
        # To do it twice does no harm; but something else may be wanted by then.
        attempts.unknown(held, attempt, words)
        return _failed(held, view, error, verdict, priority)
    if verdict.ending is Ending.NOT_THERE and operation is Operation.DELETE:
        attempts.deleted(held, attempt)
        return None
    attempts.close(held, attempt, AttemptState.FAILED, words)
    if verdict.ending is Ending.NOT_THERE:
        return None if settling.vanished(held, view) else True
    return _failed(held, view, error, verdict, priority, moves=moves)


UNKNOWN_HINT = "Nothing to do: what became of it is read back before anything is sent again."


def _first_look(operation: Operation) -> int:
    # What was cut off may still be under way there.
    return 5 if operation is Operation.CREATE else 2


def _failed(held: Held, view: View, error: Failure, verdict: Verdict, priority: Priority, *, moves: bool = False) -> bool:
    words = said_by(error)
    now = moment.now()
    if verdict.ending is Ending.STOPPED:
        shops.stop(view.shop, error)
        held.wait(_meanwhile(view), now, words)
        return False
    if verdict.ending is Ending.HELD_BACK:
        until = verdict.until or now + timedelta(seconds=verdict.after or 0)
        held.wait(_meanwhile(view), until, words)
        if verdict.until is not None and priority > Priority.LESS:
            return _postpone(view, priority, until, words)
        shops.rest(view.shop, until, error.sentence)
        return False
    if verdict.ending is Ending.REFUSED:
        return _refused(held, view, words, moves=moves)
    held.retry(view, words, after=verdict.after)
    return True


def _meanwhile(view: View) -> ListingState:
    return ListingState.UNKNOWN if view.attempt is not None else ListingState.WAITING


def _postpone(view: View, priority: Priority, until: datetime, words: Words) -> bool:
    """What is no more urgent than what has just found no budget need not try; what is more urgent may still go."""
    waiting = Listing.objects.filter(shop=view.shop, due_at__lt=until, priority__gte=priority, lease_until__isnull=True)
    waiting = waiting.exclude(state__in=(ListingState.UNKNOWN, ListingState.NEEDS_PERSON))
    with transaction.atomic():
        # Whoever changes one of them now lets it be due again; nobody waits for the other.
        free = list(waiting.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST_POSTPONED])
        Listing.objects.filter(pk__in=free).update(state=ListingState.WAITING, due_at=until, **words.columns())
    Listing.objects.filter(pk=view.listing.pk).update(priority=priority)
    return True


def _refused(held: Held, view: View, words: Words, *, moves: bool) -> bool:
    if moves and view.listing.tries == 0:
        # Fewer may be there than we know of: read before the number is sent once more.
        held.write(reread=True)
        held.retry(view, words)
        return True
    # Of a refusal nothing comes by itself; but a number that should be lower is tried again now and then.
    if moves and view.item.offered < view.told.quantity:
        held.wait(ListingState.FAILED, moment.now() + timedelta(hours=1), words)
        return True
    return held.refuse(view, Refusal(ListingState.FAILED, words.code, words.sentence, words.hint)) or _again(held)


def _again(held: Held) -> bool:
    held.write(lease_until=None, worker="")
    return True


def _mocked(line: Line, held: Held, view: View) -> bool | None:
    if view.attempt is None:
        step, _ = next_step(line, view, sends=False)
        if isinstance(step, Nothing):
            return _agree(held, view)
        if isinstance(step, Refusal):
            return True if held.refuse(view, step) else None
        if isinstance(step, Create | Update | Delete):
            attempts.opened(held, view, step, state=AttemptState.MOCKED)
    # So that the sweep finds it, whatever it is that differs.
    held.write(item_version=0)
    held.wait(
        ListingState.WAITING,
        None,
        Words(
            "mocked",
            "Calls to the outside are switched off here; nothing was sent.",
            "Once DISABLE_EXTERNAL_CALLS is off, what differs is sent by itself.",
        ),
    )
    return True
