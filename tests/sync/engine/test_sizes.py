"""What a run costs grows with its rows and not with their square, whatever the database knows about them."""

from __future__ import annotations

import pytest
from django.db import connection

from sync.engine.brake import Limits
from sync.engine.tables import Missing
from sync.models import Unconfirmed
from tests.sync.engine import shelf
from tests.sync.engine.shelf import NOW, make_keeper, put

pytestmark = pytest.mark.django_db

ROWS = 300
PIECES = [(f"S{number:04}", "FG", "Free", "") for number in range(ROWS)]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL plans by statistics.")
def test_new_rows_of_a_place_without_statistics_are_not_read_again_for_each_other() -> None:
    put(*PIECES)
    make_keeper("Known to the statistics").sync()
    read: list[int] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'inventory_unit'")
            read.append(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_unit")
    other = make_keeper("Unknown to them")
    look()
    NOW.then = look
    run = other.sync()
    assert run.counters["inserted"] == ROWS
    # Each new row for each other one would be 90,000.
    assert read[1] - read[0] < 20 * ROWS


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Counts the steps of SQLite's machine.")
def test_rows_missing_for_the_second_time_are_not_looked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "Missing", lambda action: Missing(action, reason="One reading is not enough."))
    NOW.limits = Limits(removed_rows=ROWS)
    keeper = make_keeper()
    put(*PIECES)
    keeper.sync()
    put()
    keeper.sync()
    assert Unconfirmed.objects.count() == ROWS
    thousands: list[None] = []
    connection.connection.set_progress_handler(lambda: thousands.append(None), 1000)
    try:
        run = keeper.sync()
    finally:
        connection.connection.set_progress_handler(None, 0)
    assert run.counters["removed"] == ROWS
    # About 500 steps a row are enough for all that a run does; each against each other would be a thousand more.
    assert len(thousands) < ROWS
