from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.wire.errors import Refused, RetryLater, Unreachable, WireError, WrongAnswer
from sync.wire.session import WireSession
from tests.sync.wire.server import Server, body, closed_port, document, half_body, page, reset, silent, status

Open = Callable[..., WireSession]


def test_write_sends_its_document_and_returns_the_answer(server: Server, open_session: Open) -> None:
    server.on("/lots", document({"id": 5}))
    assert open_session().write_json("POST", "/lots", json={"quantity": 3}, expect=dict) == {"id": 5}
    assert (server.seen[0].method, server.seen[0].body) == ("POST", b'{"quantity": 3}')


def test_empty_answer_is_good_where_none_is_expected(server: Server, open_session: Open) -> None:
    server.on("/lots/5", status(204), body(b"", ""))
    session = open_session()
    session.write_json("DELETE", "/lots/5", expect=type(None))
    session.write_json("DELETE", "/lots/5", expect=type(None))
    assert [seen.method for seen in server.seen] == ["DELETE", "DELETE"]


@pytest.mark.parametrize(
    ("behaviour", "kind", "may_have_acted"),
    [
        (status(500), RetryLater, True),
        (status(429, Retry_After="2"), RetryLater, False),
        (status(400), Refused, False),
        (silent, Unreachable, True),
        (reset, Unreachable, True),
        (half_body(), WrongAnswer, True),
        (page(), WrongAnswer, True),
        (body(b"", "application/json"), WrongAnswer, True),
    ],
)
def test_failed_write_is_never_sent_again_and_says_whether_it_may_have_been_done(
    server: Server,
    open_session: Open,
    pauses: list[float],
    behaviour: Callable[..., None],
    kind: type[WireError],
    may_have_acted: bool,
) -> None:
    server.on("/lots", behaviour)
    with pytest.raises(kind) as caught:
        open_session(read_seconds=0.2 if behaviour is silent else 60).write_json("POST", "/lots", json={}, expect=dict)
    assert caught.value.may_have_acted is may_have_acted
    assert server.seen_so_far(1) == 1
    assert pauses == []


def test_write_that_found_no_connection_was_not_done(open_session: Open) -> None:
    with closed_port() as port, pytest.raises(Unreachable) as caught:
        open_session(f"http://127.0.0.1:{port}").write_json("POST", "/lots", json={}, expect=dict)
    assert caught.value.may_have_acted is False
