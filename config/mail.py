"""How this installation sends mail: by SendGrid, by a mail server, or into the program's log."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

TIMEOUT_SECONDS = 30
SMTP = "alerts.smtp.EmailBackend"
SENDGRID = "anymail.backends.sendgrid.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"


def mail_settings(
    *,
    sendgrid_key: str = "",
    sendgrid_url: str = "",
    webhook_secret: str = "",
    email_url: str = "",
    host: str = "",
    port: int = 0,
    user: str = "",
    password: str = "",
    security: str = "starttls",
    sender: str = "",
) -> dict[str, Any]:
    """Django's settings for mail: SendGrid with `sendgrid_key`, else the server of `email_url` or `host`, else the console.

    `email_url` is smtp://user:password@host:port, with smtp+tls for STARTTLS and smtp+ssl for TLS from the start; `security` says the same
    of `host`: starttls, ssl or none. `webhook_secret` is user:password of the address to which SendGrid tells bounces. Raises
    ImproperlyConfigured with the sentence that mends it, never with a password.
    """
    sender = sender.strip() or "Levelstock <levelstock@localhost>"
    common = {"DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender, "EMAIL_TIMEOUT": TIMEOUT_SECONDS}
    if sendgrid_key:
        anymail: dict[str, Any] = {"SENDGRID_API_KEY": sendgrid_key, "REQUESTS_TIMEOUT": TIMEOUT_SECONDS}
        if sendgrid_url:
            anymail["SENDGRID_API_URL"] = sendgrid_url
        if webhook_secret and not all(webhook_secret.partition(":")):
            raise ImproperlyConfigured("ANYMAIL_WEBHOOK_SECRET must be a user and a password with a colon between them.")
        if webhook_secret:
            anymail["WEBHOOK_SECRET"] = webhook_secret
        return {**common, "MAIL_CHANNEL": "sendgrid", "EMAIL_BACKEND": SENDGRID, "ANYMAIL": anymail}
    if email_url:
        return {**common, **_from_url(email_url), "MAIL_CHANNEL": "smtp", "EMAIL_BACKEND": SMTP}
    if host:
        if security not in ("starttls", "ssl", "none"):
            raise ImproperlyConfigured(f"EMAIL_SECURITY must be starttls, ssl or none, not “{security}”.")
        server = {
            "EMAIL_HOST": host,
            "EMAIL_PORT": port or {"starttls": 587, "ssl": 465, "none": 25}[security],
            "EMAIL_HOST_USER": user,
            "EMAIL_HOST_PASSWORD": password,
            "EMAIL_USE_TLS": security == "starttls",
            "EMAIL_USE_SSL": security == "ssl",
        }
        return {**common, **server, "MAIL_CHANNEL": "smtp", "EMAIL_BACKEND": SMTP}
    return {**common, "MAIL_CHANNEL": "console", "EMAIL_BACKEND": CONSOLE}


def _from_url(url: str) -> dict[str, Any]:
    scheme, _, rest = url.partition("://")
    if scheme not in ("smtp", "smtp+tls", "smtp+ssl") or not rest:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp+tls://user:password@mail.example.com:587 (or smtp:// or smtp+ssl://).")
    try:
        found = Env.email_url_config(url)
    except ValueError:
        # Not “from” that error: it repeats what it took for a port, and that is the password or a part of it.
        raise ImproperlyConfigured("EMAIL_URL has no valid port, or a password whose special characters are not percent-encoded.") from None
    usual = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[scheme]
    if not found.get("EMAIL_HOST"):
        raise ImproperlyConfigured("EMAIL_URL names no host. Write smtp+tls://user:password@mail.example.com:587.")
    return {
        "EMAIL_HOST": found["EMAIL_HOST"],
        "EMAIL_PORT": found.get("EMAIL_PORT") or usual,
        "EMAIL_HOST_USER": found.get("EMAIL_HOST_USER") or "",
        "EMAIL_HOST_PASSWORD": found.get("EMAIL_HOST_PASSWORD") or "",
        "EMAIL_USE_TLS": scheme == "smtp+tls",
        "EMAIL_USE_SSL": scheme == "smtp+ssl",
    }
