"""XLSX from the inside: what its archive would unpack to, and which of its cells hold formulas or errors.

The archive's directory is not trusted: every part is unpacked here within its bounds and packed again without compression, and only
that copy goes to the reader. (Office Open XML, ECMA-376 part 1, 18.3.1: worksheets; part 2: packages.)
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable
from xml.etree import ElementTree
from xml.parsers import expat

from sync.tabular import problems
from sync.tabular.marks import Marks, bounded_texts

UNPACKED_LIMIT = 200_000_000
"""Bytes of all parts together."""
RATIO_LIMIT = 300
"""Unpacked to packed size of one part, from 1 MB on; spreadsheets stay below 60."""
PARTS_LIMIT = 1_000

_BOOK = "xl/workbook.xml"
_TEXTS = "xl/sharedStrings.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def repacked(body: bytes) -> tuple[dict[str, bytes], bytes]:
    """The XML parts of a workbook by name, and an archive that holds just them, uncompressed.

    Raises FeedProblem: zip_bomb, unreadable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            _refuse_bombs(entries)
            if any(entry.flag_bits & 1 for entry in entries):
                raise problems.protected()
            # ZipFile reads no further than the size in the directory, and fails when the checksum does not fit.
            parts = {entry.filename: archive.read(entry) for entry in entries if entry.filename.lower().endswith((".xml", ".rels"))}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise problems.damaged("XLSX") from error
    if _BOOK not in parts:
        raise problems.unreadable("The file is a zip archive, not a workbook.", "Unpack it and upload the list that is in it.")
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as copy:
        for name, content in parts.items():
            copy.writestr(name, content)
    return parts, plain.getvalue()


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > PARTS_LIMIT:
        raise problems.zip_bomb(f"it consists of more than {PARTS_LIMIT:,} parts")
    if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        raise problems.zip_bomb(f"unpacked it has more than {UNPACKED_LIMIT:,} bytes")
    if any(entry.file_size > 1_000_000 and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1) for entry in entries):
        raise problems.zip_bomb(f"a part of it unpacks to more than {RATIO_LIMIT} times its size")


def marks_of(parts: dict[str, bytes]) -> list[Marks]:
    """The reach, formulas and errors of every sheet, in the order of the workbook. Raises FeedProblem: unreadable, zip_bomb."""
    try:
        sheets = [_scanned(parts.get(path, b"")) for path in _paths(parts)]
        longest = _longest_text(parts[_TEXTS]) if _TEXTS in parts else 0
    except (expat.ExpatError, ElementTree.ParseError, ValueError, KeyError) as error:
        raise problems.damaged("XLSX") from error
    bounded_texts(longest, sum(marks.cells for marks in sheets))
    return sheets


def _paths(parts: dict[str, bytes]) -> list[str]:
    """The part each sheet is kept in, in the order of the workbook. A sheet that is no list of cells (a chart) has no cells to scan."""
    targets = {}
    for link in _tree(parts[_LINKS]):
        targets[link.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
    sheets = (element for element in _tree(parts[_BOOK]).iter() if element.tag.rpartition("}")[2] == "sheet")
    return [targets.get(_relation(sheet), "") for sheet in sheets]


def _relation(sheet: ElementTree.Element) -> str:
    return next((value for name, value in sheet.attrib.items() if name == _RELATION or name.endswith("}id")), "")


def _tree(content: bytes) -> ElementTree.Element:
    _parse(content, None, None)
    return ElementTree.fromstring(content)


Started = Callable[[str, dict[str, str]], None]


def _parse(content: bytes, started: Started | None, texts: Callable[[str], None] | None) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = started
    parser.CharacterDataHandler = texts
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.Parse(content, True)


def _no_doctype(*_: object) -> None:
    # No spreadsheet program writes one; entities that unfold into gigabytes need one.
    raise ValueError("a document type in a workbook")


def _scanned(content: bytes) -> Marks:
    marks = Marks()
    row, column = -1, -1
    error = False

    def started(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, error
        tag = tag.rpartition(":")[2]
        if tag == "c":
            place = attributes.get("r")
            if place:
                row, column = _place(place)
            else:
                column += 1
            error = attributes.get("t") == "e"
        elif tag == "row":
            row = int(attributes["r"]) - 1 if "r" in attributes else row + 1
            column = -1
        elif tag in ("v", "is", "f"):
            marks.reach(row, column)
            if tag == "f":
                marks.formulas.append((row, column))
            elif error:
                marks.errors.append((row, column))

    if content:
        _parse(content, started, None)
    return marks


def _place(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    if not 1 <= len(letters) <= 3 or not 0 < column <= 16_384:
        raise ValueError(f"no such cell: {reference[:20]}")
    return int(reference[len(letters) :]) - 1, column - 1


def _longest_text(content: bytes) -> int:
    longest = length = 0

    def started(tag: str, _: dict[str, str]) -> None:
        nonlocal length
        if tag.rpartition(":")[2] == "si":
            length = 0

    def text(piece: str) -> None:
        nonlocal length, longest
        length += len(piece)
        longest = max(longest, length)

    _parse(content, started, text)
    return longest
