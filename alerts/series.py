"""Invented demand to try forecasts on, the same for the same seed (docs/forecast.md). Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

LENGTH = 540
"""Days: half a year to learn from, a year to be tried on."""
LEARNED = 180


@dataclass(frozen=True)
class Series:
    """What customers wanted each day, and the days on which there was nothing to be sold: the shop sees no demand then.

    `begins` is the first day on which the product was there at all.
    """

    kind: str
    wanted: tuple[float, ...]
    out: frozenset[int] = frozenset()
    begins: int = 0

    @property
    def seen(self) -> tuple[float, ...]:
        """What the shop has sold."""
        return tuple(0.0 if day in self.out else amount for day, amount in enumerate(self.wanted))


def _count(random: Random, mean: float) -> float:
    """A Poisson number."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return float(count)


def _smooth(random: Random) -> Series:
    mean = random.uniform(1, 12)
    return Series("smooth", tuple(_count(random, mean) for _ in range(LENGTH)))


def _erratic(random: Random) -> Series:
    """Sizes of orders differ greatly; now and then one customer takes a whole month's worth."""
    mean = random.uniform(1, 4)

    def one() -> float:
        orders = _count(random, mean)
        sizes = sum(math.ceil(random.lognormvariate(0.5, 1.1)) for _ in range(int(orders)))
        return float(sizes + (60 * mean if random.random() < 1 / 180 else 0))

    return Series("erratic", tuple(one() for _ in range(LENGTH)))


def _now_and_then(kind: str, size: Callable[[Random], float]) -> Callable[[Random], Series]:
    def make(random: Random) -> Series:
        chance = random.uniform(0.02, 0.1)
        return Series(kind, tuple(size(random) if random.random() < chance else 0.0 for _ in range(LENGTH)))

    return make


def _seasonal(random: Random) -> Series:
    """Twice as much in its season as on average, and more at the end of a week."""
    mean, phase = random.uniform(1, 8), random.uniform(0, 365)

    def expected(day: int) -> float:
        return mean * (1 + 0.8 * math.sin(2 * math.pi * (day - phase) / 365)) * (1.6 if day % 7 in (4, 5) else 0.76)

    return Series("seasonal", tuple(_count(random, expected(day)) for day in range(LENGTH)))


def _trending(random: Random) -> Series:
    """Three times as much at the end as at the beginning, or a third."""
    start, times = random.uniform(2, 6), random.choice((3.0, 1 / 3))
    return Series("trending", tuple(_count(random, start * times ** (day / LENGTH)) for day in range(LENGTH)))


def _new(random: Random) -> Series:
    begins, mean = random.randrange(LEARNED, LENGTH - 120), random.uniform(0.5, 6)
    wanted = tuple(_count(random, mean) if day >= begins else 0.0 for day in range(LENGTH))
    return Series("new", wanted, begins=begins)


def _dead(random: Random) -> Series:
    """Sells for a while and then never again."""
    ends, mean = random.randrange(LEARNED, LENGTH - 240), random.uniform(0.5, 6)
    return Series("dead", tuple(_count(random, mean) if day < ends else 0.0 for day in range(LENGTH)))


def _interrupted(random: Random) -> Series:
    """Sells well whenever there is any: for one to four weeks out of six there is none."""
    out: set[int] = set()
    mean, day = random.uniform(1, 6), random.randrange(20, 42)
    while day < LENGTH:
        length = random.randrange(7, 29)
        out.update(range(day, min(day + length, LENGTH)))
        day += 42
    return Series("interrupted", tuple(_count(random, mean) for _ in range(LENGTH)), frozenset(out))


KINDS: dict[str, Callable[[Random], Series]] = {
    "smooth": _smooth,
    "erratic": _erratic,
    "intermittent": _now_and_then("intermittent", lambda random: 1.0 + (random.random() < 0.3)),
    "lumpy": _now_and_then("lumpy", lambda random: float(math.ceil(random.lognormvariate(1.5, 1.0)))),
    "seasonal": _seasonal,
    "trending": _trending,
    "new": _new,
    "dead": _dead,
    "interrupted": _interrupted,
}


def generated(seed: int, each: int) -> list[Series]:
    """So many series of each kind. A series depends on the seed, its kind and its number alone."""
    return [make(Random(f"{seed} {kind} {number}")) for kind, make in KINDS.items() for number in range(each)]
