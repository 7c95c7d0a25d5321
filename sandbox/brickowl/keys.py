"""The key that is always valid here; a made-up value, known to everybody."""

from __future__ import annotations

API_KEY = "sandbox-brickowl-key"
SECRETS = {"api_key": API_KEY}
"""As a connection of Levelstock calls it."""
