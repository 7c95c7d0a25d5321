"""What a person may set on a connection: checked, in one form whatever door it came through, with a sentence for each mistake."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from accounts.models import Account
from sync import dropfolder
from sync.systems import Setting, SettingKind, System, Value

TEXT_LIMIT = 500
SECRET_LIMIT = 20_000
_ON, _OFF = {"on", "true", "yes", "1"}, {"off", "false", "no", "0"}


class Mistakes(Exception):
    """A sentence for each setting or secret that is wrong, by its name."""

    def __init__(self, by_name: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_name.values()))
        self.by_name = dict(by_name)


def checked_settings(system: System, given: Mapping[str, Any], account: Account) -> dict[str, Value]:
    """`given` as it is to be stored: right types, only what differs from a default or is required.

    None and blank text stand for the default. Raises Mistakes.
    """
    by_name = {setting.name: setting for setting in system.settings}
    mistakes = {name: f"{system.label} has no setting “{name}”. There are: {', '.join(by_name)}." for name in given if name not in by_name}
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
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
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
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, bool):
        return word
    if word in _ON or word in _OFF:
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
