"""What can go wrong on the wire, named by what happens next.

Sentences, hints and `repr` hold scheme, host and path at most: never a query string, header, cookie, body or user name.
"""

from __future__ import annotations

from datetime import datetime

from accounts.errors import Problem


class WireError(Problem):
    """A call that brought no usable answer.

    `may_have_acted` is true when the other side may have done what was asked all the same: a write is then settled by reading back, never
    by sending it again. `http_status` is the answer's status, where there was an answer. `body` is the beginning of that answer, for the
    source's own judgement; it may hold anything and is never shown.
    """

    status = 502

    def __init__(
        self,
        sentence: str,
        *,
        hint: str = "",
        code: str = "",
        http_status: int | None = None,
        may_have_acted: bool = False,
        body: bytes = b"",
    ) -> None:
        super().__init__(sentence, hint=hint, code=code)
        self.http_status = http_status
        self.may_have_acted = may_have_acted
        self.body = body

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.sentence!r})"


class RetryLater(WireError):
    """Try again later: the other side is busy or broken. `after` is in seconds."""

    status = 503
    hint = "Nothing to do: it is tried again by itself."

    def __init__(
        self,
        sentence: str,
        *,
        after: float,
        code: str = "",
        http_status: int | None = None,
        may_have_acted: bool = False,
        body: bytes = b"",
    ) -> None:
        super().__init__(sentence, code=code, http_status=http_status, may_have_acted=may_have_acted, body=body)
        self.after = after


class Unreachable(WireError):
    """Try again later, and look at the address or the network: no answer came. Codes: dns, connect, connect_timeout, timeout, deadline,
    cut_off, tls."""


class Refused(WireError):
    """Needs a person: the other side understood and said no. The same call would be refused again."""


class BadCredentials(WireError):
    """Needs a person: the login is wrong or was withdrawn.

    `certain` is true where the other side said so without doubt: then no further call is sent (docs/wire.md).
    """

    hint = "Enter the credentials of this connection again and test it."

    def __init__(
        self,
        sentence: str,
        *,
        hint: str = "",
        code: str = "",
        http_status: int | None = None,
        body: bytes = b"",
        certain: bool = False,
    ) -> None:
        super().__init__(sentence, hint=hint, code=code, http_status=http_status, body=body)
        self.certain = certain


class SessionExpired(WireError):
    """Needs a new session: the answer leads to a sign-in."""

    hint = "Sign in at the other side, store the new session in the connection and start again."


class WrongAnswer(WireError):
    """Needs a look: an answer came, but not what was asked for. Codes: html, content_type, half_body, too_large, not_json, json_shape,
    undecodable, redirect."""


class TargetRefused(WireError):
    """Needs a person: our own rules don't let a connection reach that address."""

    status = 400


class BudgetSpent(WireError):
    """Try again at `until`: the connection has used up its calls."""

    status = 503
    hint = "Nothing to do: it goes on by itself then. If this happens often, run it less often or raise the budget."

    def __init__(self, sentence: str, *, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class BreakerOpen(WireError):
    """Try again at `until`, or after a person's doing when that is None: the connection rests, nothing was sent."""

    status = 503

    def __init__(self, sentence: str, *, until: datetime | None, hint: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.until = until
