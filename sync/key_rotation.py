"""Re-encryption of every stored secret with the newest of FIELD_KEYS (docs/wire.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db.models import Model, TextField
from django.db.models.functions import Cast

from sync.secrets import Secrets, SecretsField, keyring

CHUNK = 500


@dataclass(frozen=True)
class Rotation:
    """What a pass over one column did: rows written anew, rows that had the newest key already, rows that no key opens."""

    column: str
    rewritten: int = 0
    current: int = 0
    unreadable: int = 0


def rotate_all(*, chunk: int = CHUNK) -> Iterator[Rotation]:
    """Rewrite all secrets of all models with the newest key, `chunk` rows at a time, and yield what was done per column.

    Safe to run twice and beside running workers: a row that changes in between is looked at again. What no key opens is left as it is.
    Raises ImproperlyConfigured when FIELD_KEYS is missing or invalid.
    """
    keyring()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SecretsField) and field.model is model and not model._meta.proxy:
                yield _rotate(model, field.attname, chunk)


def _rotate(model: type[Model], column: str, chunk: int) -> Rotation:
    newest = Fernet(settings.FIELD_KEYS[0])
    rows = model._base_manager.annotate(stored=Cast(column, TextField())).exclude(stored="")
    rewritten = current = unreadable = 0
    last = None
    while True:
        page = rows.order_by("pk") if last is None else rows.order_by("pk").filter(pk__gt=last)
        found = list(page.values_list("pk", "stored")[:chunk])
        if not found:
            return Rotation(f"{model._meta.label}.{column}", rewritten, current, unreadable)
        last = found[-1][0]
        for pk, first_seen in found:
            stored: str | None = first_seen
            while stored:
                if _opens(newest, stored):
                    current += 1
                    break
                secrets = Secrets.from_sealed(stored)
                if secrets.unreadable:
                    unreadable += 1
                    break
                # Only if nobody has written the row since it was read: their values are newer than these.
                if rows.filter(pk=pk, stored=stored).update(**{column: secrets}):
                    rewritten += 1
                    break
                stored = rows.filter(pk=pk).values_list("stored", flat=True).first()


def _opens(key: Fernet, stored: str) -> bool:
    try:
        key.decrypt(stored.encode())
    except InvalidToken:
        return False
    return True
