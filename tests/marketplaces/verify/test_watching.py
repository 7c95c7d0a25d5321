from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import integrity
from inventory.models import Item
from jobs.models import Schedule
from marketplaces import verify
from marketplaces.inbox import Kind, inbox, waiting
from marketplaces.models import Attempt, Carried, Difference, Listing, Order, OrderLine, Shop, Verification
from marketplaces.verify import clock, retention, shophealth
from sync import connections
from tests.inventory.ledger.build import make_product
from tests.marketplaces.verify.build import World

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_order(world: World, number: str = "31000001", **values: object) -> Order:
    given: dict[str, object] = {"status": "PAID", "ordered_at": NOW, "imported_at": NOW, "pieces": 3, "lot_count": 1, **values}
    return Order.objects.create(account=world.account, shop=world.shop, order_id=number, **given)


def make_line(order: Order, **values: object) -> OrderLine:
    return OrderLine.objects.create(account=order.account, order=order, key=str(uuid.uuid4()), quantity=3, **values)


def full_inbox(number: int = 1) -> World:
    world = World()
    for each in range(number):
        listing = world.listed(10, part_number=f"30{each}")
        Listing.objects.filter(pk=listing.pk).update(state="needs_person", code="lot_vanished", sentence="It is gone.", hint="Choose.")
        make_line(make_order(world, f"1{each}"), lot_id="77", part_number="3001")
        make_line(make_order(world, f"2{each}"), booking="item", shortfall=2, item=listing.item)
        make_order(world, f"3{each}", restock="offered", status="CANCELLED")
        make_order(world, f"4{each}", problem="The list has no such order.")
        world.lot_there(f"9{each}", part_number=f"x{each}")
    world.verify()
    return world


def test_everything_that_waits_for_a_person_is_in_one_list() -> None:
    world = full_inbox()

    found = inbox(world.account)

    assert found.counts == dict.fromkeys(Kind, 1)
    assert found.total == waiting(world.account) == 6
    said = {entry.kind: (entry.entity, entry.sentence) for entry in found.entries}
    assert said == {
        Kind.SHORTFALL: ("orderline", "2 of 3 were not there when Order 20 was read."),
        Kind.UNMATCHED: ("orderline", "Order 10 has 3 of 3001, and no item is known for it."),
        Kind.NEEDS_PERSON: ("listing", "It is gone."),
        Kind.DIFFERENCE: ("difference", "Lot 90 is at the shop and not known here."),
        Kind.RESTOCK: ("order", "Order 30 of 3 pieces is cancelled: its goods may be back."),
        Kind.UNREADABLE: ("order", "The list has no such order."),
    }
    assert inbox(world.account, kinds=["restock"]).counts == {Kind.RESTOCK: 1}
    assert inbox(World("Others").account).total == 0


def test_many_entries_take_as_many_statements_as_one() -> None:
    world = full_inbox(7)

    with CaptureQueriesContext(connection) as seen:
        found = inbox(world.account, limit=5)

    assert (len(seen), len(found.entries), found.total) == (12, 30, 42)


def test_a_difference_says_what_is_there_instead_of_what() -> None:
    world = World()
    world.change_there(world.listed(10), quantity=7, notes="Yellowed")
    world.verify()

    (entry,) = inbox(world.account).entries

    assert entry.sentence.endswith("has quantity 7 instead of 10, notes Yellowed instead of nothing.")


def test_integrity_finds_a_shop_that_is_told_more_than_there_is() -> None:
    world = World()
    listing = world.listed(10)
    Listing.objects.filter(pk=listing.pk).update(told_quantity=12)

    report = integrity.check(world.actor)

    (answer,) = [each for each in report.checks if each["invariant"] == "I16"]
    assert answer["offenders"] == 1
    assert answer["sample"][0]["trouble"] == "Toys 7QX is told 12 of 3001, 10 are offered."
    Listing.objects.filter(pk=listing.pk).update(state="syncing")
    assert integrity.check(world.actor).offenders == 0


def test_integrity_finds_a_linked_item_that_does_not_follow() -> None:
    world = World()
    item = world.item(5)
    Item.objects.filter(pk=item.pk).update(product=make_product(world.account))

    report = integrity.check(world.actor)

    (answer,) = [each for each in report.checks if each["invariant"] == "I16"]
    assert [each["trouble"] for each in answer["sample"]] == ["3001 says 5, its stock offers 0."]


