"""Importing items from a CSV file: all of it or nothing (docs/items.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.models import Account
from inventory.csvtable import RowProblem
from inventory.errors import FileTooLarge
from inventory.items import fields as entered
from inventory.items.itemfile import ItemFile, ItemRow, read
from inventory.items.rules import notices, with_suffix
from inventory.items.upserting import Row, enter
from inventory.items.work import working
from inventory.models import Condition, Item, ItemType
from inventory.productrecord import one_at_a_time

CAUSE = "import"
NOTICES = 50
"""At most so many rows are told what to know of them."""
_BATCH = 1000

_IDENTITY: Mapping[str, Any] = {
    "item_type": ItemType.PART,
    "part_number": "",
    "color_id": 0,
    "condition": Condition.NEW,
    "completeness": "",
    "location": "",
}
"""By which a row without a token finds its item, with what an empty cell means."""

_Identity = tuple[Any, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do: items added, changed and left as they are. With `problems` it does nothing at all.

    `ignored` are headings that mean nothing to an import; `notices` say what is kept otherwise than it stands there.
    """

    added: int
    changed: int
    unchanged: int
    problems: tuple[RowProblem, ...]
    notices: tuple[RowProblem, ...]
    ignored: tuple[str, ...]
    applied: bool

    @property
    def sentence(self) -> str:
        """What came of it, for a person."""
        if self.problems:
            return f"Nothing was imported: {_so_many(len(self.problems), 'cell')} to be corrected."
        would = "" if self.applied else "Nothing was written yet. It would be: "
        return f"{would}{_so_many(self.added, 'item')} added, {self.changed:,} changed, {self.unchanged:,} as before."


def import_csv(actor: Actor, content: bytes, *, dry_run: bool = False) -> ImportReport:
    """Add the items of a file and change those that it means: by the token, else by type, number, colour, condition, completeness and
    location. A dry run only says what would happen.

    Raises NotAllowed, UnreadableFile, FileTooLarge; problems of single rows are in the report.
    """
    actor.require("item.import")
    if len(content) > settings.UPLOAD_LIMIT:
        raise FileTooLarge(f"The file is larger than {settings.UPLOAD_LIMIT / 1024 / 1024:g} MB.", hint="Split it.")
    file = read(content)
    with transaction.atomic():
        # Two imports of one file would else add everything twice.
        one_at_a_time(actor.account)
        rows, problems = _meant(actor.account, file)
        with working(actor, [row.item_id for row in rows if row.item_id is not None], cause=CAUSE) as work:
            done = enter(work, rows)
            problems += file.problems
            problems += [RowProblem(each.row, _heading(file, each.field), each.sentence) for each in done.wrong]
            applied = not problems and not dry_run
            added, changed = work.would_change()
            if not applied:
                work.forget()
    told = () if problems else _notices(file, rows, done.items)
    return ImportReport(
        added,
        changed,
        len(rows) - added - changed,
        tuple(sorted(problems, key=lambda problem: problem.row)),
        told,
        file.ignored,
        applied,
    )


def _meant(account: Account, file: ItemFile) -> tuple[list[Row], list[RowProblem]]:
    """The rows with the item that each means, and those that can't tell."""
    rows, problems = [], []
    seen: dict[_Identity, int] = {}
    for start in range(0, len(file.rows), _BATCH):
        part = file.rows[start : start + _BATCH]
        by_token, by_identity = _stored(account, part, with_location="location" in file.headings)
        for row in part:
            values = {name: value for name, value in row.values.items() if name != "token"}
            token = row.values.get("token")
            if token:
                found, column = [by_token[token]] if token in by_token else [], "token"
            else:
                identity = _identity(values, with_location="location" in file.headings)
                found, column = by_identity.get(identity, []), "part_number"
                first = seen.setdefault(identity, row.number)
                if first != row.number:
                    problems.append(RowProblem(row.number, file.headings[column], f"The same item stands in row {first} already."))
                    continue
            if len(found) > 1 or (token and not found):
                problems.append(RowProblem(row.number, file.headings[column], _which(token, found)))
            else:
                rows.append(Row(row.number, found[0] if found else None, values))
    return rows, problems


def _stored(account: Account, rows: Sequence[ItemRow], *, with_location: bool) -> tuple[dict[str, int], dict[_Identity, list[int]]]:
    mine = Item.objects.filter(account=account)
    tokens = [row.values["token"] for row in rows if row.values.get("token")]
    by_token = dict(mine.filter(token__in=tokens).values_list("token", "pk"))
    numbers = {_identity(row.values, with_location=with_location)[1] for row in rows if not row.values.get("token")}
    by_identity: dict[_Identity, list[int]] = {}
    stored = mine.filter(archived_at__isnull=True, part_number__in=numbers).order_by("pk")
    for pk, *identity in stored.values_list("pk", *_IDENTITY):
        by_identity.setdefault(tuple(identity if with_location else identity[:-1]), []).append(pk)
    return by_token, by_identity


def _identity(values: Mapping[str, Any], *, with_location: bool) -> _Identity:
    """As stored items have it. Without a column for the location, it can be any."""
    found = {}
    for name, default in _IDENTITY.items():
        try:
            found[name] = entered.READERS[name](values[name]) if name in values else default
        except (ValueError, ValidationError):
            # It is told when the row is entered.
            found[name] = values[name]
    found["part_number"] = with_suffix(found["item_type"], found["part_number"])
    return tuple(found.values() if with_location else list(found.values())[:-1])


def _which(token: str | None, found: Sequence[int]) -> str:
    if token:
        return f"There is no item with the token {token[:40]}."
    return f"There are {len(found)} such items; say which by its token, or by its location."


def _heading(file: ItemFile, field: str) -> str:
    return file.headings.get(field) or file.headings.get("part_number") or file.headings.get("token", "")


def _notices(file: ItemFile, rows: Sequence[Row], items: Sequence[Item]) -> tuple[RowProblem, ...]:
    found = []
    for row, item in zip(rows, items, strict=True):
        for notice in notices(item, row.values):
            field, _, sentence = notice.partition(": ")
            if field in row.values:
                found.append(RowProblem(row.number, file.headings[field], sentence))
    return tuple(found[:NOTICES])


def _so_many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
