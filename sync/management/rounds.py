"""What `manage.py sync` does about everything at once: `sync all`, `sync status`, `sync reset TYPE`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from sync.live import POLL_SECONDS
from sync.models import Round, Status, Trigger
from sync.rounds import resetting, starting
from sync.rounds.answers import answerable, envelope, message, of_actor
from sync.rounds.standing import standings
from sync.rounds.typeanswers import reset_answer, status_answer

CLEAN, FOUND, ERROR, INTERRUPTED = 0, 1, 2, 130

Say = Callable[[str], object]


def sync_all(actor: Actor, *, seconds: float | None, tell: Say) -> tuple[dict[str, Any], int]:
    """Start a round and, with `seconds`, follow it for so long: its envelope and the exit code. Raises Problem."""
    found = starting.start(actor, trigger=Trigger.COMMAND)
    code = _follow(actor, found, seconds, tell) if seconds else CLEAN
    return envelope(of_actor(actor, found.pk)), code


def _follow(actor: Actor, found: Round, seconds: float, tell: Say) -> int:
    until = time.monotonic() + seconds
    said = ""
    try:
        while True:
            now = of_actor(actor, found.pk)
            if message(now) != said:
                said = message(now)
                tell(said)
            if not now.is_active:
                return _code(now)
            if time.monotonic() >= until:
                return FOUND
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        tell(f"Round {found.pk} goes on without you.")
        return INTERRUPTED


def _code(found: Round) -> int:
    if found.status == Status.SUCCEEDED:
        return CLEAN
    return ERROR if found.status == Status.FAILED else FOUND


def status(account: Account) -> tuple[dict[str, Any], int]:
    """How all types stand, and 1 where something has failed or is held."""
    newest = answerable(Round.objects.filter(account=account)).order_by("-pk").first()
    answer = status_answer(standings(account), newest)
    held = any(each["held"] for each in answer["data"]["types"].values())
    return answer, CLEAN if answer["success"] and not held else FOUND


def reset(actor: Actor, key: str, connection: str | None) -> dict[str, Any]:
    """Forget how far a type was read. Raises Problem."""
    return reset_answer(resetting.reset(actor, key, connection))


def lines_of_round(answer: dict[str, Any]) -> list[str]:
    """A round's envelope for people."""
    data = answer["data"]
    steps = [f"  {step['connection']['name']}, {step['label']}: {step['message']}" for step in data["details"]]
    return [f"Round {data['round']}: {answer['message']}", *steps]


def lines_of_status(answer: dict[str, Any]) -> list[str]:
    """How all types stand, for people."""
    lines = [answer["message"]]
    for each in answer["data"]["types"].values():
        held = f", {each['held']:,} held" if each["held"] else ""
        lines.append(f"{each['label']}: {each['status']}{held}")
        lines += [f"  {_in_short(one)}" for one in each["connections"]] or ["  Not connected."]
    return lines


def _in_short(one: dict[str, Any]) -> str:
    """How a type stands at one connection; what went wrong in full."""
    read_to = one["cursor"]["readTo"]
    said = [f"{one['connection']['name']}: {one['state'].replace('_', ' ')}"]
    if one["run"]:
        said.append(f"run {one['run']}")
    if read_to:
        said.append(f"read up to {read_to:%Y-%m-%d %H:%M} UTC")
    return ", ".join(said) + (f". {one['message']}" if one["status"] == "failed" else "")
