"""Files that can't be read as the list they were uploaded for: a sentence that names the file and says what to do, and nothing is kept."""

from __future__ import annotations

import io
import zipfile

import pytest
from pytest_django import Settings

from accounts.errors import Problem
from accounts.uploadlimit import FileTooLarge
from sync.models import Connection, FeedDocument
from sync.sources.ge.uploads import UnusableFile, upload
from tests.build import make_account, make_actor
from tests.sync.ge import files
from tests.sync.ge.uploading import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None) -> Connection:
    return make_connection(make_account("North"))


def refused(connection: Connection, feed: str, content: bytes, filename: str) -> Problem:
    """What is said of a file; it must not have been kept."""
    with pytest.raises(Problem) as caught:
        upload(make_actor(connection.account), connection, feed, filename, content)
    assert not FeedDocument.objects.exists()
    return caught.value


def test_web_page_instead_of_a_spreadsheet(connection: Connection) -> None:
    problem = refused(connection, "stock:FG", files.SIGN_IN_PAGE, "FG.xls")
    assert problem.sentence == "FG.xls: The answer was a web page, not a spreadsheet. The session has probably expired."
    assert problem.hint == "Sign in again, download the list again, and open it once to see that it is a list."
    assert (problem.code, problem.status) == ("html", 400)


def test_missing_column(connection: Connection) -> None:
    header = tuple(title for title in files.STOCK if title != "Serial #")
    body = files.csv_bytes(header, [("QTX10FRIDGE", "", "Available", "")])
    problem = refused(connection, "stock:FG", body, "FG.csv")
    assert problem.sentence == "FG.csv: Column Serial # is missing."
    assert problem.hint == (
        "The columns found are: Model #, Inv Qty, Availability Status, Availability Message. "
        "Check that the right list was put in this place, and upload it as it was exported."
    )
    assert problem.code == "missing_column"


@pytest.mark.parametrize(
    ("feed", "body", "hint"),
    [
        ("stock:FG", "loads:history", "It looks like the load history: put it in that place, and the FG list in this one."),
        ("stock:FG", "loads:open", "It looks like the loads for sale: put it in that place, and the FG list in this one."),
        ("loads:history", "stock:ASIS", "It looks like a stock list: put it in that place, and the load history in this one."),
        (
            "loads:open",
            f"load:units:{files.FOR_SALE_LOAD}",
            "It looks like the rosters: put it in that place, and the loads for sale in this one.",
        ),
    ],
)
def test_list_of_another_kind_is_recognised(connection: Connection, feed: str, body: str, hint: str) -> None:
    problem = refused(connection, feed, files.day_one()[body], "list.xls")
    assert problem.sentence.startswith("list.xls: Column")
    assert (problem.code, problem.hint) == ("missing_column", hint)


def test_blank_file(connection: Connection) -> None:
    problem = refused(connection, "stock:FG", b"", "FG.xls")
    assert (problem.code, problem.sentence) == ("blank", "FG.xls: The file is blank: it has not even a header row.")


def test_workbook_that_was_not_downloaded_to_its_end(connection: Connection) -> None:
    body = files.stock_xls(files.on_hand(200))
    problem = refused(connection, "stock:FG", body[: len(body) // 2], "FG.xls")
    assert problem.code == "unreadable"
    assert problem.sentence == "FG.xls: The XLS workbook is damaged or was not downloaded to its end."


def test_zip_bomb(connection: Connection) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    problem = refused(connection, "stock:FG", target.getvalue(), "FG.xlsx")
    assert (problem.code, problem.status) == ("zip_bomb", 400)
    assert problem.sentence == "FG.xlsx: The workbook was refused: a part of it unpacks to more than 300 times its size."
    assert problem.hint == "Export the list again, or save it as CSV and upload that."


def test_file_beyond_the_limit(connection: Connection, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    problem = refused(connection, "stock:FG", b"x" * (1024 * 1024 + 1), "FG.xls")
    assert isinstance(problem, FileTooLarge)
    assert problem.sentence == "FG.xls: the file is too large; at most 1 MB are taken."
    assert (problem.status, problem.code) == (413, "too_large")


def test_file_of_just_the_limit_is_read(connection: Connection, settings: Settings) -> None:
    body = files.stock_csv(files.on_hand(20))
    settings.UPLOAD_LIMIT = len(body)
    assert upload(make_actor(connection.account), connection, "stock:FG", "FG.csv", body).report["rows"] == 20


def test_page_of_an_answer_that_has_more(connection: Connection) -> None:
    problem = refused(connection, "stock:FG", b'{"rows": [], "next": "2"}', "fg.json")
    assert isinstance(problem, UnusableFile)
    assert problem.sentence == "fg.json: The file is one page of an answer that has more."


@pytest.mark.parametrize(
    ("given", "shown"),
    [("C:\\lists\\FG.xls", "FG.xls"), ("../../etc/FG.xls", "FG.xls"), ("F\x00G\n.xls", "F<U+0000>G<U+000A>.xls"), ("", "The file")],
)
def test_name_of_the_file_is_shown_without_folders_and_invisible_characters(connection: Connection, given: str, shown: str) -> None:
    assert refused(connection, "stock:FG", b"", given).sentence == f"{shown}: The file is blank: it has not even a header row."
