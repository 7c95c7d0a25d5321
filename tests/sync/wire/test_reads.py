from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from sync.wire.errors import BadCredentials, Refused, RetryLater, SessionExpired, Unreachable, WireError, WrongAnswer
from sync.wire.session import WireSession
from tests.sync.wire.server import Server, body, closed_port, document, half_body, half_chunked, page, reset, silent, status

Open = Callable[..., WireSession]


def test_document_is_read_with_its_query_and_exact_numbers(server: Server, open_session: Open) -> None:
    server.on("/shop/stock", document({"price": 0.1}))
    found = open_session(f"{server.url}/shop/").get_json("stock", params={"limit": 5, "from": None, "q": "a&b"}, expect=dict)
    assert found == {"price": Decimal("0.1")}
    assert (server.seen[0].method, server.seen[0].query) == ("GET", "limit=5&q=a%26b")


def test_credentials_and_cookies_travel_in_headers(server: Server, open_session: Open) -> None:
    server.on("/stock", document([]))
    open_session(bearer="tok-1", cookies={"SID": "abc", "LB": "7"}, headers={"X-Shop": "7QX"}).get_json("/stock", expect=list)
    headers = server.seen[0].headers
    assert headers["Authorization"] == "Bearer tok-1"
    assert sorted(headers["Cookie"].split("; ")) == ["LB=7", "SID=abc"]
    assert headers["X-Shop"] == "7QX"


@pytest.mark.parametrize(("word", "header"), [("word", "Basic a2V5OndvcmQ="), ("wörd€", "Basic a2V5OnfDtnJk4oKs")])
def test_basic_login_is_sent(server: Server, open_session: Open, word: str, header: str) -> None:
    server.on("/stock", document([]))
    open_session(basic=("key", word)).get_json("/stock", expect=list)
    assert server.seen[0].headers["Authorization"] == header


def test_cookie_set_by_the_other_side_is_sent_back(server: Server, open_session: Open) -> None:
    server.on("/login", document({}, Set_Cookie="SID=new; Path=/"))
    server.on("/stock", document({}))
    session = open_session()
    session.get_json("/login", expect=dict)
    session.get_json("/stock", expect=dict)
    assert server.seen[1].headers["Cookie"] == "SID=new"


def test_next_page_of_the_same_origin_is_followed(server: Server, open_session: Open) -> None:
    server.on("/stock", document({"page": 2}))
    assert open_session(f"{server.url}/elsewhere").get_json(f"{server.url}/stock?page=2", expect=dict) == {"page": 2}
    assert server.seen[0].query == "page=2"


def test_next_page_of_another_origin_is_not_followed(server: Server, open_session: Open) -> None:
    with pytest.raises(WireError) as caught:
        open_session().get_json("http://elsewhere.example/stock?page=2", expect=dict)
    assert caught.value.code == "target_refused"
    assert server.seen == []


def test_read_by_post_is_tried_again_with_its_body(server: Server, open_session: Open, pauses: list[float]) -> None:
    server.on("/jsonrpc", status(503), document({"result": 1}))
    assert open_session().read_json("POST", "/jsonrpc", json={"method": "search"}, expect=dict) == {"result": 1}
    assert [seen.body for seen in server.seen] == [b'{"method": "search"}'] * 2
    assert pauses == [1.0]


def test_failures_of_the_other_side_are_tried_three_times(server: Server, open_session: Open, pauses: list[float]) -> None:
    server.on("/stock", status(500))
    with pytest.raises(RetryLater) as caught:
        open_session().get_json("/stock", expect=dict)
    assert (caught.value.code, caught.value.http_status, caught.value.after) == ("server_error", 500, 60.0)
    assert len(server.seen) == 3
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    "first", [status(500), status(502), status(503), status(504), status(429), status(408), reset, half_body(), half_chunked]
)
def test_passing_failure_is_overcome_by_the_second_try(server: Server, open_session: Open, first: Callable[..., None]) -> None:
    server.on("/stock", first, document({"ok": True}))
    assert open_session().get_json("/stock", expect=dict) == {"ok": True}
    assert len(server.seen) == 2


def test_retry_after_in_seconds_is_waited_for(server: Server, open_session: Open, pauses: list[float]) -> None:
    server.on("/stock", status(429, Retry_After="17"), document({}))
    open_session().get_json("/stock", expect=dict)
    assert pauses == [17.0]


def test_retry_after_as_a_date_is_waited_for(server: Server, open_session: Open, pauses: list[float]) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=40)
    server.on("/stock", status(503, Retry_After=format_datetime(moment, usegmt=True)), document({}))
    open_session().get_json("/stock", expect=dict)
    assert len(pauses) == 1
    assert 5 < pauses[0] <= 40


