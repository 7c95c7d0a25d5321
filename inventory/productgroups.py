"""The categories and vendors that a file of products names: those that are there, and those to be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models.functions import Upper

from accounts.audit import Entry
from accounts.differences import state
from accounts.models import Account
from inventory.categories import joined
from inventory.keys import name_key
from inventory.models import Category, Vendor

MOST_NEW = 500
"""Of each, in one file: more are rather a column with a wrong heading."""


Path = tuple[str, ...]
"""The keys of a category's name and of those it lies in, from the top down."""


class Groups:
    """`new_categories` and `new_vendors` are what the rows so far named and nobody has added yet; `make` adds them."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.new_categories: list[Category] = []
        self.new_vendors: list[Vendor] = []
        self._categories: dict[Path, Category] = {}
        self._called: dict[str, list[Path]] = {}
        self._names: dict[Path, str] = {}
        self._vendors: dict[str, Vendor] = {}
        known = {category.pk: category for category in Category.objects.filter(account=account)}
        for category in known.values():
            lineage = list(_lineage(category, known))[::-1]
            self._keep(tuple(each.name_key for each in lineage), category, joined(each.name for each in lineage))

    def read_vendors(self, names: Iterable[str]) -> None:
        """Look up the vendors with these names or codes, which rows are about to name. Three statements at most for a thousand."""
        missing = list({name_key(name) for name in names} - self._vendors.keys())
        rows = Vendor.objects.filter(account=self.account).alias(code_key=Upper("code"))
        by_code = {vendor.code.upper(): vendor for vendor in rows.filter(code_key__in=missing).exclude(code="")}
        by_name = {vendor.name_key: vendor for vendor in rows.filter(name_key__in=missing)}
        self._vendors |= {**by_code, **by_name}

    def category(self, names: Sequence[str], now: Category | None) -> Category:
        """The category with this name or path; of several with one name the one that the product has `now`. Raises ValueError, in words."""
        path = tuple(map(name_key, names))
        called = self._called.get(path[0], []) if len(path) == 1 else []
        if len(called) > 1:
            own = [each for each in called if self._categories[each] == now]
            if not own:
                places = " or ".join(f"“{self._names[each]}”" for each in sorted(called))
                raise ValueError(f"There are {len(called)} categories with that name; write {places}.")
            return self._categories[own[0]]
        if called:
            return self._categories[called[0]]
        for depth in range(1, len(path) + 1):
            if path[:depth] not in self._categories:
                self._add(path[:depth], names[depth - 1])
        return self._categories[path]

    def vendor(self, name: str) -> Vendor:
        """The vendor with this name, else with this code, else a new one. Raises ValueError, in words."""
        key = name_key(name)
        if key not in self._vendors:
            if len(self.new_vendors) == MOST_NEW:
                raise ValueError(f"The file names more than {MOST_NEW} vendors that are not there. Is it the right column?")
            self._vendors[key] = Vendor(account=self.account, name=name, name_key=key)
            self.new_vendors.append(self._vendors[key])
        return self._vendors[key]

    def new_names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The new categories, each after those it lies in, and the new vendors."""
        paths = sorted(path for path, category in self._categories.items() if category._state.adding)
        return tuple(self._names[path] for path in paths), tuple(vendor.name for vendor in self.new_vendors)

    def make(self) -> Iterator[Entry]:
        """Store what is new, from the top down; what to tell the audit log."""
        by_depth: dict[int, list[Category]] = {}
        for path, category in self._categories.items():
            if category._state.adding:
                by_depth.setdefault(len(path), []).append(category)
        for depth in sorted(by_depth):
            Category.objects.bulk_create(by_depth[depth])
        Vendor.objects.bulk_create(self.new_vendors)
        for row in (*self.new_categories, *self.new_vendors):
            yield Entry(type(row).__name__, row.pk, "ADD", after=state(row))

    def _add(self, path: Path, name: str) -> None:
        if len(self.new_categories) == MOST_NEW:
            raise ValueError(f"The file names more than {MOST_NEW} categories that are not there. Is it the right column?")
        above = path[:-1]
        category = Category(account=self.account, name=name, name_key=path[-1], parent=self._categories.get(above))
        self.new_categories.append(category)
        self._keep(path, category, joined([self._names[above], name] if above else [name]))

    def _keep(self, path: Path, category: Category, name: str) -> None:
        self._categories[path] = category
        self._names[path] = name
        self._called.setdefault(path[-1], []).append(path)


def _lineage(category: Category, known: Mapping[int, Category]) -> Iterator[Category]:
    """The category, and what it lies in, up to the top."""
    place: Category | None = category
    while place is not None:
        yield place
        place = known[place.parent_id] if place.parent_id else None
