"""Categories of products, which may lie in others: the verbs behind admin and API (docs/products.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import Account
from inventory.errors import InUse, NameTaken
from inventory.keys import name_key
from inventory.models import Category
from inventory.productrecord import one_at_a_time
from inventory.texts import named
from inventory.uses import figures, in_words, uses

SEPARATOR = ">"
"""Stands between a category and what lies in it; names can't hold it."""

LONGEST = 120


def add_category(actor: Actor, *, name: str, parent: Category | None = None) -> Category:
    """A new category, in `parent` or on top. Raises NotAllowed, NameTaken, ValidationError naming the field that is wrong."""
    actor.require("category.add")
    category = Category(account=actor.account)
    with transaction.atomic():
        one_at_a_time(actor.account)
        _set(category, {"name": name, "parent": parent})
        category.save(force_insert=True)
        record(actor, entity="Category", entity_id=category.pk, action="ADD", after=state(category))
    return category


def edit_category(actor: Actor, category: Category, **fields: Any) -> Category:
    """Change `name` or `parent` (None is on top); the category as stored then, with all that lies in it.

    Raises NotAllowed, NameTaken, ValidationError naming the field that is wrong: a category can't lie in itself.
    """
    actor.require("category.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = Category.objects.get(pk=category.pk, account=actor.account)
        before = state(stored)
        _set(stored, fields)
        old, new = changed(before, state(stored))
        if new:
            stored.save(update_fields=list(new))
            record(actor, entity="Category", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored


def delete_category(actor: Actor, category: Category) -> None:
    """Remove a category that nothing is in. Raises NotAllowed, InUse."""
    actor.require("category.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = Category.objects.get(pk=category.pk, account=actor.account)
        found = uses(stored)
        if found:
            raise InUse(
                f"There are {in_words(found)} in the category {stored.name}.", hint="Move them elsewhere first.", details=figures(found)
            )
        before = state(stored)
        stored.delete()
        record(actor, entity="Category", entity_id=category.pk, action="DELETE", before=before)


def paths(account: Account | int) -> dict[int, str]:
    """Each category's name after the names of those it lies in, "Kitchen > Fridges", by id and in the order of these texts. One query."""
    known = {pk: (parent, name) for pk, parent, name in _rows(account)}

    def full(pk: int) -> str:
        names = []
        place: int | None = pk
        while place is not None:
            place, name = known[place]
            names.append(name)
        return joined(reversed(names))

    return dict(sorted(((pk, full(pk)) for pk in known), key=lambda pair: (name_key(pair[1]), pair[0])))


def within(account: Account | int, category: int) -> set[int]:
    """The ids of a category and of all that lie in it, at any depth. One query; empty for a category that is not there."""
    children: dict[int | None, list[int]] = {}
    known = set()
    for pk, parent, _ in _rows(account):
        children.setdefault(parent, []).append(pk)
        known.add(pk)
    found: set[int] = set()
    waiting = [category] if category in known else []
    while waiting:
        pk = waiting.pop()
        found.add(pk)
        waiting += children.get(pk, [])
    return found


def with_inner(account: Account | int, numbers: Mapping[int, int]) -> dict[int, int]:
    """Numbers by category, each with those of all that lie in it. One query."""
    above = {pk: parent for pk, parent, _ in _rows(account)}
    totals: Counter[int] = Counter()
    for pk, number in numbers.items():
        place: int | None = pk
        while place is not None:
            totals[place] += number
            place = above.get(place)
    return dict(totals)


def joined(names: Iterable[str]) -> str:
    """Names from the top down as one text."""
    return f" {SEPARATOR} ".join(names)


def checked_name(name: str) -> str:
    """`name` as it is kept. Raises ValidationError for one that can't be a category's."""
    name = named("name", name, LONGEST)
    if SEPARATOR in name:
        raise ValidationError({"name": f"A name can't hold {SEPARATOR}, which stands between a category and what lies in it."})
    return name


def _rows(account: Account | int) -> list[tuple[int, int | None, str]]:
    return list(Category.objects.filter(account=account).order_by().values_list("pk", "parent", "name"))


def _set(category: Category, values: dict[str, Any]) -> None:
    foreign = values.keys() - {"name", "parent"}
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "A category has no such field."))
    if "name" in values:
        category.name = checked_name(values["name"])
        category.name_key = name_key(category.name)
    if "parent" in values:
        _move(category, values["parent"])
    same = Category.objects.filter(account=category.account_id, parent=category.parent_id, name_key=category.name_key)
    if same.exclude(pk=category.pk).exists():
        where = f"in {category.parent.name}" if category.parent else "on top"
        raise NameTaken(f"There is already a category {category.name} {where}.", hint="Use that one.")


def _move(category: Category, parent: Category | None) -> None:
    if parent is not None:
        known = within(category.account_id, parent.pk)
        if not known:
            raise ValidationError({"parent": "There is no such category."})
        if not category._state.adding and parent.pk in within(category.account_id, category.pk):
            raise ValidationError({"parent": f"{category.name} can't lie in itself or in what lies in it."})
    category.parent = parent
