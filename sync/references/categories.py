"""Categories here in line with the tree of categories that one connection tells of. Few rows: written one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inventory.categories import LONGEST, SEPARATOR
from inventory.keys import name_key
from inventory.models import Category
from inventory.productrecord import one_at_a_time
from sync.models import CategoryRef, Connection

UNNAMED = "Unnamed"


def follow(connection: Connection) -> list[str]:
    """Give each category there one here, in the same tree; the external ids of those that are another category here than before.

    One of the same name in the same place is the one that is meant; else the one that followed it is renamed or moved, or a new one made.
    A category that is gone there stays here, for what is in it. Within the caller's transaction, which holds the account's catalogue.
    """
    one_at_a_time(connection.account)
    refs = {ref.external_id: ref for ref in CategoryRef.objects.filter(connection=connection, gone_at=None)}
    known = list(Category.objects.filter(account=connection.account_id))
    by_place = {(each.parent_id, each.name_key): each for each in known}
    by_id = {each.pk: each for each in known}
    followers: dict[int, set[str]] = {}
    # Those of other connections too: what they follow is not renamed under them.
    for there, number, owner in CategoryRef.objects.filter(account=connection.account_id, gone_at=None, category__isnull=False).values_list(
        "external_id", "category_id", "connection_id"
    ):
        followers.setdefault(number, set()).add(f"{owner} {there}")
    changed = []
    for ref in in_order(refs):
        parent = refs[ref.parent_id_there].category_id if ref.parent_id_there in refs else None
        name = name_of(ref.name)
        wanted = by_place.get((parent, name_key(name)))
        mine = by_id.get(ref.category_id) if ref.category_id else None
        if wanted is None:
            wanted = mine if mine is not None and len(followers.get(mine.pk, ())) == 1 and not _is_inside(parent, mine, by_id) else None
            if wanted is None:
                wanted = Category(account_id=connection.account_id)
            else:
                by_place.pop((wanted.parent_id, wanted.name_key), None)
            wanted.name, wanted.name_key, wanted.parent_id = name, name_key(name), parent
            wanted.save()
            by_place[parent, wanted.name_key] = by_id[wanted.pk] = wanted
        if ref.category_id != wanted.pk:
            followers.get(ref.category_id or 0, set()).discard(f"{connection.pk} {ref.external_id}")
            followers.setdefault(wanted.pk, set()).add(f"{connection.pk} {ref.external_id}")
            ref.category_id = wanted.pk
            ref.save(update_fields=["category"])
            changed.append(ref.external_id)
    return changed


def in_order(refs: Mapping[str, CategoryRef]) -> Sequence[CategoryRef]:
    """Each category after the one it lies in, whatever order they came in; two that lie in each other end the search. Pure."""
    done: dict[str, CategoryRef] = {}

    def take(there: str, above: tuple[str, ...]) -> None:
        if there in done or there in above or there not in refs:
            return
        take(refs[there].parent_id_there, (*above, there))
        done[there] = refs[there]

    for there in sorted(refs):
        take(there, ())
    return list(done.values())


def name_of(text: str) -> str:
    """A category's name as it is kept here: the sign that stands between names of a path can't be in one. Pure."""
    return " ".join(text.replace(SEPARATOR, "›").split())[:LONGEST].strip() or UNNAMED


def _is_inside(parent: int | None, category: Category, by_id: Mapping[int, Category]) -> bool:
    """Whether `parent` is the category itself or lies in it: then it can't be moved there."""
    seen: set[int] = set()
    while parent is not None and parent not in seen:
        if parent == category.pk:
            return True
        seen.add(parent)
        parent = by_id[parent].parent_id if parent in by_id else None
    return False
