"""What shops call our numbers and colours, where a person says so; and the list of what nobody knows yet. All audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from accounts.models import Account
from inventory.models import Item, ItemType
from marketplaces.errors import NotDecidable
from marketplaces.findings import items_of_colors, items_of_part
from marketplaces.models import ColorMapping, Listing, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.provider import provider_of
from marketplaces.push.requesting import judge_again
from sync.choosing import usable
from sync.wire.caller import Spending

_LIMITS = {"part_number": 80, "remote_id": 40, "remote_type": 40, "remote_name": 300}
_MOST_COLOR = 2**31 - 1


class NoColorList(Problem):
    """Refused: the shop has no list of colours that could be read, or calls are switched off here."""

    status = 409


@runtime_checkable
class ColorCatalogue(Protocol):
    """A line to a shop that has a list of colours."""

    def refresh_colors(self, spending: Spending) -> int:
        """Read and keep the list; how many of BrickLink's colours it has. Raises WireError."""


@dataclass(frozen=True)
class Unmapped:
    """What shops' catalogues don't know of items that are to be sold there; each row with `items`, how many they are."""

    parts: QuerySet[PartMapping]
    colors: QuerySet[ColorMapping]


def unmapped(account: Account, shop: Shop | None = None) -> Unmapped:
    """The list of work: numbers and colours without a counterpart, of items that are neither archived nor kept off the shop."""
    kept_off = Listing.objects.filter(item=OuterRef("pk"), shop=OuterRef(OuterRef("shop")), kept_off=True)
    live = Item.objects.filter(account=account, archived_at__isnull=True).exclude(Exists(kept_off)).order_by()
    of_part = live.filter(item_type=OuterRef("item_type"), part_number=OuterRef("part_number"))
    of_color = live.filter(color_id=OuterRef("color_id"))
    parts = PartMapping.objects.filter(account=account).exclude(finding=PartFinding.FOUND)
    colors = ColorMapping.objects.filter(account=account, remote_id="")
    if shop is not None:
        parts, colors = parts.filter(shop=shop), colors.filter(shop=shop)
    return Unmapped(
        parts.filter(Exists(of_part)).annotate(items=_count(of_part)),
        colors.filter(Exists(of_color)).annotate(items=_count(of_color)),
    )


def _count(items: QuerySet[Item]) -> Subquery:
    counted = items.annotate(number=Func(F("pk"), function="COUNT", output_field=IntegerField())).values("number")
    return Subquery(counted, output_field=IntegerField())


def set_part(
    actor: Actor, shop: Shop, *, item_type: str, part_number: str, remote_id: str, remote_type: str = "", remote_name: str = ""
) -> PartMapping:
    """Say what the shop calls a number; it wins over what is looked up. The id is taken as the shop's catalogue has it (docs/brickowl.md).

    Items of that number are judged again. Raises NotAllowed, Shop.DoesNotExist for one of another account, ValidationError.
    """
    actor.require("mapping.edit")
    values = {
        "part_number": part_number.strip(),
        "remote_id": provider_of(shop).part_id(remote_id),
        "remote_type": remote_type.strip(),
        "remote_name": remote_name.strip()[: _LIMITS["remote_name"]],
    }
    _check_part(item_type, values)
    with transaction.atomic():
        row = Shop.objects.select_for_update().get(pk=shop.pk, account=actor.account)
        key = {"shop": row, "item_type": item_type, "part_number": values.pop("part_number")}
        before = _seen_part(PartMapping.objects.filter(**key).first())
        entered = {**values, "finding": PartFinding.FOUND, "origin": MappingOrigin.OVERRIDE, "set_by": actor.label[:200], "candidates": []}
        mapping, _ = PartMapping.objects.update_or_create(
            **key, defaults=entered, create_defaults={**entered, "account_id": actor.account.pk}
        )
        record(actor, entity="PartMapping", entity_id=mapping.pk, action="SET", before=before, after=_seen_part(mapping))
        judge_again(row, items_of_part(row, mapping.item_type, mapping.part_number))
    return mapping


