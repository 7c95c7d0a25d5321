"""Purchase orders approved, sent and given up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import purchasing
from inventory.errors import AnotherDraft, ChangedMeanwhile, NothingOrdered, NotOpen, Settled
from inventory.models import PurchaseOrder, Supply
from inventory.signals import orders_changed
from tests.build import make_account, make_actor
from tests.inventory.purchasing.build import Business, fresh, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Any:
    """The products that were said to be on their way in other amounts."""
    heard: list[list[int]] = []

    def listen(*, product_ids: list[int], **_signal: Any) -> None:
        heard.append(product_ids)

    orders_changed.connect(listen)
    yield heard
    orders_changed.disconnect(listen)


def test_approved_it_is_on_order_and_expected_after_the_lead_time(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    shop = Business()
    order = shop.draft()
    assert told == []
    monkeypatch.setattr("inventory.moment.now", lambda: datetime(2026, 11, 20, 9, tzinfo=UTC))
    purchasing.approve(shop.actor, order, version=1)
    order = fresh(order)
    assert (order.state, order.approved_by, order.expected_on, order.version) == ("approved", "Mara", date(2026, 12, 4), 2)
    assert told == [sorted([shop.tea.pk, shop.cake.pk])]


def test_supply_knows_at_once_what_is_on_order_and_what_came() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=None)
    shop.came(order, tea=4)
    supply = Supply.objects.get(product=shop.tea)
    assert (supply.on_hand, supply.on_order) == (4, 6)
    purchasing.cancel(shop.actor, order)
    supply.refresh_from_db()
    assert (supply.on_hand, supply.on_order) == (4, 0)


def test_approving_again_changes_nothing() -> None:
    shop = Business()
    order = shop.approved()
    assert purchasing.approve(shop.actor, order, version=1).version == 2
    assert AuditLog.objects.filter(action="APPROVE").count() == 1


def test_what_was_looked_at_is_what_is_approved() -> None:
    shop = Business()
    order = shop.draft()
    purchasing.edit(shop.actor, order, lines={line_of(order, shop.tea).pk: {"quantity": 9000}})
    with pytest.raises(ChangedMeanwhile):
        purchasing.approve(shop.actor, order, version=1)
    assert fresh(order).state == "draft"


def test_nothing_and_nobody_is_not_approved() -> None:
    shop = Business()
    with pytest.raises(NothingOrdered, match="Nothing is on PO-"):
        shop.approved(tea=None, cake=None)
    order = shop.draft()
    shop.north.active = False
    shop.north.save()
    with pytest.raises(ValidationError, match="North Supply is not active"):
        purchasing.approve(shop.actor, order)


def test_sent_again_and_only_when_it_is_approved() -> None:
    shop = Business()
    order = shop.draft()
    with pytest.raises(NotOpen, match="is a draft"):
        purchasing.mark_sent(shop.actor, order)
    purchasing.approve(shop.actor, order)
    purchasing.mark_sent(shop.actor, order, to="orders@north.example")
    assert (fresh(order).state, fresh(order).sent_to) == ("sent", "orders@north.example")
    shop.came(order, tea=1)
    purchasing.mark_sent(shop.actor, order, to="other@north.example")
    assert (fresh(order).state, fresh(order).sent_to) == ("partly", "other@north.example")


def test_cancelled_with_its_reason_and_once(told: Any) -> None:
    shop = Business()
    order = shop.draft()
    purchasing.cancel(shop.actor, order, "Too dear.")
    assert (fresh(order).state, fresh(order).closed_why, told) == ("cancelled", "Too dear.", [])
    purchasing.cancel(shop.actor, order, "Again.")
    assert fresh(order).closed_why == "Too dear."
    with pytest.raises(NotOpen, match="is cancelled"):
        purchasing.approve(shop.actor, order)
    assert shop.draft().pk != order.pk


def test_what_came_stays_when_the_rest_is_given_up(told: Any) -> None:
    shop = Business()
    order = shop.approved()
    shop.came(order, tea=3)
    told.clear()
    purchasing.cancel(shop.actor, order)
    order = fresh(order)
    assert (order.state, order.closed_why) == ("received", "The rest is not expected any more.")
    assert (line_of(order, shop.tea).received, shop.level(shop.tea), len(told)) == (3, 3, 1)
    with pytest.raises(NotOpen, match="is received"):
        purchasing.cancel(shop.actor, order)


def test_roles_and_accounts() -> None:
    shop = Business()
    draft, order = shop.draft(), shop.approved(place=shop.mirror)
    staff, viewer, stranger = make_actor(shop.account, Role.STAFF), make_actor(shop.account, Role.VIEWER), make_actor(make_account("8QX"))
    purchasing.mark_sent(staff, order)
    for actor, verb in (
        (staff, lambda who: purchasing.approve(who, draft)),
        (staff, lambda who: purchasing.cancel(who, draft)),
        (viewer, lambda who: purchasing.mark_sent(who, order)),
    ):
        with pytest.raises(NotAllowed):
            verb(actor)
        with pytest.raises(PurchaseOrder.DoesNotExist):
            verb(stranger)


def test_an_approved_order_is_a_draft_again_and_not_on_order(told: Any) -> None:
    shop = Business()
    order = shop.approved()
    told.clear()
    back = purchasing.take_back(shop.actor, order, version=order.version)
    assert (back.state, back.approved_at, back.approved_by, back.version) == ("draft", None, "", order.version + 1)
    assert told == [sorted([shop.tea.pk, shop.cake.pk])]
    # Once more is nothing more; and it is changed and approved as any draft.
    assert purchasing.take_back(shop.actor, order).version == back.version
    purchasing.edit(shop.actor, back, lines={line_of(order, shop.tea).pk: {"quantity": 3}})
    assert purchasing.approve(shop.actor, back).state == "approved"
    assert list(AuditLog.objects.filter(entity="PurchaseOrder", action="TAKE_BACK").values_list("before__state", "after__state")) == [
        ("approved", "draft")
    ]


def test_what_somebody_outside_has_or_what_came_is_not_taken_back() -> None:
    shop = Business()
    sent, come, known, gone = shop.approved(), shop.approved(), shop.approved(place=shop.mirror), shop.approved()
    purchasing.mark_sent(shop.actor, sent)
    shop.came(come, tea=1)
    PurchaseOrder.objects.filter(pk=known.pk).update(upstream="PO-9")
    purchasing.cancel(shop.actor, gone)
    for order in (sent, come, known, gone):
        with pytest.raises(Settled, match="so it stays as it is"):
            purchasing.take_back(shop.actor, order)


def test_beside_another_draft_nothing_is_taken_back() -> None:
    shop = Business()
    order, draft = shop.approved(), shop.draft()
    with pytest.raises(AnotherDraft) as refused:
        purchasing.take_back(shop.actor, order)
    assert refused.value.details == {"draft": draft.pk}
    with pytest.raises(ChangedMeanwhile):
        purchasing.take_back(shop.actor, order, version=1)
    with pytest.raises(NotAllowed):
        purchasing.take_back(make_actor(shop.account, Role.STAFF), order)
