"""The control page, the journal, and what survives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from sandbox.ge.rows import TOKEN
from sandbox.server import Sandbox, start
from tests.sandbox.calls import download, get, rows


def test_day_and_switches_survive_a_restart(tmp_path: Path) -> None:
    with start(data=tmp_path) as first:
        first.control("ge", "next-day")
        first.control("ge", "switch", name="empty", feeds=["stock:FG"])
        before = rows(first, "/stock/ASIS", org="7QX")
    with start(data=tmp_path) as second:
        state = second.control("ge")
        assert state["day"] == 1
        assert [(row["name"], row["feeds"]) for row in state["switches"]] == [("empty", ["stock:FG"])]
        assert rows(second, "/stock/ASIS", org="7QX") == before


def test_two_sandboxes_do_not_share_their_day(tmp_path: Path) -> None:
    with start(data=tmp_path / "a") as one, start(data=tmp_path / "b") as other:
        one.control("ge", "next-day")
        assert other.control("ge")["day"] == 0


def test_reset_goes_back_to_the_first_day_with_all_off(sandbox: Sandbox) -> None:
    first = sandbox.control("ge")
    sandbox.control("ge", "next-day")
    sandbox.control("ge", "switch", name="empty")
    assert sandbox.control("ge", "reset") == first


def test_a_unit_can_be_moved_and_removed_by_hand(sandbox: Sandbox) -> None:
    serial = rows(sandbox, "/stock/FG", org="7QX")[0]["serial"]
    sandbox.control("ge", "move", serials=[serial], bucket="STA")
    staged = [row for row in rows(sandbox, "/stock/STA", org="7QX") if row["serial"] == serial]
    assert [(row["status"], row["message"]) for row in staged] == [("Reserved", "Not Available")]
    assert sandbox.control("ge", "remove", serials=[serial])["units"] == {"FG": 99, "ASIS": 850, "STA": 600}


@pytest.mark.parametrize(
    ("action", "arguments", "sentence"),
    [
        ("move", {"serials": ["ZZ000000"], "bucket": "STA"}, "ZZ000000 is not on hand"),
        ("move", {"serials": []}, "Name at least one serial"),
        ("explode", {}, "There is no action “explode”"),
    ],
)
def test_an_action_that_does_not_fit_changes_nothing(sandbox: Sandbox, action: str, arguments: dict[str, object], sentence: str) -> None:
    before = sandbox.control("ge")
    with pytest.raises(ValueError, match=sentence):
        sandbox.control("ge", action, **arguments)
    assert sandbox.control("ge") == before


def test_calls_are_counted_and_kept_in_order(sandbox: Sandbox) -> None:
    get(sandbox, "/stock/FG", org="7QX")
    download(sandbox, "stock:STA")
    get(sandbox, "/stock/FG", org="7QX")
    state = sandbox.control("ge")
    assert state["calls"] == {"GET /ge/stock/FG": 2, "POST /ge/dms/erpCheckInventory/erpInventorySpreadsheet": 1}
    assert state["feeds"] == {"stock:FG": 2, "stock:STA": 1}
    assert [entry["feed"] for entry in state["requests"]] == ["stock:FG", "stock:STA", "stock:FG"]
    assert sandbox.control("ge", "forget")["calls"] == {}


def test_the_journal_keeps_no_secrets(sandbox: Sandbox) -> None:
    get(sandbox, "/stock/FG", org="7QX", token="a-secret-token", password="another-secret")
    download(sandbox, "stock:FG", cookies={"JSESSIONID": "a-secret-cookie"})
    text = requests.get(f"{sandbox.url}/_control/state", timeout=60).text
    assert "secret" not in text
    assert TOKEN not in text


def test_the_page_works_by_clicking(sandbox: Sandbox) -> None:
    clicks = requests.Session()
    clicks.headers["Accept"] = "text/html"
    page = clicks.get(f"{sandbox.url}/_control/", timeout=60)
    assert "Next day" in page.text
    clicks.post(f"{sandbox.url}/_control/ge/next-day", timeout=60)
    page = clicks.post(f"{sandbox.url}/_control/ge/switch", data={"name": "expired_session", "feeds": "", "times": ""}, timeout=60)
    assert page.url == f"{sandbox.url}/_control/#ge"
    assert "Turn expired_session off" in page.text
    assert sandbox.control("ge")["day"] == 1


def test_a_marketplace_is_shown_with_its_lots_and_sold_from_by_clicking(sandbox: Sandbox) -> None:
    clicks = requests.Session()
    clicks.headers["Accept"] = "text/html"
    added = {"number": "3003", "type": "", "color": "5", "quantity": "4", "price": "", "condition": "", "notes": "<b>", "place": ""}
    clicks.post(f"{sandbox.url}/_control/bricklink/add-lot", data=added, timeout=60)
    lot = sandbox.rows("bricklink", "lots")[0]["inventory_id"]
    page = clicks.post(f"{sandbox.url}/_control/bricklink/sell", data={"lot": str(lot), "pieces": "3"}, timeout=60)
    assert "PART 3003 Brick 2 x 2" in page.text
    assert "&lt;b&gt;" in page.text
    assert f"3 of {lot}" in page.text
    assert sandbox.rows("bricklink", "lots")[0]["quantity"] == 1
    refused = clicks.post(f"{sandbox.url}/_control/bricklink/sell", data={"lot": str(lot), "pieces": "3"}, timeout=60)
    assert (refused.status_code, refused.text) == (400, f"<p>Lot {lot} has 1 pieces, not 3.</p>")


def test_a_foreign_host_name_may_not_control(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/_control/ge/next-day", headers={"Host": "elsewhere.example"}, timeout=60)
    assert answer.status_code == 403
    assert sandbox.control("ge")["day"] == 0


def test_it_listens_on_the_loopback_address_only(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")


def test_a_taken_port_is_an_error_of_the_system(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        start(int(sandbox.url.rpartition(":")[2]), data=tmp_path / "other")
