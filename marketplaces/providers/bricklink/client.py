"""The line to a BrickLink store: every method is one signed call unless it says otherwise (docs/bricklink.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Max

from inventory import moment
from inventory.models import Item
from marketplaces import findings
from marketplaces.errors import LotNotThere
from marketplaces.lots import Created, Fields, RemoteLine, RemoteLot, RemoteOrder, Store, Wanted
from marketplaces.models import ColorMapping, Listing, MappingOrigin, PartFinding, Shop
from marketplaces.provider import LONGEST_PAUSE
from marketplaces.providers.bricklink import mapping, reading
from marketplaces.providers.bricklink.refusing import NotThere, SignedBadly, clock_wrong, judge, unknown_part
from marketplaces.providers.bricklink.signing import Credentials, Signed
from sync.models import Connection
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import ConnectionBudget
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, Refused, WireError, WrongAnswer
from sync.wire.session import WireSession

logger = logging.getLogger(__name__)

SECRETS = ("consumer_key", "consumer_secret", "token_value", "token_secret")
WHOLE_LIST_SECONDS = 120.0
"""How long the list of all lots may be silent: it is one answer of several megabytes."""
CLOCKS = timedelta(minutes=2)
COLORS_KEPT = timedelta(days=1)
FILED_AFTER = timedelta(hours=1)
"""Whoever did not look for so long looks among the filed orders too: one may have come and been filed meanwhile."""
EVERYWHERE = "Y,S,B,C,N,R"
"""Lots for sale, in the three stockrooms, not for sale, and reserved for somebody."""

T = TypeVar("T")


@contextmanager
def session(connection: Connection, *, guarded: bool = True) -> Iterator[WireSession]:
    """A signed session; without its breaker unless `guarded`. Raises CredentialsUnreadable, BadCredentials where a secret is missing."""
    given = {name: connection.secrets.get(name) or "" for name in SECRETS}
    missing = [name.replace("_", " ") for name, value in given.items() if not value]
    if missing:
        raise BadCredentials(
            f"The {' and the '.join(missing)} of “{connection}” {'is' if len(missing) == 1 else 'are'} missing.", code="missing_secret"
        )
    with WireSession(
        connection.base_url,
        connection_id=connection.pk,
        name=connection.name,
        allowed=settings.ALLOWED_TARGETS,
        auth=Signed(Credentials(**given)),
        judge=judge,
        budget=ConnectionBudget(connection.pk),
        breaker=ConnectionBreaker(connection.pk) if guarded else None,
        longest_pause=LONGEST_PAUSE,
    ) as wire:
        yield wire


class Calls:
    """Reading and writing calls in BrickLink's envelope."""

    def __init__(self, wire: WireSession) -> None:
        self._wire = wire

    def read(self, path: str, spending: Spending, params: Mapping[str, str] | None = None, *, read_seconds: float | None = None) -> Any:
        """The data of an answer. Raises WireError; NotThere for what is not there."""
        return self._signed(
            lambda: self._wire.get_json(path, params=params, expect=dict, spending=spending, read_seconds=read_seconds), writes=False
        ).get("data")

    def write(
        self, method: str, path: str, spending: Spending, body: Mapping[str, Any] | None = None, *, empty: dict[str, Any] | None = None
    ) -> Any:
        """The data of the answer to a write, which is sent once; `empty` as for WireSession.write_json. Raises as `read` does."""
        return self._signed(
            lambda: self._wire.write_json(method, path, json=body, expect=dict, empty=empty, spending=spending), writes=True
        ).get("data")

    def _signed(self, call: Callable[[], dict[str, Any]], *, writes: bool) -> dict[str, Any]:
        try:
            try:
                return call()
            except SignedBadly:
                # Whoever did not believe the signature has done nothing else: with another nonce and time it may go out again.
                return call()
        except SignedBadly as error:
            raise clock_wrong(error) from error
        except Refused as error:
            if type(error) is not Refused:
                raise
            # A refusal that is not in the envelope is not BrickLink's, but that of something in between.
            raise WrongAnswer(
                error.sentence,
                code="no_envelope",
                hint="Check the address of the connection. BrickLink may be under maintenance.",
                http_status=error.http_status,
                may_have_acted=writes,
            ) from error


