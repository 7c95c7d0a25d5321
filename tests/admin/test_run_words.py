"""Small words on the pages of runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sync.admin.feedlines import footer_words, spaced
from sync.admin.runpage import in_words
from sync.templatetags.ages import ago


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10.0 s"),
        (10.2, "10 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (-3, "0.0 s"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [("serialCount", "serial count"), ("totalGEItems", "total GE items"), ("bulk_units", "bulk units"), ("durationMs", "duration ms")],
)
def test_names_of_figures(name: str, words: str) -> None:
    assert spaced(name) == words


def test_total_without_one_of_its_numbers_leaves_it_out() -> None:
    assert footer_words({"serialCount": 1833, "bulkUnits": None}) == "serial count 1,833"
    assert footer_words(None) == ""


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=-5), "just now"),
        (timedelta(hours=2, minutes=20), "2\xa0hours ago"),
        (timedelta(days=8), "1\xa0week ago"),
    ],
)
def test_ages_are_of_one_unit(age: timedelta, words: str) -> None:
    assert ago(timezone.now() - age) == words
