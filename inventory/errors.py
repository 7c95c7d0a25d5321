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


class NotScannable(Problem):
    """Refused: the text can be neither a serial nor a bulk line's model."""


class NotOnHand(Problem):
    """Refused: what was scanned is not here, as far as the lists know."""

    status = 409


class NotExpected(Problem):
    """Refused: what was scanned belongs to another session."""

    status = 409


class QuantityNeeded(Problem):
    """Ask for the number of pieces and scan again with it."""


class NotAQuantity(Problem):
    """Refused: a number that can't be a quantity of this."""


class NotReady(Problem):
    """Refused: something else has to be done before."""

    status = 409


class SkuTaken(Problem):
    """Refused: another product has the SKU."""

    status = 409


class AliasTaken(Problem):
    """Refused: another product has the model."""

    status = 409


class UnreadableFile(Problem):
    """Refused: the file is not what an import can read."""


class FileTooLarge(Problem):
    """Refused: send less at once."""

    status = 413
    code = "too_large"


class InTwoWarehouses(Problem):
    """Ask again with the warehouse that is meant."""

    status = 409
