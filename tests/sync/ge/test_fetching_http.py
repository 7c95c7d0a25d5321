"""Lists from a server that offers them as JSON, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from sandbox.ge.rows import TOKEN
from sandbox.server import Sandbox
from sync.models import Connection
from sync.secrets import CredentialsUnreadable, Secrets
from sync.sources.ge import client
from sync.sources.ge.client import Fetched, client_for
from sync.sources.ge.http import joined
from sync.sources.ge.reading import checksum_of, read
from sync.sources.ge.rows import LoadFeed, RosterFeed, StockFeed
from sync.wire.errors import BadCredentials, Refused, RetryLater, SessionExpired, WrongAnswer
from sync.wire.verdict import Finding
from tests.build import make_account
from tests.sandbox.calls import download
from tests.sync.ge.uploading import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None, sandbox: Sandbox) -> Connection:
    made = make_connection(make_account("North"), "http", base_url=f"{sandbox.url}/ge")
    made.secrets = Secrets({"token": TOKEN})
    made.save()
    return made


def fetch(connection: Connection, feed: str, part: str = "") -> Fetched:
    return client_for(connection, guarded=False).fetch(feed, part)


def turn_on(sandbox: Sandbox, name: str, **values: Any) -> None:
    sandbox.control(action="switch", name=name, **values)


def test_all_pages_of_a_list_come_in_one_piece(sandbox: Sandbox, connection: Connection) -> None:
    turn_on(sandbox, "page_size", size=100)
    fetched = fetch(connection, "stock:ASIS")
    calls = sandbox.control()["feeds"]["stock:ASIS"]
    parsed, _ = read("stock:ASIS", fetched.body)
    assert isinstance(parsed, StockFeed)
    assert parsed.footer is not None
    assert (parsed.serials_read, parsed.bulk_units_read) == (parsed.footer.serial_count, parsed.footer.bulk_units)
    assert parsed.rows_read == 858
    assert calls == 9


def test_2500_rows_come_whole(sandbox: Sandbox, connection: Connection) -> None:
    turn_on(sandbox, "flood", size=2500, feeds="stock:FG")
    parsed, _ = read("stock:FG", fetch(connection, "stock:FG").body)
    assert isinstance(parsed, StockFeed)
    assert parsed.rows_read == 2500


def test_same_content_has_the_same_checksum_whenever_and_in_whatever_pages_it_came(sandbox: Sandbox, connection: Connection) -> None:
    first = fetch(connection, "stock:FG")
    turn_on(sandbox, "page_size", size=7)
    second = fetch(connection, "stock:FG")
    assert (first.checksum, first.body) == (second.checksum, second.body)
    assert first.checksum == checksum_of(first.body)


def test_http_and_the_dealer_systems_download_say_the_same(sandbox: Sandbox, connection: Connection) -> None:
    for feed in ("stock:FG", "stock:ASIS", "stock:STA", "loads:open", "loads:history"):
        by_http, _ = read(feed, fetch(connection, feed).body)
        by_file, _ = read(feed, download(sandbox, feed).content)
        assert _facts(by_http) == _facts(by_file)


def _facts(parsed: StockFeed | LoadFeed | RosterFeed) -> list[Any]:
    if isinstance(parsed, StockFeed):
        return [(row.model, row.serial_key, row.quantity, row.status, row.message) for row in parsed.rows]
    assert isinstance(parsed, LoadFeed)
    return [(row.number, row.units, row.notes or "", row.order_number or "", row.sale_status, row.submitted_at) for row in parsed.rows]


def test_roster_is_asked_for_by_its_load(connection: Connection) -> None:
    history, _ = read("loads:history", fetch(connection, "loads:history").body)
    assert isinstance(history, LoadFeed)
    number = history.rows[0].number
    roster, _ = read("load:units", fetch(connection, "load:units", number).body)
    assert isinstance(roster, RosterFeed)
    assert {row.load_number for row in roster.rows} == {number}
    assert sum(row.quantity for row in roster.rows) == history.rows[0].units


def test_it_says_when_the_server_took_the_list(sandbox: Sandbox, connection: Connection) -> None:
    turn_on(sandbox, "yesterday")
    before = datetime.now(UTC)
    taken_at = fetch(connection, "stock:FG").taken_at
    assert before - timedelta(days=1, seconds=2) <= taken_at <= datetime.now(UTC) - timedelta(days=1)


def test_wrong_token(connection: Connection) -> None:
    connection.secrets = Secrets({"token": "another"})
    with pytest.raises(BadCredentials):
        fetch(connection, "stock:FG")


def test_credentials_that_no_key_opens(connection: Connection) -> None:
    connection.secrets = Secrets.from_sealed("gAAAAA-no-token-of-ours")
    with pytest.raises(CredentialsUnreadable):
        fetch(connection, "stock:FG")


def test_load_that_is_not_there(connection: Connection) -> None:
    with pytest.raises(Refused) as caught:
        fetch(connection, "load:units", "7QX19990101000000")
    assert caught.value.code == "not_found"


def test_sign_in_page_instead_of_data(sandbox: Sandbox, connection: Connection) -> None:
    turn_on(sandbox, "expired_session")
    with pytest.raises(WrongAnswer) as caught:
        fetch(connection, "stock:FG")
    assert caught.value.code == "html"


def test_redirect_to_a_sign_in(sandbox: Sandbox, connection: Connection) -> None:
    turn_on(sandbox, "expired_session", way="redirect")
    with pytest.raises(SessionExpired):
        fetch(connection, "stock:FG")


@pytest.mark.django_db(transaction=True)
def test_four_threads_may_fetch_at_once(connection: Connection) -> None:
    shared = client_for(connection)
    assert shared.in_parallel

    def one(feed: str) -> int:
        try:
            return len(shared.fetch(feed).body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, ["stock:FG", "stock:ASIS", "loads:open", "loads:history"] * 2))


Page = dict[str, Any]


def pages(*answers: Page | Refused) -> Callable[[str | None], Page]:
    waiting = list(answers)

    def page(_cursor: str | None) -> Page:
        answer = waiting.pop(0)
        if isinstance(answer, Refused):
            raise answer
        return answer

    return page


GONE = Refused("Begin again.", http_status=410)


def test_list_that_changes_while_it_is_read_is_read_again_from_its_first_page() -> None:
    found = joined(pages({"rows": [{"serial": "old"}], "next": "2"}, GONE, {"rows": [{"serial": "new"}]}), "/stock/FG")
    assert found.rows == [{"serial": "new"}]


def test_list_that_keeps_changing_is_left_for_later() -> None:
    answers: list[Page | Refused] = [{"rows": [], "next": "2"}, GONE, {"rows": [], "next": "2"}, GONE]
    with pytest.raises(RetryLater) as caught:
        joined(pages(*answers), "/stock/FG")
    assert (caught.value.code, caught.value.after) == ("changed_while_read", 60)


def test_first_page_that_is_gone_is_gone() -> None:
    with pytest.raises(Refused):
        joined(pages(GONE), "/stock/FG")


def test_totals_and_time_are_those_of_the_first_page() -> None:
    first = {"rows": [{"serial": "a"}], "totals": {"serialCount": 2}, "takenAt": "2026-02-03T07:00:00", "next": "2"}
    found = joined(pages(first, {"rows": [{"serial": "b"}], "takenAt": "2026-02-03T08:00:00Z"}), "/stock/FG")
    assert found.totals == {"serialCount": 2}
    assert found.taken_at == datetime(2026, 2, 3, 7, tzinfo=UTC)
    assert found.rows == [{"serial": "a"}, {"serial": "b"}]


def test_pages_that_lead_in_a_circle_end() -> None:
    answer = {"rows": [], "next": "2"}
    with pytest.raises(WrongAnswer) as caught:
        joined(pages(answer, answer, answer), "/stock/FG")
    assert caught.value.code == "endless_pages"


@pytest.mark.parametrize("answer", [{}, {"rows": None}, {"rows": {"serial": "a"}}])
def test_answer_without_rows_is_not_an_empty_list(answer: Page) -> None:
    with pytest.raises(WrongAnswer) as caught:
        joined(pages(answer), "/stock/FG")
    assert caught.value.sentence == 'The answer from /stock/FG has no list named "rows".'


def test_test_of_a_good_connection(connection: Connection) -> None:
    found = client.test(connection)
    assert (found.finding, found.sentence) == (Finding.OK, "GE answers; the load history of 7QX has 45 loads.")


def test_test_tells_what_is_wrong_apart(sandbox: Sandbox, connection: Connection) -> None:
    connection.secrets = Secrets({"token": "another"})
    assert client.test(connection).finding == Finding.BAD_SECRET
    connection.secrets = Secrets({"token": TOKEN})
    connection.settings = {**connection.settings, "org": "9ZZ"}
    assert client.test(connection).finding == Finding.WRONG_ACCOUNT
    connection.settings = {**connection.settings, "org": "7QX"}
    turn_on(sandbox, "expired_session")
    assert client.test(connection).finding == Finding.NOT_WHAT_IT_CLAIMS
    connection.base_url = "http://169.254.169.254/ge"
    assert client.test(connection).finding == Finding.UNREACHABLE
    connection.settings = {"transport": "http"}
    assert client.test(connection).sentence == "The setting “org” must be the 3 letters or digits of the organisation, such as 7QX."
