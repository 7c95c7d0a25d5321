"""Pushing items to shops: whatever changed an item asks for it by `request`; what differs is sent by the shop's drain (docs/push.md)."""

from __future__ import annotations

from marketplaces.push.carrying import carrying
from marketplaces.push.deciding import Choice, choices_of, keep_off, push_now, resolve
from marketplaces.push.draining import drain
from marketplaces.push.previewing import Preview, preview
from marketplaces.push.requesting import judge_again, request, wake
from marketplaces.push.shops import resume, set_maintenance
from marketplaces.push.sweeping import differing, sweep
from marketplaces.push.told import doubt, lower_told

__all__ = [
    "Choice",
    "Preview",
    "carrying",
    "choices_of",
    "differing",
    "doubt",
    "drain",
    "judge_again",
    "keep_off",
    "lower_told",
    "preview",
    "push_now",
    "request",
    "resolve",
    "resume",
    "set_maintenance",
    "sweep",
    "wake",
]
