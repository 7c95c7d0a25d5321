"""The kinds of outside systems there are. Each source registers what is special about its own; nothing else knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from accounts.errors import Problem
from inventory.models import WarehouseMode
from sync.models import Connection
from sync.wire.verdict import Verdict

Value = str | int | bool
Values = Mapping[str, Value]


class UnknownSystem(Problem):
    """Refused: no source of this installation speaks to a system of that name."""


class SettingKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    SWITCH = "switch"
    PATH = "path"


@dataclass(frozen=True)
class Setting:
    """Something about a connection that may be seen by every member.

    `default` may be computed from the other values. A `required` one must be given where it applies: always, or, with `when` (a setting's
    name and some of its values), only then. `check` returns the text as it is to be stored or raises ValueError with the end of a sentence
    that begins with the setting's name. A number lies between `least` and `most`, both included.
    """

    name: str
    label: str
    help: str = ""
    kind: SettingKind = SettingKind.TEXT
    default: Value | Callable[[Values], Value] = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    when: tuple[str, tuple[str, ...]] | None = None
    section: str = ""
    least: int = 0
    most: int = 1_000_000
    check: Callable[[str], str] | None = None

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether it matters, the settings being `values`."""
        return _applies(self.when, values)


@dataclass(frozen=True)
class Secret:
    """A credential of a connection: can be set and taken away, and is never shown. `when` as for a Setting."""

    name: str
    label: str
    help: str = ""
    when: tuple[str, tuple[str, ...]] | None = None

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether it matters, the settings being `values`."""
        return _applies(self.when, values)


def _applies(when: tuple[str, tuple[str, ...]] | None, values: Mapping[str, Any]) -> bool:
    return when is None or values.get(when[0]) in when[1]


@dataclass(frozen=True)
class Scope:
    """A part of a system that can be synced by itself. `button` is what its button says, and its runs are called.

    One run at a time works on a `dataset` of a connection; blank is the system's.
    """

    key: str
    label: str
    help: str = ""
    button: str = ""
    dataset: str = ""

    @property
    def action(self) -> str:
        return self.button or f"Sync {self.label}"


@dataclass(frozen=True)
class ScheduleSpec:
    """A schedule that comes with a connection, for jobs.schedule.install."""

    key: str
    name: str
    task: str
    cron: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True


@dataclass(frozen=True)
class System:
    """What a source says about its system.

    `needs_url` judges by the complete settings. `test` calls the other side and returns what it found; it raises Problem at most. `source`
    is the dotted path of the class that the engine reads with. `schedules` belong to one connection, whose id is in their keys.

    What it answered is kept for `document_days`, or with None for as long as the installation keeps documents.

    `resolve` turns the scope that was asked for into the one that is run, with a sentence why; it is called when a run is started.

    `budgets` are the call budgets of a connection with these settings: name, length of the window in seconds, calls, how many are reserved.

    `unmapped_place` is the code of facts that name a place nobody has assigned to a warehouse. One that `tells_stock` says how much there
    is, so its places are in warehouses that follow it alone; one that only tells what moves may share any warehouse with others.

    One without `scopes` is not synced: other parts of the installation speak to it. With a `warehouse_mode` each of its connections has a
    warehouse that follows it, with None none has. `default_url` is where the system is for everybody, blank where everybody has another.

    `feeds` are the labels of its feeds, in the order of pages; those `in_parts` come as several documents. `uploads` is the dotted path of
    the module that takes files for them (`slots` and `upload`, as sync/sources/ge/uploads.py has them), blank where none are taken.

    `counts_stock` is the dotted path of the verb (actor, connection, warehouse) that proposes a count of what it has in a warehouse, and
    answers with that `count` and what was `left_out`; blank for one that can't tell.

    `environment` says what variables of the environment stand for where a connection is made of them: “url”, “settings.NAME” or
    “secrets.NAME”. Where several stand for the same, the first one that is set counts.
    """

    key: str
    label: str
    settings: tuple[Setting, ...]
    secrets: tuple[Secret, ...]
    test: Callable[[Connection], Verdict]
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    primary_scope: str = ""
    dataset: str = ""
    source: str = ""
    needs_url: Callable[[Values], bool] = lambda _values: True
    url_help: str = ""
    default_url: str = ""
    schedules: Callable[[Connection], Sequence[ScheduleSpec]] = lambda _connection: ()
    feeds: Mapping[str, str] = field(default_factory=dict)
    in_parts: frozenset[str] = frozenset()
    uploads: str = ""
    warehouse_mode: WarehouseMode | None = WarehouseMode.MIRROR
    resolve: Callable[[Connection, str], tuple[str, str]] | None = None
    document_days: int | None = None
    unmapped_place: str = "unmapped_place"
    tells_stock: bool = True
    budgets: Callable[[Values], Sequence[tuple[str, int, int, int]]] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    counts_stock: str = ""

    def dataset_of(self, scope: str) -> str:
        """Which data a run of `scope` works on: one such run at a time."""
        return self.scopes[scope].dataset or self.dataset

    def widest(self, dataset: str) -> str:
        """The scope that does all that others do with a dataset: the first one listed."""
        return next(key for key in self.scopes if self.dataset_of(key) == dataset)

    def complete(self, settings: Mapping[str, Any]) -> dict[str, Value]:
        """The value of every setting: as stored in `settings`, else its default."""
        known: dict[str, Value] = {}
        computed = []
        for setting in self.settings:
            if setting.name in settings:
                known[setting.name] = settings[setting.name]
            elif callable(setting.default):
                computed.append((setting.name, setting.default))
            else:
                known[setting.name] = setting.default
        return {**known, **{name: default(known) for name, default in computed}}


_registered: dict[str, System] = {}
SYSTEMS: Mapping[str, System] = MappingProxyType(_registered)


def register(system: System) -> None:
    """Let connections be made to `system`; for ready(). Raises ValueError when its key means another one already."""
    if _registered.setdefault(system.key, system) is not system:
        raise ValueError(f"The system “{system.key}” is registered already.")


def synced() -> list[str]:
    """The keys of the systems that have something to sync."""
    return [key for key, known in _registered.items() if known.scopes]


def moving() -> list[str]:
    """The keys of the systems that tell what moves, and not what is there."""
    return [key for key, known in _registered.items() if known.scopes and not known.tells_stock]


def system(key: str) -> System:
    """The system called `key`. Raises UnknownSystem naming those there are."""
    try:
        return _registered[key]
    except KeyError as error:
        raise UnknownSystem(f"There is no system “{key}”. There are: {', '.join(sorted(_registered))}.") from error


def values_of(connection: Connection) -> dict[str, Value]:
    """Every setting of `connection`, defaults filled in. Raises UnknownSystem."""
    return system(connection.system).complete(connection.settings)
