"""The dealer system's own downloads, over real HTTP, with the session of somebody who is signed in."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from sandbox.ge.dms import SESSION_COOKIES
from sandbox.server import Sandbox
from sync.models import Connection
from sync.secrets import Secrets
from sync.sources.ge import client, cookiecommand
from sync.sources.ge.client import client_for
from sync.sources.ge.dms import DmsClient
from sync.sources.ge.reading import read
from sync.sources.ge.rows import LoadFeed, RosterFeed, StockFeed
from sync.wire.errors import BadCredentials, SessionExpired, WrongAnswer
from sync.wire.verdict import Finding
from tests.build import make_account
from tests.sync.ge.uploading import make_connection

pytestmark = pytest.mark.django_db

COOKIES = "Cookie: " + "; ".join(f"{name}={value}" for name, value in SESSION_COOKIES.items())


@pytest.fixture
def connection(db: None, sandbox: Sandbox) -> Connection:
    made = make_connection(make_account("North"), "dms", base_url=f"{sandbox.url}/ge")
    made.secrets = Secrets({"cookies": COOKIES})
    made.save()
    return made


def command(settings: Settings, folder: Path, script: str) -> None:
    """A cookie command of the operator's."""
    path = folder / "cookies"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(stat.S_IRWXU)
    settings.DMS_COOKIE_COMMAND = str(path)


@pytest.mark.parametrize(("feed", "rows"), [("stock:FG", 105), ("stock:ASIS", 858), ("stock:STA", 618)])
def test_stock_of_each_bucket(connection: Connection, feed: str, rows: int) -> None:
    parsed, _ = read(feed, client_for(connection, guarded=False).fetch(feed).body)
    assert isinstance(parsed, StockFeed)
    assert parsed.rows_read == rows
    assert parsed.footer is not None


def test_load_lists_and_the_roster_of_a_load(connection: Connection) -> None:
    dms = client_for(connection, guarded=False)
    history, _ = read("loads:history", dms.fetch("loads:history").body)
    opened, _ = read("loads:open", dms.fetch("loads:open").body)
    assert isinstance(history, LoadFeed)
    assert isinstance(opened, LoadFeed)
    assert (len(history.rows), len(opened.rows)) == (45, 9)
    number = opened.rows[0].number
    roster, _ = read("load:units", dms.fetch("load:units", number).body)
    assert isinstance(roster, RosterFeed)
    assert {row.load_number for row in roster.rows} == {number}


def test_braces_that_are_written_encoded_are_sent_as_they_are(sandbox: Sandbox, connection: Connection) -> None:
    form = "dmsLoc={org}&invorg={org}&subInvLoc={bucket}&erpDataList=%7Borg.__class__%7D"
    connection.settings = {**connection.settings, "dms_stock_form": form}
    dms = client_for(connection, guarded=False)
    assert isinstance(dms, DmsClient)
    assert dms._request("stock:FG", "")[2][-1] == ("erpDataList", "{org.__class__}")


def test_probe_of_a_living_session_passes(connection: Connection) -> None:
    client_for(connection, guarded=False).probe()


def test_session_that_has_ended_shows_at_the_probe(connection: Connection) -> None:
    connection.secrets = Secrets({"cookies": "JSESSIONID=old"})
    with pytest.raises(SessionExpired):
        client_for(connection, guarded=False).probe()


def test_sign_in_page_instead_of_a_file(sandbox: Sandbox, connection: Connection) -> None:
    sandbox.control(action="switch", name="expired_session")
    with pytest.raises(SessionExpired) as caught:
        client_for(connection, guarded=False).fetch("stock:FG")
    assert caught.value.sentence == "The answer was a web page, not a spreadsheet. The session has probably expired."
    assert caught.value.hint == "Sign in at the other side, store the new session in the connection and start again."


def test_file_beyond_the_limit_is_not_read_to_its_end(connection: Connection, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 10_000
    with pytest.raises(WrongAnswer) as caught:
        client_for(connection, guarded=False).fetch("stock:ASIS")
    assert caught.value.code == "too_large"


def test_connection_without_cookies_says_where_to_get_them(connection: Connection) -> None:
    connection.secrets = Secrets()
    with pytest.raises(BadCredentials) as caught:
        client_for(connection, guarded=False).probe()
    assert caught.value.sentence == "The connection has no cookies."
    assert caught.value.hint == "Sign in with a browser and store its Cookie header as the secret “cookies” of this connection."


def test_cookie_command_signs_in_once_and_knows_whom_for(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    connection.secrets = Secrets()
    log = tmp_path / "log"
    command(settings, tmp_path, f'echo "$LEVELSTOCK_ACCOUNT $LEVELSTOCK_ORG $LEVELSTOCK_ADDRESS" >> {log}\necho "{COOKIES}"')
    dms = client_for(connection, guarded=False)
    dms.probe()
    dms.fetch("stock:FG")
    assert log.read_text() == f"north 7QX {connection.base_url}\n"


def test_cookie_command_does_not_see_our_keys(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command(settings, tmp_path, f'env > {log}\necho "{COOKIES}"')
    client_for(connection, guarded=False).probe()
    assert "FIELD_KEYS" not in log.read_text()
    assert "SECRET_KEY" not in log.read_text()


def test_cookie_command_that_prints_nothing_leaves_the_stored_cookies(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    command(settings, tmp_path, "true")
    client_for(connection, guarded=False).probe()


def test_cookie_command_that_fails_is_named_without_what_it_printed(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    command(settings, tmp_path, 'echo "JSESSIONID=hush"; exit 3')
    with pytest.raises(BadCredentials) as caught:
        client_for(connection, guarded=False).probe()
    assert (caught.value.code, caught.value.sentence) == ("cookie_command", "The cookie command ended with code 3.")


def test_cookie_command_that_hangs_is_ended_with_all_it_started(
    connection: Connection, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cookiecommand, "SECONDS", 0.2)
    # The inner one inherits the output and would keep it open for an hour.
    command(settings, tmp_path, "sleep 3600 &\nsleep 3600")
    with pytest.raises(BadCredentials) as caught:
        client_for(connection, guarded=False).probe()
    assert caught.value.sentence == "The cookie command did not end within 0.2 seconds."


def test_cookie_command_that_is_not_there(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    settings.DMS_COOKIE_COMMAND = str(tmp_path / "nothing")
    with pytest.raises(BadCredentials) as caught:
        client_for(connection, guarded=False).probe()
    assert caught.value.sentence == "The cookie command can't be started."


@pytest.mark.parametrize("way", ["page", "redirect"])
def test_test_finds_that_the_session_has_ended(sandbox: Sandbox, connection: Connection, way: str) -> None:
    sandbox.control(action="switch", name="expired_session", way=way)
    assert client.test(connection).finding == Finding.BAD_SECRET


def test_test_of_a_good_session(connection: Connection) -> None:
    assert client.test(connection).sentence == "GE answers; the load history of 7QX has 45 loads."


def test_test_with_another_organisation(connection: Connection) -> None:
    connection.settings = {**connection.settings, "org": "9ZZ"}
    found = client.test(connection)
    assert found.finding == Finding.WRONG_ACCOUNT
    assert found.sentence == "GE answers, but lists neither loads nor stock for the organisation 9ZZ."


def test_secrets_are_in_no_error(connection: Connection, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    connection.secrets = Secrets({"cookies": "JSESSIONID=hush-hush"})
    with pytest.raises(SessionExpired) as caught:
        client_for(connection, guarded=False).fetch("stock:FG")
    assert "hush" not in repr(caught.value) + caught.value.sentence + caplog.text
