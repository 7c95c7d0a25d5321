"""Missing migrations, and Django's own checks of production settings, in an environment as production would have it."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = (("makemigrations", "--check", "--dry-run"), ("check", "--deploy", "--fail-level", "WARNING"))


def main() -> int:
    """The first exit code that isn't 0."""
    with tempfile.TemporaryDirectory(prefix="levelstock-check-") as folder:
        production = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/check.sqlite3",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "ALLOWED_HOSTS": "levelstock.example",
            "DEBUG": "false",
            "TLS": "true",
            "SITE_URL": "https://levelstock.example",
            "EMAIL_URL": "smtp+tls://mail.levelstock.example:587",
            "DEFAULT_FROM_EMAIL": "alerts@levelstock.example",
        }
        for arguments in COMMANDS:
            print(f"manage.py {' '.join(arguments)}", flush=True)
            code = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=production, check=False).returncode
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
