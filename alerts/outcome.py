"""What came of sending something, named by what happens next."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.models import DeliveryState


@dataclass(frozen=True)
class Outcome:
    """`state` WAITING means that it is tried again. `sentence` is shown to people, and never holds a credential."""

    state: DeliveryState
    code: str = ""
    sentence: str = ""
    hint: str = ""
    message_id: str = ""


def again(code: str, sentence: str) -> Outcome:
    return Outcome(DeliveryState.WAITING, code, sentence, "Nothing to do: it is tried again by itself.")
