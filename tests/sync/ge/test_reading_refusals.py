"""Files that can't be used at all, and the sentence each of them gets."""

from __future__ import annotations

import io
import struct
import zipfile

import openpyxl
import pytest
import xlwt

from sync.feedproblem import FeedProblem
from sync.tabular import read_table
from tests.sync.ge import files

LIST_OF_60 = files.on_hand(60)


def refusal(body: bytes, limit_bytes: int = 20_000_000, limit_rows: int = 500_000) -> FeedProblem:
    with pytest.raises(FeedProblem) as problem:
        read_table(body, limit_bytes=limit_bytes, limit_rows=limit_rows)
    assert problem.value.hint
    return problem.value


def workbook(**parts: str) -> bytes:
    """An XLSX with some of its parts replaced; names with `__` for `/`, without their ending."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(files.stock_xlsx(LIST_OF_60))) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            copy.writestr(name, parts.get(name.removesuffix(".xml").replace("/", "__"), source.read(name)))
    return target.getvalue()


def sheet(rows: str, head: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


@pytest.mark.parametrize(
    "page",
    [
        files.SIGN_IN_PAGE,
        b"\xef\xbb\xbf\r\n   <HTML><body>Sign in</body>",
        b"<table><tr><td>Model #</td></tr></table>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html><html xmlns="x"></html>',
        b"<!-- moved --><script>location='/login'</script>",
        "\ufeff<html></html>".encode("utf-16"),
        b'"Model #","Serial #"\n"QTX10FRIDGE","ZZ900001"\n<!DOCTYPE HTML>\n<html><body>Your session has ended</body></html>',
    ],
)
def test_a_web_page_is_recognised(page: bytes) -> None:
    problem = refusal(page)
    assert problem.code == "html"
    assert problem.sentence == "The answer was a web page, not a spreadsheet. The session has probably expired."


def test_a_spreadsheet_of_2003_in_xml_is_not_taken_for_a_web_page() -> None:
    problem = refusal(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>')
    assert (problem.code, problem.sentence) == ("unreadable", "The file is an XML spreadsheet of 2003.")


@pytest.mark.parametrize("body", [b"", b" \r\n\r\n", b"\xef\xbb\xbf", b'"",""\n', files.xls(("", ""), []), files.xlsx(("", ""), [])])
def test_nothing_at_all(body: bytes) -> None:
    assert refusal(body).code == "blank"


@pytest.mark.parametrize("body", [b"%PDF-1.7 Model #,Serial #", b"\x89PNG\r\n\x1a\n0000", b"\x1f\x8b\x08\x00", bytes(range(256)) * 4])
def test_neither_spreadsheet_nor_text(body: bytes) -> None:
    assert refusal(body).code == "unreadable"


def test_a_body_above_the_limit_is_not_even_looked_at() -> None:
    problem = refusal(b"\0" * 200_000_000)
    assert (problem.code, problem.sentence) == ("too_large", "The file is too large: it has 200,000,000 bytes, 20,000,000 are allowed.")


@pytest.mark.parametrize("body", [files.stock_xls(LIST_OF_60), files.stock_xlsx(LIST_OF_60), files.stock_csv(LIST_OF_60)])
def test_more_rows_than_allowed(body: bytes) -> None:
    problem = refusal(body, limit_rows=50)
    assert (problem.code, problem.sentence) == ("too_large", "The file is too large: it has more than 50 rows.")


@pytest.mark.parametrize("line", [b"," * 3_000_000 + b"\n", b"," * 30_000 + b"\n"], ids=["long lines", "many lines"])
def test_commas_without_anything_between_them_are_not_kept(line: bytes) -> None:
    problem = refusal(files.stock_csv(LIST_OF_60) + line * (6_060_000 // len(line)))
    assert (problem.code, problem.sentence) == ("too_large", "The file is too large: it has more than 6,000,000 cells.")


@pytest.mark.parametrize("body", [files.stock_xls(LIST_OF_60), files.stock_xlsx(LIST_OF_60)])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_workbook_that_was_cut_off(body: bytes, share: float) -> None:
    problem = refusal(body[: int(len(body) * share)])
    assert problem.code == "unreadable"
    assert problem.sentence.endswith("workbook is damaged or was not downloaded to its end.")
    assert problem.hint == "Download the file again and upload it unchanged."


def test_an_archive_that_is_no_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("list.csv", files.stock_csv(LIST_OF_60))
    assert refusal(target.getvalue()).sentence == "The file is a zip archive, not a workbook."


def stored(*records: bytes) -> bytes:
    """An OLE2 container with one workbook stream of these records."""
    stream = b"".join(records)
    target = io.BytesIO()
    xlwt.CompoundDoc.XlsDoc().save(target, stream + b"\0" * (-len(stream) % 4096))
    return target.getvalue()


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


BEGIN = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
END = record(0x000A)


def test_an_xls_with_a_password() -> None:
    assert refusal(stored(BEGIN, record(0x002F, b"\0" * 6), END)).sentence == "The workbook is protected by a password."


def test_an_xlsx_with_a_password_is_a_container_with_an_encrypted_package() -> None:
    plain = files.stock_xls(LIST_OF_60)
    name, other = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    place = plain.index(name + b"\0\0")
    length = place + 64
    body = (
        plain[:place] + other + b"\0\0" + plain[place + len(other) + 2 : length] + struct.pack("<H", len(other) + 2) + plain[length + 2 :]
    )
    assert refusal(body).sentence == "The workbook is protected by a password."


def worksheet(*records: bytes) -> bytes:
    """A workbook with one sheet of these records."""
    bound = struct.pack("<IBBBB", len(BEGIN) + 4 + 9 + 4, 0, 0, 1, 0) + b"A"
    return stored(BEGIN, record(0x0085, bound), END, BEGIN, *records, END)


@pytest.mark.parametrize(
    "far",
    [record(0x0203, struct.pack("<HHHd", 65_535, 255, 0, 1.0)), record(0x00BD, struct.pack("<HH", 65_535, 250) + b"\0" * 30 + b"\xff\0")],
)
def test_a_lone_cell_far_away_in_an_xls(far: bytes) -> None:
    assert refusal(worksheet(far)).code == "too_large"


def test_an_xls_whose_directory_promises_more_than_there_is() -> None:
    body = bytearray(files.stock_xls(LIST_OF_60))
    size = body.index("Workbook".encode("utf-16-le") + b"\0\0") + 120
    body[size : size + 4] = struct.pack("<I", struct.unpack_from("<I", body, size)[0] + 100_000)
    assert refusal(bytes(body)).code == "unreadable"


def test_an_xls_that_announces_more_cells_than_the_format_has() -> None:
    assert refusal(worksheet(record(0x0200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)))).code == "unreadable"


def test_an_xls_that_repeats_one_very_long_text() -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("List")
    for row in range(100):
        for column in range(100):
            page.write(row, column, "Q" * 30_000)
    target = io.BytesIO()
    book.save(target)
    assert refusal(target.getvalue()).code == "zip_bomb"


def test_an_xlsx_that_repeats_one_very_long_text() -> None:
    book = openpyxl.Workbook()
    for _ in range(100):
        book.worksheets[0].append(["Q" * 30_000] * 100)
    target = io.BytesIO()
    book.save(target)
    assert refusal(target.getvalue()).code == "zip_bomb"


def test_a_part_that_unpacks_to_a_multiple_of_its_size() -> None:
    problem = refusal(workbook(xl__worksheets__sheet1=sheet(" " * 5_000_000)))
    assert (problem.code, problem.sentence) == (
        "zip_bomb",
        "The workbook was refused: a part of it unpacks to more than 300 times its size.",
    )


def test_many_parts_that_unpack_to_too_much_together() -> None:
    target = io.BytesIO(files.stock_xlsx(LIST_OF_60))
    noise = bytes(index * index % 251 for index in range(4_000)) * 5_250
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"xl/media/{number}.xml", noise)
    problem = refusal(target.getvalue())
    assert problem.code == "zip_bomb"


def lying(body: bytes, name: bytes, size: int) -> bytes:
    """The archive with another unpacked size of one part in its directory and in the part's own head."""
    changed = bytearray(body)
    for mark, place_of_size, place_of_name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        place = changed.find(mark)
        while place >= 0:
            if changed[place + place_of_name :].startswith(name):
                changed[place + place_of_size : place + place_of_size + 4] = struct.pack("<I", size)
            place = changed.find(mark, place + 4)
    return bytes(changed)


