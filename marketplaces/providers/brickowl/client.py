"""The line to a store at Brick Owl (docs/brickowl.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from inventory import moment
from inventory.models import Item
from marketplaces import findings
from marketplaces.errors import ShopRefused
from marketplaces.lots import Created, Fields, RemoteLine, RemoteLot, RemoteOrder, Store, Wanted
from marketplaces.models import ColorMapping, Lot, LotOrigin, PartFinding, Shop
from marketplaces.providers.brickowl import batch, mapping, reading
from marketplaces.providers.brickowl.batch import Outcome, Written
from marketplaces.providers.brickowl.calls import LIST_SECONDS, Calls
from marketplaces.providers.brickowl.lookup import Lookup
from marketplaces.providers.brickowl.trying import keep_store
from marketplaces.providers.brickowl.values import text
from marketplaces.providers.rules import factor_of
from sync.systems import values_of
from sync.wire.caller import Spending
from sync.wire.errors import WireError, WrongAnswer

MOST_ORDERS = 5000
# Without it lots that are hidden or sold out are not listed, as if they had been deleted.
_ALL_LOTS = {"active_only": "0"}
_FINDINGS = {"retiring": PartFinding.RETIRING, "unknown_part": PartFinding.MISSING}


class BrickOwlRemote:
    """`marketplaces.provider.Remote` for Brick Owl."""

    def __init__(self, shop: Shop, calls: Calls) -> None:
        self._shop = shop
        self._calls = calls
        self._lookup = Lookup(shop, self._ask)
        self._colors: dict[str, int] | None = None

    def _ask(self, path: str, params: Mapping[str, str], spending: Spending) -> Any:
        return self._calls.get(path, params, spending, bulk=path == "catalog/bulk_lookup")

    def prepare(self, item: Item, spending: Spending) -> None:
        """Look up the number and the colour where that is due, and once the currency of the store where prices are in a known one."""
        values = values_of(self._shop.connection)
        if values["price_currency"] and not self._shop.currency and factor_of(values["price_factor"]) == 1:
            self.store(spending)
        self._lookup.prepare(item, spending)

    def refresh_colors(self, spending: Spending) -> int:
        """Read and keep the list of colours; how many of BrickLink's it has. Raises WireError."""
        self._colors = None
        return self._lookup.refresh_colors(spending)

    def create(self, wanted: Wanted, token: str, spending: Spending) -> Created:
        """Make the lot with what may be told at that; the rest follows as a change."""
        form = mapping.create_parameters(wanted, token)
        try:
            answer = self._calls.write("inventory/create", form, spending, may_be_empty=False)
        except ShopRefused as error:
            if error.code in _FINDINGS:
                findings.reject_part(self._shop, form["boid"], _FINDINGS[error.code], moment.now())
            raise
        lot_id = text(answer.get("lot_id"))
        if not lot_id:
            raise WrongAnswer("Brick Owl has made a lot and does not say which.", code="no_lot_id", may_have_acted=True)
        return Created(lot_id, mapping.told_by_creating(wanted))

    def update(
        self, lot_id: str, *, difference: int, absolute: int | None, fields: Fields, present: Fields, spending: Spending
    ) -> RemoteLot | None:
        """One call for all of it. Brick Owl shows no lot in return."""
        form = mapping.update_parameters(difference=difference, absolute=absolute, fields=fields)
        if not form:
            return None
        try:
            self._calls.write("inventory/update", {"lot_id": lot_id, **form, **self._mark(lot_id)}, spending)
        except ShopRefused as error:
            if error.code == "retiring":
                self._retire(lot_id)
            raise
        return None

    def tag(self, lot_id: str, token: str, spending: Spending) -> None:
        """Mark a lot as the item's whose token it is. Raises WireError, LotNotThere."""
        self._calls.write("inventory/update", {"lot_id": lot_id, **_marked(token)}, spending)

    def delete(self, lot_id: str, spending: Spending) -> None:
        """Delete the lot, from customers' carts too. Raises LotNotThere."""
        self._calls.write("inventory/delete", {"lot_id": lot_id}, spending)

    def read(self, lot_id: str, spending: Spending) -> RemoteLot | None:
        """The lot, or None."""
        answer = self._calls.get("inventory/list", {**_ALL_LOTS, "lot_id": lot_id}, spending)
        return next((lot for lot in reading.lots(answer, self._known_colors()) if lot.lot_id == lot_id), None)

    def find(self, wanted: Wanted, token: str, since: datetime, spending: Spending) -> list[RemoteLot]:
        """The lot that bears the item's mark. A shop that does not show marks may answer with one alike."""
        answer = self._calls.get("inventory/list", {**_ALL_LOTS, "external_id_1": mapping.external_id(token)}, spending)
        found = list(reading.lots(answer, self._known_colors()))
        marked = [lot for lot in found if lot.token == token]
        if marked:
            return marked
        bare = [lot for lot in found if not lot.token and not lot.others and dict(lot.identity) == dict(wanted.identity)]
        return bare if len(found) == 1 else []

    def lots(self, spending: Spending) -> Iterator[RemoteLot]:
        """All lots, by one call; before the first of all one more for the colours, without which none could be known again."""
        if not self._known_colors():
            try:
                self.refresh_colors(spending)
            except ShopRefused:
                # Without the right to the catalogue lots are shown without our colours.
                self._colors = {}
        answer = self._calls.get("inventory/list", _ALL_LOTS, spending, read_seconds=LIST_SECONDS)
        yield from reading.lots(answer, self._known_colors())

    def orders(self, since: datetime | None, spending: Spending) -> Sequence[RemoteOrder]:
        """Received orders, as they were changed since then; all that there are for None."""
        params = {"list_type": "store", "sort_by": "updated", "limit": str(MOST_ORDERS)}
        if since is not None:
            params["order_time"] = str(int(since.timestamp()))
        return reading.orders(self._calls.get("order/list", params, spending))

    def order_lines(self, order_id: str, spending: Spending) -> Sequence[RemoteLine]:
        """What an order holds."""
        return reading.order_lines(self._calls.get("order/items", {"order_id": order_id}, spending), self._known_colors())

    def store(self, spending: Spending) -> Store:
        """Who the key belongs to; name and currency are kept with the shop."""
        store = reading.store(self._calls.get("user/details", {}, spending))
        keep_store(self._shop.connection, store)
        self._shop.currency = store.currency or self._shop.currency
        return store

    def batch_quantities(self, quantities: Mapping[str, int], spending: Spending) -> dict[str, Written]:
        """Set the quantity of each of these lots, fifty in a call, and read back what came of it. For repairs, after orders were read.

        Raises WireError when nothing was sent. What fails later leaves the rest unsent, and what it was sent with unknown.
        """
        said: dict[str, Written] = {lot_id: Written(Outcome.NOT_SENT) for lot_id in quantities}
        for position, part in enumerate(batch.parts(quantities)):
            try:
                answer = self._calls.post("bulk/batch", batch.form(part), spending, bulk=True)
            except WireError as error:
                if error.may_have_acted:
                    said |= {lot_id: Written(Outcome.UNKNOWN, error.sentence) for lot_id, _ in part}
                elif position == 0:
                    raise
                break
            said |= batch.outcomes(answer, part, self._calls.judged)
        return self._read_back(quantities, said, spending)

    def _read_back(self, asked: Mapping[str, int], said: dict[str, Written], spending: Spending) -> dict[str, Written]:
        sent = {lot_id for lot_id, written in said.items() if written.outcome is not Outcome.NOT_SENT}
        if not sent:
            return said
        try:
            seen = {lot.lot_id: lot for lot in self.lots(spending) if lot.lot_id in sent}
        except WireError as error:
            doubt = Written(Outcome.UNKNOWN, f"It could not be read back: {error.sentence}")
            return {lot_id: doubt if written.outcome is Outcome.DONE else written for lot_id, written in said.items()}
        return {
            lot_id: batch.confirmed(written, asked[lot_id], seen.get(lot_id)) if lot_id in sent else written
            for lot_id, written in said.items()
        }

    def _known_colors(self) -> dict[str, int]:
        if self._colors is None:
            rows = ColorMapping.objects.filter(shop=self._shop).exclude(remote_id="").order_by("pk")
            self._colors = {}
            # Several of ours may be one of theirs: the one that their list named first, and so was kept first.
            for remote_id, color_id in rows.values_list("remote_id", "color_id"):
                self._colors.setdefault(remote_id, color_id)
        return self._colors

    def _mark(self, lot_id: str) -> dict[str, str]:
        """Our mark, for a lot that was not made by us and may bear another or none."""
        adopted = Lot.objects.filter(shop=self._shop, lot_id=lot_id, origin=LotOrigin.ADOPTED)
        token = adopted.values_list("listing__item__token", flat=True).first()
        return {} if token is None else _marked(token)

    def _retire(self, lot_id: str) -> None:
        listed = self._shop.listings.filter(lot_id=lot_id).first()
        identity = (listed.told.get("identity") if listed is not None else None) or {}
        if identity.get("boid"):
            findings.reject_part(self._shop, str(identity["boid"]), PartFinding.RETIRING, moment.now())


def _marked(token: str) -> dict[str, str]:
    return {"update_external_id_1": mapping.external_id(token)}
