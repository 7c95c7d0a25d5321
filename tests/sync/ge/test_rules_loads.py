"""Loads and their rosters, and which load a unit belongs to (docs/ge-rules.md, “Loads and rosters”)."""

from __future__ import annotations

import pytest

from inventory.models import Conflict, Load, LoadUnit
from sync.models import RunFeed, Status
from tests.sync.ge import files
from tests.sync.ge.files import bulk, listed, load, unit
from tests.sync.ge.shop import changes, changes_of, make_shop, types

pytestmark = pytest.mark.django_db

OLD, LOAD, NEW = "7QX20260120140000", "7QX20260203091500", "7QX20260204101500"
ONE, TWO = unit("QTX10FRIDGE", "ZZ900101"), unit("QTX20WASHER", "ZZ900102")


def of(number: str, *units: files.Row) -> dict[str, list[files.Row]]:
    """The roster of a load with these units."""
    return {number: [listed(number, model, serial) for model, serial, *_ in units]}


class TestLoads:
    def test_load_appears(self) -> None:
        shop = make_shop()
        run = shop.day(ASIS=[ONE], loads=[load(LOAD, units=1)], notes={LOAD: "LETTER K"}, rosters=of(LOAD, ONE))
        assert changes_of(run, LOAD) == [("load_appeared", None, None)]
        stored = shop.load(LOAD)
        assert (stored.org, stored.units, stored.notes, stored.sale_status, stored.order_number) == ("7QX", 1, "LETTER K", "FOR SALE", "")
        assert f"{stored.scanned_at:%Y-%m-%d %H:%M}" == "2026-02-03 09:15"
        assert run.stats["forSaleLoads"] == 1

    def test_load_is_sold_gets_an_order_and_another_number_of_units(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD, units=2)])
        run = shop.day(loads=[load(LOAD, "SOLD", cso="9000000003", cso_status="Picked", units=1)])
        assert changes(run) == [
            ("load_sold", LOAD, "FOR SALE", "SOLD"),
            ("load_cso_assigned", LOAD, "", "9000000003"),
            ("load_cso_status_changed", LOAD, "", "Picked"),
            ("load_units_changed", LOAD, "2", "1"),
        ]
        assert (run.stats["forSaleLoads"], run.stats["pickedLoads"]) == (0, 1)

    def test_order_goes_through_its_states(self) -> None:
        shop = make_shop()
        for before, after in [("", "Shipped"), ("Shipped", "Picked"), ("Picked", "Delivered")]:
            shop.day(loads=[load(LOAD, "SOLD", cso="9000000003", cso_status=before)])
            run = shop.day(loads=[load(LOAD, "SOLD", cso="9000000003", cso_status=after)])
            assert changes(run) == [("load_cso_status_changed", LOAD, before, after)]

    def test_same_loads_again_are_no_change(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD), load(OLD, "SOLD", cso="9000000001", cso_status="Picked", submitted="2026/01/28 10:02:11")])
        assert changes(shop.sync()) == []

    def test_load_that_both_lists_leave_out_is_not_reported_and_keeps_its_roster(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE], loads=[load(LOAD), load(NEW)], rosters=of(LOAD, ONE))
        run = shop.day(ASIS=[ONE], loads=[load(NEW)])
        assert changes(run) == [("load_disappeared", LOAD, None, None)]
        assert shop.load(LOAD).not_reported_at is not None
        assert LoadUnit.objects.filter(load__number=LOAD).count() == 1
        assert shop.unit("ZZ900101").load == shop.load(LOAD)
        session = shop.session(LOAD)
        assert (session.status, session.closed_reason) == ("closed", "The load is no longer listed.")
        assert changes(shop.sync()) == []

    def test_load_that_is_listed_again_is_the_same_row(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE], loads=[load(LOAD), load(NEW)], rosters=of(LOAD, ONE))
        row = shop.load(LOAD).pk
        shop.day(ASIS=[ONE], loads=[load(NEW)])
        run = shop.day(ASIS=[ONE], loads=[load(NEW), load(LOAD)])
        assert changes(run) == [("load_appeared", LOAD, None, None)]
        assert (shop.load(LOAD).pk, shop.load(LOAD).not_reported_at) == (row, None)
        assert shop.session(LOAD).status == "active"

    @pytest.mark.parametrize("broken", ["loads:open", "loads:history"])
    def test_one_bad_load_list_leaves_loads_rosters_and_load_sessions_as_they_are(self, broken: str) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE, TWO], loads=[load(LOAD), load(NEW)], rosters=of(LOAD, ONE))
        shop.stock(ASIS=[ONE])
        shop.loads(load(NEW, "SOLD", cso="9000000001", cso_status="Delivered"))
        content = files.loads_xls([files.for_sale("8RY20260101010101")])
        if broken == "loads:history":
            content = files.loads_xls([("8RY", "8RY20260101010101", "", "", "SOLD", "", "", "1")], history=True)
        shop.upload(broken, content)
        run = shop.sync()
        assert run.status == Status.PARTIAL
        assert "wrong_organisation" in {error["code"] for error in run.errors if error["feed"] == broken}
        # The stock goes on.
        assert changes(run) == [("item_disappeared", "ZZ900102", None, None)]
        assert shop.unit("ZZ900101").load == shop.load(LOAD)
        assert shop.session(LOAD).status == "active"
        assert run.details["loads"] == {"judged": False}

    def test_open_list_may_be_empty_when_the_history_has_no_load_for_sale(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD)])
        run = shop.day(loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Picked")])
        assert run.status == Status.SUCCEEDED

    def test_open_list_may_not_be_empty_when_the_history_has_one(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD)])
        shop.upload("loads:open", files.loads_xls([]))
        run = shop.sync()
        assert [error["code"] for error in run.errors] == ["empty"]

    def test_times_of_loads_are_the_warehouse_s(self) -> None:
        shop = make_shop(time_zone="America/Chicago")
        shop.day(loads=[load(LOAD)])
        scanned = shop.load(LOAD).scanned_at
        assert scanned is not None
        assert scanned.isoformat() == "2026-02-03T15:15:00+00:00"


