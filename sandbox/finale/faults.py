"""What Finale, or what sits before it, does wrong: instead of an answer, and to the columns of one."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.exchange import Answer, html_answer
from sandbox.finale.records import NULL, STAMP, Columns, text
from sandbox.finale.stock import QUANTITIES
from sandbox.switches import Board, Switch

SWITCHES: dict[str, str] = {
    "wrong_key": "Takes our key for wrong: 401.",
    "no_rights": "Says that the key may not do this: 403.",
    "login_page": "Answers the log-in page with status 200.",
    "maintenance": "Answers a web page with status 503.",
    "redirect": "Answers 302 to an address without the log-in.",
    "blank": "Answers 200 with not one byte.",
    "over_budget": "Answers 429 as if the budget of the name in `column` (default get_minute) were spent; with `seconds` the budget begins "
    "anew that much later.",
    "reset_in_seconds": "Writes X-RateLimit-Reset in seconds instead of milliseconds.",
    "budget_headers": "Sends the three X-RateLimit headers with every answer.",
    "gzip": "Sends every body packed by gzip.",
    "stale_report": "Answers the log-in page with status 200 instead of a report; by `way` = empty nothing at all.",
    "error_body": "What a 400 says, by `way`: empty, text, json or html. Until this is on: json.",
    "cut": "Cuts collections, without a word, after `size` rows (default 3) instead of 120,000.",
    "limit_first": "Takes the first rows for `limit` and filters them then.",
    "bare_empty": "Answers an empty result as {} instead of empty columns.",
    "empty": "Answers a collection as if it had no rows.",
    "shrunken": "Answers only the first `size` percent (default 20) of the rows.",
    "yesterday": "Answers stock as it was before the last day's business.",
    "short_column": "Makes the column named in `column` (default quantityOnHand, else statusId) `size` values shorter (default 1).",
    "missing_column": "Leaves the column named in `column` (default as short_column) out.",
    "renamed_column": "Calls the column named in `column` (default as short_column) by another name.",
    "no_anchor": "Leaves out the column of the records' URLs.",
    "duplicates": "Sends the first `size` records (default 1) twice, the second time as they were before.",
    "numbers_as_text": "Sends quantities, costs and days as texts.",
    "bad_values": "Sends words where numbers belong, in the first `size` records (default 1).",
    "lines": "Sends item lines of orders in lists, too.",
    "no_lines": "Sends no item lines in lists.",
    "some_lines": "Sends item lines in lists for every second record only, null for the others.",
    "error_in_200": "GraphQL only: fails, with status 200.",
    "removed_field": "GraphQL only: doesn't know the field named in `column` (default stockOnOrder) any more.",
    "stale_cursor": "GraphQL only: answers the first page whatever cursor it is given.",
}
"""`feeds` of a switch are the kinds of calls it strikes; none means all of them."""

LINES = {"orders": "orderItemList", "shipments": "shipmentItemList"}
_NUMBERS = frozenset((*QUANTITIES, "cost", "leadTime"))
LOGIN = "<!DOCTYPE html><html><head><title>Finale Inventory - Login</title></head><body><form>User name, password</form></body></html>"


def page(title: str, words: str, status: int) -> Answer:
    """A plain web page, slashes as entities."""
    return html_answer(f"<html><title>{title}</title><body><h2>{title}</h2><p>{words.replace('/', '&#47;')}</p></body></html>", status)


def instead(board: Board, kind: str, faults: list[str]) -> Answer | None:
    """The answer that a switch gives in place of the work."""
    answers: dict[str, Callable[[], Answer]] = {
        "wrong_key": unauthorized,
        "no_rights": lambda: page("Forbidden", "This user may not do this.", 403),
        "login_page": lambda: html_answer(LOGIN),
        "maintenance": lambda: page("Service Unavailable", "Please come back in a while.", 503),
        "redirect": lambda: Answer(302, headers={"Location": "https://login.finale.example/welcome"}),
        "blank": lambda: Answer(200, b"", "application/json"),
    }
    for name, answer in answers.items():
        if board.take(name, kind) is not None:
            faults.append(name)
            return answer()
    return None


def unauthorized() -> Answer:
    """No such key, or a wrong secret."""
    answer = page("Unauthorized", "Log in first.", 401)
    return Answer(401, answer.body, answer.content_type, {"WWW-Authenticate": 'Basic realm="finale"'})


def bad_request(board: Board, kind: str, sentence: str) -> Answer:
    """400, in the form that `error_body` says."""
    form = board.take("error_body", kind)
    match form.way if form else "json":
        case "empty":
            return Answer(400)
        case "text":
            return Answer(400, sentence.encode())
        case "html":
            return page("Bad Request", sentence, 400)
    return Answer(400, json.dumps({"errorMessage": sentence}).encode(), "application/json")


def damaged(columns: Columns, anchor: str, kind: str, board: Board, faults: list[str]) -> Columns:
    """The columns of a collection as the switches let them out."""
    count = len(columns.get(anchor, ()))

    def struck(name: str) -> Switch | None:
        switch = board.take(name, kind)
        if switch is not None:
            faults.append(name)
        return switch

    columns = _with_lines(columns, kind, struck)
    if struck("empty"):
        columns = {name: [] for name in columns}
    if shrunken := struck("shrunken"):
        left = count * (shrunken.size or 20) // 100
        columns = {name: values[:left] for name, values in columns.items()}
    if twice := struck("duplicates"):
        size = twice.size or 1
        columns = {name: values + (_older(values[:size]) if name == STAMP else values[:size]) for name, values in columns.items()}
    if struck("numbers_as_text"):
        columns = {name: [_quoted(value) for value in values] if name in _NUMBERS else values for name, values in columns.items()}
    if bad := struck("bad_values"):
        size = bad.size or 1
        columns = {
            name: [text("n/a")] * min(size, len(values)) + values[size:] if name in _NUMBERS else values for name, values in columns.items()
        }
    if short := struck("short_column"):
        named = _named(short, columns)
        columns = {name: values[: len(values) - (short.size or 1)] if name == named else values for name, values in columns.items()}
    if missing := struck("missing_column"):
        named = _named(missing, columns)
        columns = {name: values for name, values in columns.items() if name != named}
    if renamed := struck("renamed_column"):
        named = _named(renamed, columns)
        columns = {f"{name}New" if name == named else name: values for name, values in columns.items()}
    if struck("no_anchor"):
        columns = {name: values for name, values in columns.items() if name != anchor}
    return columns


def _with_lines(columns: Columns, kind: str, struck: Callable[[str], Switch | None]) -> Columns:
    named = LINES.get(kind)
    if named is None:
        return columns
    hidden = struck("no_lines") is not None or (kind == "orders" and struck("lines") is None)
    if struck("some_lines"):
        return {
            name: [value if place % 2 else NULL for place, value in enumerate(values)] if name == named else values
            for name, values in columns.items()
        }
    return {name: values for name, values in columns.items() if name != named} if hidden else columns


def _named(switch: Switch, columns: Columns) -> str:
    return switch.column or ("quantityOnHand" if "quantityOnHand" in columns else "statusId")


def _older(stamps: list[str]) -> list[str]:
    return [text("2001" + json.loads(value)[4:]) for value in stamps]


def _quoted(value: str) -> str:
    return value if value == NULL or value.startswith('"') else f'"{value}"'
