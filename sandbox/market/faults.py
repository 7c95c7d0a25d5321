"""The faults that both marketplaces have: before the work, after it, and on the site between two calls."""

from __future__ import annotations

from dataclasses import replace

from sandbox.exchange import Answer, Feed, html_answer
from sandbox.switches import Board

SWITCHES: dict[str, str] = {
    "html": "Answers a web page with status 200 and does nothing.",
    "maintenance": "Answers the web page of a maintenance window with status 503 and does nothing.",
    "empty": "Answers with an empty body and does nothing.",
    "throttled_plain": "Answers 429 without saying when to come back, and does nothing.",
    "error_in_200": "Answers an error with status 200 and does nothing; `status` is the code inside, where there is one (default 500).",
    "wrong_secret": "Takes our login for wrong.",
    "no_permission": "Says that we may not do this.",
    "new_field": "Refuses creates and updates that lack a field of the name in `column` (default “origin”), which nobody announced.",
    "500_after": "Writing calls only: does the work, then answers 500.",
    "timeout_after": "Writing calls only: does the work, then holds the answer back for `seconds` (default 35, longer than anybody waits).",
    "reset_after": "Writing calls only: does the work, then drops the connection without an answer.",
    "empty_after": "Writing calls only: does the work, then answers with an empty body.",
    "html_after": "Writing calls only: does the work, then answers a web page with status 200.",
    "sale_before": "Just before an update or delete somebody buys `size` pieces (default 1) of that lot.",
    "sale_after": "Just after a create or update somebody buys `size` pieces (default 1) of that lot.",
    "lot_deleted": "Just before an update the lot is deleted on the site.",
    "quantity_changed": "Just before an update somebody changes the quantity on the site by `size` (default 1; -2 is two less).",
}
"""`feeds` of a switch are the kinds of calls it strikes; none means all of them."""

_PAGE = "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><p>Please come back in a while.</p></body></html>"
_HELD = 35.0


def web_page(title: str, status: int = 200) -> Answer:
    """What people get to see."""
    return html_answer(_PAGE.format(title=title), status)


def instead(board: Board, feed: Feed, faults: list[str]) -> Answer | None:
    """The answer that a switch gives in place of the work."""
    answers = {
        "html": web_page("One moment"),
        "maintenance": web_page("Down for maintenance", 503),
        "empty": Answer(200, b"", "application/json"),
        "throttled_plain": Answer(429, b"Too many requests."),
    }
    for name, answer in answers.items():
        if board.take(name, feed.kind) is not None:
            faults.append(name)
            return answer
    return None


def afterwards(board: Board, feed: Feed, answer: Answer, faults: list[str]) -> Answer:
    """The answer to a writing call after the work, as the switches let it travel."""
    for name, other in (
        ("500_after", Answer(500, b"Internal Server Error")),
        ("empty_after", Answer(answer.status, b"", answer.content_type)),
        ("html_after", web_page("One moment")),
    ):
        if board.take(name, feed.kind) is not None:
            faults.append(name)
            answer = other
    if board.take("reset_after", feed.kind) is not None:
        faults.append("reset_after")
        answer = replace(answer, dropped=True)
    held = board.take("timeout_after", feed.kind)
    if held is not None:
        faults.append("timeout_after")
        answer = replace(answer, held=_HELD if held.seconds is None else held.seconds)
    return answer
