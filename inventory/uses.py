"""What other rows keep a row from being deleted."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import PROTECT, Model, Q

from inventory.models import Level

Uses = dict[type[Model], int]

SHOWS_NOTHING = Q(pallets=0, packs=0, units=0, reserved_pallets=0, reserved_packs=0, reserved_units=0, quarantined_at__isnull=True)
"""Levels that say no more than that nothing is there."""


def uses(row: Model, *, passing_over: Collection[type[Model]] = ()) -> Uses:
    """How many rows of each model need `row`; models that have none, and those passed over, are left out. Loads no rows."""
    found: Uses = {}
    for relation in row._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.one_to_many) or getattr(relation, "on_delete", None) is not PROTECT:
            continue
        model = relation.related_model
        assert isinstance(model, type)
        if model in passing_over:
            continue
        count = model._base_manager.filter(**{relation.field.name: row.pk}).count()  # type: ignore[union-attr]
        if count:
            found[model] = found.get(model, 0) + count
    return found


def in_words(found: Uses) -> str:
    """ "3 products and 1 category"."""
    parts = [f"{count:,} {_name(model, count)}" for model, count in found.items()]
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def figures(found: Uses) -> dict[str, int]:
    """The same for programs, by the models' names in the plural."""
    return {str(model._meta.verbose_name_plural): count for model, count in found.items()}


def _name(model: type[Model], count: int) -> str:
    if model is Level:
        # Only those that show something are ever counted.
        return "level with stock" if count == 1 else "levels with stock"
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)