def choose_candidate(actor: Actor, mapping: PartMapping, remote_id: str) -> PartMapping:
    """Take one of the candidates that the shop's catalogue has for a number, as `set_part` does.

    Raises NotAllowed, PartMapping.DoesNotExist for one of another account, NotDecidable for an id that is none of the candidates.
    """
    actor.require("mapping.edit")
    row = PartMapping.objects.select_related("shop").get(pk=mapping.pk, account=actor.account)
    chosen = next((each for each in row.candidates if each.get("id") == remote_id), None)
    if chosen is None:
        raise NotDecidable(
            f"“{remote_id[:40]}” is none of the candidates for {row.part_number}.", hint="Choose one that is shown, or enter it."
        )
    return set_part(
        actor,
        row.shop,
        item_type=row.item_type,
        part_number=row.part_number,
        remote_id=remote_id,
        remote_type=str(chosen.get("type") or ""),
        remote_name=str(chosen.get("name") or ""),
    )


def clear_part(actor: Actor, mapping: PartMapping) -> None:
    """Forget what the shop calls a number, entered or looked up: it is looked up anew when it is next needed, which is at once.

    Raises NotAllowed, PartMapping.DoesNotExist for one of another account.
    """
    actor.require("mapping.edit")
    with transaction.atomic():
        row = PartMapping.objects.select_for_update().get(pk=mapping.pk, account=actor.account)
        record(actor, entity="PartMapping", entity_id=row.pk, action="CLEAR", before=_seen_part(row))
        row.delete()
        judge_again(row.shop, items_of_part(row.shop, row.item_type, row.part_number))


def look_up_again(actor: Actor, shop: Shop) -> int:
    """Ask the shop's catalogue anew for every number that it did not know; how many there are.

    Raises NotAllowed, Shop.DoesNotExist for one of another account.
    """
    actor.require("mapping.edit")
    with transaction.atomic():
        row = Shop.objects.select_for_update().get(pk=shop.pk, account=actor.account)
        rows = PartMapping.objects.filter(shop=row, origin=MappingOrigin.LOOKED_UP).exclude(finding=PartFinding.FOUND)
        waiting = Exists(rows.filter(item_type=OuterRef("item_type"), part_number=OuterRef("part_number")))
        items = list(Item.objects.filter(waiting, account=actor.account, archived_at__isnull=True).order_by().values_list("pk", flat=True))
        count = rows.count()
        rows.filter(finding=PartFinding.RETIRING).delete()
        rows.update(looked_up_at=None)
        ColorMapping.objects.filter(shop=row, origin=MappingOrigin.LOOKED_UP).update(looked_up_at=None)
        record(actor, entity="Shop", entity_id=row.pk, action="LOOK_UP_AGAIN", after={"numbers": count})
        judge_again(row, items)
    return count


def set_color(actor: Actor, shop: Shop, *, color_id: int, remote_id: str, remote_name: str = "") -> ColorMapping:
    """Say what the shop calls one of BrickLink's colours; it wins over the shop's own list.

    Items of that colour are judged again. Raises NotAllowed, Shop.DoesNotExist for one of another account, ValidationError.
    """
    actor.require("mapping.edit")
    remote_id = remote_id.strip()
    _check_color(color_id, remote_id)
    with transaction.atomic():
        row = Shop.objects.select_for_update().get(pk=shop.pk, account=actor.account)
        before = _seen_color(ColorMapping.objects.filter(shop=row, color_id=color_id).first())
        entered = {
            "remote_id": remote_id,
            "remote_name": remote_name.strip()[:100],
            "origin": MappingOrigin.OVERRIDE,
            "set_by": actor.label[:200],
        }
        mapping, _ = ColorMapping.objects.update_or_create(
            shop=row, color_id=color_id, defaults=entered, create_defaults={**entered, "account_id": actor.account.pk}
        )
        record(actor, entity="ColorMapping", entity_id=mapping.pk, action="SET", before=before, after=_seen_color(mapping))
        judge_again(row, items_of_colors(row, [color_id]))
    return mapping


