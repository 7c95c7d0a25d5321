"""How connections do and what they are set to, in words for their pages."""

from __future__ import annotations

from inventory.marks import Mark
from sync.condition import State
from sync.models import Connection
from sync.systems import System, values_of

STATES: dict[State, Mark] = {
    State.OFF: Mark("Switched off", "", "power_settings_new"),
    State.PAUSED: Mark("Paused", "warning", "pause_circle"),
    State.UNREADABLE: Mark("Credentials unreadable", "danger", "key_off"),
    State.STOPPED: Mark("Login refused", "danger", "block"),
    State.RESTING: Mark("Resting", "warning", "hourglass_empty"),
    State.FAILED: Mark("Test failed", "danger", "error"),
    State.UNTESTED: Mark("Not tested", "info", "help"),
    State.READY: Mark("Ready", "success", "check_circle"),
}


def settings_in_words(row: Connection, system: System) -> dict[str, list[tuple[str, str]]]:
    """What matters for it, by section."""
    values = values_of(row)
    sections: dict[str, list[tuple[str, str]]] = {}
    for setting in system.settings:
        if setting.applies(values):
            value = values[setting.name]
            words = ("on" if value else "off") if isinstance(value, bool) else dict(setting.choices).get(str(value), str(value))
            sections.setdefault(setting.section or "Settings", []).append((setting.label, words or "–"))
    return sections


def secrets_in_words(row: Connection, system: System) -> list[tuple[str, str]]:
    """Those that matter for it, or are there all the same."""
    if row.secrets.unreadable:
        return [("Credentials", "can't be read")]
    values = values_of(row)
    shown = [secret for secret in system.secrets if secret.applies(values) or secret.name in row.secrets]
    return [(secret.label, "stored" if secret.name in row.secrets else "none") for secret in shown]
