"""The invariants of stock, and a report of what breaks them (docs/integrity.md)."""

from __future__ import annotations

from inventory.integrity.checking import check, in_words, scheduled
from inventory.integrity.question import Offender, Question
from inventory.integrity.registry import Check, checks, register

__all__ = ["Check", "Offender", "Question", "check", "checks", "in_words", "register", "scheduled"]
