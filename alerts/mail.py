"""Sending one mail, and what its server's answer means: the address, this mail, the login, or a bad moment (docs/alerts.md)."""

from __future__ import annotations

import smtplib
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from alerts.models import Delivery, DeliveryState
from alerts.outcome import Outcome, again

LONGEST = 300
HEADER = "X-Levelstock-Delivery"


def send(delivery: Delivery) -> Outcome:
    """Hand the mail to the server or service of this installation, once."""
    connection = get_connection()
    message = message_of(delivery, connection)
    try:
        message.send()
    except (smtplib.SMTPException, AnymailError, OSError, ValueError) as error:
        if getattr(connection, "accepted", False):
            return _sent(message)
        return judge(error, handed_over=getattr(connection, "handed_over", False))
    return _sent(message)


def message_of(delivery: Delivery, connection: Any = None) -> EmailMultiAlternatives:
    headers = {HEADER: str(delivery.key), "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(
        delivery.subject, delivery.text, settings.DEFAULT_FROM_EMAIL, [delivery.to], headers=headers, connection=connection
    )
    if delivery.html:
        message.attach_alternative(delivery.html, "text/html")
    for each in delivery.attachments:
        message.attach(each["name"], each["text"], each["type"])
    message.metadata = {"delivery": str(delivery.key)}  # type: ignore[attr-defined]
    return message


def _sent(message: EmailMultiAlternatives) -> Outcome:
    status = getattr(message, "anymail_status", None)
    said = "" if settings.MAIL_CHANNEL != "console" else "Written to the program's log: no mail server is set up."
    return Outcome(DeliveryState.SENT, sentence=said, message_id=str(getattr(status, "message_id", None) or "")[:300])


def judge(error: Exception, *, handed_over: bool) -> Outcome:
    """What an error means. `handed_over`: the server may have taken the mail all the same."""
    if isinstance(error, AnymailError):
        return _judge_service(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _refused_address(code, said)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _blocked("The mail server refused our login.", error.smtp_code, "Correct the mail server's user and password.")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _blocked("The mail server refuses our sender address.", error.smtp_code, "Correct DEFAULT_FROM_EMAIL.")
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused_mail(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _blocked("The mail server cannot do what its settings ask for.", 500, "Check user, password and encryption in EMAIL_URL.")
    if isinstance(error, ValueError):
        return Outcome(DeliveryState.REFUSED, "unsendable", "The mail can't be written: its address or a header is not valid.")
    if handed_over:
        return Outcome(
            DeliveryState.UNKNOWN,
            "cut_off",
            "The line broke while the mail was handed over: it may have been sent or not.",
            "Ask whether it has come; if not, send it again.",
        )
    return again("unreachable", "The mail server can't be reached.")


def _judge_service(error: AnymailError) -> Outcome:
    if isinstance(error, AnymailRecipientsRefused):
        return _bounced("The mail service refuses this address.")
    if isinstance(error, AnymailInvalidAddress):
        return _bounced("This is not an address that mail can be sent to.")
    if isinstance(error, AnymailConfigurationError):
        return _blocked("The mail service is not set up.", 500, "Check the settings of mail (docs/alerts.md).")
    status = error.status_code if isinstance(error, AnymailAPIError) else None
    if status in (401, 403):
        return _blocked("The mail service refused our key.", 535, "Enter a valid SENDGRID_API_KEY that may send mail.")
    if status == 429 or (status is not None and status >= 500):
        return again(f"http_{status}", f"The mail service answered with {status}.")
    if status is not None:
        return Outcome(
            DeliveryState.REFUSED,
            f"http_{status}",
            f"The mail service refused this mail ({status}).",
            "Check address and sender, then send it again.",
        )
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout) or (isinstance(cause, requests.ConnectionError) and _was_not_sent(cause)):
        return again("unreachable", "The mail service can't be reached.")
    if isinstance(cause, requests.RequestException):
        return Outcome(
            DeliveryState.UNKNOWN,
            "no_answer",
            "The mail service gave no answer: the mail may have been sent or not.",
            "Ask whether it has come; if not, send it again.",
        )
    return Outcome(DeliveryState.REFUSED, "unsendable", "The mail service can't send this mail as it is.")


def _was_not_sent(error: requests.ConnectionError) -> bool:
    """Whether there was no connection at all: what breaks later may break after the request was read."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _refused_address(code: int, said: bytes | str) -> Outcome:
    words = _words(said)
    return (
        again(f"smtp_{code}", f"The mail server takes no mail for this address now: {code} {words}")
        if 400 <= code < 500
        else _bounced(f"The mail server refused this address: {code} {words}")
    )


def _refused_mail(code: int, said: bytes | str) -> Outcome:
    words = f"The mail server refused this mail: {code} {_words(said)}"
    if 400 <= code < 500:
        return again(f"smtp_{code}", words)
    return Outcome(DeliveryState.REFUSED, f"smtp_{code}", words, "It is not tried again by itself.")


def _bounced(sentence: str) -> Outcome:
    return Outcome(
        DeliveryState.BOUNCED, "address", sentence, "Correct the address, or say that it is right, before mail is sent there again."
    )


def _blocked(sentence: str, code: int, hint: str) -> Outcome:
    """Needs a person; a temporary answer of the kind is only a bad moment."""
    if 400 <= code < 500:
        return again(f"smtp_{code}", sentence)
    return Outcome(DeliveryState.BLOCKED, "login", sentence, f"{hint} Then send again what waits.")


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:LONGEST]
