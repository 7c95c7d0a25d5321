"""The directories of this machine that connections may read: one for each business account, and nothing outside it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from accounts.errors import Problem
from accounts.models import Account


class OutsideDropFolder(Problem):
    """Refused: a connection may not read there."""

    hint = "Name a folder inside the account's own one, for example “ge”. The operator moves all of them with DROP_ROOT."


def root_of(account: Account) -> Path:
    """Where the files of `account` are dropped; it need not exist."""
    return (settings.DROP_ROOT / account.slug).resolve()


def inside(account: Account, text: str) -> Path:
    """The folder or file `text` names, seen from the account's own folder, with every symbolic link followed as it stands now.

    Raises OutsideDropFolder when that leads elsewhere. Ask again before each reading: links can change.
    """
    root = root_of(account)
    try:
        path = (root / text).resolve()
    except (OSError, ValueError, RuntimeError):
        path = None
    if path is None or not path.is_relative_to(root):
        raise OutsideDropFolder(f"The folder must lie inside the account's drop folder (drop/{account.slug}).")
    return path
