"""Pictures and files that belong to an item (docs/items.md)."""

from __future__ import annotations

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from inventory.errors import FileTooLarge
from inventory.items.filetypes import kind_of, safe_name
from inventory.items.work import not_archived
from inventory.models import Item, ItemAttachment

LARGEST = 5 * 1024 * 1024
MOST = 20
"""Of one item."""


def attach(actor: Actor, item: Item, name: str, content_type: str, content: bytes) -> ItemAttachment:
    """Keep a picture or a file with an item: PNG, JPEG, GIF, WebP, PDF, Word, Excel, OpenDocument or plain text, of at most 5 MB.

    What it is, its bytes say: `content_type`, which the sender says, is not believed. The name loses folders and what is not safe in one.
    The same content again is the one that is there. Raises NotAllowed, ItemArchived, FileTooLarge, ValidationError for other files.
    """
    actor.require("item.attach")
    if len(content) > LARGEST:
        raise FileTooLarge(f"The file is larger than {LARGEST // 1024 // 1024} MB.", hint="Make it smaller.")
    kind = kind_of(content)
    if kind is None:
        said = f" It was said to be “{content_type[:60]}”." if content_type else ""
        raise ValidationError(
            {"content": f"This is no picture (PNG, JPEG, GIF, WebP), PDF, Word, Excel or OpenDocument file, and no plain text.{said}"}
        )
    checksum = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        stored = _held(actor, item)
        there = stored.attachments.defer("body").filter(checksum=checksum).first()
        if there is not None:
            return there
        if stored.attachments.count() >= MOST:
            raise ValidationError({"content": f"An item has at most {MOST} files. Remove one first."})
        made = ItemAttachment.objects.create(
            account=actor.account,
            item=stored,
            name=safe_name(name, kind),
            content_type=kind,
            size=len(content),
            checksum=checksum,
            body=content,
            added_by=actor.label[:200],
        )
        record(actor, entity="Item", entity_id=stored.pk, action="ATTACH", after=_about(made))
    return made


def detach(actor: Actor, attachment: ItemAttachment) -> None:
    """Remove it from its item for ever. Safe to repeat. Raises NotAllowed, ItemArchived."""
    actor.require("item.attach")
    with transaction.atomic():
        stored = _held(actor, attachment.item)
        if stored.attachments.filter(pk=attachment.pk).delete()[0]:
            record(actor, entity="Item", entity_id=stored.pk, action="DETACH", before=_about(attachment))


def _held(actor: Actor, item: Item) -> Item:
    stored = Item.objects.select_for_update(no_key=True).get(pk=item.pk, account=actor.account)
    not_archived([stored])
    return stored


def _about(attachment: ItemAttachment) -> dict[str, object]:
    return {"name": attachment.name, "content_type": attachment.content_type, "size": attachment.size, "checksum": attachment.checksum}
