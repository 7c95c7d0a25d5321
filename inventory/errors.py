"""Why something can't be done with stock, catalogue, loads or sessions. Each says what happens next."""

from __future__ import annotations

from accounts.errors import Problem


class AlwaysOpen(Problem):
    """Refused: the session of a bucket is never closed."""

    status = 409


class ClosedBySync(Problem):
    """Refused: what a sync closed only a sync opens again."""

    status = 409


class SessionClosed(Problem):
    """Refused: nothing is scanned in a closed session, and nothing is taken back."""

    status = 409


class AlreadyResolved(Problem):
    """Refused: somebody else has resolved the conflict."""

    status = 409
