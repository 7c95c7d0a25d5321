"""What Brick Owl calls our numbers and colours: looked up when it is first needed, and kept (docs/brickowl.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Max, QuerySet

from inventory import moment
from inventory.models import Item
from marketplaces import findings
from marketplaces.errors import ShopRefused
from marketplaces.models import ColorMapping, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.providers.brickowl import catalog, words
from marketplaces.providers.brickowl.catalog import Finding, Question
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, Refused, WireError

logger = logging.getLogger(__name__)

Ask = Callable[[str, Mapping[str, str], Spending], Any]
"""A reading call: path, parameters, spending."""

MISSES_KEPT = timedelta(days=1)
COLORS_KEPT = timedelta(days=1)
# So long nobody asks again for what the key has no right to, or for a colour that was not in the list.
REST = timedelta(hours=1)
_AGAIN = (PartFinding.MISSING, PartFinding.AMBIGUOUS)


class Lookup:
    """The catalogue as one shop's key sees it, by way of `ask`."""

    def __init__(self, shop: Shop, ask: Ask) -> None:
        self._shop = shop
        self._ask = ask
        self._colors_tried = False

    def prepare(self, item: Item, spending: Spending) -> None:
        """See to it that what can be known of the item's number and colour is kept. Raises WireError but for missing rights."""
        if not words.kinds_of(item.item_type, item.part_number, item.name):
            return
        part = PartMapping.objects.filter(shop=self._shop, item_type=item.item_type, part_number=item.part_number).first()
        if self._part_due(part):
            self._look_up(item, spending)
        if item.color_id and self._colors_due(item.color_id):
            self._load_colors(item.color_id, spending)
        elif item.color_id and not self._colors().filter(color_id=item.color_id).exists():
            # The list was read lately, for an item of another colour, and does not name this one.
            findings.note_color(self._shop, item.color_id, moment.now())

    def _part_due(self, part: PartMapping | None) -> bool:
        if part is None:
            return True
        if part.origin == MappingOrigin.OVERRIDE:
            return False
        age = MISSES_KEPT if part.finding in _AGAIN else REST
        again = part.finding in (*_AGAIN, PartFinding.NOT_ASKED)
        return again and (part.looked_up_at is None or part.looked_up_at <= moment.now() - age)

    def _look_up(self, item: Item, spending: Spending) -> None:
        now = moment.now()
        refused = PartMapping.objects.filter(shop=self._shop, finding=PartFinding.NOT_ASKED, looked_up_at__gt=now - REST)
        if (since := refused.aggregate(since=Max("looked_up_at"))["since"]) is not None:
            # One refusal speaks for all numbers: the key has not got the right meanwhile.
            findings.keep_part(self._shop, item, PartFinding.NOT_ASKED, since)
            return
        try:
            found = self._find(item, spending)
        except Refused as error:
            if error.code != "forbidden_function":
                raise
            found = Finding(PartFinding.NOT_ASKED)
        findings.keep_part(
            self._shop,
            item,
            found.finding,
            now,
            remote_id=found.boid,
            remote_type=found.kind,
            remote_name=found.name,
            candidates=found.candidates,
        )

    def _find(self, item: Item, spending: Spending) -> Finding:
        number = item.part_number
        for question in catalog.questions(item.item_type, number, item.name):
            boids = self._boids(question, spending)
            if len(boids) == 1:
                return Finding(PartFinding.FOUND, boids[0], question.kind)
            if boids:
                return self._among(boids, question, spending)
        other = catalog.suggestion(item.item_type, number, item.name)
        boids = self._boids(other, spending) if other is not None else []
        told = self._details(boids, spending)
        return Finding(PartFinding.MISSING, candidates=[catalog.candidate(boid, told, suggested=True) for boid in boids])

    def _among(self, boids: list[str], question: Question, spending: Spending) -> Finding:
        told = self._details(boids, spending)
        carrying = catalog.carrying(told, question.number)
        if len(carrying) == 1:
            chosen = catalog.candidate(carrying[0], told)
            kind = chosen["type"] if chosen["type"] in words.KINDS else question.kind
            return Finding(PartFinding.FOUND, carrying[0], kind, chosen["name"])
        return Finding(PartFinding.AMBIGUOUS, candidates=[catalog.candidate(boid, told) for boid in boids])

    def _boids(self, question: Question, spending: Spending) -> list[str]:
        try:
            return catalog.bases(self._ask("catalog/id_lookup", question.parameters(), spending))[: catalog.MOST_CANDIDATES]
        except ShopRefused as error:
            # A number that is not known may be answered so as well.
            if error.code == "forbidden_function" or error.http_status not in (400, 404):
                raise
            return []

    def _details(self, boids: list[str], spending: Spending) -> dict[str, Mapping[str, Any]]:
        if not boids:
            return {}
        try:
            return catalog.details(self._ask("catalog/bulk_lookup", {"boids": ",".join(boids)}, spending))
        except Refused:
            # It may need more rights than the look-up itself; then a person sees bare ids.
            return {}

    def _colors(self) -> QuerySet[ColorMapping]:
        return ColorMapping.objects.filter(shop=self._shop)

    def _colors_due(self, color_id: int) -> bool:
        rows = self._colors()
        last = rows.filter(origin=MappingOrigin.LOOKED_UP).aggregate(last=Max("looked_up_at"))["last"]
        known = rows.filter(color_id=color_id).exclude(remote_id="").exists()
        return last is None or last <= moment.now() - (COLORS_KEPT if known else REST)

    def _load_colors(self, color_id: int, spending: Spending) -> None:
        known = self._colors().filter(color_id=color_id).exclude(remote_id="").exists()
        if known and self._colors_tried:
            return
        self._colors_tried = True
        try:
            self.refresh_colors(spending)
        except WireError as error:
            if isinstance(error, BadCredentials) or not (known or error.code == "forbidden_function"):
                raise
            logger.warning("Brick Owl's colours could not be read (%s); those that are known are kept.", error.code)
        findings.note_color(self._shop, color_id, moment.now())

    def refresh_colors(self, spending: Spending) -> int:
        """Read the list of colours; how many of BrickLink's it has. What a list has no longer is kept. Raises WireError."""
        found, doubled = catalog.colors(self._ask("catalog/color_list", {}, spending))
        for ours, taken, other in doubled:
            logger.warning("BrickLink's colour %d is both %s and %s at Brick Owl; the first is taken.", ours, taken, other)
        if found:
            names = {ours: (color.remote_id, color.remote_name, color.name) for ours, color in found.items()}
            findings.keep_colors(self._shop, names, moment.now())
        return len(found)
