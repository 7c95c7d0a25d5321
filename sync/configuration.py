"""What a person may set on a connection: checked, in one form whatever door it came through, with a sentence for each mistake."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from accounts.models import Account
from inventory.models import Warehouse
from sync import dropfolder
from sync.models import Connection
from sync.systems import Setting, SettingKind, System, Value
from sync.wire.errors import TargetRefused
from sync.wire.targets import parse_base_url

TEXT_LIMIT = 500
SECRET_LIMIT = 20_000
_ON, _OFF = {"on", "true", "yes", "1"}, {"off", "false", "no", "0"}


NAME_LIMIT = 200
URL_LIMIT = 500


class Mistakes(Exception):
    """A sentence for each setting or secret that is wrong, by its name; under no name for one that does not exist."""

    def __init__(self, by_name: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_name.values()))
        self.by_name = dict(by_name)

    def under(self, group: str) -> dict[str, str]:
        """The sentences by GROUP.NAME; one without a name stands under the group."""
        return {f"{group}.{name}".removesuffix("."): sentence for name, sentence in self.by_name.items()}


@dataclass(frozen=True)
class Configuration:
    """Everything a person sets on a connection, as it is to be stored. `secrets` holds changes; `warehouse` None: one is to be made."""

    name: str
    base_url: str
    settings: dict[str, Value]
    secrets: dict[str, str | None] = field(repr=False)
    warehouse: Warehouse | None


@sensitive_variables("secrets", "configuration")
def check(
    account: Account,
    system: System,
    *,
    name: str,
    base_url: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, Any],
    warehouse: Warehouse | None,
    connection: Connection | None = None,
) -> Configuration:
    """What is to be stored of a new connection, or of `connection` when there is one already.

    Raises ValidationError with a sentence for each mistake, under name, base_url, warehouse, settings.NAME and secrets.NAME. No value of
    a secret is ever repeated.
    """
    mistakes: dict[str, str] = {}
    others = Connection.objects.filter(account=account)
    if connection is not None:
        others = others.exclude(pk=connection.pk)
    name, base_url = name.strip(), base_url.strip() or system.default_url
    if problem := _name_problem(name) or _taken(name, others):
        mistakes["name"] = problem
    values: dict[str, Value] = {}
    changes: dict[str, str | None] = {}
    url_needed = False
    try:
        values = checked_settings(system, settings, account)
        url_needed = system.needs_url(system.complete(values))
    except Mistakes as found:
        mistakes |= found.under("settings")
    if problem := _url_problem(base_url, needed=url_needed):
        mistakes["base_url"] = problem
    try:
        changes = checked_secrets(system, secrets)
    except Mistakes as found:
        mistakes |= found.under("secrets")
    follower = others.filter(system=system.key, warehouse=warehouse).first() if warehouse else None
    if warehouse and (problem := _warehouse_problem(account, system, warehouse, connection, follower)):
        mistakes["warehouse"] = problem
    if mistakes:
        raise ValidationError(mistakes)
    return Configuration(name, base_url, values, changes, warehouse)


def _name_problem(name: str) -> str:
    if not name:
        return "The connection needs a name."
    if len(name) > NAME_LIMIT:
        return f"The name is longer than {NAME_LIMIT} characters."
    if _unprintable(name):
        return "The name contains characters that can't be printed."
    return ""


def _taken(name: str, others: QuerySet[Connection]) -> str:
    return f"There is a connection “{name}” already. Choose another name." if others.filter(name=name).exists() else ""


def _url_problem(base_url: str, *, needed: bool) -> str:
    if not base_url:
        return "The address is missing: give it as https://host.example/path." if needed else ""
    if len(base_url) > URL_LIMIT:
        return f"The address is longer than {URL_LIMIT} characters."
    try:
        parse_base_url(base_url)
    except TargetRefused as error:
        return f"{error.sentence} {error.hint}".strip()
    return ""


def _warehouse_problem(
    account: Account, system: System, warehouse: Warehouse, connection: Connection | None, follower: Connection | None
) -> str:
    if warehouse.account_id != account.pk:
        return "There is no such warehouse."
    if system.warehouse_mode is None:
        return f"{system.label} fills no warehouse. Leave it empty."
    if warehouse.mode != system.warehouse_mode:
        return f"“{warehouse}” is a {warehouse.mode} warehouse; {system.label} needs a {system.warehouse_mode} one."
    if follower:
        return f"The warehouse “{warehouse}” follows the connection “{follower}” already. Choose another one."
    if connection and connection.warehouse_id not in (None, warehouse.pk) and connection.runs.exists():
        return f"It has filled the warehouse “{connection.warehouse}” and stays with it. Add another connection for “{warehouse}”."
    return ""


def _unprintable(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def checked_settings(system: System, given: Mapping[str, Any], account: Account) -> dict[str, Value]:
    """`given` as it is to be stored: right types, only what differs from a default or is required.

    None and blank text stand for the default. Raises Mistakes.
    """
    by_name = {setting.name: setting for setting in system.settings}
    mistakes: dict[str, str] = {}
    if unknown := [name for name in given if name not in by_name]:
        called = f" “{unknown[0]}”" if len(unknown[0]) <= NAME_LIMIT and not _unprintable(unknown[0]) else " of that name"
        mistakes[""] = f"{system.label} has no setting{called}. There are: {', '.join(by_name)}."
    found: dict[str, Value] = {}
    for name, setting in by_name.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            found[name] = _converted(setting, value, account)
        except ValueError as error:
            mistakes[name] = f"The setting “{name}” {error}"
    complete = system.complete(found)
    for name, setting in by_name.items():
        if setting.required and complete[name] == "" and name not in mistakes and setting.applies(complete):
            why = f", because {setting.when[0]} is {complete[setting.when[0]]}" if setting.when else ""
            mistakes[name] = f"The setting “{name}” ({setting.label.lower()}) is missing{why}."
    if mistakes:
        raise Mistakes(mistakes)
    return {name: value for name, value in found.items() if by_name[name].required or value != by_name[name].default}


@sensitive_variables()
def checked_secrets(system: System, given: Mapping[str, Any]) -> dict[str, str | None]:
    """`given` without blanks around the values; None takes a secret away. Raises Mistakes, which repeat no value."""
    names = [secret.name for secret in system.secrets]
    mistakes: dict[str, str] = {}
    found: dict[str, str | None] = {}
    for name, value in given.items():
        if name not in names:
            # Not repeated: a misplaced “=” can make a name out of the secret itself.
            mistakes[""] = f"{system.label} has no secret of that name. There are: {', '.join(names)}."
        elif value is None:
            found[name] = None
        elif not isinstance(value, str):
            mistakes[name] = f"The secret “{name}” must be text."
        elif not value.strip():
            mistakes[name] = f"The secret “{name}” is empty. Leave it out to keep it; the API takes it away with null."
        elif _unprintable(value.strip()):
            mistakes[name] = f"The secret “{name}” contains a line break or another character that can't be printed. Copy it again."
        elif len(value) > SECRET_LIMIT:
            mistakes[name] = f"The secret “{name}” is longer than {SECRET_LIMIT:,} characters."
        else:
            found[name] = value.strip()
    if mistakes:
        raise Mistakes(mistakes)
    return found


def _converted(setting: Setting, value: Any, account: Account) -> Value:
    """Raises ValueError with the end of a sentence."""
    if setting.kind is SettingKind.NUMBER:
        return _number(setting, value)
    if setting.kind is SettingKind.SWITCH:
        return _switch(value)
    if not isinstance(value, str):
        raise ValueError("must be text.")
    text = value.strip()
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"is longer than {TEXT_LIMIT} characters.")
    if _unprintable(text):
        raise ValueError("contains characters that can't be printed.")
    if setting.kind is SettingKind.CHOICE and text not in dict(setting.choices):
        raise ValueError(f"must be one of {', '.join(key for key, _ in setting.choices)}.")
    if setting.kind is SettingKind.PATH:
        return _path(text, account)
    return setting.check(text) if setting.check else text


def _number(setting: Setting, value: Any) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not setting.least <= value <= setting.most:
        raise ValueError(f"must be a whole number from {setting.least} to {setting.most:,}.")
    return value


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _ON | _OFF:
        return word in _ON
    raise ValueError("must be on or off.")


def _path(text: str, account: Account) -> str:
    try:
        path = dropfolder.inside(account, text)
    except dropfolder.OutsideDropFolder as error:
        raise ValueError(f"leads elsewhere: {error.sentence[0].lower()}{error.sentence[1:]} {error.hint}") from error
    # Kept as seen from the account's folder, links and all, so that DROP_ROOT can be moved.
    root = dropfolder.root_of(account)
    return text if not text.startswith("/") else str(path.relative_to(root))
