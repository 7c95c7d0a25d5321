"""A listing while one worker has it: what is known of it now, and writes that fail once another has taken it over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from inventory import moment
from inventory.models import Item
from jobs import lease
from marketplaces.lots import Refusal
from marketplaces.models import OPEN_STATES, Attempt, Listing, ListingState, Shop
from marketplaces.push.outcome import PAUSES, pause
from marketplaces.push.plan import Told
from marketplaces.push.tallies import tally
from marketplaces.push.told import told_of
from marketplaces.push.words import NONE, Words

QUICK = 3
"""So many tries follow each other within seconds, and the listing still counts as being synced."""


def shortened(seconds: float) -> float:
    """A pause of ours as this installation makes it."""
    return seconds * settings.PUSH_PAUSE_PERCENT / 100


class Lost(Exception):
    """Another worker has the listing now: whatever this one knows is out of date."""


@dataclass(frozen=True)
class View:
    """A listing as it is at this moment, with its item and shop, and the attempt whose outcome is open."""

    listing: Listing
    item: Item
    shop: Shop
    told: Told
    attempt: Attempt | None

    @property
    def gone(self) -> bool:
        """Whether the lot at the shop is to go."""
        return self.item.archived_at is not None or self.listing.kept_off


@dataclass(frozen=True)
class Held:
    """The lease of a listing. Every write is fenced by it and raises Lost when it is another's."""

    pk: int
    fence: int

    @classmethod
    def claim(cls, listing_id: int) -> Held | None:
        """The lease, None when the listing is not due or another has it."""
        fence = lease.claim(Listing, listing_id, seconds=settings.PUSH_LEASE_SECONDS, extra_where=Q(due_at__lte=Now()))
        return None if fence is None else cls(listing_id, fence)

    def look(self) -> View:
        """The present state, with the lease renewed."""
        if not lease.renew(Listing, self.pk, self.fence, settings.PUSH_LEASE_SECONDS):
            raise Lost
        row = Listing.objects.select_related("item", "shop__connection").get(pk=self.pk)
        attempt = Attempt.objects.filter(listing=row, state__in=OPEN_STATES).first()
        return View(row, row.item, row.shop, told_of(row), attempt)

    def lock(self) -> Listing:
        """The row, locked for the rest of the caller's transaction."""
        mine = Listing.objects.filter(pk=self.pk, fence=self.fence, lease_until__isnull=False)
        row = mine.select_related("shop__connection").select_for_update(of=("self",)).first()
        if row is None:
            raise Lost
        return row

    def write(self, **columns: Any) -> None:
        """Change columns of the row."""
        if not Listing.objects.filter(pk=self.pk, fence=self.fence, lease_until__isnull=False).update(**columns):
            raise Lost

    def settle(self, view: View, state: ListingState, words: Words = NONE) -> bool:
        """Let the listing rest in `state` until something changes, and give the lease back; False when something has changed meanwhile, so
        that it has to be looked at again."""
        with transaction.atomic():
            row = self.lock()
            # Read after the lock: whoever changed the item has marked the row before, or will find it settled and mark it then.
            version = Item.objects.values_list("version", flat=True).get(pk=view.item.pk)
            rules = Shop.objects.values_list("rules_version", flat=True).get(pk=view.shop.pk)
            judged = (view.item.version, view.shop.rules_version, view.listing.correlation, view.listing.kept_off, view.told)
            if (version, rules, row.correlation, row.kept_off, told_of(row)) != judged:
                return False
            synced = state in (ListingState.SYNCED, ListingState.KEPT_OFF)
            self.write(
                state=state,
                **words.columns(),
                due_at=None,
                tries=0,
                item_version=version,
                rules_version=rules,
                requested_at=None,
                correlations=[],
                lease_until=None,
                worker="",
                **({"synced_at": Now()} if synced else {}),
            )
            if synced and row.requested_at is not None:
                seconds = (moment.now() - row.requested_at).total_seconds()
                tally(row.account_id, "inventory.sync.latency", seconds=max(seconds, 0.0))
        return True

    def refuse(self, view: View, refusal: Refusal) -> bool:
        """Let the listing wait for another value, a mapping or a person; False as for `settle`."""
        return self.settle(view, ListingState(refusal.state), Words(refusal.code, refusal.sentence, refusal.hint))

    def wait(self, state: str, until: datetime | None, words: Words, *, tries: int | None = None) -> None:
        """Give the lease back, to be worked on again at `until`; None: not before something changes or a person decides."""
        self.write(
            state=state,
            due_at=until,
            **words.columns(),
            lease_until=None,
            worker="",
            **({} if tries is None else {"tries": tries}),
        )

    def retry(self, view: View, words: Words, *, after: float | None = None) -> None:
        """Give the lease back and try again after a pause: soon at first, then seldom. What is unknown stays so meanwhile."""
        tries = min(view.listing.tries + 1, len(PAUSES))
        seconds = max(shortened(pause(tries)), after or 0)
        state = ListingState.SYNCING if tries <= QUICK else ListingState.FAILED
        if view.attempt is not None:
            state = ListingState.UNKNOWN
        self.wait(state, moment.now() + timedelta(seconds=seconds), words, tries=tries)
