"""Comparing a shop with what we know, and settling what differs (docs/verify.md)."""

from __future__ import annotations

from marketplaces.verify.carrying import carry_out
from marketplaces.verify.choices import choices_of
from marketplaces.verify.deciding import Decided, decide, decide_many
from marketplaces.verify.movein import MovingIn, adopt_all, import_all, preview
from marketplaces.verify.verifying import execute, start

__all__ = [
    "Decided",
    "MovingIn",
    "adopt_all",
    "carry_out",
    "choices_of",
    "decide",
    "decide_many",
    "execute",
    "import_all",
    "preview",
    "start",
]
