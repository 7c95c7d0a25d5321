"""Rounds: everything that moves is synced, master data first and then what moved, across all connections (docs/sync-all.md)."""

from __future__ import annotations