def test_a_directory_that_lies_about_a_size_does_not_get_more_unpacked() -> None:
    body = workbook(xl__worksheets__sheet1=sheet(" " * 5_000_000))
    problem = refusal(lying(body, b"xl/worksheets/sheet1.xml", 1_000))
    assert problem.code == "unreadable"


@pytest.mark.parametrize("head", ["<!DOCTYPE w>", '<!DOCTYPE w [<!ENTITY a "QQQQ"><!ENTITY b "&a;&a;&a;&a;">]>'])
def test_a_document_type_in_a_workbook(head: str) -> None:
    one_cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert read_table(workbook(xl__worksheets__sheet1=sheet(one_cell)), limit_bytes=1_000_000).header == ("1",)
    assert refusal(workbook(xl__worksheets__sheet1=sheet(one_cell, head))).code == "unreadable"


def test_a_lone_cell_far_away_is_refused_before_room_is_made_for_all_between() -> None:
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="400000"><c r="XFD400000"><v>1</v></c></row>'
    problem = refusal(workbook(xl__worksheets__sheet1=sheet(far)))
    assert (problem.code, problem.sentence) == ("too_large", "The file is too large: its cells reach over more than 6,000,000 places.")


def test_a_cell_outside_every_sheet() -> None:
    assert refusal(workbook(xl__worksheets__sheet1=sheet('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'))).code == "unreadable"


def test_a_problem_says_what_it_is() -> None:
    problem = refusal(b"")
    assert str(problem) == problem.sentence == "The file is blank: it has not even a header row."
    assert repr(problem) == "FeedProblem('blank', 'The file is blank: it has not even a header row.')"
