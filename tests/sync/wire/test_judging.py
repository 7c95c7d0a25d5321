"""Errors that are told inside an answer count as errors everywhere; each try is signed anew; bodies are plain JSON."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from requests import PreparedRequest
from requests.auth import AuthBase

from sync.wire.breaker import Outcome
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, Refused, RetryLater, Unreachable, WireError, WrongAnswer
from sync.wire.session import WireSession
from tests.sync.wire.server import Server, body, document, silent, status

Open = Callable[..., WireSession]


class Noted:
    """A breaker and a budget that note what they are told."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.spent: list[tuple[bool, float]] = []
        self.blocked: list[float] = []

    def enter(self) -> None:
        pass

    def record(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def spend(self, *, cost: int = 1, urgent: bool = False, share: float = 1.0, names: Sequence[str] | None = None) -> None:
        self.spent.append((urgent, share))

    def block(self, seconds: float, *, names: Sequence[str] | None = None) -> None:
        self.blocked.append(seconds)


def judge(said: Any, http_status: int) -> WireError | None:
    code = said.get("code") if isinstance(said, dict) else None
    if code == 429:
        return RetryLater("Slow down.", after=60, code="too_many_calls")
    if code == 500:
        return RetryLater("Broken inside.", after=0, code="server_error", may_have_acted=True)
    if code == 401:
        return BadCredentials("Wrong secret.", code="signature", certain=True)
    return Refused("No such colour.", code="invalid") if code == 400 else None


@pytest.mark.parametrize(
    ("code", "kind", "outcome"),
    [
        (500, RetryLater, Outcome.FAILURE),
        (429, RetryLater, Outcome.NEUTRAL),
        (400, Refused, Outcome.SUCCESS),
        (401, BadCredentials, Outcome.LOGIN_CERTAINLY_REFUSED),
    ],
)
@pytest.mark.parametrize("http_status", [200, 400, 503])
def test_error_inside_an_answer_counts_for_the_breaker_whatever_the_status(
    server: Server, open_session: Open, code: int, kind: type[WireError], outcome: Outcome, http_status: int
) -> None:
    server.on("/lots", lambda handler: handler.say(http_status, json.dumps({"code": code}).encode()))
    noted = Noted()
    with pytest.raises(kind) as caught:
        open_session(judge=judge, breaker=noted, budget=noted).write_json("POST", "/lots", json={}, expect=dict)
    assert noted.outcomes == [outcome]
    assert caught.value.http_status == http_status
    assert noted.blocked == ([60] if code == 429 else [])


def test_error_inside_an_answer_is_logged_as_one(server: Server, open_session: Open, caplog: pytest.LogCaptureFixture) -> None:
    server.on("/lots", document({"code": 400}))
    with caplog.at_level(logging.INFO, "levelstock.wire"), pytest.raises(Refused):
        open_session(judge=judge).get_json("/lots", expect=dict)
    assert [(line.levelname, "status=200 result=invalid" in line.getMessage()) for line in caplog.records] == [("WARNING", True)]


def test_write_that_failed_is_given_no_pause_that_nobody_asked_for(server: Server, open_session: Open) -> None:
    server.on("/lots", status(503))
    session = open_session()
    with pytest.raises(RetryLater) as write:
        session.write_json("POST", "/lots", json={}, expect=dict)
    with pytest.raises(RetryLater) as read:
        session.get_json("/lots", expect=dict)
    assert (write.value.after, read.value.after) == (0, 60)


def test_retry_after_of_the_answer_wins_over_what_the_judge_assumes(server: Server, open_session: Open) -> None:
    server.on("/lots", document({"code": 429}, Retry_After="7"))
    with pytest.raises(RetryLater) as caught:
        open_session(judge=judge).write_json("POST", "/lots", json={}, expect=dict)
    assert caught.value.after == 7


def test_error_body_that_is_no_json_leaves_the_word_to_the_status(server: Server, open_session: Open) -> None:
    server.on("/lots", status(400, b"<html>no</html>"))
    with pytest.raises(Refused, match="refused the call"):
        open_session(judge=judge).get_json("/lots", expect=dict)


def test_answer_that_is_no_json_is_a_failure_for_the_breaker(server: Server, open_session: Open) -> None:
    server.on("/lots", body(b"nonsense", "application/json"))
    noted = Noted()
    with pytest.raises(WrongAnswer):
        open_session(breaker=noted).get_json("/lots", expect=dict)
    assert noted.outcomes == [Outcome.FAILURE]


def test_read_is_not_kept_waiting_longer_than_the_session_allows(server: Server, open_session: Open, pauses: list[float]) -> None:
    server.on("/lots", document({"code": 429}))
    with pytest.raises(RetryLater):
        open_session(judge=judge, longest_pause=4).get_json("/lots", expect=dict)
    assert (len(server.seen), pauses) == (1, [])


def test_share_of_a_call_reaches_the_budget(server: Server, open_session: Open) -> None:
    server.on("/lots", document({}))
    noted = Noted()
    open_session(budget=noted).get_json("/lots", expect=dict, spending=Spending(share=0.7))
    assert noted.spent == [(False, 0.7)]


def test_each_try_is_signed_anew(server: Server, open_session: Open) -> None:
    class Numbered(AuthBase):
        def __init__(self) -> None:
            self.numbers = itertools.count(1)

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            request.headers["Authorization"] = f"Number {next(self.numbers)} of {request.url}"
            return request

    server.on("/lots", status(503), document({}))
    open_session(auth=Numbered()).get_json("/lots", params={"of": "Y,S"}, expect=dict)
    asked = f"{server.url}/lots?of=Y%2CS"
    assert [seen.headers["Authorization"] for seen in server.seen] == [f"Number 1 of {asked}", f"Number 2 of {asked}"]


def test_document_is_sent_as_plain_json_in_utf8(server: Server, open_session: Open) -> None:
    server.on("/lots", document({}))
    open_session().write_json("POST", "/lots", json={"notes": "größer €"}, expect=dict)
    assert server.seen[0].headers["Content-Type"] == "application/json"
    assert server.seen[0].body == '{"notes": "größer €"}'.encode()


@pytest.mark.parametrize("answer", [status(204), body(b"", ""), body(b"", "text/plain")])
def test_empty_answer_stands_for_what_the_caller_says(server: Server, open_session: Open, answer: Callable[..., None]) -> None:
    server.on("/lots/5", answer)
    assert open_session(judge=judge).write_json("DELETE", "/lots/5", expect=dict, empty={"done": True}) == {"done": True}


def test_document_is_read_where_an_empty_answer_would_do_too(server: Server, open_session: Open) -> None:
    server.on("/lots/5", document({"code": 400}))
    with pytest.raises(Refused):
        open_session(judge=judge).write_json("DELETE", "/lots/5", expect=dict, empty={})


def test_call_may_be_given_less_or_more_time_than_the_others(server: Server, open_session: Open) -> None:
    server.on("/all", silent)
    with pytest.raises(Unreachable, match=r"silent for 0\.2 seconds"):
        open_session(read_seconds=25).get_json("/all", expect=dict, read_seconds=0.2)
