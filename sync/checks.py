"""System checks: credentials can be stored and read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import register as register_check

from sync.secrets import key_problems


def check_field_keys(**_arguments: Any) -> list[CheckMessage]:
    number = "sync.E002" if settings.FIELD_KEYS else "sync.E001"
    hint = "Write a key as `openssl rand -base64 32 | tr '+/' '-_'` prints it; several are separated by commas, newest first."
    return [Error(sentence, hint=hint, id=number) for sentence in key_problems(settings.FIELD_KEYS)]


def register() -> None:
    register_check(check_field_keys)
