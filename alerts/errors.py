"""What alerts refuse, named by what happens next."""

from __future__ import annotations

from accounts.errors import Problem


class NotResendable(Problem):
    """Refused: a delivery that can't be sent once more."""

    status = 409


class NotOpen(Problem):
    """Refused: the alert is over, or somebody has decided already."""

    status = 409


class AddressTaken(Problem):
    """Refused: somebody with that address, or that name, is told already."""

    status = 409


class NoAddress(Problem):
    """Needs a person: there is no address to send to."""

    status = 409


class AlreadyForecasting(Problem):
    """Retry later: another is working out the forecasts of the account."""

    status = 409

    def __init__(self) -> None:
        super().__init__("The forecasts are being worked out already.", hint="Look again in a minute.")


class NothingToOrder(Problem):
    """Needs a person: none of what was chosen can be put on a draft."""

    status = 409
