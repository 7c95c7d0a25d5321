from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs import leftovers


def start(*words: str) -> subprocess.Popen[bytes]:
    """A process that leads a group of its own and waits; `words` are only seen in its command line."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", *words], start_new_session=True)


@pytest.fixture
def cluster() -> Iterator[subprocess.Popen[bytes]]:
    process = start("qcluster")
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def foreign() -> Iterator[subprocess.Popen[bytes]]:
    process = start("somebody else")
    yield process
    process.kill()
    process.wait()


def test_remembered_cluster_is_ended(cluster: subprocess.Popen[bytes], tmp_path: Path) -> None:
    note = tmp_path / "sync.json"
    leftovers.remember(note, cluster.pid)
    assert leftovers.end_leftovers(note)
    assert cluster.wait(timeout=150) == -9
    assert not note.exists()


def test_process_with_another_start_time_is_spared(cluster: subprocess.Popen[bytes], tmp_path: Path) -> None:
    note = tmp_path / "sync.json"
    leftovers.remember(note, cluster.pid)
    written = json.loads(note.read_text())
    note.write_text(json.dumps({**written, "born": written["born"] - 60}))
    assert not leftovers.end_leftovers(note)
    assert cluster.poll() is None
    assert not note.exists()


def test_process_that_is_no_cluster_is_spared(foreign: subprocess.Popen[bytes], tmp_path: Path) -> None:
    note = tmp_path / "sync.json"
    leftovers.remember(note, foreign.pid)
    assert not leftovers.end_leftovers(note)
    assert foreign.poll() is None


def test_note_that_was_cut_off_or_names_the_dead_ends_nothing(tmp_path: Path) -> None:
    note = tmp_path / "sync.json"
    assert not leftovers.end_leftovers(note)
    note.write_text('{"group": 12')
    assert not leftovers.end_leftovers(note)
    assert not note.exists()
    note.write_text(json.dumps({"group": max(psutil.pids()) + 100_000, "born": 0}))
    assert not leftovers.end_leftovers(note)
