"""Credentials at rest: encrypted in the database, and of a type that can't be shown by accident (docs/wire.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.views.decorators.debug import sensitive_variables

from accounts.errors import Problem


class CredentialsUnreadable(Problem):
    """Needs a person: none of the keys at hand opens the stored credentials."""

    status = 409
    hint = "Put the key they were written with back into FIELD_KEYS, or enter the credentials again."

    def __init__(self) -> None:
        super().__init__("The stored credentials can't be read with the present FIELD_KEYS.")


class Secrets(Mapping[str, str]):
    """Named secret values, immutable. Looking one up gives its text; printing, formatting, pickling or dumping gives names at most.

    `unreadable` is true when no key opens what is stored: then every access but `repr` raises CredentialsUnreadable.
    """

    __slots__ = ("_sealed", "_values")

    _values: dict[str, str]
    _sealed: str

    @sensitive_variables()
    def __init__(self, values: Mapping[str, str] | None = None, /) -> None:
        """Raises TypeError naming the entry, never its value, when a name or value is not text."""
        copied = dict(values or {})
        for position, (name, value) in enumerate(copied.items(), start=1):
            if {type(name), type(value)} != {str}:
                raise TypeError(f"Secret number {position} must be text under a name that is text.")
        object.__setattr__(self, "_values", copied)
        object.__setattr__(self, "_sealed", "")

    @classmethod
    def from_sealed(cls, sealed: str) -> Secrets:
        """The secrets stored as `sealed`, a Fernet token or nothing; `unreadable` when it opens with none of the keys."""
        if not sealed:
            return cls()
        try:
            return cls(json.loads(keyring().decrypt(sealed.encode())))
        except (InvalidToken, ImproperlyConfigured):
            locked = cls()
            object.__setattr__(locked, "_sealed", sealed)
            return locked

    def sealed(self) -> str:
        """The stored form, written with the newest key. What can't be read is handed back as it was, so that saving a row loses nothing."""
        if self._sealed or not self._values:
            return self._sealed
        return keyring().encrypt(json.dumps(self._values).encode()).decode()

    @property
    def unreadable(self) -> bool:
        return bool(self._sealed)

    def names(self) -> list[str]:
        return sorted(self._open())

    def changed(self, values: Mapping[str, str | None]) -> Secrets:
        """A copy with `values` put over the present ones; None takes a name away. Of unreadable secrets only `values` remain."""
        merged: dict[str, str | None] = {**({} if self.unreadable else self._values), **values}
        return Secrets({name: value for name, value in merged.items() if value is not None})

    def _open(self) -> dict[str, str]:
        if self._sealed:
            raise CredentialsUnreadable
        return self._values

    def __getitem__(self, name: str) -> str:
        return self._open()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())

    def __bool__(self) -> bool:
        return bool(self._sealed or self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secrets) and self._values == other._values and self._sealed == other._sealed

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Secrets don't change; make new ones with changed().")

    def __repr__(self) -> str:
        return "Secrets(unreadable)" if self._sealed else f"Secrets({', '.join(sorted(self._values))})"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __copy__(self) -> Secrets:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secrets:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Secrets are never pickled. Pass the connection's id and read them there.")


def key_problems(keys: Sequence[str]) -> list[str]:
    """What is wrong with FIELD_KEYS, one sentence each, naming positions and never values; empty when all is well."""
    if not keys:
        return ["FIELD_KEYS is not set: credentials can't be stored or read."]
    return [f"FIELD_KEYS: key number {position} is not a Fernet key." for position, key in enumerate(keys, start=1) if not _is_key(key)]


def keyring() -> MultiFernet:
    """The keys of FIELD_KEYS: the first writes, all read. Raises ImproperlyConfigured when there is none or one is invalid."""
    return _keyring(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    if problems := key_problems(keys):
        raise ImproperlyConfigured(" ".join(problems))
    return MultiFernet([Fernet(key) for key in keys])


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


class _SecretsAttribute(DeferredAttribute):
    """Turns a plain mapping into Secrets as soon as it is assigned, so that no debugger, log or page sees it on the instance."""

    field: SecretsField

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = _as_secrets(value)


def _as_secrets(value: Any) -> Any:
    if value is None:
        return Secrets()
    return value if isinstance(value, Secrets) or not isinstance(value, Mapping) else Secrets(value)


if TYPE_CHECKING:
    # Only the type checker knows fields as generic.
    _SecretsText = models.TextField[Any, Secrets]
else:
    _SecretsText = models.TextField


class SecretsField(_SecretsText):
    """A column of Secrets, encrypted with FIELD_KEYS. No query can look inside."""

    descriptor_class = _SecretsAttribute

    def __init__(self, **options: Any) -> None:
        options.setdefault("default", Secrets)
        options.setdefault("blank", True)
        options.setdefault("editable", False)
        super().__init__(**options)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Secrets:
        return Secrets.from_sealed(value or "")

    def to_python(self, value: Any) -> Any:
        """A text is the stored form, as dumps of the database hold it."""
        return Secrets.from_sealed(value) if isinstance(value, str) else _as_secrets(value)

    def get_prep_value(self, value: Any) -> Any:
        if hasattr(value, "resolve_expression"):
            return value
        if isinstance(value, str):
            raise TypeError(f"{self.name} takes Secrets or a mapping, not text.")
        secrets = _as_secrets(value)
        return secrets.sealed() if isinstance(secrets, Secrets) else secrets

    def value_to_string(self, obj: models.Model) -> str:
        secrets: Secrets = self.value_from_object(obj)
        return secrets.sealed()

    def get_lookup(self, lookup_name: str) -> None:
        return None
