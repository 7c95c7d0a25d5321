"""How mail is set up from the environment, and refused where it can't work."""

from __future__ import annotations

from traceback import format_exception
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.mail import CONSOLE, SENDGRID, SMTP, mail_settings


def test_without_anything_mail_goes_to_the_log() -> None:
    assert mail_settings()["EMAIL_BACKEND"] == CONSOLE


def test_a_sendgrid_key_wins() -> None:
    found = mail_settings(sendgrid_key="SG.x", email_url="smtp://mail.example.com", sender="a@example.com")
    assert (found["EMAIL_BACKEND"], found["ANYMAIL"]["SENDGRID_API_KEY"], found["MAIL_CHANNEL"]) == (SENDGRID, "SG.x", "sendgrid")
    assert found["DEFAULT_FROM_EMAIL"] == "a@example.com"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mara:p%40ss@mail.example.com", 25, False, False),
        ("smtp+tls://mara:p%40ss@mail.example.com", 587, True, False),
        ("smtp+ssl://mara:p%40ss@mail.example.com:4465", 4465, False, True),
    ],
)
def test_a_mail_server_by_its_url(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = mail_settings(email_url=url)
    assert found["EMAIL_BACKEND"] == SMTP
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (
        "mail.example.com",
        port,
        tls,
        ssl,
    )
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("mara", "p@ss")


def test_a_mail_server_by_its_parts() -> None:
    found = mail_settings(host="mail.example.com", user="mara", password="pass", security="ssl")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (465, True, False)


@pytest.mark.parametrize(
    "given", [{"email_url": "mail.example.com"}, {"email_url": "http://mail.example.com"}, {"email_url": "smtp://"},
              {"email_url": "smtp://mara:secret@mail.example.com:port"},
              {"email_url": "smtp://mara:secret/7@mail.example.com:25"}, {"host": "mail.example.com", "security": "tls"}]
)  # fmt: skip
def test_what_can_not_work_stops_the_start_without_telling_a_password(given: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        mail_settings(**given)
    # As the log shows it, with what it came from.
    assert "secret" not in "".join(format_exception(caught.value))
