"""How a shop does, as a mark."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.marks import Mark
from marketplaces.condition import State

STATES: Mapping[State, Mark] = {
    State.OFF: Mark("Switched off", "", "power_settings_new"),
    State.PAUSED: Mark("Paused", "warning", "pause_circle"),
    State.STOPPED: Mark("Stopped", "danger", "block"),
    State.MAINTENANCE: Mark("Maintenance", "info", "build"),
    State.RESTING: Mark("Resting", "warning", "hourglass_empty"),
    State.READY: Mark("Ready", "success", "check_circle"),
}
