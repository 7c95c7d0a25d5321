"""Products and their other names: the verbs behind admin, API and commands (docs/products.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed
from inventory import pins, supply
from inventory.errors import AliasTaken, InUse, SkuTaken
from inventory.keys import model_key, sku_key
from inventory.linking import link
from inventory.mirror import follow_units
from inventory.models import AliasKind, Level, Product, ProductAlias, Unit
from inventory.productimport import import_csv
from inventory.productrecord import COLUMNS, NAMES, REFERENCES, described, one_at_a_time
from inventory.productrules import wrong
from inventory.texts import line
from inventory.uses import SHOWS_NOTHING, Uses, figures, in_words, uses

__all__ = ["add_alias", "add_product", "delete_product", "edit_product", "import_csv", "keeping", "link", "remove_alias"]


SUPPLIED = frozenset({"active", "reorder_excluded", "unit_kind", "units_per_pack", "packs_per_pallet"})
"""Fields that decide how a product stands (inventory.supply)."""


def add_product(
    actor: Actor,
    *,
    sku: str,
    models: Iterable[str] = (),
    barcodes: Iterable[str] = (),
    **columns: Any,
) -> Product:
    """A new product, with the makers' models and the barcodes it is known by; units of these models are linked to it.

    `columns` are the others of productrecord.COLUMNS, as far as known: category and vendor are rows, prices and what a pallet or a pack
    holds are numbers, None is unknown. Raises NotAllowed, SkuTaken, AliasTaken for a model of another product, ValidationError naming
    the field that is wrong.
    """
    actor.require("product.add")
    product = Product(account=actor.account)
    with transaction.atomic():
        one_at_a_time(actor.account)
        _set(product, {"sku": sku, **columns})
        product.save(force_insert=True)
        keys = {product.model_key, *_rename(product, "models", models), *_rename(product, "barcodes", barcodes)}
        record(actor, entity="Product", entity_id=product.pk, action="ADD", after=_state(product))
        _relink(actor, keys)
    return product


def edit_product(actor: Actor, product: Product, **fields: Any) -> Product:
    """Change any of productrecord.COLUMNS, or replace all `models` or `barcodes`; the product as stored then.

    What a person changes is pinned: outside systems that know the product leave it so. Units are linked anew. Batches keep the packing
    they were received with. Raises NotAllowed, SkuTaken, AliasTaken, ValidationError naming
    the field that is wrong.
    """

    def edit(stored: Product) -> set[str]:
        keys = {stored.model_key}
        _set(stored, {name: value for name, value in fields.items() if name not in NAMES})
        for field in NAMES.keys() & fields.keys():
            keys |= _rename(stored, field, fields[field])
        return {*keys, stored.model_key}

    return _edit(actor, product, edit)


def delete_product(actor: Actor, product: Product) -> None:
    """Remove a product and its other names; its units stay, and are linked to whichever product their model leads to then.

    Levels that show nothing go with it. Raises NotAllowed, InUse where it has stock or was ever booked.
    """
    actor.require("product.delete")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = _stored(actor, product)
        # Levels before the product, as bookings lock them.
        list(stored.levels.select_for_update().order_by("warehouse").values_list("pk"))
        Product.objects.select_for_update().get(pk=stored.pk)
        found = keeping(stored)
        if found:
            hint = "Set it to not active instead: lists leave it out then."
            raise InUse(f"{stored.sku} has {in_words(found)}.", hint=hint, details=figures(found))
        before = _state(stored)
        keys = {stored.model_key, *stored.aliases.filter(kind=AliasKind.MODEL).values_list("key", flat=True)}
        stored.levels.all().delete()
        stored.delete()
        record(actor, entity="Product", entity_id=product.pk, action="DELETE", before=before)
        _relink(actor, keys)


def keeping(product: Product) -> Uses:
    """What keeps a product from being deleted. Levels that show nothing do not, unless something was booked on them."""
    found = uses(product, passing_over=[Level])
    shown = product.levels.exclude(SHOWS_NOTHING).count()
    return {Level: shown, **found} if shown else found


def add_alias(actor: Actor, product: Product, kind: str, text: str) -> ProductAlias:
    """Let a product be known by another model or barcode. Safe to repeat. Raises NotAllowed, AliasTaken, ValidationError."""
    if kind not in AliasKind.values:
        raise ValidationError({"kind": f"There is no kind “{kind}”. Use one of {', '.join(AliasKind.values)}."})
    stored = _edit(actor, product, lambda stored: _name(stored, AliasKind(kind), [text], "text"))
    return stored.aliases.get(kind=kind, key=model_key(text))


def remove_alias(actor: Actor, alias: ProductAlias) -> None:
    """Let a product not be known by this name any more. Safe to repeat. Raises NotAllowed."""

    def remove(stored: Product) -> set[str]:
        stored.aliases.filter(pk=alias.pk).delete()
        return {alias.key}

    _edit(actor, alias.product, remove)


def _edit(actor: Actor, product: Product, edit: Callable[[Product], set[str]]) -> Product:
    """Let `edit` change the stored product and its names; it returns the model keys whose units are to be linked anew."""
    actor.require("product.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = _stored(actor, product)
        before = _state(stored)
        keys = edit(stored)
        old, new = changed(before, _state(stored))
        if new:
            old, new = _pinned(actor, stored, old, new)
            stored.save()
            record(actor, entity="Product", entity_id=stored.pk, action="CHANGE", before=old, after=new)
            _relink(actor, keys)
            if SUPPLIED & new.keys():
                supply.refresh(actor.account.pk, [stored.pk])
    return stored


def _pinned(actor: Actor, product: Product, old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pin what a person has changed; both states with what is pinned, where that is more than before."""
    before = product.pins
    product.pins = pins.pin(actor, before, new.keys(), among=pins.OF_PRODUCTS)
    if product.pins == before:
        return old, new
    return {**old, "pinned": sorted(pins.read(before))}, {**new, "pinned": sorted(pins.read(product.pins))}


