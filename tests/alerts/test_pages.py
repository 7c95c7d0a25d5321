"""The pages of alerts, for those who may see them, and their buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from alerts.models import Alert, AlertSettings, Delivery, Subscriber, Webhook
from tests.admin.pages import page, queries_of
from tests.alerts.build import NOON, make_subscriber, make_webhook
from tests.api.build import program_as
from tests.build import make_account, make_member

pytestmark = pytest.mark.django_db
LISTS = ("alert", "subscriber", "webhook", "delivery", "alertsettings")


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def browser_as(account: Account) -> Callable[[Role], Client]:
    def browser(role: Role) -> Client:
        client = Client()
        client.force_login(make_member(account, role, role.value).user)
        return client

    return browser


def make_alert(account: Account, number: int = 1, **fields: object) -> Alert:
    values = {"kind": "sync_failed", "title": f"Sync {number} failed", "opened_at": NOON, "seen_at": NOON, **fields}
    return Alert.objects.create(account=account, subject=f"connection:{number}:stock", **values)


def make_delivery(account: Account, **fields: object) -> Delivery:
    return Delivery.objects.create(
        account=account, kind="digest", to="mara@example.com", **{"state": "unknown", "text": "<b>Hi</b>", **fields}
    )


def test_each_role_sees_what_it_may(account: Account, browser_as: Callable[[Role], Client]) -> None:
    seen = {
        role: [name for name in LISTS if browser.get(f"/admin/alerts/{name}/").status_code == 200]
        for role in Role
        for browser in [browser_as(role)]
    }
    assert seen[Role.VIEWER] == seen[Role.STAFF] == ["alert", "subscriber"]
    assert seen[Role.MANAGER] == seen[Role.OWNER] == list(LISTS)


def test_the_inbox_costs_the_same_for_any_number_and_acknowledges_what_is_ticked(
    account: Account, browser_as: Callable[[Role], Client]
) -> None:
    staff = browser_as(Role.STAFF)
    one = make_alert(account)
    few = queries_of(staff, "/admin/alerts/alert/")
    rows = [one, *(make_alert(account, number) for number in range(2, 12))]
    assert queries_of(staff, "/admin/alerts/alert/") == few
    staff.post("/admin/alerts/alert/", {"action": "acknowledge_ticked", "_selected_action": [row.pk for row in rows[:3]]})
    assert Alert.objects.filter(acknowledged_by="staff").count() == 3
    assert "Sync 4 failed" in page(staff, "/admin/alerts/alert/?state=new")
    assert "Sync 2 failed" not in page(staff, "/admin/alerts/alert/?state=new")


@pytest.mark.once
def test_alerts_that_are_not_there_are_told_alike(account: Account) -> None:
    ours, theirs = make_alert(account), make_alert(make_account("Other"))
    answer = program_as(account, Role.STAFF).post("/api/alerts/acknowledge", {"ids": [ours.pk, theirs.pk, 10**15]}, format="json")
    told = f"1 acknowledged. There are no alerts {theirs.pk} and {10**15}."
    assert answer.json() == {"message": told, "acknowledged": 1, "not_found": [theirs.pk, 10**15]}


def test_what_was_held_back_is_decided_on_the_page_of_its_review(account: Account, browser_as: Callable[[Role], Client]) -> None:
    review = make_alert(account, kind="mass_change", title="600 products became critical at once")
    Alert.objects.filter(pk=review.pk).update(subject="supply")
    held = make_alert(account, 2, kind="reorder", state="held", review=review)
    staff, manager = browser_as(Role.STAFF), browser_as(Role.MANAGER)
    where = f"/admin/alerts/alert/{review.pk}"
    assert "tell everybody" not in page(staff, f"{where}/change/")
    assert staff.post(f"{where}/approve/").status_code == 403
    assert "It is right: tell everybody" in page(manager, f"{where}/change/")
    assert manager.get(f"{where}/approve/").status_code == 405
    manager.post(f"{where}/approve/")
    held.refresh_from_db()
    assert held.state == "open"


def test_a_delivery_shows_what_was_sent_as_text_and_is_sent_again(account: Account, browser_as: Callable[[Role], Client]) -> None:
    manager, row = (
        browser_as(Role.MANAGER),
        make_delivery(account, tries=[{"at": "2027-03-01T12:00:00+00:00", "state": "unknown", "sentence": "x"}]),
    )
    shown = manager.get(f"/admin/alerts/delivery/{row.pk}/change/").content.decode()
    assert "&lt;b&gt;Hi&lt;/b&gt;" in shown
    manager.post(f"/admin/alerts/delivery/{row.pk}/resend/")
    assert Delivery.objects.get(resend_of=row).state == "waiting"
    assert browser_as(Role.STAFF).post(f"/admin/alerts/delivery/{row.pk}/resend/").status_code in (403, 404)


def test_staff_add_themselves_choose_and_send_a_test_and_touch_nobody_else(account: Account, browser_as: Callable[[Role], Client]) -> None:
    staff, other = browser_as(Role.STAFF), make_subscriber(account, "other@example.com")
    staff.post("/admin/alerts/subscriber/add/", {"name": "Sam", "email": "sam@example.com", "event_reorder": "daily"})
    mine = Subscriber.objects.get(email="sam@example.com")
    assert (mine.member.user.username, mine.events) == ("staff", {"reorder": "daily"})
    staff.post(f"/admin/alerts/subscriber/{mine.pk}/test/")
    assert Delivery.objects.get().to == "sam@example.com"
    staff.post(f"/admin/alerts/subscriber/{other.pk}/test/")
    assert staff.post(f"/admin/alerts/subscriber/{other.pk}/change/", {"email": "x@example.com"}).status_code == 403
    assert Delivery.objects.count() == 1
    staff.post(f"/admin/alerts/subscriber/{mine.pk}/delete/", {"post": "yes"})
    assert list(Subscriber.objects.all()) == [other]


def test_a_wrong_address_comes_back_with_the_form(account: Account, browser_as: Callable[[Role], Client]) -> None:
    manager = browser_as(Role.MANAGER)
    make_subscriber(account, "mara@example.com")
    answer = manager.post("/admin/alerts/subscriber/add/", {"name": "Twice", "email": "MARA@example.com"})
    assert answer.status_code == 200
    assert "is told already" in answer.content.decode()


def test_an_owner_is_shown_a_webhooks_secret_once(account: Account, browser_as: Callable[[Role], Client]) -> None:
    owner, manager = browser_as(Role.OWNER), browser_as(Role.MANAGER)
    answer = owner.post("/admin/alerts/webhook/add/", {"name": "Till", "url": "https://till.example.com/in?key=7"}, follow=True)
    hook = Webhook.objects.get()
    assert hook.secrets["signing"] in answer.content.decode()
    again = owner.get(f"/admin/alerts/webhook/{hook.pk}/change/").content.decode()
    assert hook.secrets["signing"] not in again
    shown = manager.get(f"/admin/alerts/webhook/{hook.pk}/change/").content.decode()
    assert "https://till.example.com/in" in shown
    assert "key=7" not in shown


def test_quiet_hours_are_saved_and_half_of_them_refused(account: Account, browser_as: Callable[[Role], Client]) -> None:
    manager = browser_as(Role.MANAGER)
    form = {
        "digest_minutes": 15, "daily_at": "06:30", "quiet_from": "22:00", "quiet_until": "07:00", "remind_hours": 24, "remind_times": 3,
        "settle_minutes": 10, "brake_products": 500, "brake_percent": 5, "stale_hours": 48, "stuck_minutes": 30, "budget_percent": 10,
    }  # fmt: skip
    answer = manager.post("/admin/alerts/alertsettings/", {**form, "quiet_until": ""})
    assert "Quiet hours need both" in answer.content.decode()
    manager.post("/admin/alerts/alertsettings/", form)
    stored = AlertSettings.objects.get()
    assert (stored.digest_minutes, str(stored.quiet_from), str(stored.daily_at)) == (15, "22:00:00", "06:30:00")


def test_nothing_of_another_account_is_shown(account: Account, browser_as: Callable[[Role], Client]) -> None:
    other = make_account("Other")
    alert, row = make_alert(other), make_delivery(other)
    person, hook = make_subscriber(other), make_webhook(other, "https://till.example.com")
    owner = browser_as(Role.OWNER)
    for name, pk in (("alert", alert.pk), ("delivery", row.pk), ("subscriber", person.pk), ("webhook", hook.pk)):
        assert owner.get(f"/admin/alerts/{name}/{pk}/change/").status_code == 404
    for name, verb, pk in (("alert", "acknowledge", alert.pk), ("delivery", "resend", row.pk), ("subscriber", "test", person.pk)):
        assert owner.post(f"/admin/alerts/{name}/{pk}/{verb}/").status_code == 404
