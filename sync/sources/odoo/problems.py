"""What can be wrong with Odoo's answers, each in its own words (docs/odoo.md, “What can go wrong”). Pure.

Sentences name models and fields at most: never a host, a database, a login, a key or Odoo's own traceback.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sync.feedproblem import FeedProblem
from sync.sources.odoo.versions import NEWEST, Version, instead_of
from sync.wire.errors import (
    BadCredentials,
    BudgetSpent,
    Refused,
    RetryLater,
    SessionExpired,
    Unreachable,
    WireError,
    WrongAnswer,
)

WORDS: Mapping[str, str] = {
    "product.category": "categories",
    "product.product": "products",
    "purchase.order": "purchase orders",
    "purchase.order.line": "lines of purchase orders",
    "res.partner": "vendors",
    "stock.location": "locations",
    "stock.move": "stock moves",
    "stock.picking.type": "operation types",
    "stock.quant": "stock",
    "stock.warehouse": "warehouses",
    "stock.warehouse.orderpoint": "reordering rules",
    "uom.uom": "units of measure",
}
"""What people call Odoo's models."""
APPS: Mapping[str, str] = {"purchase": "Purchase", "stock": "Inventory"}

_FIELD = re.compile(
    r"[Ii]nvalid field ['\"]?(?:([a-z0-9_.]{1,80})\.)?([a-z0-9_]{1,80})['\"]?(?: (?:on|in) (?:model )?['\"]?([a-z0-9_.]{1,80})['\"]?)?"
)
_NO_DATABASE = re.compile(r"database .{0,200} does not exist", re.S)
_PASSING = ("psycopg2.",)
_DENIED = frozenset({"odoo.exceptions.AccessDenied", "werkzeug.exceptions.Unauthorized"})
_BUSY = frozenset({408, 425, 429, 502, 503, 504})


def judged(said: Any, status: int) -> WireError | None:
    """The error that an answer of JSON-2 means; None for a good one, and for what only its status tells."""
    if status < 400 or status in _BUSY or not isinstance(said, dict) or not isinstance(said.get("name"), str):
        return None
    return _named(said["name"], said.get("message"), status)


def judged_rpc(said: Any, status: int) -> WireError | None:
    """The same of JSON-RPC, which answers 200 whatever happened. `error.code` differs by version and is not looked at."""
    if not isinstance(said, dict) or not said.get("error"):
        return None
    error = said["error"]
    data = error.get("data") if isinstance(error, dict) else None
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(name, str):
        return Refused("Odoo refused the call without saying why.", code="unexplained", hint=_LOOK)
    return _named(name, data.get("message"), None)


_LOOK = "Test the connection. Odoo's own log, at the time of this run, says more."


def _named(name: str, message: Any, status: int | None) -> WireError | None:
    """What an exception of Odoo means. Its message is only searched: it may hold anything."""
    text = message if isinstance(message, str) else ""
    if name in _DENIED:
        return BadCredentials("Odoo refused the key.", http_status=status, certain=True)
    if name.startswith(_PASSING):
        if _NO_DATABASE.search(text):
            return no_database(status)
        return RetryLater("Odoo's database is busy or restarting.", after=0.0, code="server_error", http_status=status)
    if name == "odoo.exceptions.AccessError":
        return Refused("Odoo does not let the user read that.", code="forbidden", http_status=status)
    if found := _FIELD.search(text):
        return NoField(found[1] or found[3] or "", found[2], status)
    if name == "werkzeug.exceptions.NotFound" or (name == "odoo.exceptions.UserError" and "exist" in text):
        return Refused("Odoo has no such model.", code="no_model", http_status=status)
    if "nvalid language" in text:
        hint = "Choose one that is installed there: “Language” in the connection's settings."
        return Refused("Odoo has not the language that is set.", code="no_language", hint=hint, http_status=status)
    kind = name.rpartition(".")[2]
    shown = kind if re.fullmatch(r"[A-Za-z_]{1,60}", kind) else "an error"
    return Refused(f"Odoo did not understand the question ({shown}).", code="bad_question", hint=_LOOK, http_status=status)


class NoField(Refused):
    """Odoo named a field that it has not: renamed or taken away by another version."""

    def __init__(self, model: str, field: str, status: int | None = None) -> None:
        super().__init__(f"Odoo has no field “{field}”.", code="no_field", http_status=status)
        self.model, self.field = model, field