class TestRosters:
    def test_roster_that_can_not_be_read_leaves_the_one_before_and_says_stale(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE, TWO], loads=[load(LOAD)], rosters=of(LOAD, ONE, TWO))
        shop.loads(load(LOAD, units=1))
        shop.spoil_roster(LOAD)
        run = shop.sync()
        assert run.status == Status.PARTIAL
        assert changes(run) == [("load_units_changed", LOAD, "2", "1")]
        assert shop.load(LOAD).roster_stale is True
        assert LoadUnit.objects.filter(load__number=LOAD).count() == 2
        assert shop.unit("ZZ900102").load == shop.load(LOAD)
        assert (run.stats["loadsFetched"], run.stats["loadsFailed"]) == (0, 1)
        assert "1 of 1 rosters could not be read; what was known of those loads stands." in run.message

    def test_stale_roster_is_read_again_though_the_load_is_delivered(self) -> None:
        shop = make_shop()
        sold = load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered")
        shop.day(ASIS=[ONE], loads=[sold])
        assert shop.load(LOAD).roster_stale is True
        run = shop.day(ASIS=[ONE], loads=[sold], rosters=of(LOAD, ONE, TWO))
        assert shop.load(LOAD).roster_stale is False
        assert (run.stats["loadsFetched"], run.stats["rosterUnits"]) == (1, 2)

    def test_rosters_that_nobody_has_uploaded_are_a_remark_and_no_failure(self) -> None:
        shop = make_shop()
        run = shop.day(ASIS=[ONE], loads=[load(LOAD), load(NEW)])
        assert run.status == Status.SUCCEEDED
        assert [warning["code"] for warning in run.warnings] == ["not_uploaded"]
        assert f"the loads {LOAD}, {NEW}" in run.warnings[0]["message"]

    def test_roster_of_a_delivered_load_is_not_read_again(self) -> None:
        shop = make_shop()
        sold = load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered", units=1)
        shop.day(loads=[sold, load(NEW, units=1)], rosters={**of(LOAD, ONE), **of(NEW, TWO)})
        run = shop.sync()
        assert list(RunFeed.objects.filter(run=run).exclude(part="").values_list("part", flat=True)) == [NEW]

    def test_roster_of_a_delivered_load_is_read_again_when_its_units_changed(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered", units=1)], rosters=of(LOAD, ONE))
        run = shop.day(loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered", units=2)], rosters=of(LOAD, ONE, TWO))
        assert run.stats["rosterUnits"] == 2
        assert LoadUnit.objects.filter(load__number=LOAD).count() == 2

    def test_unit_taken_off_a_roster_is_taken_off_and_loses_its_load(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE, TWO], loads=[load(LOAD)], rosters=of(LOAD, ONE, TWO))
        run = shop.day(ASIS=[ONE, TWO], loads=[load(LOAD)], rosters=of(LOAD, ONE))
        assert changes(run) == [("item_load_changed", "ZZ900102", LOAD, None)]
        assert list(LoadUnit.objects.values_list("serial_key", flat=True)) == ["ZZ900101"]
        assert [warning["code"] for warning in run.warnings] == ["units_mismatch"]

    def test_load_whose_units_are_not_those_of_its_roster_is_remarked_upon(self) -> None:
        shop = make_shop()
        run = shop.day(loads=[load(LOAD, units=3)], rosters=of(LOAD, ONE, TWO))
        assert [(each["code"], each["message"]) for each in run.warnings] == [
            ("units_mismatch", f"Load {LOAD} announces 3 units, its roster has 2.")
        ]
        assert types(run) == {"load_appeared": 1}

    def test_pieces_without_serials_count_on_a_roster(self) -> None:
        shop = make_shop()
        rows = [listed(LOAD, "QTX10FRIDGE", "ZZ900101"), listed(LOAD, "QTXKIT", "", 3), listed(LOAD, "QTX-KIT", "", 2)]
        run = shop.day(ASIS=[ONE, bulk("QTXKIT", 9)], loads=[load(LOAD, units=6)], rosters={LOAD: rows})
        assert run.warnings == []
        assert run.stats["rosterUnits"] == 6
        assert LoadUnit.objects.get(serial_key="").quantity == 5
        assert shop.bulk("ASIS", "QTXKIT").load is None

    def test_serial_twice_on_one_roster_is_one_line(self) -> None:
        shop = make_shop()
        run = shop.day(ASIS=[ONE], loads=[load(LOAD, units=1)], rosters=of(LOAD, ONE, ONE))
        assert run.stats["rosterUnits"] == 1
        assert LoadUnit.objects.count() == 1


class TestLoadOfAUnit:
    @pytest.mark.parametrize("bucket", ["FG", "ASIS", "STA"])
    def test_is_the_load_that_lists_it_in_any_bucket(self, bucket: str) -> None:
        shop = make_shop()
        shop.day(**{bucket: [ONE]}, loads=[load(LOAD)])
        run = shop.day(**{bucket: [ONE]}, loads=[load(LOAD)], rosters=of(LOAD, ONE))
        assert changes(run) == [("item_load_changed", "ZZ900101", None, LOAD)]
        assert run.stats["updatedItems"] == 1

    def test_is_known_by_the_serial_in_any_writing(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE], loads=[load(LOAD)], rosters={LOAD: [listed(LOAD, "QTX10FRIDGE", " zz900101 ")]})
        assert shop.unit("ZZ900101").load == shop.load(LOAD)

    def test_is_the_newest_that_is_not_delivered(self) -> None:
        shop = make_shop()
        run = shop.day(
            ASIS=[ONE],
            loads=[
                load(OLD),
                load(LOAD, "SOLD", cso="9000000001", cso_status="Picked"),
                load(NEW, "SOLD", cso="9000000002", cso_status="Delivered"),
            ],
            rosters={**of(OLD, ONE), **of(LOAD, ONE), **of(NEW, ONE)},
        )
        assert shop.unit("ZZ900101").load == shop.load(LOAD)
        assert types(run)["conflict_opened"] == 1
        assert Conflict.objects.get().details == {"loads": [LOAD, OLD]}

    def test_is_none_when_all_are_delivered(self) -> None:
        shop = make_shop()
        sold = load(LOAD, "SOLD", cso="9000000001", cso_status="Picked")
        shop.day(STA=[ONE], loads=[sold], rosters=of(LOAD, ONE))
        run = shop.day(STA=[ONE], loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered")])
        assert changes_of(run, "ZZ900101") == [("item_load_changed", LOAD, None), ("item_cso_changed", "9000000001", "")]

    def test_of_a_returned_unit_is_the_load_it_was_sold_in_again(self) -> None:
        shop = make_shop()
        delivered = load(OLD, "SOLD", cso="9000000001", cso_status="Delivered")
        shop.day(ASIS=[ONE], loads=[delivered], rosters=of(OLD, ONE))
        run = shop.day(ASIS=[ONE], loads=[delivered, load(LOAD)], rosters=of(LOAD, ONE))
        assert changes_of(run, "ZZ900101") == [("item_load_changed", None, LOAD)]
        assert not Conflict.objects.exists()

    def test_moves_on_when_a_newer_load_takes_the_unit_over(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE, TWO], loads=[load(OLD)], rosters=of(OLD, ONE, TWO))
        run = shop.day(ASIS=[ONE, TWO], loads=[load(OLD), load(LOAD)], rosters={**of(OLD, TWO), **of(LOAD, ONE)})
        assert changes_of(run, "ZZ900101") == [("item_load_changed", OLD, LOAD)]
        assert changes_of(run, "ZZ900102") == []

    def test_is_the_listed_load_rather_than_a_newer_one_that_was_taken_back(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE], loads=[load(OLD), load(LOAD)], rosters=of(LOAD, ONE))
        run = shop.day(ASIS=[ONE], loads=[load(OLD)], rosters=of(OLD, ONE))
        assert changes_of(run, "ZZ900101") == [("item_load_changed", LOAD, OLD)]
        assert not Conflict.objects.exists()

    def test_of_a_delivered_load_that_comes_back_is_known_though_its_roster_can_not_be_read(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE], loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered")], rosters=of(LOAD, ONE))
        shop.loads(load(LOAD, "SOLD", cso="9000000001", cso_status="Picked"))
        shop.spoil_roster(LOAD)
        run = shop.sync()
        assert changes_of(run, "ZZ900101") == [("item_load_changed", None, LOAD), ("item_cso_changed", "", "9000000001")]


