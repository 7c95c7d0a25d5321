"""The two private files of a data folder: `env` with the keys, `credentials` with the demo logins. Standard library only."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path


def keys(data: Path) -> dict[str, str]:
    """SECRET_KEY and FIELD_KEYS of this data folder; made once, on the first start."""
    path = data / "env"
    if not path.exists():
        write(path, {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode()})
    return read(path)


def credentials(data: Path) -> dict[str, str]:
    """What is known of the demo logins: PASSWORD from the first start on, API_TOKEN once it was given."""
    path = data / "credentials"
    if not path.exists():
        write(path, {"PASSWORD": secrets.token_urlsafe(12)})
    return read(path)


def read(path: Path) -> dict[str, str]:
    """The NAME=value lines of `path`."""
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def write(path: Path, values: dict[str, str]) -> None:
    """Replace `path`, readable by its owner only from the first byte on."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as target:
        target.writelines(f"{name}={value}\n" for name, value in values.items())
    os.replace(fresh, path)
