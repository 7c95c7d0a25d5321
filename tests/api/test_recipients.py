"""Who is told of alerts, through the API: people, programs and how the business account is told at all."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, AuditLog, Member
from accounts.roles import Role
from alerts.models import AlertSettings, Delivery, Subscriber, Webhook
from alerts.webhooks import SECRET
from tests.api.build import program
from tests.build import make_account, make_member

pytestmark = pytest.mark.django_db

HOOK = "https://hooks.example/levels?key=hidden"


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def owner(account: Account) -> APIClient:
    return program(make_member(account, Role.OWNER, "olga"))


@pytest.fixture
def staff(account: Account) -> APIClient:
    return program(make_member(account, Role.STAFF, "sam"))


def test_person_is_added_changed_tested_and_removed(owner: APIClient, account: Account) -> None:
    made = owner.post("/api/subscribers", {"email": "kim@example.com", "events": {"reorder": "daily"}}, format="json")
    assert (made.status_code, made.json()["events"]) == (201, {"reorder": "daily"})
    address = f"/api/subscribers/{made.json()['id']}"
    assert owner.patch(address, {"active": False}, format="json").json()["active"] is False
    assert owner.post(f"{address}/test").status_code == 201
    assert Delivery.objects.get().to == "kim@example.com"
    assert [row["email"] for row in owner.get("/api/subscribers").json()["results"]] == ["kim@example.com"]
    assert owner.delete(address).status_code == 204
    assert list(AuditLog.objects.filter(entity="Subscriber").order_by("id").values_list("action", flat=True)) == [
        "ADD",
        "CHANGE",
        "TEST",
        "DELETE",
    ]


def test_staff_change_their_own_mail_and_nobody_elses(staff: APIClient, account: Account) -> None:
    me = Member.objects.get(user__username="sam")
    other = Subscriber.objects.create(account=account, email="boss@example.com")
    mine = staff.post("/api/subscribers", {"email": "sam@example.com", "member": me.pk}, format="json")
    assert mine.status_code == 201
    assert staff.patch(f"/api/subscribers/{mine.json()['id']}", {"name": "Sam"}, format="json").status_code == 200
    assert staff.patch(f"/api/subscribers/{other.pk}", {"name": "Sam"}, format="json").status_code == 403
    assert staff.post("/api/subscribers", {"email": "friend@example.com"}, format="json").status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nowhere"}, "email"),
        ({"email": "a@example.com", "events": {"reorder": "hourly"}}, "events"),
        ({"email": "a@example.com", "events": {"rain": "soon"}}, "events"),
        ({"email": "a@example.com", "events": ["reorder"]}, "events"),
        ({"email": "a@example.com", "telephone": "1"}, "telephone"),
        ({"email": "a@example.com", "member": 999999}, "member"),
    ],
)
def test_what_is_wrong_with_a_person_is_named(owner: APIClient, body: dict[str, object], field: str) -> None:
    answer = owner.post("/api/subscribers", body, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_secret_of_a_webhook_is_told_once_and_its_address_never_whole(owner: APIClient) -> None:
    made = owner.post("/api/webhooks", {"name": "Chat", "url": HOOK}, format="json")
    assert made.status_code == 201
    hook = Webhook.objects.get()
    assert made.json()["secret"] == hook.secrets[SECRET]
    address = f"/api/webhooks/{hook.pk}"
    renewed = owner.post(f"{address}/renew-secret").json()["secret"]
    assert renewed != made.json()["secret"]
    for said in (owner.get("/api/webhooks"), owner.get(address), owner.patch(address, {"name": "Talk"}, format="json"), made):
        assert "hidden" not in said.text
    assert renewed not in owner.get(address).text
    assert owner.post(f"{address}/test").status_code == 201
    assert owner.delete(address).status_code == 204


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "https://[fe80::1]/", "https://[::ffff:169.254.169.254]/", "http://0xA9FEA9FE/", "http://224.0.0.1/"],
)
def test_address_that_may_never_be_called_is_refused_when_it_is_entered(owner: APIClient, url: str) -> None:
    answer = owner.post("/api/webhooks", {"name": "Cloud", "url": url}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["url"])
    assert "Connections never reach such addresses" in answer.json()["errors"]["url"][0]
    assert not Webhook.objects.exists()


def test_private_address_is_refused_with_what_opens_it(owner: APIClient) -> None:
    answer = owner.post("/api/webhooks", {"name": "Shop", "url": "http://10.1.2.3/levels"}, format="json")
    assert "ALLOWED_TARGETS" in answer.json()["errors"]["url"][0]


def test_settings_are_read_and_changed(owner: APIClient, account: Account) -> None:
    assert owner.get("/api/alert-settings").json()["digest_minutes"] == 10
    answer = owner.patch("/api/alert-settings", {"quiet_from": "22:00", "quiet_until": "06:30"}, format="json")
    assert (answer.status_code, answer.json()["quiet_until"]) == (200, "06:30:00")
    assert AlertSettings.objects.get(account=account).quiet_until.isoformat() == "06:30:00"
    assert owner.patch("/api/alert-settings", {"quiet_until": None}, format="json").status_code == 400
    assert list(owner.patch("/api/alert-settings", {"stuck_minutes": 1}, format="json").json()["errors"]) == ["stuck_minutes"]
