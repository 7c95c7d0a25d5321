"""Whether and when a call is tried again. Only reads ask: a write is never repeated here, its row decides (docs/wire.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sync.wire.errors import RetryLater, WireError

MAX_TRIES = 3
# Seconds before the second and the third try.
PAUSES = (1.0, 2.0)
# Longer than this a worker is not kept waiting: the caller comes back later.
LONGEST_WAIT = 60.0
# A mistaken “come back in ten years” must not end a connection.
LONGEST_RETRY_AFTER = 86_400.0

# As seconds of the epoch they are the years 5138 and 2001: no header that is meant lies beyond the one or before the other.
_MILLISECONDS_FROM, _EPOCH_FROM = 100_000_000_000.0, 1_000_000_000.0

_PASSING = frozenset({"dns_busy", "connect", "connect_timeout", "timeout", "cut_off", "half_body"})


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, which holds seconds or a date (RFC 9110, section 10.2.3); None when it says neither.

    A date in the past is 0; more than a day is a day. `now` is aware.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:400]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        # “-0000” parses as naive and means UTC.
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def reset_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by an X-RateLimit-Reset header, which no standard fixes: at least one, a day at most; None when it says nothing.

    From 100,000,000,000 on it is the epoch's milliseconds, from 1,000,000,000 on its seconds, below that the seconds from now on.
    """
    text = (value or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        return None
    number = float(text)
    if number >= _MILLISECONDS_FROM:
        number /= 1000
    ahead = number if number < _EPOCH_FROM else number - now.timestamp()
    return min(max(ahead, 1.0), LONGEST_RETRY_AFTER)


def is_transient(error: WireError) -> bool:
    """Whether the same read may well succeed a moment later."""
    return isinstance(error, RetryLater) or error.code in _PASSING


def pause_before_next(error: WireError, tries: int, seconds_left: float, longest: float = LONGEST_WAIT) -> float | None:
    """Seconds to wait before another try of a read that failed with `error` for the `tries`th time; None when it is not tried again.

    Waits 1 second, then 2, or what the other side asked for if that is longer; never more than `longest`, and never past the call's
    deadline.
    """
    if tries >= MAX_TRIES or not is_transient(error):
        return None
    pause = PAUSES[tries - 1]
    if isinstance(error, RetryLater):
        pause = max(pause, error.after)
    return pause if pause <= longest and pause < seconds_left else None
