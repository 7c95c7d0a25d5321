"""What shops' catalogues say of our numbers and colours, kept as it was found. What a person entered is never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from inventory.models import Item
from marketplaces.models import ColorMapping, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.push.requesting import judge_again

AT_ONCE = 500


def keep_part(
    shop: Shop,
    item: Item,
    finding: PartFinding,
    at: datetime,
    *,
    remote_id: str = "",
    remote_type: str = "",
    remote_name: str = "",
    candidates: Sequence[Mapping[str, Any]] = (),
) -> None:
    """What the number of `item`, looked up at `at`, is called there. Other items of that number are judged again when it is known now."""
    key = {"shop": shop, "item_type": item.item_type, "part_number": item.part_number}
    values = {
        "finding": finding,
        "remote_id": remote_id,
        "remote_type": remote_type,
        "remote_name": remote_name,
        "candidates": [dict(each) for each in candidates],
        "looked_up_at": at,
    }
    with transaction.atomic():
        if not PartMapping.objects.filter(**key, origin=MappingOrigin.LOOKED_UP).update(**values):
            # Left alone where somebody has entered it meanwhile.
            PartMapping.objects.bulk_create([PartMapping(account_id=shop.account_id, **key, **values)], ignore_conflicts=True)
        if finding == PartFinding.FOUND:
            judge_again(shop, items_of_part(shop, item.item_type, item.part_number, besides=item.pk))


def forget_missing(shop: Shop, token: str) -> None:
    """A lot of the item of that token could be made: whatever was noted, its number is not missing there."""
    items = Item.objects.filter(token=token, account=shop.account_id)
    rows = PartMapping.objects.filter(shop=shop, finding=PartFinding.MISSING, origin=MappingOrigin.LOOKED_UP)
    rows.filter(part_number__in=items.values("part_number"), item_type__in=items.values("item_type")).delete()


def reject_part(shop: Shop, remote_id: str, finding: PartFinding, at: datetime) -> None:
    """The shop takes no lots of the thing that it calls `remote_id`: so it is for all numbers that lead to it, entered by hand or not."""
    PartMapping.objects.filter(shop=shop, remote_id=remote_id, finding=PartFinding.FOUND).update(finding=finding, looked_up_at=at)


def keep_colors(shop: Shop, found: Mapping[int, tuple[str, str, str]], at: datetime) -> None:
    """The shop's list of colours, read at `at`: of each of BrickLink's the id and name there, and BrickLink's own name.

    A colour that is not in it any more is kept as it was. Items of a colour that is called otherwise now are judged again.
    """
    with transaction.atomic():
        rows = {row.color_id: row for row in ColorMapping.objects.select_for_update().filter(shop=shop)}
        changed, differing = [], []
        for color_id, (remote_id, remote_name, name) in found.items():
            row = rows.get(color_id)
            if row is None or row.origin == MappingOrigin.OVERRIDE:
                continue
            if row.remote_id != remote_id:
                differing.append(color_id)
            if (row.remote_id, row.remote_name, row.name) != (remote_id, remote_name, name or row.name):
                row.remote_id, row.remote_name, row.name = remote_id, remote_name, name or row.name
                changed.append(row)
        new = [
            ColorMapping(account_id=shop.account_id, shop=shop, color_id=color_id, remote_id=remote_id, remote_name=remote_name, name=name)
            for color_id, (remote_id, remote_name, name) in found.items()
            if color_id not in rows
        ]
        ColorMapping.objects.bulk_update(changed, ["remote_id", "remote_name", "name"], batch_size=AT_ONCE)
        ColorMapping.objects.bulk_create(new, ignore_conflicts=True, batch_size=AT_ONCE)
        ColorMapping.objects.filter(shop=shop, origin=MappingOrigin.LOOKED_UP).update(looked_up_at=at)
        judge_again(shop, items_of_colors(shop, [*differing, *(row.color_id for row in new)]))


def note_color(shop: Shop, color_id: int, at: datetime) -> None:
    """The colour was asked for at `at`, whatever came of it: one that is not known there is then in the list of work."""
    row = ColorMapping(account_id=shop.account_id, shop=shop, color_id=color_id, looked_up_at=at)
    ColorMapping.objects.bulk_create([row], ignore_conflicts=True)
    ColorMapping.objects.filter(shop=shop, color_id=color_id, origin=MappingOrigin.LOOKED_UP).update(looked_up_at=at)


def items_of_part(shop: Shop, item_type: str, part_number: str, *, besides: int | None = None) -> list[int]:
    """The account's items of that number that are not archived."""
    items = Item.objects.filter(account=shop.account_id, part_number=part_number, item_type=item_type, archived_at__isnull=True)
    return [pk for pk in items.order_by().values_list("pk", flat=True) if pk != besides]


def items_of_colors(shop: Shop, color_ids: Iterable[int]) -> list[int]:
    """The account's items of these colours that are not archived."""
    items = Item.objects.filter(account=shop.account_id, color_id__in=list(color_ids), archived_at__isnull=True)
    return list(items.order_by().values_list("pk", flat=True))