def bad_login() -> BadCredentials:
    """JSON-RPC knows no user of that login with that key. It says so by `false`, not by an error."""
    return BadCredentials(
        "Odoo knows no user with the login and the key of this connection.",
        code="bad_login",
        hint="Check login, key and database. A key made in Odoo ends after three months at most.",
        certain=True,
    )


def no_database(status: int | None = None) -> Refused:
    """The server is there and has no database of that name."""
    return Refused(
        "Odoo has no database of the name that is set.",
        code="no_database",
        hint="Check “Database” in the connection's settings. Capitals matter.",
        http_status=status,
    )


def no_login(version: Version) -> BadCredentials:
    """JSON-RPC needs to know who signs in."""
    return BadCredentials(
        f"The login is missing: Odoo {version} is asked through JSON-RPC, which needs it beside the key.",
        code="missing_login",
        hint="Enter the e-mail address that the user signs in with as “Login” in the connection's settings.",
    )


def no_json2() -> Refused:
    """JSON-2 was asked for, and is not there."""
    return Refused(
        "This Odoo does not say that it has JSON-2, which came with Odoo 19.",
        code="no_json2",
        hint="Set “API” to auto in the connection's settings, and check the address.",
    )


def no_version() -> WrongAnswer:
    """An answer that could be Odoo's, but names no version."""
    return WrongAnswer("What answers there does not say which version of Odoo it is.", code="no_version", hint="Check the address.")


def no_result(model: str) -> WrongAnswer:
    """JSON, and not what was asked for."""
    return WrongAnswer(
        f"Odoo's answer with the {words(model)} is not a list of records.",
        code="json_shape",
        hint="The address may belong to something else. Test the connection.",
    )


def no_field(model: str, field: str, version: Version) -> FeedProblem:
    """A field that is needed is not there: renamed, taken away, or hidden from the user."""
    return FeedProblem("no_field", _no_field(model, field, version), _NO_FIELD_HINT)


_NO_FIELD_HINT = (
    "Odoo may have been updated, an app may be missing, or the user may not see the field. "
    "Nothing of the list is used: what is unknown is not zero."
)


def _no_field(model: str, field: str, version: Version) -> str:
    newer = f"This is Odoo {version}; {NEWEST} is the newest version known here." if version.major > NEWEST else f"This is Odoo {version}."
    return f"Odoo has no field “{field}” of its {words(model)} ({model}). {instead_of(model, field, version) or newer}"


def endless(model: str) -> FeedProblem:
    """A page that goes on before where it should have begun."""
    return FeedProblem(
        "endless_pages",
        f"Odoo's pages of {words(model)} don't get on: records came that were asked for before.",
        "Nothing of the list is used. It is tried again with the next run.",
    )


def told(error: WireError, model: str, *, now: datetime, version: Version | None = None) -> WireError:
    """The same error in words about `model`, blank for the log-in. What Odoo had to say itself is not kept.

    Too many calls become BudgetSpent, so that the run goes on when calls fit again.
    """
    what = words(model)
    if isinstance(error, RetryLater) and error.code == "too_many_calls":
        return BudgetSpent("Odoo has had as many calls as it allows (429).", until=now + timedelta(seconds=max(error.after, 1.0)))
    if isinstance(error, RetryLater):
        status = f" ({error.http_status})" if error.http_status not in (None, 200) else ""
        return RetryLater(f"Odoo is down or busy{status}.", after=error.after, code=error.code, http_status=error.http_status)
    if isinstance(error, BadCredentials):
        return _credentials(error)
    if isinstance(error, Refused):
        return _refused(error, model, what, version)
    if isinstance(error, SessionExpired) or error.code == "redirect":
        return WrongAnswer(
            "Odoo's answer was a redirect. It is not followed, because the key would go along.",
            code="redirect",
            hint="Check the address of the connection: https or http, with or without “www.”, and without /web or /odoo at its end.",
            http_status=error.http_status,
        )
    if isinstance(error, WrongAnswer):
        return _wrong(error, what)
    if isinstance(error, Unreachable):
        return Unreachable("Odoo can't be reached.", hint=_UNREACHABLE.get(error.code, _UNREACHABLE["connect"]), code=error.code)
    return error


