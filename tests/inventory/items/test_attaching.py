"""Pictures and files of an item: what they are, their bytes say."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import items
from inventory.errors import FileTooLarge, ItemArchived
from inventory.items.attaching import LARGEST
from inventory.items.filetypes import SUFFIXES, kind_of, safe_name
from inventory.models import Item, ItemAttachment
from tests.build import make_account, make_actor
from tests.inventory.items.build import make_item
from tests.inventory.ledger.build import Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def zipped(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"%PDF-1.7\n", "application/pdf"),
        (zipped(word__document_xml="<x/>"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (zipped(xl__workbook_xml="<x/>"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (zipped(mimetype="application/x-evil"), None),
        (zipped(setup_exe="MZ"), None),
        (b"PK\x03\x04 broken", None),
        ("Colour: grün\n".encode(), "text/plain"),
        (b"MZ\x90\x00\x03", None),
        (b"\x7fELF\x02", None),
        (b"<svg onload='alert(1)'/>", None),
        (b"\n <!doctype html><script>", None),
        (b"caf\xe9", None),
        (b"", None),
    ],
)
def test_the_bytes_say_what_it_is(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("front.png", "image/png", "front.png"),
        ("C:\\photos\\Front View.JPG", "image/jpeg", "Front View.JPG"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf.exe.pdf"),
        ('a"b\r\nSet-Cookie: x.png', "image/png", "a b Set-Cookie x.png"),
        ("", "image/gif", "file.gif"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("x" * 300 + ".png", "image/png", "x" * 196 + ".png"),
    ],
)
def test_names_are_made_safe(name: str, kind: str, safe: str) -> None:
    assert safe_name(name, kind) == safe


@given(st.text(), st.sampled_from(sorted(SUFFIXES)))
def test_no_name_leads_anywhere(name: str, kind: str) -> None:
    safe = safe_name(name, kind)
    assert 0 < len(safe) <= 200
    assert safe.lower().endswith(SUFFIXES[kind])
    assert not set(safe) & set("/\\\"'<>:;\r\n\0")
    assert safe_name(safe, kind) == safe


@pytest.mark.django_db
class TestOfAnItem:
    @pytest.fixture
    def shop(self) -> Shop:
        return Shop()

    @pytest.fixture
    def item(self, shop: Shop) -> Item:
        return make_item(shop)

    def test_it_is_kept_once_with_what_it_is(self, shop: Shop, item: Item) -> None:
        made = items.attach(shop.actor, item, "front.exe", "application/x-msdownload", PNG)
        again = items.attach(shop.actor, item, "same.png", "image/png", PNG)
        assert made == again
        stored = ItemAttachment.objects.get()
        assert (stored.name, stored.content_type, stored.size, bytes(stored.body)) == ("front.exe.png", "image/png", 28, PNG)
        assert (stored.is_picture, stored.added_by) == (True, "Mara")
        items.detach(shop.actor, stored)
        items.detach(shop.actor, stored)
        assert not ItemAttachment.objects.exists()
        assert list(AuditLog.objects.order_by("id").values_list("action", flat=True)) == ["CREATE", "ATTACH", "DETACH"]

    def test_what_is_too_large_or_no_document_is_refused(self, shop: Shop, item: Item) -> None:
        with pytest.raises(FileTooLarge, match="larger than 5 MB"):
            items.attach(shop.actor, item, "big.txt", "text/plain", b"x" * (LARGEST + 1))
        with pytest.raises(ValidationError, match=r"no picture .* It was said to be “image/png”"):
            items.attach(shop.actor, item, "virus.png", "image/png", b"MZ\x90\x00")
        for number in range(20):
            items.attach(shop.actor, item, f"{number}.txt", "", str(number).encode())
        with pytest.raises(ValidationError, match="at most 20 files"):
            items.attach(shop.actor, item, "one more.txt", "", b"one more")
        items.archive(shop.actor, item)
        with pytest.raises(ItemArchived):
            items.attach(shop.actor, item, "late.txt", "", b"late")

    def test_not_by_viewers_and_not_for_others(self, shop: Shop, item: Item) -> None:
        with pytest.raises(NotAllowed):
            items.attach(make_actor(shop.account, Role.VIEWER), item, "a.txt", "", b"a")
        with pytest.raises(Item.DoesNotExist):
            items.attach(make_actor(make_account("Other")), item, "a.txt", "", b"a")
