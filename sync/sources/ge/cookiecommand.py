"""The operator's own program that signs in to the dealer system and prints the cookies (docs/ge-connection.md, “Cookie command”)."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess

from django.conf import settings

from sync.models.connection import Connection
from sync.wire.errors import BadCredentials

SECONDS = 120
LONGEST = 20_000
_HINT = "The operator of this installation mends the program that DMS_COOKIE_COMMAND names."


def cookies_from_command(connection: Connection) -> str:
    """What the command prints for `connection`; blank where no command is set or it prints nothing, which means it has none for this one.

    It learns of the connection by LEVELSTOCK_ACCOUNT (the account's slug), LEVELSTOCK_CONNECTION (the id), LEVELSTOCK_ADDRESS and
    LEVELSTOCK_ORG. Raises BadCredentials when it fails; nothing of what it printed is repeated.
    """
    words = shlex.split(settings.DMS_COOKIE_COMMAND)
    if not words:
        return ""
    problem = ""
    printed = b""
    try:
        with subprocess.Popen(
            words,
            env=_environment(connection),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as program:
            try:
                printed, _ = program.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                # With all that it started, such as a browser, which would hold its output open.
                os.killpg(program.pid, signal.SIGKILL)
                problem = f"The cookie command did not end within {SECONDS} seconds."
        if program.returncode and not problem:
            problem = f"The cookie command ended with code {program.returncode}."
    except OSError:
        problem = "The cookie command can't be started."
    if not problem and len(printed) > LONGEST:
        problem = f"The cookie command printed more than {LONGEST:,} characters."
    if problem:
        # Outside the handlers above: their errors hold the whole command line and what it printed.
        raise BadCredentials(problem, hint=_HINT, code="cookie_command")
    return printed.decode("utf-8", "replace").strip()


def _environment(connection: Connection) -> dict[str, str]:
    """Only what a program needs to run at all: our own environment holds the keys to every secret."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR")}
    return {
        **kept,
        "LEVELSTOCK_ACCOUNT": connection.account.slug,
        "LEVELSTOCK_CONNECTION": str(connection.pk),
        "LEVELSTOCK_ADDRESS": connection.base_url,
        "LEVELSTOCK_ORG": str(connection.settings.get("org", "")),
    }
