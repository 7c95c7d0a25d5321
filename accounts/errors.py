"""What the user is told when something can't be done. Every app's errors start here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


class Problem(Exception):
    """Something a person can understand and act upon; admin, API and commands show it as it is.

    `sentence` says what is wrong and never holds a secret, `hint` what to do about it. `code` is for programs: the class name in
    snake_case unless the class says otherwise. `status` is what the API answers with.
    """

    status: int = 400
    code: str = "problem"
    hint: str = ""
    details: Mapping[str, Any] | None = None
    """Figures and ids for programs, as JSON can hold them; the sentence says them too."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(
        self, sentence: str, *, hint: str = "", code: str = "", status: int | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if hint:
            self.hint = hint
        if code:
            self.code = code
        if status is not None:
            self.status = status
        if details is not None:
            self.details = details


class NotAllowed(Problem):
    """Refused: the actor's role or the token's scopes don't include the operation."""

    status = 403


class LastOwner(Problem):
    """Refused: a business account would be left without anybody who can manage it."""

    status = 409
    hint = "Make another active member an owner first."


def in_one_line(error: ValidationError) -> str:
    """All sentences of a validation error, each after the name of its field, for places that have no form to show them in."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    parts = []
    for field, messages in error.message_dict.items():
        text = " ".join(messages)
        parts.append(text if field == NON_FIELD_ERRORS else f"{field}: {text}")
    return " ".join(parts)
