"""What make run promises before and after the product runs: clear refusals, private files, no orphans."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import keys
from sandbox.children import Broken, end, lines_of, logged
from tests.jobs.conftest import PATIENCE, gone, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that is listened on behind one that is free. Below those that are given out to whoever asks for any."""
    # Whoever runs beside this one, with the next number of a process, begins elsewhere.
    for port in range(18_000 + os.getpid() % 1_000 * 10, 30_000, 2):
        with socket.socket() as before, socket.socket() as taken:
            try:
                before.bind(("127.0.0.1", port - 1))
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
            taken.listen()
            before.close()
            yield port
            return
    raise AssertionError("No two ports beside each other are free.")


def make_run(data: Path, port: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(data), "VENV": sys.prefix}
    return subprocess.run(
        [sys.executable, "-m", "sandbox.run"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_a_taken_port_is_said_and_ends_with_2(tmp_path: Path, taken_port: int) -> None:
    ended = make_run(tmp_path, taken_port)
    assert ended.returncode == 2
    assert f"Port {taken_port}, for the web server, is already in use." in ended.stderr


def test_the_port_after_it_must_be_free_too(tmp_path: Path, taken_port: int) -> None:
    ended = make_run(tmp_path, taken_port - 1)
    assert ended.returncode == 2
    assert f"Port {taken_port}, for the sandbox, is already in use." in ended.stderr


def test_a_port_that_is_none_is_said(tmp_path: Path) -> None:
    ended = make_run(tmp_path, "eighty")
    assert (ended.returncode, ended.stderr) == (2, "PORT must be a number from 1 to 65534, not “eighty”.\n")


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    first = keys.keys(tmp_path)
    assert set(first) == {"SECRET_KEY", "FIELD_KEYS"}
    assert keys.keys(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "env").stat().st_mode) == 0o600


def test_the_demo_password_is_random_kept_and_private(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = keys.credentials(tmp_path)
    assert keys.credentials(tmp_path) == first
    assert keys.credentials(tmp_path / "other") != first
    assert stat.S_IMODE((tmp_path / "credentials").stat().st_mode) == 0o600


def test_a_failing_command_gives_its_lines_and_then_breaks() -> None:
    said = lines_of([sys.executable, "-c", "print('first'); raise SystemExit(3)"])
    assert next(said) == "first"
    with pytest.raises(Broken, match="ended with 3"):
        next(said)


def test_ending_a_process_ends_its_children_too(tmp_path: Path) -> None:
    script = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    log = tmp_path / "log"
    process = logged([sys.executable, "-c", script], log, env=dict(os.environ), cwd=tmp_path)
    wait_until("the grandchild has been started", lambda: log.read_text().endswith("\n"))
    grandchild = psutil.Process(int(log.read_text()))
    end([process])
    assert process.poll() is not None
    wait_until("the grandchild is gone", lambda: gone([grandchild]))


def test_the_command_line_stops_on_sigterm(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("sandbox: http://127.0.0.1:")
    process.terminate()
    assert process.wait(PATIENCE) == 0
    process.stdout.close()
