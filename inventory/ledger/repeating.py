"""One fact told twice at the same moment, for different levels, whose locks keep the two apart no more (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from inventory.errors import ToldTwice


@contextmanager
def told_once() -> Iterator[None]:
    """The block books facts by their source keys. Raises ToldTwice where another has booked one of them since the block looked."""
    try:
        yield
    except IntegrityError as error:
        # PostgreSQL names the constraint, SQLite its columns.
        if "_source_once" not in str(error) and ".source_key" not in str(error):
            raise
        raise ToldTwice(
            "What has this source key is being booked at this very moment by somebody else. Nothing was booked twice.",
            hint="Send it again: the answer is then that booking.",
        ) from error
