"""The JSON way in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import get, rows


def test_a_list_longer_than_a_page_names_the_next(sandbox: Sandbox) -> None:
    body = get(sandbox, "/stock/ASIS", org="7QX").json()
    assert (len(body["rows"]), body["totals"]["serialCount"]) == (500, 850)
    last = get(sandbox, "/stock/ASIS", org="7QX", cursor=body["next"]).json()
    assert len(last["rows"]) == 358
    assert "next" not in last
    assert last["takenAt"] == body["takenAt"]


def test_the_page_size_can_be_set(sandbox: Sandbox) -> None:
    sandbox.control("ge", "switch", name="page_size", size=40)
    assert len(get(sandbox, "/stock/FG", org="7QX").json()["rows"]) == 40
    assert len(rows(sandbox, "/stock/FG", org="7QX")) == 105


def test_a_cursor_of_yesterday_has_expired(sandbox: Sandbox) -> None:
    cursor = get(sandbox, "/stock/ASIS", org="7QX").json()["next"]
    sandbox.control("ge", "next-day")
    assert get(sandbox, "/stock/ASIS", org="7QX", cursor=cursor).status_code == 410


def test_a_cursor_nobody_gave_is_refused(sandbox: Sandbox) -> None:
    assert get(sandbox, "/stock/ASIS", org="7QX", cursor="nonsense").status_code == 400


def test_open_and_history_scopes(sandbox: Sandbox) -> None:
    assert len(rows(sandbox, "/loads", org="7QX", scope="open")) == 9
    history = rows(sandbox, "/loads", org="7QX", scope="history")
    assert len(history) == 45
    assert history[0]["orderNumber"] is None
    assert history[-1]["orderStatus"] == "Delivered"


def test_a_roster_repeats_the_load_number(sandbox: Sandbox) -> None:
    number = rows(sandbox, "/loads", org="7QX", scope="open")[0]["loadNumber"]
    roster = rows(sandbox, f"/loads/{number}/units")
    assert {row["loadNumber"] for row in roster} == {number}
    assert len(roster) == 60


def test_taken_at_is_now(sandbox: Sandbox) -> None:
    taken = datetime.fromisoformat(get(sandbox, "/stock/FG", org="7QX").json()["takenAt"])
    assert abs(datetime.now(UTC) - taken) < timedelta(minutes=1)


def test_a_wrong_token_is_unauthorized(sandbox: Sandbox) -> None:
    answer = get(sandbox, "/stock/FG", token="wrong", org="7QX")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert requests.get(f"{sandbox.url}/ge/stock/FG?org=7QX", timeout=60).status_code == 401


def test_what_is_not_there_is_not_found(sandbox: Sandbox) -> None:
    assert get(sandbox, "/stock/FG", org="8AA").status_code == 404
    assert get(sandbox, "/stock/SCRAP", org="7QX").status_code == 404
    assert get(sandbox, "/loads/7QX20000101000000/units").status_code == 404
    assert requests.get(f"{sandbox.url}/nowhere/", timeout=60).status_code == 404