_UNREACHABLE = {
    "connect": "Nothing answers at the address of the connection. It is tried again by itself; if it stays, look at address and network.",
    "connect_timeout": "Nothing answers at the address in time. It is tried again by itself; if it stays, look at address and network.",
    "dns": "The name in the address of the connection is not known. Check it.",
    "dns_busy": "The name in the address could not be looked up just now. It is tried again by itself.",
    "tls": "Its certificate is not good for the name in the address. Renew it, or give the address by its right name.",
    "timeout": "It was silent for too long. It is tried again by itself; if it stays, read fewer rows a page or wait longer (settings).",
    "deadline": "The answer took too long. It is tried again by itself; if it stays, read fewer rows a page (settings).",
    "cut_off": "The connection broke off. It is tried again by itself.",
}


def _credentials(error: BadCredentials) -> BadCredentials:
    if error.http_status is None or error.code == "bad_login":
        # Ours: what is missing or can't be sent; or the log-in that was answered with false.
        return BadCredentials(error.sentence, hint=error.hint, code=error.code, certain=error.certain)
    return BadCredentials(
        "Odoo refused the key: it is wrong, has ended or was withdrawn.",
        hint="Make a new API key in Odoo (Preferences, Account Security) and enter it. They end after three months at most. "
        "With a password instead of a key, set “API” to JSON-RPC.",
        code=error.code,
        http_status=error.http_status,
        certain=error.certain,
    )


def _refused(error: Refused, model: str, what: str, version: Version | None) -> Refused:
    sentence, hint, code = error.sentence, error.hint, error.code
    if isinstance(error, NoField):
        sentence, hint = _no_field(error.model or model, error.field, version or Version(NEWEST)), _NO_FIELD_HINT
    elif code == "forbidden":
        sentence = f"The user of the connection may not read Odoo's {what}."
        hint = (
            "Give the user the rights of an inventory and a purchase user, with manufacturing also of a manufacturing user. "
            "A company that is set must be one of the user's own."
        )
    elif code == "no_model":
        app = APPS.get(model.partition(".")[0], "")
        sentence = f"Odoo has no {what} ({model or 'the model'})."
        hint = f"Is the app {app} installed there?" if app else _LOOK
    elif code == "not_found":
        sentence, code = "Odoo has no database of the name that is set, or it is not there (404).", "no_database"
        hint = (
            "Check database and address of the connection; the address goes up to the host, without /web or /odoo. "
            "Up to Odoo 18 there is no JSON-2: set “API” to auto."
        )
    elif error.http_status == 415:
        sentence, hint = (
            "Odoo did not take the question as JSON (415).",
            "A proxy may change the calls. Look at its settings.",
        )
    elif code not in ("no_database", "no_language", "no_json2", "bad_question", "unexplained"):
        sentence, hint = f"Odoo refused to give its {what} ({error.http_status}).", _LOOK
    return Refused(sentence, hint=hint, code=code, http_status=error.http_status)


def _wrong(error: WrongAnswer, what: str) -> WrongAnswer:
    sentence, hint = {
        "html": (
            f"Odoo answered with a web page instead of its {what}.",
            "It may be down for maintenance, the address may be another one, or it is older than 19 and has no JSON-2: set “API” to auto. "
            "It never means that there is nothing.",
        ),
        "half_body": (f"Odoo's answer with the {what} broke off in the middle.", "It is tried again by itself. Nothing of it is used."),
        "content_type": (f"Odoo's answer for {what} is not JSON.", "The address may belong to something else. Test the connection."),
        "json_shape": (
            f"Odoo's answer with the {what} is not a list of records.",
            "The address may belong to something else. Test the connection.",
        ),
        "not_json": (f"Odoo's answer for {what} can't be read as JSON.", "It is tried again by itself. Nothing of it is used."),
        "too_large": (f"Odoo's answer with the {what} is larger than can be taken.", "Lower “Rows a page” in the settings."),
    }.get(error.code, (error.sentence if error.code == "no_version" else f"Odoo's answer for {what} can't be used.", error.hint or _LOOK))
    return WrongAnswer(sentence, hint=hint, code=error.code, http_status=error.http_status)


def words(model: str) -> str:
    """What people call the records of a model; blank is the log-in."""
    return WORDS.get(model, model) or "log-in"