class TestOrderNumberOfAUnit:
    def test_is_that_of_its_load(self) -> None:
        shop = make_shop()
        shop.day(STA=[ONE], loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Picked")], rosters=of(LOAD, ONE))
        assert shop.unit("ZZ900101").order_number == "9000000001"

    def test_changes_with_that_of_its_load(self) -> None:
        shop = make_shop()
        shop.day(ASIS=[ONE], loads=[load(LOAD)], rosters=of(LOAD, ONE))
        run = shop.day(ASIS=[ONE], loads=[load(LOAD, "SOLD", cso="9000000003", cso_status="Picked")])
        assert changes_of(run, "ZZ900101") == [("item_cso_changed", "", "9000000003")]

    def test_of_a_staged_unit_without_a_load_is_blank_until_it_has_one(self) -> None:
        shop = make_shop()
        shop.day(STA=[ONE])
        assert shop.unit("ZZ900101").order_number == ""
        run = shop.day(STA=[ONE], loads=[load(LOAD, "SOLD", cso="9000000003", cso_status="Picked")], rosters=of(LOAD, ONE))
        assert changes_of(run, "ZZ900101") == [("item_load_changed", None, LOAD), ("item_cso_changed", "", "9000000003")]


class TestFriendlyName:
    @pytest.mark.parametrize(
        ("note", "name"),
        [
            ("LETTER K", "K"),
            ("letter ab", "AB"),
            ("JD FRIDGES", "JD"),
            ("1/7- DEALER DIRECT", "1/7"),
            ("14TH", "14TH"),
            ("SALVAGE LOAD 5", ""),
            ("", ""),
        ],
    )
    def test_is_taken_from_the_note(self, note: str, name: str) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD)], notes={LOAD: note})
        assert shop.load(LOAD).friendly_name == name

    def test_is_taken_later_when_the_note_comes_later(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD)])
        shop.day(loads=[load(LOAD)], notes={LOAD: "LETTER K"})
        assert shop.load(LOAD).friendly_name == "K"

    def test_stays_what_people_made_of_it(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD)], notes={LOAD: "LETTER K"})
        Load.objects.update(friendly_name="The big one")
        shop.day(loads=[load(LOAD)], notes={LOAD: "LETTER M"})
        assert shop.load(LOAD).friendly_name == "The big one"
        assert shop.load(LOAD).notes == "LETTER M"

    def test_is_not_given_to_a_load_that_is_sold(self) -> None:
        shop = make_shop()
        shop.day(loads=[load(LOAD)])
        shop.upload("loads:history", files.loads_xls([load(LOAD, "SOLD", cso="9000000001", cso_status="Shipped")], history=True))
        shop.upload("loads:open", files.loads_xls([files.for_sale(LOAD, notes="LETTER K")]))
        shop.sync()
        assert (shop.load(LOAD).notes, shop.load(LOAD).friendly_name) == ("LETTER K", "")
