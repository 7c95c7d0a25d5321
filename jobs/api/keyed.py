"""The header `Idempotency-Key`: a create that is sent again is answered again, not done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.acting import Actor
from jobs.idempotency import once

LONGEST_KEY = 200

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=f"Any text of at most {LONGEST_KEY} characters. The same request sent again with the same key gets the same answer.",
)


def key_of(request: Request) -> str:
    """The key that came with the request, blank without one. Raises ValidationError for one that is too long or can't be printed."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [f"A key is at most {LONGEST_KEY} printable characters."]})
    return key


def answered_once(request: Request, actor: Actor, operation: str, do: Callable[[], tuple[int, Any]], *, body: Any = None) -> Response:
    """The answer of `do`, a status and a body that JSON can hold; of the first time where the request came with the same key before.

    `body` is what makes requests the same where their data does not tell, as with files.
    Raises KeyReused when the key came with another body, StillRunning while the first request is at it.
    """
    key = key_of(request)
    if not key:
        status, answer = do()
        return Response(answer, status=status)
    same = request.data if body is None else body
    digest = hashlib.sha256(json.dumps(same, sort_keys=True, default=str).encode()).hexdigest()
    status, answer, replayed = once(actor, operation, key, digest, do)
    return Response(answer, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)
