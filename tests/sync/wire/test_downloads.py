from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sync.wire.errors import Unreachable, WireError, WrongAnswer
from sync.wire.session import WireSession
from tests.sync.wire.server import XLS, Server, body, dripping_body, dripping_headers, endless, gzip_bomb, half_body, page, status

Open = Callable[..., WireSession]
SHEET = b"\xd0\xcf\x11\xe0" + b"cells" * 50_000


@pytest.fixture(autouse=True)
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, for this test only."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_body_is_on_disk_until_it_is_closed(server: Server, open_session: Open, downloads: Path) -> None:
    server.on("/sheet", body(SHEET, f"{XLS}; name=x"))
    with open_session().download("POST", "/sheet", data={"request": "ASIS"}, accept=(XLS,)) as found:
        assert found.path.read_bytes() == SHEET
        assert (found.content_type, found.bytes, found.sha256) == (XLS, len(SHEET), hashlib.sha256(SHEET).hexdigest())
        with found.open() as file:
            assert file.read(4) == b"\xd0\xcf\x11\xe0"
    assert list(downloads.iterdir()) == []
    assert server.seen[0].body == b"request=ASIS"


def test_compressed_body_is_unpacked(server: Server, open_session: Open) -> None:
    server.on("/sheet", body(gzip.compress(SHEET), XLS, Content_Encoding="gzip"))
    with open_session().download("GET", "/sheet", accept=(XLS,)) as found:
        assert found.path.read_bytes() == SHEET


def test_half_body_is_read_again_from_the_start(server: Server, open_session: Open) -> None:
    server.on("/sheet", half_body(SHEET, XLS), body(b"short"))
    with open_session().download("GET", "/sheet", accept=(XLS,)) as found:
        assert found.path.read_bytes() == b"short"
        assert (found.bytes, found.sha256) == (5, hashlib.sha256(b"short").hexdigest())


def test_half_body_three_times_leaves_nothing(server: Server, open_session: Open, downloads: Path) -> None:
    server.on("/sheet", half_body(SHEET, XLS))
    with pytest.raises(WrongAnswer, match="half a body") as caught:
        open_session().download("GET", "/sheet", accept=(XLS,))
    assert caught.value.code == "half_body"
    assert len(server.seen) == 3
    assert list(downloads.iterdir()) == []


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (page(), "html"),
        (page("  \n<HTML><body>maintenance", XLS), "html"),
        (body(b"{}", "application/json"), "content_type"),
        (body(b"x" * 2_000_000), "too_large"),
        (endless(), "too_large"),
        (gzip_bomb(megabytes=300), "too_large"),
    ],
)
def test_what_is_no_sheet_is_refused_and_leaves_nothing(
    server: Server, open_session: Open, downloads: Path, behaviour: Callable[..., None], code: str
) -> None:
    server.on("/sheet", behaviour)
    with pytest.raises(WrongAnswer) as caught:
        open_session().download("GET", "/sheet", accept=(XLS,), limit_bytes=1_000_000)
    assert caught.value.code == code
    assert len(server.seen) == 1
    assert list(downloads.iterdir()) == []


def test_page_is_taken_where_a_page_is_wanted(server: Server, open_session: Open) -> None:
    server.on("/page", page("<html>here"))
    with open_session().download("GET", "/page", accept=("text/html",)) as found:
        assert found.path.read_bytes() == b"<html>here"


@pytest.mark.parametrize("behaviour", [dripping_headers, dripping_body(1_000_000), dripping_body(None)])
def test_dripping_answer_is_cut_at_the_deadline(
    server: Server, open_session: Open, downloads: Path, behaviour: Callable[..., None]
) -> None:
    server.on("/sheet", behaviour)
    with pytest.raises(Unreachable, match=r"did not finish its answer within 0\.5 seconds") as caught:
        open_session(deadline_seconds=0.5).download("GET", "/sheet", accept=(XLS,))
    assert caught.value.code == "deadline"
    assert server.seen_so_far(1) == 1
    assert list(downloads.iterdir()) == []


def test_session_works_on_after_a_cut(server: Server, open_session: Open) -> None:
    server.on("/slow", dripping_body(1_000_000))
    server.on("/sheet", body(SHEET))
    session = open_session(deadline_seconds=0.5)
    with pytest.raises(Unreachable):
        session.download("GET", "/slow", accept=(XLS,))
    # How fast this machine is, is not what is tested.
    session._caller = replace(session._caller, deadline=60)
    with session.download("GET", "/sheet", accept=(XLS,)) as found:
        assert found.bytes == len(SHEET)


def test_files_left_by_a_killed_process_are_swept(server: Server, open_session: Open, downloads: Path) -> None:
    old, young = downloads / "levelstock-download-old", downloads / "levelstock-download-young"
    old.touch()
    young.touch()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    with pytest.raises(WireError):
        open_session().download("GET", "/nowhere", accept=(XLS,))
    assert list(downloads.iterdir()) == [young]


def test_forgotten_body_is_deleted_with_its_object(server: Server, open_session: Open, downloads: Path) -> None:
    server.on("/sheet", body(SHEET))
    found = open_session().download("GET", "/sheet", accept=(XLS,))
    assert found.path.exists()
    del found
    assert list(downloads.iterdir()) == []


def test_limit_counts_the_unpacked_bytes(server: Server, open_session: Open) -> None:
    server.on("/sheet", body(gzip.compress(b"\0" * 1001), XLS, Content_Encoding="gzip"), status(200))
    with pytest.raises(WrongAnswer, match="larger than 1,000 bytes"):
        open_session().download("GET", "/sheet", accept=(XLS,), limit_bytes=1000)