def checked(world: World) -> dict[str, tuple[str, str]]:
    return {check.name: (check.state.value, check.sentence) for check in shophealth.examine(world.account)}


def test_health_of_a_shop_that_does_well() -> None:
    world = World()
    world.listed(10)
    world.verify()

    assert {state for state, _ in checked(world).values()} == {"ok"}
    assert list(shophealth.examine(None)) == []


def test_health_names_what_is_wrong() -> None:
    world = World()
    listing = world.listed(10)
    long_ago = timezone.now() - timedelta(minutes=30)
    Listing.objects.filter(pk=listing.pk).update(state="failed", due_at=long_ago)
    Shop.objects.update(orders_problem="The key may not read orders.")
    world.lot_there()
    world.verify()

    found = checked(world)

    assert found["shop items"] == ("warn", "1 item could not be sent.")
    assert found["shop push"] == ("bad", "Changes have been due for 30 minutes and are not sent. Is the worker running?")
    assert found["orders of Toys 7QX"] == ("bad", "They can't be read: The key may not read orders.")
    assert found["shop verify"] == ("warn", "1 difference waits for a manager to say who is right.")


def test_health_says_why_nothing_is_sent() -> None:
    world = World()
    Shop.objects.update(stopped_at=NOW, stopped_sentence="The login is refused.", stopped_hint="Enter it again.")

    assert checked(world)["shop Toys 7QX"] == ("bad", "Nothing is sent: The login is refused. Enter it again.")


def test_what_is_old_goes_but_not_the_last_attempt_nor_what_is_open() -> None:
    world = World()
    listing = world.listed(10)
    item = listing.item
    for quantity in (9, 8):
        item.quantity_available = quantity
        item.save()
        world.push()
    world.change_there(listing, quantity=1)
    world.lot_there()
    settled, left = world.found()
    verify.decide(world.actor, settled, "ignore")
    emptied = Verification.objects.create(account=world.account, shop=world.shop, status="failed", queued_at=NOW, finished_at=NOW)
    newest = Attempt.objects.order_by("-pk")[0]
    for attempt in Attempt.objects.all():
        Carried.objects.create(account=world.account, attempt=attempt, correlation=uuid.uuid4())

    assert retention.prune(timezone.now() + timedelta(days=179)) == 0
    assert retention.prune(timezone.now() + timedelta(days=181)) == 4

    assert list(Attempt.objects.all()) == [newest] == [each.attempt for each in Carried.objects.all()]
    assert list(Difference.objects.all()) == [left]
    assert not Verification.objects.filter(pk=emptied.pk).exists()
    assert Verification.objects.filter(pk=left.verification_id).exists()


def test_each_shop_is_compared_every_night() -> None:
    world = World()

    schedule = Schedule.objects.get(key=f"shop:{world.shop.pk}:verify")
    said = clock.scheduled(world.account, **schedule.arguments)

    run = Verification.objects.get()
    assert (said, run.asked_by) == (f"Started verification {run.pk}.", "Schedule")
    assert "is being compared already" in clock.scheduled(world.account, **schedule.arguments)


def test_schedule_goes_with_its_shop_also_one_that_was_left_before() -> None:
    world, stays = World(), World("Other")
    key = f"shop:{world.shop.pk}:verify"
    stored = Schedule.objects.get(key=key)
    connections.remove(world.actor, world.shop.connection)
    assert not Schedule.objects.filter(key=key).exists()

    Schedule.objects.bulk_create([stored])
    clock.install_for_all()
    assert list(Schedule.objects.filter(task=clock.TASK).values_list("key", flat=True)) == [f"shop:{stays.shop.pk}:verify"]


def test_the_clock_wakes_what_lost_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.change_there(world.listed(10), quantity=7)
    verify.decide(world.actor, world.only(), "repair")
    lost = verify.start(world.actor, world.shop)
    Verification.objects.filter(pk=lost.pk).update(queued_at=timezone.now() - timedelta(minutes=5))
    woken: list[tuple[object, ...]] = []
    monkeypatch.setattr(clock, "enqueue", lambda *call, **_: woken.append(call))
    monkeypatch.setattr("marketplaces.verify.verifying.enqueue", lambda *call, **_: woken.append(call))

    clock.tick()

    assert woken == [("marketplaces.verify.verifying.execute", lost.pk), ("marketplaces.verify.carrying.carry_out", world.shop.pk)]
