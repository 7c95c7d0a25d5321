"""What people do in the account, what a day brings, accounts of any size, and what survives a restart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.finale.account import stamp
from sandbox.finale.days import pass_day
from sandbox.finale.demo import DAYS, demo
from sandbox.finale.generated import BURST_AT, touch
from sandbox.finale.records import encoded
from sandbox.finale.stock import QUANTITIES, Totals
from sandbox.finale.system import Finale
from sandbox.finale.world import World
from sandbox.server import Sandbox, Server
from sandbox.system import ActionError
from tests.sync.finale.build import FinaleStandIn

NOW = datetime(2026, 1, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World.exampleco(lambda: NOW)


def test_a_shipped_sale_takes_from_the_places_in_turn(world: World) -> None:
    row = world.shipments.record(world.ship("SOIL-25", 45.5))
    assert row is not None
    assert world.totals("SOIL-25") == Totals(6_500, 100_000, 18_000)
    assert [(line["facilityUrl"][-5:], line["quantity"]) for line in row["shipmentItemList"]] == [("10001", 40), ("10002", 5.5)]
    assert (row["statusId"], row["shipDate"], row["lastUpdatedDate"]) == ("SHIPMENT_SHIPPED", "2026-01-22T19:00:00", stamp(NOW))


def test_a_packed_order_leaves_in_its_own_shipment(world: World) -> None:
    assert world.ship(order="SO-5511").endswith("/20003")
    assert world.totals("SOIL-25") == Totals(34_000, 100_000, 0)
    with pytest.raises(ActionError, match="no sales order that waits"):
        world.ship(order="SO-5511")


def test_sold_out_leaves_no_row(world: World) -> None:
    world.sell_out("OLD-KIT")
    assert [key for key, *_ in world.stock if key.product.endswith("OLD-KIT")] == []


def test_a_purchase_is_on_order_once_committed_and_arrives_in_parts(world: World) -> None:
    name = world.buy("10034", {"TRAY 10/20": 30}, reference="PO-2026-0001", commit=False)
    assert world.totals("TRAY 10/20") == Totals(0, 0, 0)
    world.commit(name)
    assert world.totals("TRAY 10/20") == Totals(0, 30_000, 0)
    world.receive(name, 10)
    world.receive(name)
    assert world.totals("TRAY 10/20") == Totals(30_000, 0, 0)
    order = world.order(name)
    assert (order["statusId"], order["referenceNumber"], len(order["shipmentUrlList"])) == ("ORDER_LOCKED", "PO-2026-0001", 2)
    with pytest.raises(ActionError, match="on order any more"):
        world.receive(name)


def test_a_cancelled_shipment_puts_its_goods_back(world: World) -> None:
    shipment = world.ship("SOIL-25", 45)
    world.cancel_shipment(shipment)
    world.cancel_shipment(shipment)
    assert world.totals("SOIL-25").on_hand == 52_000


def test_a_day_ships_delivers_and_never_sells_what_is_not_there() -> None:
    world = demo(NOW)
    before, shipped = world.totals("GLOVES-M"), len(world.shipments)
    world.now = lambda: NOW
    pass_day(world)
    pass_day(world)
    assert before == Totals(0, 60_000, 0)
    assert world.order("SO-5511")["statusId"] == "ORDER_COMPLETED"
    assert len(world.shipments) > shipped + 20
    assert all(quantity > 0 and kind in QUANTITIES for _, _, kind, quantity in world.stock)
    assert world.day == 2


def test_the_demo_has_ninety_days_of_sales_and_things_to_reorder() -> None:
    world = demo(NOW)
    days = {row["shipDate"][:10] for row in world.shipments.all() if row["shipDate"]}
    assert {f"{NOW - timedelta(days=ago):%Y-%m-%d}" for ago in range(1, DAYS + 1)} <= days
    assert len(world.products) == 60
    empty = [row["productId"] for row in world.products.all() if world.stock.totals(row["productUrl"]).on_hand == 0]
    assert {"COMPOST-40", "GLOVES-M", "PUMICE-15", "TRAY 10/20"} <= set(empty)
    assert world.totals("SOIL-25") == Totals(52_000, 100_000, 18_000)


def test_a_generated_account_has_its_burst_in_one_second() -> None:
    world = World.generated(3000, burst=1200, stock_rows=4000, orders=10, shipments=20)
    second = stamp(BURST_AT)
    assert len(world.products.between(second, second)) == 1200
    assert len(world.products) == 3000 == len(set(world.products.columns["productUrl"]))
    rows = world.products.all()
    other = [row for row in rows if row["productUrl"].rpartition("/")[2] != row["productId"]]
    assert 0.33 < len(other) / 3000 < 0.36
    assert any("%2F" in row["productUrl"] for row in rows)
    assert [row["lastUpdatedDate"] for row in rows] == sorted(row["lastUpdatedDate"] for row in rows)
    assert len(world.stock) == 4000 + 10
    assert {len(column) for column in world.stock.columns().values()} == {4010}
    again = World.generated(3000, burst=1200, stock_rows=4000, orders=10, shipments=20)
    assert encoded(again.stock.columns()) == encoded(world.stock.columns())


def test_one_percent_changes_and_stands_last() -> None:
    world = World.generated(2000, orders=0, shipments=0)
    before = encoded(world.stock.columns())
    assert touch(world, 0.01) == 20
    assert len(world.products.changed_since(stamp(world.now() - timedelta(minutes=1)))) == 20
    assert encoded(world.stock.columns()) != before


def test_actions_survive_a_restart_and_a_reset_forgets_them(tmp_path: Path) -> None:
    def running() -> Sandbox:
        return Sandbox(Server(0, {"finale": Finale(tmp_path)}))

    with running() as first:
        first.control("finale", "next-day")
        first.control("finale", "buy", vendor="10021", lines="SOIL-25 = 40; TROWEL", reference="PO-2026-0002")
        state = first.control("finale", "edit-product", product="TROWEL", name="Trowel, new", active="no")
        stock, orders = first.rows("finale", "stock"), first.rows("finale", "orders")
    with running() as second:
        assert second.control("finale")["day"] == state["day"] == 1
        assert (second.rows("finale", "stock"), second.rows("finale", "orders")) == (stock, orders)
        changed = next(row for row in second.rows("finale", "products") if row["productId"] == "TROWEL")
        assert (changed["internalName"], changed["statusId"]) == ("Trowel, new", "PRODUCT_INACTIVE")
        assert second.control("finale", "reset")["day"] == 0


@pytest.mark.parametrize(
    ("action", "given", "sentence"),
    [
        ("ship", {"product": "NOTHING"}, "There is no product “NOTHING”"),
        ("buy", {"vendor": "1", "lines": "SOIL-25"}, "There is no party “1”"),
        ("buy", {"vendor": "Mineral Works"}, "Name at least one line"),
        ("restock", {"product": "SOIL-25", "quantity": "many"}, "“many” is no quantity"),
        ("ship", {"price": "1"}, "“ship” has no “price”"),
        ("explode", {}, "There is no action “explode”"),
        ("limits", {"day": "1"}, "There is no budget “day”"),
    ],
)
def test_an_action_that_does_not_fit_changes_nothing(tmp_path: Path, action: str, given: dict[str, Any], sentence: str) -> None:
    system = Finale(tmp_path)
    before = system.overview()
    with pytest.raises(ActionError, match=sentence):
        system.act(action, given)
    assert system.overview() == before


def test_yesterdays_stock_is_that_of_before_the_last_day(tmp_path: Path) -> None:
    system = Finale(tmp_path)
    with Sandbox(Server(0, {"finale": system})) as running:
        finale = FinaleStandIn(running, system)
        before = finale.get("inventoryitem/").content
        running.control("finale", "next-day")
        assert finale.get("inventoryitem/").content != before
        finale.turn_on("yesterday", times=1)
        assert finale.get("inventoryitem/").content == before


def test_reading_while_things_happen_gives_whole_tables(tmp_path: Path) -> None:
    system = Finale(tmp_path)
    with Sandbox(Server(0, {"finale": system})) as running, ThreadPoolExecutor(4) as threads:
        finale = FinaleStandIn(running, system)
        finale.limit(get_minute=None, collections_hour=None)
        finale.turn_on("cut", size=1000, times=1000)
        acting = [threads.submit(running.control, "finale", "ship", product="POT-TC-10", quantity=1) for _ in range(20)]
        reading = [threads.submit(finale.get, path) for path in ("inventoryitem/", "shipment/", "product/") * 10]
        for each in acting:
            each.result()
        for answer in (each.result().json() for each in reading):
            assert len({len(column) for column in answer.values()}) == 1
        assert finale.world.totals("POT-TC-10").on_hand == (310 - 20) * 1000
