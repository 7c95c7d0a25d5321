"""Mail and webhooks over real sockets: what arrives, and what each refusal means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Account, AuditLog
from accounts.roles import Role
from alerts import deliveries, digests, mail, shelves
from alerts.errors import NotResendable
from alerts.models import Delivery, DeliveryKind, Notice, Subscriber
from alerts.recipients import house_of
from inventory.models import SupplyState, Vendor
from tests.alerts.build import NOON, make_settings, make_subscriber, make_supplies, make_webhook
from tests.alerts.conftest import Counter, Postbox
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def account() -> Account:
    return make_account()


def make_mail(account: Account, to: str = "mara@example.com", **fields: Any) -> Delivery:
    person = Subscriber.objects.filter(account=account, email=to).first() or make_subscriber(account, to)
    values = {"subject": "Hello", "text": "Hello there.\n", "html": "<p>Hello there.</p>", "due_at": timezone.now() - MINUTE}
    return Delivery.objects.create(account=account, kind=DeliveryKind.DIGEST, subscriber=person, to=to, **{**values, **fields})


def sent(delivery: Delivery) -> Delivery:
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def use_sendgrid(settings: Any, other_side: Counter) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
    settings.MAIL_CHANNEL = "sendgrid"
    settings.DEFAULT_FROM_EMAIL = "Levelstock <alerts@7qx.example>"
    settings.ANYMAIL = {"SENDGRID_API_KEY": "SG.7qx-secret", "SENDGRID_API_URL": f"{other_side.url}/v3/", "REQUESTS_TIMEOUT": 60}


def test_a_digest_arrives_as_text_and_html_with_what_to_order_from_whom(account: Account, postbox: Postbox) -> None:
    make_settings(account)
    make_subscriber(account)
    vendor = Vendor.objects.create(account=account, name="Green & Source", name_key="GREEN & SOURCE")
    make_supplies(account, 2, state=SupplyState.BELOW, vendor=vendor)
    shelves.look(house_of(account), NOON)
    assert digests.compose_due(NOON + 10 * MINUTE) == 1
    assert sent(Delivery.objects.get()).state == "sent"
    (came,) = postbox.mails
    assert (came["To"], came["From"], came["Subject"]) == ("mara@example.com", "Levelstock <alerts@7qx.example>", "7QX: 2 to reorder")
    assert came["Auto-Submitted"] == "auto-generated"
    text = came.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "* QTX0001 Thing 1\n    available 12, reorder point 20, order 50, from Green & Source\n" in text
    assert "https://stock.7qx.example/admin/inventory/product/" in text
    html = came.get_body(("html",)).get_content()
    assert "Green &amp; Source" in html
    assert html.count("<tr") == 3


def test_a_mail_is_sent_once_however_often_the_worker_is_woken(account: Account, postbox: Postbox) -> None:
    delivery = make_mail(account)
    for _ in range(3):
        sent(delivery)
    deliveries.sweep()
    assert (delivery.state, len(postbox.mails), len(delivery.tries)) == ("sent", 1, 1)


def test_an_address_that_is_refused_gets_no_more_mail_until_somebody_says_it_is_right(account: Account, postbox: Postbox) -> None:
    delivery = sent(make_mail(account, "nobody@example.com"))
    assert (delivery.state, delivery.sentence) == ("bounced", "The mail server refused this address: 550 5.1.1 No such user here")
    person = Subscriber.objects.get()
    assert person.bounced_at is not None
    assert person.bounce == delivery.sentence
    assert sent(make_mail(account, "nobody@example.com")).state == "skipped"
    make_settings(account)
    make_supplies(account, 1, state=SupplyState.OUT)
    shelves.look(house_of(account), NOON)
    assert not Notice.objects.exists()
    assert postbox.mails == []


def test_a_server_that_wants_to_be_asked_later_is_with_longer_and_longer_pauses(account: Account, postbox: Postbox) -> None:
    delivery, pauses = make_mail(account, "later@example.com"), []
    for _ in range(5):
        before = timezone.now()
        sent(delivery)
        assert delivery.state == "waiting"
        pauses.append(round((delivery.due_at - before) / MINUTE))
        Delivery.objects.update(due_at=before - MINUTE)
    assert pauses == [1, 5, 30, 120, 360]
    assert (sent(delivery).state, delivery.due_at, len(delivery.tries)) == ("failed", None, 6)


def test_a_mail_that_is_refused_as_such_is_not_tried_again(account: Account, postbox: Postbox) -> None:
    delivery = sent(make_mail(account, "spam@example.com"))
    assert (delivery.state, delivery.code) == ("refused", "smtp_554")
    assert Subscriber.objects.get().bounced_at is None


def test_a_line_that_breaks_while_the_mail_is_handed_over_leaves_it_unknown(account: Account, postbox: Postbox) -> None:
    delivery = sent(make_mail(account, "cut@example.com"))
    deliveries.sweep()
    sent(delivery)
    assert (delivery.state, delivery.code, len(postbox.mails)) == ("unknown", "cut_off", 1)


def test_a_worker_killed_while_it_was_sending_never_mails_twice(account: Account, postbox: Postbox, monkeypatch: Any) -> None:
    delivery, real = make_mail(account), mail.send

    def killed(row: Delivery) -> Any:
        real(row)
        raise KeyboardInterrupt

    monkeypatch.setattr(mail, "send", killed)
    with pytest.raises(KeyboardInterrupt):
        deliveries.deliver(delivery.pk)
    monkeypatch.setattr(mail, "send", real)
    deliveries.sweep()
    assert sent(delivery).state == "sending"
    Delivery.objects.update(lease_until=timezone.now() - MINUTE)
    deliveries.sweep()
    assert (sent(delivery).state, delivery.code, len(postbox.mails)) == ("unknown", "killed", 1)
    again = deliveries.resend(make_actor(account), delivery)
    assert (sent(again).state, len(postbox.mails)) == ("sent", 2)


def test_nobody_home_is_tried_again(account: Account, postbox: Postbox, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    assert (sent(make_mail(account)).state, Delivery.objects.get().code) == ("waiting", "unreachable")


def test_nothing_leaves_an_installation_whose_outside_calls_are_switched_off(account: Account, postbox: Postbox, settings: Any) -> None:
    settings.DISABLE_EXTERNAL_CALLS = True
    assert sent(make_mail(account)).state == "skipped"
    assert postbox.mails == []


def test_sendgrid_gets_the_mail_as_its_documents_want_it(account: Account, settings: Any, other_side: Counter) -> None:
    use_sendgrid(settings, other_side)
    other_side.status = 202
    delivery = sent(make_mail(account, attachments=[{"name": "order.csv", "type": "text/csv", "text": "sku;quantity\n"}]))
    assert delivery.state == "sent"
    (path, headers, body) = other_side.asked[0]
    assert path == "/v3/mail/send"
    assert headers["Authorization"] == "Bearer SG.7qx-secret"
    asked = json.loads(body)
    assert asked["personalizations"][0]["to"] == [{"email": "mara@example.com"}]
    assert asked["custom_args"]["delivery"] == str(delivery.key)
    assert asked["from"] == {"email": "alerts@7qx.example", "name": "Levelstock"}
    assert asked["content"] == [
        {"type": "text/plain", "value": "Hello there.\n"},
        {"type": "text/html", "value": "<p>Hello there.</p>"},
    ]
    assert base64.b64decode(asked["attachments"][0]["content"]) == b"sku;quantity\n"


@pytest.mark.parametrize(
    ("status", "state"), [(401, "blocked"), (403, "blocked"), (400, "refused"), (413, "refused"), (429, "waiting"), (503, "waiting")]
)
def test_what_sendgrid_answers_decides_what_happens_next(
    account: Account, settings: Any, other_side: Counter, status: int, state: str
) -> None:
    use_sendgrid(settings, other_side)
    other_side.status, other_side.body = status, b'{"errors":[{"message":"SG.7qx-secret is not valid"}]}'
    delivery = sent(make_mail(account))
    assert delivery.state == state
    assert "SG.7qx" not in f"{delivery.sentence} {delivery.hint} {delivery.tries}"
    if state in ("blocked", "refused"):
        Delivery.objects.update(due_at=timezone.now() - MINUTE)
        sent(delivery)
        assert len(other_side.asked) == 1


def test_a_webhook_is_told_by_a_request_whose_signature_proves_it(account: Account, other_side: Counter) -> None:
    make_settings(account)
    make_webhook(account, f"{other_side.url}/hooks/stock?for=till")
    make_supplies(account, 600, state=SupplyState.BELOW)
    make_settings_percent(account)
    shelves.look(house_of(account), NOON)
    assert digests.compose_due(NOON + 10 * MINUTE) == 1
    delivery = sent(Delivery.objects.get())
    assert (delivery.state, delivery.to) == ("sent", f"{other_side.url}/hooks/stock")
    (path, headers, body) = other_side.asked[0]
    assert path == "/hooks/stock?for=till"
    told = json.loads(body)
    assert (told["type"], told["total"], told["more"], len(told["alerts"])) == ("alerts", 600, 100, 500)
    assert told["id"] == headers["Levelstock-Delivery"]
    assert told["alerts"][0]["facts"]["sku"] == "QTX0001"
    at, proof = (part.partition("=")[2] for part in headers["Levelstock-Signature"].split(","))
    assert proof == hmac.new(b"whsec-7qx", f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def make_settings_percent(account: Account) -> None:
    settings = house_of(account).settings
    settings.brake_percent = 100
    settings.save()


@pytest.mark.parametrize(("status", "state"), [(500, "waiting"), (429, "waiting"), (404, "refused"), (302, "refused"), (204, "sent")])
def test_what_a_webhook_answers_decides_what_happens_next(account: Account, other_side: Counter, status: int, state: str) -> None:
    hook = make_webhook(account, other_side.url)
    other_side.status = status
    row = Delivery.objects.create(
        account=account, kind=DeliveryKind.TEST, webhook=hook, by_mail=False, to=hook.url, text="{}", due_at=timezone.now() - MINUTE
    )
    assert sent(row).state == state
    assert len(other_side.asked) == 1


def test_a_request_that_was_being_sent_is_sent_again_under_the_same_name(account: Account, other_side: Counter) -> None:
    hook = make_webhook(account, other_side.url)
    row = Delivery.objects.create(
        account=account,
        kind=DeliveryKind.TEST,
        webhook=hook,
        by_mail=False,
        to=hook.url,
        text="{}",
        state="sending",
        lease_until=timezone.now() - MINUTE,
    )
    deliveries.sweep()
    assert sent(row).state == "sent"
    sent(deliveries.resend(make_actor(account), row))
    assert {headers["Levelstock-Delivery"] for _, headers, _ in other_side.asked} == {str(row.correlation)}
    assert len(other_side.asked) == 2


@pytest.mark.parametrize(("attempt", "state"), [(5, "waiting"), (6, "failed")])
def test_a_request_whose_worker_dies_is_sent_again_but_not_for_ever(account: Account, attempt: int, state: str) -> None:
    hook = make_webhook(account, "https://till.example/hooks")
    delivery = Delivery.objects.create(
        account=account,
        kind=DeliveryKind.TEST,
        webhook=hook,
        by_mail=False,
        to=hook.url,
        text="{}",
        state="sending",
        attempt=attempt,
        lease_until=timezone.now() - MINUTE,
    )
    deliveries.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.code) == (state, "killed" if state == "failed" else "")


def test_a_webhook_reaches_no_address_that_the_operator_has_not_allowed(account: Account, settings: Any) -> None:
    hook = make_webhook(account, "http://169.254.169.254/latest")
    row = Delivery.objects.create(
        account=account, kind=DeliveryKind.TEST, webhook=hook, by_mail=False, to=hook.url, text="{}", due_at=timezone.now() - MINUTE
    )
    assert sent(row).state == "blocked"


def test_a_resend_is_a_managers_audited_and_not_of_what_is_unfinished(account: Account, postbox: Postbox) -> None:
    waiting = make_mail(account)
    with pytest.raises(NotResendable):
        deliveries.resend(make_actor(account), waiting)
    with pytest.raises(Exception, match="needs the role"):
        deliveries.resend(make_actor(account, Role.STAFF), waiting)
    sent(waiting)
    again = deliveries.resend(make_actor(account, Role.MANAGER), waiting)
    assert again.resend_of == waiting
    with pytest.raises(NotResendable, match="being sent again already"):
        deliveries.resend(make_actor(account, Role.MANAGER), waiting)
    assert AuditLog.objects.get(entity="Delivery").action == "RESEND"
    sent(again)
    Subscriber.objects.update(bounced_at=timezone.now())
    with pytest.raises(NotResendable, match="refused mail"):
        deliveries.resend(make_actor(account), waiting)


def test_a_bounce_that_sendgrid_tells_later_stops_mail_to_that_address(account: Account, settings: Any, other_side: Counter) -> None:
    use_sendgrid(settings, other_side)
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": "levelstock:7qx"}
    other_side.status = 202
    delivery = sent(make_mail(account))
    told = [
        {
            "email": "mara@example.com",
            "timestamp": 1795270000,
            "event": "bounce",
            "type": "bounce",
            "reason": "550 5.1.1 No such user",
            "delivery": str(delivery.key),
            "anymail_id": delivery.message_id,
            "sg_event_id": "7qx",
        }
    ]
    view = SendGridTrackingWebhookView.as_view()
    for proof, status in (("levelstock:wrong", 400), ("levelstock:7qx", 200), ("levelstock:7qx", 200)):
        request = RequestFactory().post(
            "/anymail/sendgrid/tracking/",
            json.dumps(told),
            content_type="application/json",
            headers={"Authorization": f"Basic {base64.b64encode(proof.encode()).decode()}"},
        )
        if status == 400:
            with pytest.raises(SuspiciousOperation):
                view(request)
        else:
            assert view(request).status_code == 200
    delivery.refresh_from_db()
    assert (delivery.state, len(delivery.tries)) == ("bounced", 2)
    assert Subscriber.objects.get().bounced_at is not None
