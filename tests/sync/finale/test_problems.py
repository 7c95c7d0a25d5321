from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.sources.finale import problems
from sync.sources.finale.windows import Window
from sync.wire.errors import BadCredentials, BudgetSpent, Refused, RetryLater, SessionExpired, Unreachable, WireError, WrongAnswer

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
THERE = "https://app.finaleinventory.com/exampleco/api/product/"


@pytest.mark.parametrize(
    ("error", "kind", "code", "words"),
    [
        (Refused("x", code="not_found", http_status=404), Refused, "not_found", "Finale has no products for an account “exampleco” (404)"),
        (BadCredentials("x", http_status=401), BadCredentials, "bad_credentials", "Finale refused the API key (401)"),
        (Refused("x", code="forbidden", http_status=403), Refused, "forbidden", "The API key has no right to read Finale's products (403)"),
        (Refused("x", http_status=400), Refused, "range_refused", "Finale refused the range of dates for products (400)"),
        (RetryLater("x", after=2, code="server_error", http_status=502), RetryLater, "server_error", "Finale is down or busy (502)"),
        (
            Unreachable("No connection to it.", hint="Look.", code="connect"),
            Unreachable,
            "connect",
            "Finale can't be reached. No connection to it.",
        ),
        (WrongAnswer("x", code="html", http_status=200), WrongAnswer, "html", "Finale answered with a web page instead of its products"),
        (WrongAnswer("x", code="half_body"), WrongAnswer, "half_body", "broke off in the middle"),
        (WrongAnswer("It leads to y.", code="redirect", http_status=302), WrongAnswer, "redirect", "a redirect. It is not followed"),
        (SessionExpired("It leads to y.", http_status=302), WrongAnswer, "redirect", "It leads to y."),
        (WrongAnswer("x", code="content_type"), WrongAnswer, "content_type", "Finale's answer for products is not JSON"),
    ],
)
def test_each_failure_has_its_own_sentence(error: WireError, kind: type[WireError], code: str, words: str) -> None:
    found = problems.told(error, account="exampleco", feed="products", now=NOW)
    assert (type(found), found.code, found.http_status) == (kind, code, error.http_status)
    assert words in found.sentence
    assert found.hint


def test_spent_budget_of_finale_says_when_it_goes_on() -> None:
    found = problems.told(RetryLater("x", after=90, code="too_many_calls", http_status=429), account="e", feed="stock", now=NOW)
    assert isinstance(found, BudgetSpent)
    assert found.until == NOW + timedelta(seconds=90)


def test_missing_key_and_own_budget_keep_their_words() -> None:
    for error in (BadCredentials("The secret is missing.", code="missing_secret"), BudgetSpent("Ours is spent.", until=NOW)):
        assert problems.told(error, account="e", feed="stock", now=NOW) is error


def test_problems_of_a_list_name_the_list_and_the_column() -> None:
    assert problems.no_anchor("stock", "productUrl", ["quantityOnHand"]).sentence == (
        "Finale's list of stock has no “productUrl”, so its rows belong to nobody. It has: “quantityOnHand”."
    )
    assert "“a1”, “a2”" in problems.no_column("products", "statusId", [f"a{n}" for n in range(1, 21)]).sentence
    assert "and 8 more" in problems.no_column("products", "statusId", [f"a{n}" for n in range(1, 21)]).sentence
    assert problems.short_column("stock", "quantityOnHand", 2, 3).sentence.startswith(
        "In Finale's list of stock, “quantityOnHand” has 2 entries for 3 rows"
    )


def test_second_that_is_too_full_is_named() -> None:
    first = Window(NOW, NOW + timedelta(seconds=1))
    found = problems.stuck("products", [Window(NOW + timedelta(days=1), NOW + timedelta(days=1)), first], 115_000)
    assert "115,000 products or more were changed at Finale in the second after 2026-01-20 12:00:00 UTC, and in 1 other" in found.sentence
