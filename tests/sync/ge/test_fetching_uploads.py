"""The uploads as a way in like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sync.feedproblem import FeedProblem
from sync.models import Connection
from sync.sources.ge import client
from sync.sources.ge.client import client_for
from tests.build import make_account
from tests.sync.ge import files
from tests.sync.ge.uploading import NOON, kept, make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None) -> Connection:
    return make_connection(make_account("North"))


def test_newest_upload_is_read_again_each_time(connection: Connection) -> None:
    kept(connection, "stock:FG", files.next_day()["stock:FG"])
    newest = kept(connection, "stock:FG", files.day_one()["stock:FG"], filename="FG.xls")
    for _ in range(2):
        fetched = client_for(connection).fetch("stock:FG")
        assert (fetched.body, fetched.filename, fetched.taken_at) == (files.day_one()["stock:FG"], "FG.xls", NOON)
        assert (fetched.document_id, fetched.checksum, fetched.transport) == (newest.pk, newest.checksum, "upload")


def test_list_that_nobody_uploaded(connection: Connection) -> None:
    with pytest.raises(FeedProblem) as caught:
        client_for(connection).fetch("stock:FG")
    assert (caught.value.code, caught.value.sentence) == ("not_uploaded", "No file has been uploaded for FG yet.")
    assert caught.value.hint == "Download it and upload it under FG."


def test_upload_of_another_connection_is_not_read(connection: Connection) -> None:
    other = make_connection(make_account("South"))
    kept(other, "stock:FG", files.day_one()["stock:FG"])
    with pytest.raises(FeedProblem):
        client_for(connection).fetch("stock:FG")


def test_load_is_read_from_the_newest_upload_that_has_it(connection: Connection) -> None:
    both = files.roster_csv([*files.ROSTERS[files.FOR_SALE_LOAD], *files.ROSTERS[files.PICKED_LOAD]])
    first = kept(connection, "load:units", both, covers=(files.FOR_SALE_LOAD, files.PICKED_LOAD))
    newer = kept(connection, "load:units", files.roster_csv(files.ROSTERS[files.PICKED_LOAD]), covers=(files.PICKED_LOAD,))
    reader = client_for(connection)
    assert reader.fetch("load:units", files.FOR_SALE_LOAD).document_id == first.pk
    assert reader.fetch("load:units", files.PICKED_LOAD).document_id == newer.pk


def test_load_that_no_roster_has(connection: Connection) -> None:
    with pytest.raises(FeedProblem) as caught:
        client_for(connection).fetch("load:units", files.PICKED_LOAD)
    assert caught.value.sentence == f"No roster has been uploaded for load {files.PICKED_LOAD} yet."


def test_many_loads_of_one_file_take_two_queries(connection: Connection, django_assert_num_queries: Callable[[int], Any]) -> None:
    numbers = tuple(f"7QX202602030915{second:02d}" for second in range(45))
    rows = [files.listed(number, "QTX10FRIDGE", f"ZZ{place:06d}") for place, number in enumerate(numbers)]
    kept(connection, "load:units", files.roster_csv(rows), covers=numbers)
    reader = client_for(connection)
    with django_assert_num_queries(2):
        for number in numbers:
            reader.fetch("load:units", number)


def test_test_says_what_is_still_missing(connection: Connection) -> None:
    assert client.test(connection).sentence == "Nothing to reach: files are uploaded by hand. Nothing has been uploaded yet."
    kept(connection, "stock:FG", files.day_one()["stock:FG"])
    assert client.test(connection).sentence == (
        "Nothing to reach: files are uploaded by hand. Uploaded so far: FG. Not yet: ASIS, STA, loads for sale, load history, rosters."
    )
