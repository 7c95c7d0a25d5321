"""Files in a directory of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from sync.dropfolder import OutsideDropFolder
from sync.feedproblem import FeedProblem
from sync.models import Connection
from sync.sources.ge import client
from sync.sources.ge.client import client_for
from sync.sources.ge.folder import FolderClient, feed_of
from sync.sources.ge.options import options_of
from sync.wire.errors import Unreachable
from sync.wire.verdict import Finding
from tests.build import make_account
from tests.sync.ge import files
from tests.sync.ge.uploading import make_connection

pytestmark = pytest.mark.django_db

AGO = datetime(2026, 2, 3, 7, tzinfo=UTC)
FG = files.day_one()["stock:FG"]


@pytest.fixture
def connection(db: None, settings: Settings, tmp_path: Path) -> Connection:
    settings.DROP_ROOT = tmp_path / "drop"
    made = make_connection(make_account("North"), "folder", folder="ge")
    (tmp_path / "drop" / "north" / "ge").mkdir(parents=True)
    return made


@pytest.fixture
def folder(connection: Connection, tmp_path: Path) -> Path:
    return tmp_path / "drop" / "north" / "ge"


def drop(folder: Path, name: str, body: bytes = FG, *, at: datetime = AGO) -> Path:
    path = folder / name
    path.write_bytes(body)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def problem_of(connection: Connection, feed: str, part: str = "") -> FeedProblem:
    with pytest.raises(FeedProblem) as caught:
        client_for(connection).fetch(feed, part)
    return caught.value


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("FG.xls", "stock:FG"),
        ("fg 2026-02-03.XLSX", "stock:FG"),
        ("FG (1).csv", "stock:FG"),
        ("stock_ASIS.xls", "stock:ASIS"),
        ("STA_20260203.json", "stock:STA"),
        ("loads-open.xls", "loads:open"),
        ("Loads for sale.xls", "loads:open"),
        ("loads_history-2.csv", "loads:history"),
        ("load history.xls", "loads:history"),
        ("roster-7QX20260203091500.csv", "load:units"),
        ("rosters.csv", "load:units"),
        ("load_units.csv", "load:units"),
        ("FGH.xls", ""),
        ("staff.csv", ""),
        ("my FG.xls", ""),
        ("FG.txt", ""),
        ("FG.xls.part", ""),
        (".FG.xls", ""),
        ("~$FG.xlsx", ""),
    ],
)
def test_names_of_files(name: str, feed: str) -> None:
    assert feed_of(name) == feed


def test_newest_file_of_a_list_counts(connection: Connection, folder: Path) -> None:
    drop(folder, "FG-old.xls", files.next_day()["stock:FG"], at=AGO - timedelta(days=1))
    drop(folder, "FG.xls")
    drop(folder, "STA.xls", files.day_one()["stock:STA"], at=AGO + timedelta(days=1))
    fetched = client_for(connection).fetch("stock:FG")
    assert (fetched.body, fetched.filename, fetched.taken_at, fetched.transport) == (FG, "FG.xls", AGO, "folder")
    assert fetched.document_id is None


def test_file_from_the_future_was_taken_now(connection: Connection, folder: Path) -> None:
    drop(folder, "FG.xls", at=datetime.now(UTC) + timedelta(days=2))
    assert client_for(connection).fetch("stock:FG").taken_at <= datetime.now(UTC)


def test_list_without_a_file(connection: Connection, folder: Path) -> None:
    problem = problem_of(connection, "loads:history")
    assert (problem.code, problem.sentence) == ("not_there", "There is no file of the load history in the folder.")
    assert problem.hint == "Put one there whose name begins with “loads-history”."


def test_folder_that_is_not_there(connection: Connection, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(Unreachable) as caught:
        client_for(connection).probe()
    assert caught.value.sentence == "The folder “ge” is not there."
    assert caught.value.hint == "The operator of this machine makes it inside drop/north, readable for the worker."


def test_each_load_is_read_from_the_newest_roster_that_has_it(connection: Connection, folder: Path) -> None:
    both = files.roster_csv([*files.ROSTERS[files.FOR_SALE_LOAD], *files.ROSTERS[files.PICKED_LOAD]])
    drop(folder, "rosters.csv", both)
    newer = files.roster_csv(files.ROSTERS[files.PICKED_LOAD])
    drop(folder, "roster-2.csv", newer, at=AGO + timedelta(hours=1))
    reader = client_for(connection)
    assert reader.fetch("load:units", files.FOR_SALE_LOAD).body == both
    assert reader.fetch("load:units", files.PICKED_LOAD).body == newer


def test_load_without_a_roster_names_the_files_that_could_not_be_read(connection: Connection, folder: Path) -> None:
    drop(folder, "roster-today.csv", b"")
    problem = problem_of(connection, "load:units", files.FOR_SALE_LOAD)
    assert problem.sentence == f"No roster file in the folder has load {files.FOR_SALE_LOAD}."
    assert problem.hint == "Put one there whose name begins with “roster”. These could not be read: roster-today.csv."


def test_roster_that_can_not_be_read_stands_for_the_load_in_its_name(connection: Connection, folder: Path) -> None:
    drop(folder, f"roster {files.FOR_SALE_LOAD}.csv", files.SIGN_IN_PAGE)
    fetched = client_for(connection).fetch("load:units", files.FOR_SALE_LOAD)
    assert fetched.body == files.SIGN_IN_PAGE


def test_link_inside_the_accounts_folder_is_followed(connection: Connection, folder: Path) -> None:
    (folder.parent / "elsewhere.xls").write_bytes(FG)
    (folder / "FG.xls").symlink_to("../elsewhere.xls")
    assert client_for(connection).fetch("stock:FG").body == FG


def test_link_out_of_the_accounts_folder_is_refused(connection: Connection, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "drop" / "south").mkdir()
    (tmp_path / "drop" / "south" / "FG.xls").write_bytes(FG)
    (folder / "FG.xls").symlink_to("../../south/FG.xls")
    with pytest.raises(OutsideDropFolder):
        client_for(connection).fetch("stock:FG")


def test_folder_that_became_a_link_out_of_the_account_is_refused(connection: Connection, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    folder.rmdir()
    folder.symlink_to(tmp_path / "other")
    with pytest.raises(OutsideDropFolder):
        client_for(connection).probe()


def test_pipe_is_not_waited_for(connection: Connection, folder: Path) -> None:
    os.mkfifo(folder / "FG.xls")
    assert problem_of(connection, "stock:FG").code == "not_there"


def test_file_beyond_the_limit_is_not_read(connection: Connection, folder: Path, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 100
    drop(folder, "FG.csv", b"x" * 101)
    problem = problem_of(connection, "stock:FG")
    assert (problem.code, problem.sentence) == ("too_large", "FG.csv: the file is too large: it has 101 bytes, 100 are allowed.")


def changing(connection: Connection, change: Callable[[], object], times: int) -> FolderClient:
    """A client whose pauses between two tries are the moments at which a writer changes the file under its hands."""
    left = [times]

    class Interrupted(FolderClient):
        def _inside(self, name: str) -> Path:
            path = super()._inside(name)
            self.asked = getattr(self, "asked", 0) + 1
            # Asked the second time after the content was read.
            if self.asked % 2 == 0 and left[0]:
                left[0] -= 1
                change()
            return path

    return Interrupted(connection, options_of(connection), sleep=lambda _seconds: None)


def test_file_that_is_replaced_while_it_is_read_is_read_again(connection: Connection, folder: Path) -> None:
    drop(folder, "FG.xls", b"half a file")

    def replace() -> None:
        drop(folder, "new", FG)
        (folder / "new").rename(folder / "FG.xls")

    assert changing(connection, replace, 1).fetch("stock:FG").body == FG


def test_file_that_grows_while_it_is_read_is_read_again(connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(folder, "FG.csv", b"half ")
    asked = []
    look = os.fstat

    def fstat(number: int) -> os.stat_result:
        asked.append(number)
        if len(asked) == 2:
            with path.open("ab") as file:
                file.write(b"and whole")
        return look(number)

    monkeypatch.setattr(os, "fstat", fstat)
    reader = FolderClient(connection, options_of(connection), sleep=lambda _seconds: None)
    assert reader.fetch("stock:FG").body == b"half and whole"


def test_file_that_keeps_changing_is_left_for_the_next_run(connection: Connection, folder: Path) -> None:
    drop(folder, "FG.xls")

    def replace() -> None:
        drop(folder, "new", FG)
        (folder / "new").rename(folder / "FG.xls")

    with pytest.raises(FeedProblem) as caught:
        changing(connection, replace, 99).fetch("stock:FG")
    assert (caught.value.code, caught.value.sentence) == ("changing", "FG.xls: the file was being written while it was read.")


def test_test_says_what_is_there_and_what_is_not(connection: Connection, folder: Path) -> None:
    drop(folder, "FG.xls")
    drop(folder, "loads-history.xls", files.day_one()["loads:history"])
    found = client.test(connection)
    assert found.finding == Finding.OK
    assert found.sentence == (
        "The folder can be read. It holds FG, load history. There is no file yet for ASIS, STA, loads for sale, rosters."
    )


def test_test_of_an_empty_folder(connection: Connection) -> None:
    assert client.test(connection).sentence == "The folder can be read. It holds no list yet."


def test_test_finds_the_history_of_another_warehouse(connection: Connection, folder: Path) -> None:
    drop(folder, "loads-history.xls", files.day_one()["loads:history"])
    connection.settings = {**connection.settings, "org": "9ZZ"}
    assert client.test(connection).finding == Finding.WRONG_ACCOUNT


def test_test_without_the_folder(connection: Connection, folder: Path) -> None:
    folder.rmdir()
    assert client.test(connection).finding == Finding.UNREACHABLE
