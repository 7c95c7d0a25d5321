"""Windows of changes: every record comes, whatever the version compares and whatever changes while pages are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from accounts.models import Account
from sync.models import Cursor, OrderRef, ProductRef, Status
from sync.sources.odoo import cursors
from sync.sources.odoo.pulling import certain
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import connected, facts, later, levels, sync, synced

pytestmark = pytest.mark.django_db
PRODUCTS = "product.product"


def read_to(feed: str) -> datetime:
    return Cursor.objects.values_list("read_to", flat=True).get(feed=feed)


def pages_asked(odoo: OdooStandIn, model: str = PRODUCTS) -> int:
    return len([each for each in odoo.asked(model) if each.method == "search_read"])


def skus(**where: object) -> set[str]:
    return set(ProductRef.objects.filter(gone_at=None, **where).values_list("sku", flat=True))


@pytest.mark.parametrize("version", [16, 17, 18, 19])
def test_tie_of_twenty_rows_is_read_once_each_by_every_version(account: Account, odoo: OdooStandIn, version: int) -> None:
    connection = connected(account, odoo, version=version, page=5)
    with odoo.world.at("2026-03-02 08:00"):
        odoo.world.add_product("LAST", "The newest so far")
    synced(connection, "products")
    with odoo.world.transaction():
        for number in range(20):
            odoo.world.add_product(f"TIE-{number:02d}", "One of twenty")
    before = pages_asked(odoo)
    run = synced(connection, "products")
    assert {sku for sku in skus() if sku.startswith("TIE")} == {f"TIE-{number:02d}" for number in range(20)}
    assert run.counters["inserted"] == 20
    # With the newest so far, which the overlap reads again, four full pages and one of a single row.
    assert pages_asked(odoo) - before == 5


def test_nothing_there_is_a_run_without_rows_and_without_a_watermark(account: Account, odoo: OdooStandIn) -> None:
    run = synced(connected(account, odoo), "transfers")
    assert (run.counters["processed"], facts(), Cursor.objects.count()) == (0, {}, 0)
    assert run.message == "Nothing has changed there. 0 changes."


def test_exactly_one_page_is_followed_by_an_empty_one(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, page=6)
    synced(connection, "products")
    assert (pages_asked(odoo), len(skus())) == (2, 6)


def test_watermark_is_the_newest_change_seen_and_not_our_clock(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "products")
    assert read_to("products") == datetime(2026, 3, 1, 4, 10, 40, tzinfo=UTC)
    with odoo.world.at("2026-03-02 08:00:01.7"):
        odoo.world.add_product("NEW", "New")
    synced(connection, "products")
    assert read_to("products") == datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC)
    # The overlap of ten minutes, to the second, and nothing but it.
    synced(connection, "products")
    assert odoo.asked(PRODUCTS)[-1].arguments["domain"][1] == ["write_date", ">=", "2026-03-02 07:50:01"]


def test_record_that_changes_behind_the_page_comes_with_the_next_run(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, page=3)
    odoo.meanwhile(PRODUCTS, 3, lambda: odoo.world.edit_template("RICE-5", name="Basmati, renamed"))
    synced(connection, "products")
    assert ProductRef.objects.get(sku="RICE-5").name == "Basmati Rice 5 kg"
    synced(connection, "products")
    assert ProductRef.objects.get(sku="RICE-5").name == "Basmati, renamed"


def test_record_that_changes_ahead_of_the_page_comes_as_it_is_then(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, page=3)
    odoo.meanwhile(PRODUCTS, 3, lambda: odoo.world.edit_template("SOAP", name="Soap, renamed"))
    run = synced(connection, "products")
    assert (ProductRef.objects.get(sku="SOAP").name, run.counters["inserted"]) == ("Soap, renamed", 6)


def test_row_that_shows_late_with_an_old_time_is_not_missed(account: Account, odoo: OdooStandIn) -> None:
    world = odoo.world
    connection = connected(account, odoo)
    with world.at("2026-03-02 08:00:39"):
        late = world.begin()
        world.reserve(late, world.products)
    with world.at("2026-03-02 08:00:41"):
        world.add_product("FIRST", "Committed at once")
    synced(connection, "products")
    assert (read_to("products"), "LATE" in skus()) == (datetime(2026, 3, 2, 8, 0, 41, tzinfo=UTC), False)
    with world.finish(late):
        world.add_product("LATE", "Stamped before it could be seen")
    run = synced(connection, "products")
    assert "LATE" in skus()
    # FIRST is read again by the overlap, and is no change.
    assert (run.counters["inserted"], run.counters["updated"], run.counters["unchanged"]) == (1, 0, 1)


def test_order_and_move_that_show_hours_late_are_found_by_night_and_read_then(account: Account, odoo: OdooStandIn) -> None:
    world = odoo.world
    connection = connected(account, odoo)
    synced(connection, "master")
    with world.at("2026-03-02 05:00:39.5"):
        late = world.begin()
        world.reserve(late, world.moves)
    with world.at("2026-03-02 08:00"):
        world.receive(world.buy("Indus Foods", {"RICE-5": 20}, warehouse="CLF"))
        world.scrap("RICE-5", 2, "CLF")
    synced(connection, "transactional")
    with world.finish(late):
        world.scrap("RICE-5", 1, "CLF")
        world.buy("Indus Foods", {"OIL-3": 5}, warehouse="CLF", confirm=False)
    assert synced(connection, "transactional").counters["inserted"] == 0
    eight, behind = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 5, 10, 39, tzinfo=UTC)
    synced(connection, "ids")
    assert [read_to(feed) for feed in ("wastage", "orders", "purchases")] == [behind, behind, eight]
    synced(connection, "transactional")
    assert (levels()["RICE-5", "Clifton"], OrderRef.objects.count(), len(facts(feed="wastage"))) == (17, 2, 2)
    # Nothing is late any more.
    synced(connection, "ids")
    assert [read_to(feed) for feed in ("wastage", "orders", "purchases")] == [eight] * 3


def test_watermark_that_was_set_back_while_a_run_was_reading_stays_there(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    five, eight, nine = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (5, 8, 9))
    cursors.move_on(connection, "wastage", eight)
    cursors.set_back(connection, "wastage", five)
    cursors.move_on(connection, "wastage", nine, beginning=eight)
    assert read_to("wastage") == five
    cursors.move_on(connection, "wastage", nine, beginning=five)
    assert read_to("wastage") == nine


@pytest.mark.parametrize("fault", [("broken", {"way": "value"}), ("login_page", {}), ("shuffled", {})], ids=lambda fault: fault[0])
def test_page_that_fails_leaves_the_watermark_and_the_next_run_reads_it_all(
    account: Account, odoo: OdooStandIn, fault: tuple[str, dict[str, str]]
) -> None:
    connection = connected(account, odoo, page=3)
    synced(connection, "products")
    before = read_to("products")
    with odoo.world.transaction():
        for number in range(5):
            odoo.world.add_product(f"MORE-{number}", "More")
    odoo.meanwhile(PRODUCTS, 3, lambda: odoo.turn_on(fault[0], feeds=PRODUCTS, **fault[1]))
    run = sync(connection, "products")
    assert (run.status, read_to("products"), run.changes_logged) == (Status.FAILED, before, 0)
    odoo.clear()
    synced(connection, "products")
    assert {f"MORE-{number}" for number in range(5)} <= skus()


@pytest.mark.parametrize("fault", ["bad_gateway", "half_body", "reset"])
def test_chance_failure_in_mid_paging_is_tried_again(account: Account, odoo: OdooStandIn, fault: str) -> None:
    connection = connected(account, odoo, page=3)
    odoo.meanwhile(PRODUCTS, 3, lambda: odoo.turn_on(fault, feeds=PRODUCTS, times=1))
    synced(connection, "products")
    assert len(skus()) == 6


def test_feed_that_fails_does_not_keep_the_others_from_their_rows(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    odoo.turn_on("no_rights", feeds="res.partner")
    run = sync(connection, "master")
    assert (run.status, run.feeds.get(feed="vendors").verdict) == (Status.PARTIAL, "invalid")
    assert (len(skus()), Cursor.objects.filter(feed="vendors").exists(), Cursor.objects.filter(feed="products").exists()) == (
        6,
        False,
        True,
    )


def test_same_values_written_again_are_no_change_to_anybody(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "products")
    odoo.world.touch(odoo.world.product("RICE-5"))
    run = synced(connection, "products")
    assert run.changes_logged == 0
    run = synced(connection, "products")
    assert (run.counters["updated"], run.counters["unchanged"]) == (0, 1)


def test_reset_reads_everything_again_and_doubles_nothing(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    odoo.world.transfer("RICE-5", 2, "CLF", "CEN")
    odoo.world.receive(odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF"))
    synced(connection)
    before = facts()
    Cursor.objects.filter(connection=connection).delete()
    run = synced(connection, "transactional")
    assert (run.counters["unchanged"], run.counters["inserted"], run.changes_logged, facts()) == (3, 0, 0, before)
    assert Cursor.objects.filter(feed="transfers").exists()


def test_run_that_is_put_down_for_long_does_not_pass_over_what_changed_behind_it() -> None:
    asked = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    newest = [asked - timedelta(hours=2), asked + timedelta(minutes=59)]
    # The first page was asked for at eight, the last one an hour later: what changed behind the first page has a stamp of eight or later.
    assert certain(newest, [asked, asked + timedelta(hours=1)]) == asked - timedelta(minutes=1)
    assert certain(newest, [asked]) == newest[1]
    assert certain([], [asked]) is None


def test_run_put_down_between_pages_goes_on_at_its_page(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, page=3)
    with override_settings(RUN_SLICE_SECONDS=0):
        run = sync(connection, "products")
    assert (run.status, pages_asked(odoo)) == (Status.QUEUED, 1)
    done = later(run)
    assert (done.status, pages_asked(odoo), len(skus())) == (Status.SUCCEEDED, 3, 6)
