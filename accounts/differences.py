"""What of a row changed, in a form the audit log can keep."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

NEVER_KEPT = frozenset({"password", "digest"})
"""Fields whose values are secret, or as good as, in whatever model they are."""

_encoder = DjangoJSONEncoder()


def state(row: models.Model, *, secret_fields: Collection[str] = ()) -> dict[str, Any]:
    """The stored values of `row` by field name, references as ids: without secrets, bytes, many-to-many relations, and times that every
    save sets."""
    return {
        field.name: _plain(field.value_from_object(row))
        for field in row._meta.concrete_fields
        if field.name not in NEVER_KEPT
        and field.name not in secret_fields
        and not isinstance(field, models.BinaryField)
        and not getattr(field, "auto_now", False)
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both states reduced to the fields in which they differ; two empty dictionaries when nothing changed."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _plain(value: Any) -> Any:
    """`value` as JSON can hold it; what JSON does not know, as its text."""
    try:
        _encoder.encode(value)
    except TypeError:
        return str(value)
    return value
