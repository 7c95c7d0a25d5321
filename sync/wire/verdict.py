"""What a connection test found out, in words. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from accounts.errors import Problem
from sync.wire.errors import (
    BadCredentials,
    BreakerOpen,
    BudgetSpent,
    Refused,
    RetryLater,
    SessionExpired,
    TargetRefused,
    Unreachable,
    WireError,
    WrongAnswer,
)


class Finding(enum.StrEnum):
    """The ways a connection test can end."""

    OK = "ok"
    BAD_SECRET = "bad secret"
    UNREACHABLE = "unreachable"
    WRONG_ACCOUNT = "wrong account"
    WRONG_ADDRESS = "not from this address"
    NOT_WHAT_IT_CLAIMS = "not what it claims to be"


@dataclass(frozen=True)
class Verdict:
    """What was found, in a sentence, and what to do about it."""

    finding: Finding
    sentence: str
    hint: str = ""

    @property
    def ok(self) -> bool:
        return self.finding is Finding.OK


def verdict(error: Problem | None, *, system: str, expected_account: str = "", found_account: str = "") -> Verdict:
    """The verdict on a test of a connection to `system` (its name for people) that ended with `error`, or well.

    A source that knows whose data it reads gives both account names (an organisation, a company, a database). If they differ, the finding
    is “wrong account”.
    """
    if error is not None:
        return Verdict(_finding(error), error.sentence, error.hint)
    if expected_account and expected_account != found_account:
        found = f"belongs to “{found_account}”" if found_account else "does not say whose it is"
        return Verdict(
            Finding.WRONG_ACCOUNT,
            f"{system} answers, but the login {found}, not “{expected_account}”.",
            "Use a login of the right account, or correct the account in the connection.",
        )
    return Verdict(Finding.OK, f"{system} answers and the login is good.")


def _finding(error: Problem) -> Finding:
    if not isinstance(error, WireError):
        # The credentials could not be read or are incomplete: nothing was sent.
        return Finding.BAD_SECRET
    if isinstance(error, BadCredentials):
        # The login itself was believed, but is of no use from here or for this.
        return {"address": Finding.WRONG_ADDRESS, "forbidden": Finding.WRONG_ACCOUNT}.get(error.code, Finding.BAD_SECRET)
    if isinstance(error, SessionExpired):
        return Finding.BAD_SECRET
    if isinstance(error, Refused):
        if error.code == "forbidden":
            return Finding.BAD_SECRET
        return Finding.WRONG_ACCOUNT if error.code == "not_found" else Finding.NOT_WHAT_IT_CLAIMS
    if isinstance(error, Unreachable | RetryLater | TargetRefused | BudgetSpent | BreakerOpen):
        return Finding.UNREACHABLE
    if isinstance(error, WrongAnswer):
        return Finding.NOT_WHAT_IT_CLAIMS
    raise TypeError(f"No verdict for {type(error).__name__}.")
