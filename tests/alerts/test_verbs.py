"""What people do: acknowledge, decide about what was held back, say who is told, mail an order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.acting import Actor
from accounts.errors import NotAllowed, Problem
from accounts.models import Account, AuditLog
from accounts.roles import Role
from alerts import alertsettings, deciding, deliveries, digests, hooks, people, shelves
from alerts.errors import AddressTaken, NoAddress, NotOpen
from alerts.models import Alert, AlertState, Delivery, Kind, Notice, Subscriber
from alerts.recipients import house_of
from inventory.models import Product, Supply, SupplyState
from tests.alerts.build import become, make_settings, make_subscriber, make_supplies, make_webhook
from tests.alerts.conftest import Postbox
from tests.build import make_account, make_actor, make_member

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def owner(account: Account) -> Actor:
    return make_actor(account)


def as_user(account: Account, role: Role, username: str) -> Actor:
    member = make_member(account, role, username)
    return Actor(account, member.user, role, username)


def held_back(account: Account) -> Alert:
    make_settings(account)
    make_subscriber(account)
    supplies = make_supplies(account, 600)
    become(supplies, SupplyState.OUT, 0)
    shelves.look(house_of(account), timezone.now())
    return Alert.objects.get(kind=Kind.MASS_CHANGE)


def test_an_approved_mass_change_is_told_as_one_digest(account: Account, owner: Actor) -> None:
    review = held_back(account)
    assert deciding.approve(owner, review) == 600
    assert Alert.objects.filter(state=AlertState.OPEN).count() == 600
    assert digests.compose_due(timezone.now() + 10 * MINUTE) == 1
    assert Delivery.objects.get().digest.counts == {"opened.out_of_stock": 600}
    with pytest.raises(NotOpen):
        deciding.approve(owner, review)
    assert AuditLog.objects.get(entity="Alert").action == "APPROVE"


def test_what_was_approved_is_not_held_back_again_by_the_next_critical_product(account: Account, owner: Actor) -> None:
    review = held_back(account)
    spare = make_supplies(make_account("Other"), 1)
    Product.objects.filter(pk=spare[0].product_id).update(account=account)
    Supply.objects.filter(pk=spare[0].pk).update(account=account, state=SupplyState.FINE)
    deciding.approve(owner, review)
    become(spare, SupplyState.OUT, 0)
    shelves.look(house_of(account), timezone.now() + MINUTE)
    assert Alert.objects.filter(state=AlertState.OPEN).count() == 601
    assert digests.compose_due(timezone.now() + 12 * MINUTE) == 1
    assert Delivery.objects.get().digest.counts == {"opened.out_of_stock": 601}


def test_an_approval_that_was_cut_off_can_be_given_again(account: Account, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    review = held_back(account)
    monkeypatch.setattr(deciding, "AT_ONCE", 400)
    told = deciding.tell

    def dies(house: Any, alerts: Any, *rest: Any) -> None:
        listed = list(alerts)
        if len(listed) < 400:
            raise ConnectionError
        told(house, listed, *rest)

    with monkeypatch.context() as cut:
        cut.setattr(deciding, "tell", dies)
        with pytest.raises(ConnectionError):
            deciding.approve(owner, review)
    assert Alert.objects.filter(state=AlertState.HELD).count() == 200
    assert deciding.approve(owner, review) == 200
    assert Notice.objects.filter(alert__kind=Kind.OUT_OF_STOCK).count() == 600


def test_a_dismissed_mass_change_is_never_told_and_armed_again_when_it_is_over(account: Account, owner: Actor) -> None:
    review = held_back(account)
    assert deciding.dismiss(owner, review) == 600
    now = timezone.now()
    for hours in (1, 2):
        shelves.look(house_of(account), now + hours * HOUR)
    assert not Notice.objects.exists()
    assert Alert.objects.filter(state=AlertState.HELD).count() == 600
    supplies = [alert.product.supply for alert in Alert.objects.filter(state=AlertState.HELD).order_by("pk")[:1]]
    become(supplies, SupplyState.FINE, 40)
    shelves.look(house_of(account), now + 3 * HOUR)
    become(supplies, SupplyState.OUT, 0)
    shelves.look(house_of(account), now + 4 * HOUR)
    assert Alert.objects.filter(product=supplies[0].product, state=AlertState.OPEN).count() == 1
    assert Notice.objects.count() == 1


def test_only_a_manager_decides_and_staff_may_acknowledge(account: Account) -> None:
    review = held_back(account)
    with pytest.raises(NotAllowed):
        deciding.approve(make_actor(account, Role.STAFF), review)
    with pytest.raises(NotAllowed):
        deciding.acknowledge(make_actor(account, Role.VIEWER), [review.pk])
    assert deciding.acknowledge(make_actor(account, Role.STAFF), [review.pk, review.pk]) == 1
    assert deciding.acknowledge(make_actor(account, Role.STAFF), [review.pk]) == 0
    other = make_account("Other")
    assert deciding.acknowledge(make_actor(other), [review.pk]) == 0
    with pytest.raises(Alert.DoesNotExist):
        deciding.approve(make_actor(other), review)


def test_members_say_what_they_are_told_themselves_and_managers_for_all(account: Account) -> None:
    staff = as_user(account, Role.STAFF, "sam")
    mine = people.add_subscriber(staff, email="sam@example.com", member=staff.user.memberships.get())
    people.edit_subscriber(staff, mine, events={"reorder": "daily"})
    other = make_subscriber(account)
    for do in (lambda: people.edit_subscriber(staff, other, active=False), lambda: people.add_subscriber(staff, email="x@example.com")):
        with pytest.raises(NotAllowed):
            do()
    manager = make_actor(account, Role.MANAGER)
    assert people.edit_subscriber(manager, mine, active=False).active is False
    assert [row.action for row in AuditLog.objects.filter(entity="Subscriber").order_by("pk")] == ["ADD", "CHANGE", "CHANGE"]


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "not an address"},
        {"email": "a@example.com\nBcc: b@example.com"},
        {"events": {"earthquake": "soon"}},
        {"events": {"reorder": "now"}},
        {"events": "all"},
    ],
)
def test_what_is_wrong_with_a_subscriber_is_said(owner: Actor, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        people.add_subscriber(owner, **{"email": "mara@example.com", **fields})
    assert list(caught.value.message_dict) == list(fields)


def test_an_address_is_told_once(account: Account, owner: Actor) -> None:
    make_subscriber(account, "mara@example.com")
    with pytest.raises(AddressTaken):
        people.add_subscriber(owner, email="Mara@Example.com")


def test_an_address_that_bounced_is_right_again_when_it_is_changed_or_somebody_says_so(account: Account, owner: Actor) -> None:
    row = make_subscriber(account, "nobody@example.com", bounced_at=timezone.now(), bounce="550")
    with pytest.raises(NoAddress):
        people.send_test(owner, row)
    assert people.address_is_right(owner, row).bounced_at is None
    Subscriber.objects.update(bounced_at=timezone.now())
    assert people.edit_subscriber(owner, row, email="mara@example.com").bounced_at is None


def test_send_me_a_test_arrives(account: Account, owner: Actor, postbox: Postbox) -> None:
    delivery = people.send_test(owner, make_subscriber(account))
    deliveries.deliver(delivery.pk)
    (came,) = postbox.mails
    assert came["Subject"] == "Test of alerts of 7QX"
    assert "Mara asked Levelstock to send it" in came.get_body(("plain",)).get_content().replace("\r\n", " ")


def test_a_webhooks_secret_is_shown_once_and_neither_kept_open_nor_audited(account: Account, owner: Actor) -> None:
    hook, secret = hooks.add_webhook(owner, name="Till", url="https://till.example.com/in?key=hidden")
    renewed = hooks.renew_secret(owner, hook)
    hooks.edit_webhook(owner, hook, active=False)
    audited = " ".join(f"{row.before} {row.after}" for row in AuditLog.objects.all())
    assert secret != renewed
    assert not [word for word in (secret, renewed, "hidden") if word in f"{audited} {hook.secrets!r}"]
    with pytest.raises(NotAllowed):
        hooks.renew_secret(make_actor(account, Role.MANAGER), hook)
    for url in ("ftp://till.example.com", "https://mara:pass@till.example.com", "till"):
        with pytest.raises(ValidationError):
            hooks.edit_webhook(owner, hook, url=url)


def test_what_is_removed_is_told_nothing_more_and_its_log_stays(account: Account, owner: Actor) -> None:
    make_settings(account)
    person, hook = make_subscriber(account), make_webhook(account, "https://till.example.com")
    make_supplies(account, 1, state=SupplyState.OUT)
    now = timezone.now()
    shelves.look(house_of(account), now)
    assert digests.compose_due(now + 10 * MINUTE) == 2
    people.remove_subscriber(owner, person)
    hooks.remove_webhook(owner, hook)
    assert Delivery.objects.count() == 2
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"digest_minutes": 1441}, {"quiet_from": "22:00"}, {"quiet_until": "soon"}, {"brake_percent": 101}, {"other": 1}],
)
def test_what_is_wrong_with_the_settings_is_said(owner: Actor, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        alertsettings.edit_settings(owner, **fields)


def test_settings_are_a_managers_and_audited(account: Account) -> None:
    alertsettings.edit_settings(make_actor(account, Role.MANAGER), digest_minutes=30)
    assert AuditLog.objects.get().entity == "AlertSettings"
    with pytest.raises(Problem):
        alertsettings.edit_settings(make_actor(account, Role.STAFF), digest_minutes=5)
