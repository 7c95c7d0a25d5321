"""The database, the user and the key that are always valid here; made-up values, known to everybody."""

from __future__ import annotations

DATABASE = "freshmart"
LOGIN = "sync@freshmart.example"
KEY = "3f0c9a51d1e84b6f9a7710c2de5b8a4477e01234"
SETTINGS = {"database": DATABASE, "login": LOGIN}
SECRETS = {"key": KEY}
"""As a connection of Levelstock calls them."""