def _stored(actor: Actor, product: Product) -> Product:
    return Product.objects.select_related(*REFERENCES).get(pk=product.pk, account=actor.account)


def _set(product: Product, values: dict[str, Any]) -> None:
    foreign = values.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "A product has no such field."))
    for name, value in values.items():
        if isinstance(value, str):
            # Forms send an empty text for a number that is unknown.
            value = line(name, value) or (None if Product._meta.get_field(name).null else "")
        setattr(product, name, value)
    product.sku_key, product.model_key = sku_key(product.sku), model_key(product.sku)
    if not product.sku_key:
        raise ValidationError({"sku": "A product needs an SKU."})
    product.clean_fields(exclude={"account", *REFERENCES})
    sentences = {**_not_there(product), **wrong(product)}
    if sentences:
        raise ValidationError(sentences)
    same = Product.objects.filter(account=product.account_id, sku_key=product.sku_key).exclude(pk=product.pk).first()
    if same is not None and "sku" in values:
        raise SkuTaken(f"There is already a product with the SKU {same.sku}: {same.name or 'without a name'}.", hint="Edit that one.")


def _not_there(product: Product) -> dict[str, str]:
    """A sentence for each reference to what is not in the account, or not any more."""
    rows = {name: getattr(product, name) for name in REFERENCES}
    gone = [name for name, row in rows.items() if row and not type(row).objects.filter(pk=row.pk, account=product.account_id).exists()]
    return {name: f"There is no such {name}." for name in gone}


def _rename(product: Product, field: str, texts: Iterable[str]) -> set[str]:
    """Let these be all the names of a kind; the keys of models that came or went."""
    texts = list(texts)
    gone = product.aliases.filter(kind=NAMES[field]).exclude(key__in={model_key(text) for text in texts})
    keys = set(gone.values_list("key", flat=True))
    gone.delete()
    return keys | _name(product, NAMES[field], texts, field)


def _name(product: Product, kind: AliasKind, texts: Iterable[str], field: str) -> set[str]:
    """Let a product be known by these too, which came in `field`; the keys that are new."""
    wanted = {model_key(text): line(field, text) for text in texts}
    known = product.aliases.filter(kind=kind, key__in=wanted).values_list("key", flat=True)
    new = [
        ProductAlias(account_id=product.account_id, product=product, kind=kind, text=wanted[key], key=key)
        for key in wanted.keys() - set(known)
    ]
    for alias in new:
        if not alias.key:
            raise ValidationError({field: f"“{alias.text}” has neither letter nor digit."})
        try:
            alias.clean_fields(exclude={"account", "product"})
        except ValidationError as error:
            raise ValidationError({field: error.messages}) from error
    if kind == AliasKind.MODEL:
        _check_free(product.account_id, {alias.key: alias.text for alias in new})
    ProductAlias.objects.bulk_create(new)
    return {alias.key for alias in new}


def _check_free(account_id: int, models: dict[str, str]) -> None:
    rows = ProductAlias.objects.filter(account=account_id, kind=AliasKind.MODEL, key__in=models)
    taken = rows.select_related("product").first()
    if taken is not None:
        raise AliasTaken(f"The model {models[taken.key]} belongs to the product {taken.product.sku}.", hint="Remove it there first.")


def _state(product: Product) -> dict[str, Any]:
    """For the audit log."""
    return described(product, product.aliases.order_by("key").values_list("kind", "text"))


def _relink(actor: Actor, keys: set[str]) -> None:
    if link(Unit.objects.filter(account=actor.account, model_key__in=keys - {""})):
        follow_units(actor.account, actor=actor)
