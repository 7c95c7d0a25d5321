"""What the exit codes of `manage.py push` mean."""

from __future__ import annotations

CLEAN, FOUND, ERROR, INTERRUPTED = 0, 1, 2, 130