def clear_color(actor: Actor, mapping: ColorMapping) -> None:
    """Forget what the shop calls a colour: its list is read anew when it is next needed, which is at once.

    Raises NotAllowed, ColorMapping.DoesNotExist for one of another account.
    """
    actor.require("mapping.edit")
    with transaction.atomic():
        row = ColorMapping.objects.select_for_update().get(pk=mapping.pk, account=actor.account)
        record(actor, entity="ColorMapping", entity_id=row.pk, action="CLEAR", before=_seen_color(row))
        row.delete()
        ColorMapping.objects.filter(shop=row.shop, origin=MappingOrigin.LOOKED_UP).update(looked_up_at=None)
        judge_again(row.shop, items_of_colors(row.shop, [row.color_id]))


def refresh_colors(actor: Actor, shop: Shop) -> int:
    """Read the shop's list of colours now; how many of BrickLink's colours it has.

    One call: not for inside a transaction. Raises NotAllowed, Shop.DoesNotExist for one of another account, ConnectionPaused,
    ConnectionDisabled, CredentialsUnreadable, NoColorList, WireError.
    """
    actor.require("mapping.edit")
    row = Shop.objects.select_related("connection", "account").get(pk=shop.pk, account=actor.account)
    if settings.DISABLE_EXTERNAL_CALLS:
        raise NoColorList("Calls to the outside are switched off here.", hint="The operator switches them on: DISABLE_EXTERNAL_CALLS.")
    usable(row.connection)
    with provider_of(row).open(row) as remote:
        if not isinstance(remote, ColorCatalogue):
            raise NoColorList(f"“{row}” has no list of colours of its own.")
        count = remote.refresh_colors(Spending())
    record(actor, entity="Shop", entity_id=row.pk, action="COLORS_READ", after={"colors": count})
    return count


def _check_part(item_type: str, values: Mapping[str, str]) -> None:
    mistakes: dict[str, str] = {}
    if item_type not in ItemType.values:
        mistakes["item_type"] = f"The type must be one of {', '.join(ItemType.values)}."
    for name, label in (("part_number", "number"), ("remote_id", "id at the shop")):
        if not values[name] or not values[name].isprintable():
            mistakes[name] = f"The {label} is missing or holds characters that can't be printed."
    if " " in values["remote_id"]:
        mistakes["remote_id"] = "The id at the shop has no blanks in it."
    for name, limit in _LIMITS.items():
        if len(values[name]) > limit:
            mistakes[name] = f"This is longer than {limit} characters."
    if mistakes:
        raise ValidationError(mistakes)


def _check_color(color_id: int, remote_id: str) -> None:
    mistakes: dict[str, str] = {}
    if not 1 <= color_id <= _MOST_COLOR:
        mistakes["color_id"] = "The colour is BrickLink's number of it, from 1 on."
    if not (remote_id.isascii() and remote_id.isdigit() and len(remote_id) <= 20 and int(remote_id)):
        mistakes["remote_id"] = "The colour's id at the shop is a whole number above 0."
    if mistakes:
        raise ValidationError(mistakes)


def _seen_part(mapping: PartMapping | None) -> dict[str, Any] | None:
    if mapping is None:
        return None
    names = ("shop_id", "item_type", "part_number", "remote_id", "remote_type", "finding", "origin")
    return {name: getattr(mapping, name) for name in names}


def _seen_color(mapping: ColorMapping | None) -> dict[str, Any] | None:
    if mapping is None:
        return None
    return {name: getattr(mapping, name) for name in ("shop_id", "color_id", "remote_id", "origin")}
