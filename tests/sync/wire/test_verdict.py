from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.errors import Problem
from sync.secrets import CredentialsUnreadable
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
from sync.wire.verdict import Finding, verdict


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (BadCredentials("s"), Finding.BAD_SECRET),
        (BadCredentials("s", code="address"), Finding.WRONG_ADDRESS),
        (BadCredentials("s", code="forbidden"), Finding.WRONG_ACCOUNT),
        (SessionExpired("s"), Finding.BAD_SECRET),
        (CredentialsUnreadable(), Finding.BAD_SECRET),
        (Refused("s", code="forbidden"), Finding.BAD_SECRET),
        (Refused("s", code="not_found"), Finding.WRONG_ACCOUNT),
        (Refused("s"), Finding.NOT_WHAT_IT_CLAIMS),
        (WrongAnswer("s", code="html"), Finding.NOT_WHAT_IT_CLAIMS),
        (Unreachable("s", code="tls"), Finding.UNREACHABLE),
        (RetryLater("s", after=1), Finding.UNREACHABLE),
        (TargetRefused("s"), Finding.UNREACHABLE),
        (BudgetSpent("s", until=datetime(2026, 1, 1, tzinfo=UTC)), Finding.UNREACHABLE),
        (BreakerOpen("s", until=None), Finding.UNREACHABLE),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_each_error_has_its_finding_and_keeps_its_words(error: Problem, finding: Finding) -> None:
    found = verdict(error, system="Odoo")
    assert (found.finding, found.sentence, found.hint, found.ok) == (finding, error.sentence, error.hint, False)


def test_no_kind_of_wire_error_is_without_a_finding() -> None:
    named = {BadCredentials, BreakerOpen, BudgetSpent, Refused, RetryLater, SessionExpired, TargetRefused, Unreachable, WrongAnswer}
    assert named == set(WireError.__subclasses__())


def test_good_test_says_so() -> None:
    found = verdict(None, system="Odoo", expected_account="7QX", found_account="7QX")
    assert (found.ok, found.sentence) == (True, "Odoo answers and the login is good.")


@pytest.mark.parametrize(("account", "words"), [("8QX", "belongs to “8QX”, not “7QX”"), ("", "does not say whose it is, not “7QX”")])
def test_other_account_is_the_wrong_account(account: str, words: str) -> None:
    found = verdict(None, system="Odoo", expected_account="7QX", found_account=account)
    assert found.finding is Finding.WRONG_ACCOUNT
    assert words in found.sentence
