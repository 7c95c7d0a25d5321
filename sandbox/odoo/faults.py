"""What Odoo, or what sits before it, does wrong."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.exchange import Answer, html_answer, json_answer
from sandbox.switches import Board

SWITCHES: dict[str, str] = {
    "expired_key": "Takes our key for expired: 401 by JSON-2; by JSON-RPC false at the log-in and AccessDenied afterwards.",
    "no_rights": "Says that the user may not read the model whose kind of call is chosen: AccessError.",
    "wrong_database": "Has no database of our name: a web page with status 404; by JSON-RPC psycopg2.OperationalError.",
    "several_databases": "Has several databases: JSON-2 needs the header X-Odoo-Database.",
    "login_page": "Answers a log-in page with status 200.",
    "bad_gateway": "Answers a web page with status 502.",
    "maintenance": "Answers a web page with status 503.",
    "broken": "Fails with status 500 and the JSON of psycopg2.errors.SerializationFailure; by `way` = value builtins.ValueError, "
    "by html a web page.",
    "no_result": "JSON-RPC only: answers without result and without error.",
    "blank": "Answers 200 with not one byte.",
    "renamed_field": "Doesn't know the field named in `column` (default write_date), like a version that dropped it.",
    "cut": "Cuts every answer after `size` rows (default 3), without a word.",
    "empty": "Answers every search as if there were no rows.",
    "shuffled": "Answers the rows of a page in another order.",
    "twice": "Sends the first `size` rows (default 1) of a page a second time.",
    "bad_values": "Sends words where numbers belong, in the first `size` rows (default 1).",
}
"""`feeds` of a switch are the kinds of calls it strikes: models, login, version; none means all of them."""

_LOGIN = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Login | Odoo</title></head><body>'
    '<form class="oe_login_form" method="post" action="/web/login">Email, Password</form></body></html>'
)


def page(title: str, status: int) -> Answer:
    """A plain web page, as werkzeug makes them."""
    return html_answer(f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n", status)


def login_page() -> Answer:
    """What a browser without a session sees."""
    return html_answer(_LOGIN)


def instead(board: Board, kind: str, faults: list[str]) -> Answer | None:
    """The answer that a switch gives in place of the work, whichever way the call came."""
    answers: dict[str, Callable[[], Answer]] = {
        "login_page": login_page,
        "bad_gateway": lambda: page("Bad Gateway", 502),
        "maintenance": lambda: page("Service Unavailable", 503),
        "blank": lambda: Answer(200, b"", "application/json"),
    }
    for name, answer in answers.items():
        if board.take(name, kind) is not None:
            faults.append(name)
            return answer()
    return None


def no_database_page() -> Answer:
    """A name that no database has."""
    return page("Not Found", 404)


def without_result(number: object) -> Answer:
    """A JSON-RPC answer of a method that returns nothing."""
    return json_answer({"jsonrpc": "2.0", "id": number})
