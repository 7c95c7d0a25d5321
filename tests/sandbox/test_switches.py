"""Every switch does what it says, to the feeds it names and no others."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
import requests
from python_calamine import CalamineWorkbook

from sandbox.server import Sandbox
from sandbox.switches import Board
from tests.sandbox.calls import download, download_roster, get, rows


def table(answer: requests.Response) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def switch(sandbox: Sandbox, name: str, **settings: Any) -> None:
    sandbox.control("ge", "switch", name=name, **settings)


def test_expired_session_answers_a_web_page_on_both_ways_in(sandbox: Sandbox) -> None:
    switch(sandbox, "expired_session")
    for answer in (get(sandbox, "/stock/FG", org="7QX"), download(sandbox, "stock:FG")):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "Sign In" in answer.text


def test_expired_session_can_redirect_instead(sandbox: Sandbox) -> None:
    switch(sandbox, "expired_session", way="redirect")
    assert download(sandbox, "stock:FG").status_code == 302


def test_truncated_keeps_a_footer_that_announces_more(sandbox: Sandbox) -> None:
    switch(sandbox, "truncated", feeds=["stock:STA"])
    lines = table(download(sandbox, "stock:STA"))
    assert lines[-1][:2] == ["Total", "600"]
    assert len([line for line in lines[1:-1] if line[1]]) == 556
    body = get(sandbox, "/stock/STA", org="7QX").json()
    assert body["totals"]["serialCount"] == 600
    assert len(rows(sandbox, "/stock/STA", org="7QX")) == 556


def test_no_footer_ends_without_a_total(sandbox: Sandbox) -> None:
    switch(sandbox, "no_footer")
    assert table(download(sandbox, "stock:FG"))[-1][0] != "Total"
    assert "totals" not in get(sandbox, "/stock/FG", org="7QX").json()


def test_empty_has_headings_only(sandbox: Sandbox) -> None:
    switch(sandbox, "empty")
    assert table(download(sandbox, "stock:FG")) == [["Model #", "Serial #", "Inv Qty", "Availability Status", "Availability Message"]]
    assert get(sandbox, "/stock/FG", org="7QX").json()["rows"] == []


def test_blank_has_not_one_byte(sandbox: Sandbox) -> None:
    switch(sandbox, "blank")
    assert download(sandbox, "stock:FG").content == b""
    assert get(sandbox, "/stock/FG", org="7QX").content == b""


def test_equal_duplicates_are_counted_in_the_footer(sandbox: Sandbox) -> None:
    switch(sandbox, "duplicates_equal")
    lines = table(download(sandbox, "stock:FG"))
    assert lines[-1][:2] == ["Total", "103"]
    assert lines[1:4] == lines[-4:-1]


def test_unequal_duplicates_differ_in_model_and_status(sandbox: Sandbox) -> None:
    switch(sandbox, "duplicates_unequal")
    lines = table(download(sandbox, "stock:FG"))
    assert [line[1] for line in lines[1:4]] == [line[1] for line in lines[-4:-1]]
    assert {(line[0], line[3]) for line in lines[-4:-1]} == {("QTXOTHER", "Reserved")}


def test_missing_column_leaves_out_the_named_one(sandbox: Sandbox) -> None:
    switch(sandbox, "missing_column", column="serial")
    assert table(download(sandbox, "stock:FG"))[0] == ["Model #", "Inv Qty", "Availability Status", "Availability Message"]
    assert "serial" not in get(sandbox, "/stock/FG", org="7QX").json()["rows"][0]


def test_missing_column_of_a_load_list_is_its_key(sandbox: Sandbox) -> None:
    switch(sandbox, "missing_column")
    assert table(download(sandbox, "loads:open"))[0] == ["Units", "Notes", "Scanned Date/Time", "Status"]


def test_shrunken_has_a_fifth_and_a_footer_that_fits(sandbox: Sandbox) -> None:
    switch(sandbox, "shrunken", feeds=["stock:FG"])
    assert table(download(sandbox, "stock:FG"))[-1][:2] == ["Total", "20"]


def test_flood_fills_a_list_up(sandbox: Sandbox) -> None:
    switch(sandbox, "flood", feeds=["stock:FG"], size=2500)
    found = rows(sandbox, "/stock/FG", org="7QX")
    assert len(found) == 2500
    assert table(download(sandbox, "stock:FG"))[-1][:2] == ["Total", "2495"]


def test_wrong_bucket_answers_another_list(sandbox: Sandbox) -> None:
    open_box = rows(sandbox, "/stock/ASIS", org="7QX")
    switch(sandbox, "wrong_bucket", feeds=["stock:FG"])
    assert rows(sandbox, "/stock/FG", org="7QX") == open_box


def test_yesterday_answers_the_day_before(sandbox: Sandbox) -> None:
    before = get(sandbox, "/stock/FG", org="7QX").json()
    sandbox.control("ge", "next-day")
    switch(sandbox, "yesterday")
    stale = get(sandbox, "/stock/FG", org="7QX").json()
    assert stale["rows"] == before["rows"]
    assert stale["takenAt"] < before["takenAt"]


def test_one_load_fails_and_the_others_answer(sandbox: Sandbox) -> None:
    first, second = (row["loadNumber"] for row in rows(sandbox, "/loads", org="7QX", scope="open")[:2])
    switch(sandbox, "load_fails", load=second)
    assert get(sandbox, f"/loads/{first}/units").status_code == 200
    assert get(sandbox, f"/loads/{second}/units").status_code == 500
    assert download_roster(sandbox, second).status_code == 500


def test_without_a_number_the_newest_load_fails(sandbox: Sandbox) -> None:
    first, second = (row["loadNumber"] for row in rows(sandbox, "/loads", org="7QX", scope="open")[:2])
    switch(sandbox, "load_fails")
    assert get(sandbox, f"/loads/{first}/units").status_code == 500
    assert get(sandbox, f"/loads/{second}/units").status_code == 200


def test_status_once_answers_the_second_time(sandbox: Sandbox) -> None:
    switch(sandbox, "status", status=503, times=1)
    assert [get(sandbox, "/stock/FG", org="7QX").status_code for _ in range(2)] == [503, 200]


def test_status_without_times_stays(sandbox: Sandbox) -> None:
    switch(sandbox, "status")
    assert [get(sandbox, "/stock/FG", org="7QX").status_code for _ in range(3)] == [500, 500, 500]


def test_throttled_says_when_to_come_back(sandbox: Sandbox) -> None:
    switch(sandbox, "throttled", retry_after="7", times=1)
    answer = get(sandbox, "/stock/FG", org="7QX")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_half_body_announces_more_than_it_sends(sandbox: Sandbox) -> None:
    switch(sandbox, "half_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sandbox, "/stock/FG", org="7QX")


def test_reset_breaks_the_connection(sandbox: Sandbox) -> None:
    switch(sandbox, "reset")
    with pytest.raises(requests.exceptions.ConnectionError):
        get(sandbox, "/stock/FG", org="7QX")


def test_slow_outlasts_an_impatient_caller(sandbox: Sandbox) -> None:
    switch(sandbox, "slow", seconds=30)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{sandbox.url}/ge/stock/FG", timeout=0.2)


def test_who_waits_is_answered_when_slow_is_turned_off() -> None:
    board, stopping = Board({}, [], lambda: None), threading.Event()
    with ThreadPoolExecutor(1) as another:
        waiting = another.submit(board.rest, 600, stopping)
        for _ in range(200):
            board.turn_off("slow")
            answered = bool(wait([waiting], timeout=0.05).done)
            if answered:
                break
        stopping.set()
    assert answered


def test_drip_brings_everything_in_the_end(sandbox: Sandbox) -> None:
    whole = download(sandbox, "stock:FG").content
    switch(sandbox, "drip", seconds=0.1)
    assert len(download(sandbox, "stock:FG").content) == len(whole)
    assert sandbox.control("ge")["requests"][-1]["faults"] == ["drip"]


def test_a_switch_touches_only_its_feeds(sandbox: Sandbox) -> None:
    switch(sandbox, "status", feeds=["stock:STA", "load:units"])
    assert get(sandbox, "/stock/STA", org="7QX").status_code == 500
    assert get(sandbox, "/stock/FG", org="7QX").status_code == 200


def test_switches_go_off_one_by_one_and_all_at_once(sandbox: Sandbox) -> None:
    switch(sandbox, "status")
    switch(sandbox, "empty")
    assert [row["name"] for row in sandbox.control("ge", "off", name="status")["switches"]] == ["empty"]
    assert sandbox.control("ge", "clear")["switches"] == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"name": "nonsense"}, "There is no switch “nonsense”"),
        ({"name": "slow", "seconds": "long"}, "“long” is no seconds"),
        ({"name": "slow", "colour": "red"}, "no setting “colour”"),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused(sandbox: Sandbox, settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        sandbox.control("ge", "switch", **settings)