class BrickLink:
    """A store. Satisfies marketplaces.provider.Remote."""

    def __init__(self, shop: Shop, calls: Calls, rules: Mapping[str, Any]) -> None:
        self._shop, self._calls, self._rules = shop, calls, rules
        self._colors_read = False

    # What is to be known before a lot is made

    def prepare(self, item: Item, spending: Spending) -> None:
        """See to it that BrickLink's colours are known, and not older than a day; of the items' numbers the creates themselves tell."""
        if self._colors_read:
            return
        rows = ColorMapping.objects.filter(shop=self._shop, origin=MappingOrigin.LOOKED_UP)
        last = rows.aggregate(last=Max("looked_up_at"))["last"]
        if last is None or last <= moment.now() - COLORS_KEPT:
            try:
                self.refresh_colors(spending)
            except WireError as error:
                if last is None or isinstance(error, BadCredentials):
                    raise
                logger.warning("BrickLink's colours could not be read again (%s); the last ones are kept.", error.code)
        self._colors_read = True

    def refresh_colors(self, spending: Spending) -> int:
        """Read and keep the list of colours; how many there are. Raises WireError."""
        found = reading.colors(self._calls.read("/colors", spending))
        if found:
            findings.keep_colors(self._shop, {color: (str(color), name, name) for color, name in found.items()}, moment.now())
        return len(found)

    # Lots

    def create(self, wanted: Wanted, token: str, spending: Spending) -> Created:
        """Make a lot. Raises ShopRefused (unknown_part where the catalogue has no such number), WireError."""
        body = mapping.create_body(wanted, token, self._rules)
        try:
            data = self._calls.write("POST", "/inventories", spending, body)
        except NotThere as error:
            self._note_unknown(token)
            raise unknown_part(error) from error
        lot_id = reading.number_of(data.get("inventory_id")) if isinstance(data, dict) else ""
        if not lot_id:
            sentence = "BrickLink said that the lot was made, and not which one it is."
            raise WrongAnswer(sentence, code="no_lot_id", may_have_acted=True)
        findings.forget_missing(self._shop, token)
        return Created(lot_id, frozenset(wanted.fields), _shown(data))

    def update(
        self, lot_id: str, *, difference: int, absolute: int | None, fields: Fields, present: Fields, spending: Spending
    ) -> RemoteLot | None:
        """Change a lot. One call, or two where its public text must be repeated and was never seen. Raises LotNotThere, WireError.

        ValueError for an absolute quantity: there is none at BrickLink.
        """
        if absolute is not None:
            raise ValueError("BrickLink's quantities are moved, not set.")
        before = self._before(lot_id, fields, present, spending)
        body = mapping.update_body(difference, fields, before, self._rules)
        with _of_a_lot():
            return _shown(self._calls.write("PUT", f"/inventories/{lot_id}", spending, body))

    def _before(self, lot_id: str, fields: Fields, present: Fields, spending: Spending) -> mapping.Before:
        rows = Listing.objects.filter(shop=self._shop, lot_id=lot_id).values("told_quantity", "seen", "item__token")
        row: dict[str, Any] = dict(rows.first() or {})
        # A text that we don't send may have been changed by its owner since we last did: what was seen last is then the newer one.
        seen = {} if self._rules["send_notes"] else (row.get("seen") or {}).get("fields", {})
        text = fields.get("notes", seen.get("notes", present.get("notes")))
        if text is None:
            with _of_a_lot():
                text = reading.lot(self._calls.read(f"/inventories/{lot_id}", spending)).fields["notes"]
        return mapping.Before(row.get("told_quantity", 0), row.get("item__token", ""), str(text), present.get("hidden") is True)

    def delete(self, lot_id: str, spending: Spending) -> None:
        """Delete a lot. Raises LotNotThere, WireError."""
        with _of_a_lot():
            self._calls.write("DELETE", f"/inventories/{lot_id}", spending, empty={})

    def read(self, lot_id: str, spending: Spending) -> RemoteLot | None:
        """A lot, None when there is none. Raises WireError."""
        try:
            return reading.lot(self._calls.read(f"/inventories/{lot_id}", spending))
        except NotThere:
            return None

    def find(self, wanted: Wanted, token: str, since: datetime, spending: Spending) -> list[RemoteLot]:
        """The lots with the token, else those without any that are exactly like `wanted` and not older than `since`. Raises WireError."""
        identity = wanted.identity
        filters = {"item_type": str(identity["type"]).lower(), "color_id": str(identity["color"]), "status": EVERYWHERE}
        found = list(reading.lots(self._calls.read("/inventories", spending, filters, read_seconds=WHOLE_LIST_SECONDS)))
        marked = [lot for lot in found if lot.token == token]
        return marked or [lot for lot in found if not lot.token and _alike(lot, wanted) and _since(lot, since - CLOCKS)]

    def lots(self, spending: Spending) -> Iterator[RemoteLot]:
        """All lots, wherever they are. Raises WireError, the last part of it while they are taken."""
        return reading.lots(self._calls.read("/inventories", spending, {"status": EVERYWHERE}, read_seconds=WHOLE_LIST_SECONDS))

    # Orders

    def orders(self, since: datetime | None, spending: Spending) -> Sequence[RemoteOrder]:
        """All received orders but those that were purged; where nobody looked for an hour, also filed ones of that time, by another call.

        Raises WireError.
        """
        given = {"direction": "in", "status": "-purged"}
        found = reading.orders(self._calls.read("/orders", spending, given))
        if since is not None and since <= datetime.now(UTC) - FILED_AFTER:
            filed = reading.orders(self._calls.read("/orders", spending, {**given, "filed": "true"}))
            there = {order.order_id for order in found}
            found += [each for each in filed if each.order_id not in there and (each.changed_at or each.ordered_at) >= since - CLOCKS]
        return found

    def order_lines(self, order_id: str, spending: Spending) -> Sequence[RemoteLine]:
        """What an order holds. Raises WireError."""
        return reading.order_lines(self._calls.read(f"/orders/{order_id}/items", spending))

    def store(self, spending: Spending) -> Store:
        """Whose store it is, as its orders say; blank while there is none. Raises WireError."""
        return reading.store(self._calls.read("/orders", spending, {"direction": "in"}))

    def _note_unknown(self, token: str) -> None:
        item = Item.objects.filter(token=token, account=self._shop.account_id).first()
        if item is not None:
            findings.keep_part(self._shop, item, PartFinding.MISSING, moment.now())


@contextmanager
def _of_a_lot() -> Iterator[None]:
    """What is not there, is a lot. Raises LotNotThere."""
    try:
        yield
    except NotThere as error:
        raise LotNotThere(error.sentence, code="lot_not_there", http_status=error.http_status) from error


def _shown(data: Any) -> RemoteLot | None:
    """The lot in the answer to a write, where it can be read: that it was done is not in doubt."""
    try:
        return reading.lot(data)
    except WrongAnswer:
        return None


def _alike(lot: RemoteLot, wanted: Wanted) -> bool:
    same = {**lot.identity, "number": str(lot.identity["number"]).casefold()}
    if same != {**wanted.identity, "number": str(wanted.identity["number"]).casefold()}:
        return False
    return all(lot.fields.get(name) == wanted.fields[name] for name in ("price", "location") if name in wanted.fields)


def _since(lot: RemoteLot, earliest: datetime) -> bool:
    # Lists may leave the date out; then whether it could be the one is for a person or the other marks to say.
    return lot.created_at is None or lot.created_at >= earliest
