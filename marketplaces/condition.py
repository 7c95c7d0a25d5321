"""How a shop does, in one word and one sentence: the same in the admin and in the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marketplaces.models import Shop
from sync import condition as connections


class State(StrEnum):
    """Whether changes are sent to a shop, worst first."""

    OFF = "off"
    PAUSED = "paused"
    STOPPED = "stopped"
    MAINTENANCE = "maintenance"
    RESTING = "resting"
    READY = "ready"


_OF_CONNECTION = {
    connections.State.OFF: State.OFF,
    connections.State.PAUSED: State.PAUSED,
    connections.State.UNREADABLE: State.STOPPED,
    connections.State.STOPPED: State.STOPPED,
    connections.State.RESTING: State.RESTING,
}


@dataclass(frozen=True)
class Condition:
    """`sentence` says why and `hint` what to do; both are empty for a shop that is ready."""

    state: State
    sentence: str = ""
    hint: str = ""


def condition_of(shop: Shop, now: datetime) -> Condition:
    """The first thing that keeps changes from being sent. Costs a query for the connection's breaker unless it was joined."""
    connection = connections.condition_of(shop.connection)
    found = _OF_CONNECTION.get(connection.state)
    if found in (State.OFF, State.PAUSED):
        return Condition(found, connection.sentence)
    if shop.stopped_at is not None:
        return Condition(State.STOPPED, shop.stopped_sentence, shop.stopped_hint)
    if found is State.STOPPED:
        return Condition(found, connection.sentence)
    if shop.maintenance_at is not None:
        by = f" by {shop.maintenance_by}" if shop.maintenance_by else ""
        sentence = f"Maintenance was switched on{by}: nothing is sent while somebody works at the shop itself."
        return Condition(State.MAINTENANCE, sentence, "Compare the shop, decide what differs, then end the maintenance.")
    if shop.resting_until is not None and shop.resting_until > now:
        return Condition(State.RESTING, shop.resting_because or "The shop asked for a rest.", "Nothing to do: it goes on by itself.")
    if found is State.RESTING:
        return Condition(found, connection.sentence)
    return Condition(State.READY)
