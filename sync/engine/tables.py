"""How a source's rows meet a stored table: which columns are compared, what a difference is called, what is written along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Model


@dataclass(frozen=True)
class Reference:
    """A column that points to a row of `model`, told by that row's `natural` column among those with the same place."""

    model: type[Model]
    natural: str
    place: str


@dataclass(frozen=True)
class Field:
    """One compared column.

    `change` names the change row of a difference; blank writes it without one. `named` gives other names for certain new values.
    `carried_by` is the field whose change row tells this one too: it gets a row of its own only when that field is unchanged. `keep` lets a
    null in the desired row stand for "as stored". `first` is a staged column that fills a null when the row is new.
    """

    name: str
    change: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    carried_by: str = ""
    keep: bool = False
    first: str = ""
    reference: Reference | None = None

    @property
    def column(self) -> str:
        return f"{self.name}_id" if self.reference else self.name


@dataclass(frozen=True)
class Target:
    """A stored table as the engine sees it.

    `key` is the column by which desired and stored rows meet, within the rows of one `place`. `written_once` are staged columns that
    are stored with a new row and never again. `gone` is the column that marks a row as gone; without one it is deleted. `appeared`
    and `disappeared` name the change rows of whole rows; without them, nothing of this table is logged. `moved_by` is the field whose
    difference is a move. `born` is the column that keeps when a row was first stored. `counted` tables make up the run's counters and
    are what the brake looks at. `plural` is what their rows are called in sentences. `label` lists columns of which the first filled one
    names a row; `group` and `scope` are fields that each change row keeps.
    """

    entity: str
    model: type[Model]
    key: str
    place: str
    fields: tuple[Field, ...]
    written_once: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    group: str = ""
    scope: str = ""
    gone: str = ""
    born: str = ""
    appeared: str = ""
    disappeared: str = ""
    moved_by: str = ""
    counted: bool = False
    plural: str = ""

    @property
    def people_say(self) -> str:
        """What people call its rows."""
        return self.plural or f"{self.entity}s"

    @property
    def logged(self) -> bool:
        return bool(self.appeared)

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)


@dataclass(frozen=True)
class Missing:
    """What becomes of stored rows that are not desired: "remove" or "hold" (unconfirmed, for `reason`).

    `where` limits it to rows whose field has one of the values, `ids` and `keys` to these rows; without them all rows of the place are
    meant, except those with a key in `but`. With "remove", a `reason` asks for a second opinion: a row that was not unconfirmed for it
    before is held this once.
    """

    action: Literal["remove", "hold"]
    where: tuple[str, Sequence[str]] | None = None
    ids: Sequence[int] | None = None
    keys: Sequence[str] | None = None
    but: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True)
class Same:
    """In place of a row: the stored one of this key is known to be as desired."""

    key: str


@dataclass(frozen=True)
class TablePlan:
    """What one table should hold after the run.

    `columns` name the values of each of `rows`, the first being the key; keys are unique. The rows are gone through once. Fields without
    a column are left as they are. `blocked` are moves (from, to) that are not made; their rows are unconfirmed for the reason given.
    Quantities are Decimal, or, with `in_thousandths`, whole numbers as they are stored. With `knows_same` some rows may be Same.
    """

    target: Target
    columns: tuple[str, ...]
    rows: Iterable[tuple[Any, ...] | Same]
    missing: tuple[Missing, ...] = ()
    blocked: Mapping[tuple[str, str], str] = field(default_factory=dict)
    in_thousandths: bool = False
    knows_same: bool = False

    @property
    def fields(self) -> list[Field]:
        """The compared fields that this plan speaks of."""
        return [each for each in self.target.fields if each.name in self.columns]
