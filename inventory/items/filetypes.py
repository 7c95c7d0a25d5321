"""What kind of file some bytes are, told by the bytes alone. Pure."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

TEXT = "text/plain"
PDF = "application/pdf"
_WEBP = "image/webp"
_BEGINNINGS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": PDF,
}
_OFFICE: Mapping[str, str] = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OPEN_DOCUMENTS = ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet")
_LONGEST_TYPE = 100

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    _WEBP: (".webp",),
    PDF: (".pdf",),
    _OFFICE["word/document.xml"]: (".docx",),
    _OFFICE["xl/workbook.xml"]: (".xlsx",),
    _OPEN_DOCUMENTS[0]: (".odt",),
    _OPEN_DOCUMENTS[1]: (".ods",),
    TEXT: (".txt", ".csv"),
}
"""The kinds that are taken, with the endings of their names, the usual one first."""

_UNSAFE = re.compile(r"[^\w .,()+&=@#\[\]-]|[\x00-\x1f]", re.UNICODE)


def kind_of(content: bytes) -> str | None:
    """The content type, one of SUFFIXES; None for what is none of them."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _WEBP
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    return TEXT if content and _is_text(content) else None


def safe_name(name: str, kind: str, longest: int = 200) -> str:
    """`name` without folders and without characters that mean something to a system or a page, with an ending that fits its kind."""
    last = re.split(r"[\\/]", name)[-1]
    clean = " ".join(_UNSAFE.sub(" ", last).split()).lstrip(". ") or "file"
    suffixes = SUFFIXES[kind]
    if not clean.lower().endswith(suffixes):
        clean += suffixes[0]
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: longest - len(ending) - 1]}{dot}{ending}"


def _zipped(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            for name, kind in _OFFICE.items():
                if name in names:
                    return kind
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= _LONGEST_TYPE:
                found = archive.read("mimetype").decode("ascii", "replace")
                return found if found in _OPEN_DOCUMENTS else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return None
    return None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    # What a browser could take for a page is no plain text.
    return not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text) and not re.match(r"\s*<", text)
