"""Demand that comes now and then, by hand."""

from __future__ import annotations

import pytest

from alerts.intermittent import Pattern, classify, tsb


@pytest.mark.parametrize(
    ("periods", "pattern", "interval", "variation"),
    [
        ([4, 4, 4, 4], Pattern.SMOOTH, 1, 0),
        # Mean 4, deviations −3, −3, 9, −3: (9 + 9 + 81 + 9) / 4 / 16
        ([1, 1, 13, 1], Pattern.ERRATIC, 1, 1.6875),
        ([0, 2, 0, 2], Pattern.INTERMITTENT, 2, 0),
        # Mean 5, deviations ±4: 16 / 25
        ([1, 0, 0, 9], Pattern.LUMPY, 2, 0.64),
    ],
)
def test_the_four_patterns(periods: list[float], pattern: Pattern, interval: float, variation: float) -> None:
    kind = classify(periods)
    assert kind is not None
    assert (kind.pattern, kind.interval) == (pattern, interval)
    assert kind.variation == pytest.approx(variation)


def test_nothing_sold_has_no_pattern() -> None:
    assert classify([0, 0]) is None
    assert tsb([0, 0]) is None


def test_tsb_by_hand() -> None:
    # Begins with size 3 and chance 1/2. Then, by a half and by a quarter:
    # 2 sold: size 2.5, chance 0.625. Nothing: 0.46875. 4 sold: size 3.25, chance 0.6015625. Nothing: 0.451171875.
    found = tsb([2, 0, 4, 0], size_weight=0.5, chance_weight=0.25)
    assert found is not None
    assert (found.size, found.chance) == (pytest.approx(3.25), pytest.approx(0.451171875))
    assert found.mean == pytest.approx(1.46630859375)


def test_what_no_longer_sells_is_forgotten() -> None:
    """Each week that sells nothing takes a twentieth: after 60 of them 0.95 to the power of 60 is left, 4.6 %."""
    before, after = tsb([2.0, 0.0] * 10), tsb([2.0, 0.0] * 10 + [0.0] * 60)
    assert before is not None
    assert after is not None
    # The longer past begins with a chance of an eighth, not of a half: less is left than that.
    assert after.mean < before.mean * 0.95**60
