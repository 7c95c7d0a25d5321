"""Webhooks: telling a program by a signed request (docs/alerts.md)."""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import urlsplit

from django.conf import settings

from alerts.models import Delivery, DeliveryState
from alerts.outcome import Outcome, again
from sync.secrets import CredentialsUnreadable
from sync.wire.errors import BadCredentials, RetryLater, TargetRefused, Unreachable, WireError
from sync.wire.session import WireSession

SIGNATURE = "Levelstock-Signature"
KEY = "Levelstock-Delivery"
SECRET = "signing"
DEADLINE_SECONDS = 30.0


def signature(secret: str, body: bytes, at: int) -> str:
    """What proves that a request is ours: the second at which it was signed, and an HMAC-SHA256 over second and body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def send(delivery: Delivery) -> Outcome:
    """Send the request, once. Every answer of 2xx means that it was taken."""
    hook = delivery.webhook
    if hook is None:
        return Outcome(DeliveryState.REFUSED, "gone", "The webhook is not there any more.")
    body = delivery.text.encode()
    try:
        headers = {KEY: str(delivery.correlation), SIGNATURE: signature(hook.secrets[SECRET], body, int(time.time()))}
        origin, path = _parts(hook.url)
        with WireSession(origin, name=f"webhook {hook.pk}", allowed=settings.ALLOWED_TARGETS, deadline_seconds=DEADLINE_SECONDS) as wire:
            wire.tell("POST", path, data=body, headers={**headers, "Content-Type": "application/json"})
    except CredentialsUnreadable as error:
        return Outcome(DeliveryState.BLOCKED, "secret", error.sentence, "Make the webhook a new secret.")
    except (RetryLater, Unreachable) as error:
        return again(error.code, error.sentence)
    except (TargetRefused, BadCredentials) as error:
        return Outcome(DeliveryState.BLOCKED, error.code, error.sentence, error.hint)
    except WireError as error:
        return Outcome(DeliveryState.REFUSED, error.code, error.sentence, "Correct the webhook, then send it again.")
    return Outcome(DeliveryState.SENT)


def _parts(url: str) -> tuple[str, str]:
    """Host and path: a query is part of the path here, which no other connection may have in its address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
