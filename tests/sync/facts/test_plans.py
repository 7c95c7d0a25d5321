"""SQLite knows no figures of the table of facts: what is asked of held and ignored ones has to lead it to their own indexes."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from sync.facts import verbs, worklist
from tests.build import make_account, make_actor
from tests.sync.facts.build import till

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_held_and_ignored_lines_are_found_without_a_walk_over_all() -> None:
    if database.vendor != "sqlite":
        pytest.skip("PostgreSQL decides by what it has measured, and walks over small tables whatever there is.")
    account = make_account()
    manager, connection = make_actor(account), till(account, ("001", None))
    for held in (worklist.held(account), worklist.held(account, connection)):
        assert "USING INDEX fact_held" in held.explain()
    with CaptureQueriesContext(database) as asked:
        rule = verbs.add_rule(manager, connection, about="barcode", value="4001", action="ignore").row
        verbs.remove_rule(manager, rule)
    updates = [each["sql"] for each in asked if each["sql"].startswith('UPDATE "sync_sourcefact"')]
    with database.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchone()[3] for sql in updates]
    assert ["fact_held" in plans[0], "fact_ignored" in plans[1], len(plans)] == [True, True, 2]
