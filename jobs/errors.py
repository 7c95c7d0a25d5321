"""What can be wrong with a request that carries an idempotency key."""

from __future__ import annotations

from accounts.errors import Problem


class KeyReused(Problem):
    """Refused: the key belongs to another request."""

    status = 422

    def __init__(self, key: str) -> None:
        super().__init__(f"The idempotency key “{key}” was used for a different request.", hint="Send a new key for a new request.")


class StillRunning(Problem):
    """Try again shortly: the first request with this key has no answer yet."""

    status = 409

    def __init__(self, key: str) -> None:
        super().__init__(f"The request with the idempotency key “{key}” is still running.", hint="Send it again in a few seconds.")
