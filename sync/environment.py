"""A connection's address, settings and secrets as variables of the environment tell them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.errors import Problem
from sync.systems import System

URL, SETTINGS, SECRETS = "url", "settings", "secrets"


class NothingInEnvironment(Problem):
    """Refused: no variable that stands for anything of the system is set."""


@dataclass(frozen=True)
class Given:
    """What was found; `variables` are the names of those that told it."""

    base_url: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: tuple[str, ...] = ()


def given(system: System, environment: Mapping[str, str]) -> Given:
    """What `environment` says of a connection to `system`. Blank variables say nothing; of several for one thing the first counts.

    Raises NothingInEnvironment naming the variables there are.
    """
    found: dict[str, str] = {}
    variables = []
    for variable, target in system.environment.items():
        value = environment.get(variable, "").strip()
        if value and target not in found:
            found[target] = value
            variables.append(variable)
    if not found:
        known = f"It knows: {', '.join(system.environment)}." if system.environment else "It knows none."
        raise NothingInEnvironment(f"No variable of the environment tells of a connection to {system.label}. {known}")
    return Given(found.get(URL), _group(found, SETTINGS), _group(found, SECRETS), tuple(variables))


def _group(found: Mapping[str, str], group: str) -> dict[str, str]:
    return {target.removeprefix(f"{group}."): value for target, value in found.items() if target.startswith(f"{group}.")}