def test_long_retry_after_is_handed_to_the_caller_at_once(server: Server, open_session: Open, pauses: list[float]) -> None:
    server.on("/stock", status(429, Retry_After="3600"))
    with pytest.raises(RetryLater) as caught:
        open_session().get_json("/stock", expect=dict)
    assert (caught.value.code, caught.value.after) == ("too_many_calls", 3600.0)
    assert len(server.seen) == 1
    assert pauses == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, Refused), (401, BadCredentials), (403, Refused), (404, Refused), (409, Refused), (422, Refused), (501, Refused)],
)
def test_plain_no_is_asked_once(server: Server, open_session: Open, code: int, kind: type[WireError]) -> None:
    server.on("/stock", status(code, b"why"))
    with pytest.raises(kind) as caught:
        open_session().get_json("/stock", params={"token": "hidden"}, expect=dict)
    assert len(server.seen) == 1
    assert (caught.value.http_status, caught.value.body) == (code, b"why")
    assert f"{server.url}/stock" in caught.value.sentence
    assert "hidden" not in caught.value.sentence


def test_missing_path_says_which(server: Server, open_session: Open) -> None:
    with pytest.raises(Refused, match=f"There is nothing at {server.url}/nowhere") as caught:
        open_session().get_json("/nowhere", expect=dict)
    assert caught.value.code == "not_found"


def test_silence_is_a_timeout(server: Server, open_session: Open, pauses: list[float]) -> None:
    server.on("/stock", silent)
    with pytest.raises(Unreachable) as caught:
        open_session(read_seconds=0.1).get_json("/stock", expect=dict)
    assert (caught.value.code, caught.value.may_have_acted) == ("timeout", True)
    assert server.seen_so_far(3) == 3


def test_closed_port_is_unreachable(open_session: Open, pauses: list[float]) -> None:
    with closed_port() as port, pytest.raises(Unreachable) as caught:
        open_session(f"http://127.0.0.1:{port}").get_json("/stock", expect=dict)
    assert (caught.value.code, caught.value.may_have_acted) == ("connect", False)
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (page(), "html"),
        (page(content_type="application/json"), "html"),
        (body(b"a,b\n", "text/csv"), "content_type"),
        (body(b"{}", ""), "content_type"),
        (body(b'{"a": ', "application/json"), "not_json"),
        (body(b'{"a": NaN}', "application/json"), "not_json"),
        (body(b"[" * 100_000, "application/json"), "not_json"),
        (body(b"\xff\xfe{", "application/json"), "not_json"),
        (body(b"[]", "application/json"), "json_shape"),
        (body(b"", "application/json"), "not_json"),
        (body(b"no gzip", "application/json", Content_Encoding="gzip"), "undecodable"),
    ],
)
def test_answer_of_the_wrong_kind_is_named_and_asked_for_once(
    server: Server, open_session: Open, behaviour: Callable[..., None], code: str
) -> None:
    server.on("/stock", behaviour)
    with pytest.raises(WrongAnswer) as caught:
        open_session().get_json("/stock", expect=dict)
    assert caught.value.code == code
    assert len(server.seen) == 1


def test_document_above_its_limit_is_refused(server: Server, open_session: Open) -> None:
    server.on("/stock", document(["x" * 1000]))
    with pytest.raises(WrongAnswer, match="larger than 100 bytes") as caught:
        open_session().get_json("/stock", expect=list, limit_bytes=100)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "location", ["https://sso.example/authorize?next=1", "/login", "/web/signin?to=x", "/oauth2/start", "/session_expired"]
)
def test_redirect_to_a_sign_in_is_an_ended_session(server: Server, open_session: Open, location: str) -> None:
    server.on("/stock", status(302, Location=location))
    with pytest.raises(SessionExpired):
        open_session().get_json("/stock", expect=dict)
    assert [seen.path for seen in server.seen] == ["/stock"]


@pytest.mark.parametrize("location", ["/stock/", "/blogindex", "/authors/stock", ""])
def test_redirect_elsewhere_is_a_wrong_address(server: Server, open_session: Open, location: str) -> None:
    server.on("/stock", status(301, Location=location))
    with pytest.raises(WrongAnswer) as caught:
        open_session().get_json("/stock", expect=dict)
    assert caught.value.code == "redirect"
    assert [seen.path for seen in server.seen] == ["/stock"]


def test_proxies_of_the_environment_are_ignored(server: Server, open_session: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        server.on("/stock", document({}))
        open_session().get_json("/stock", expect=dict)
    assert proxy.seen == []


def test_probe_takes_any_page(server: Server, open_session: Open) -> None:
    server.on("/", page())
    open_session().probe("/")
    server.on("/", body(b"\x00", "application/octet-stream"))
    open_session().probe("/")
    server.on("/", status(302, Location="/login"))
    with pytest.raises(SessionExpired):
        open_session().probe("/")
