"""Make the project's virtual environment. Standard library only: it runs before anything is installed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.children import Broken, lines_of

ROOT = Path(__file__).resolve().parent.parent
RUN = ("requirements.txt", "requirements-sandbox.txt")
DEV = (*RUN, "requirements-sqlserver.txt", "requirements-dev.txt")


def interpreter(*, dev: bool = False) -> Path:
    """The Python to run the project with, after installing what is missing.

    That is `.venv`, kept in step with the requirement files by a stamp of their hash; or the environment that VENV names, which is
    taken as it is. Raises Broken with the sentence that mends it.
    """
    given = os.environ.get("VENV")
    if given:
        python = Path(given).expanduser().absolute() / "bin" / "python"
        if not python.exists():
            raise Broken(f"VENV={given} has no bin/python. Name a virtual environment, or leave VENV out and one is made.")
        return python
    if sys.version_info < (3, 11):  # noqa: UP036  (whoever starts this may have an older one)
        raise Broken(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Name one with PYTHON=path make run.")
    folder = ROOT / ".venv"
    python = folder / "bin" / "python"
    with _alone():
        # Whoever has the development set has the smaller one too.
        if _stamped(folder, "dev", DEV) or (not dev and _stamped(folder, "run", RUN)):
            return python
        if not _works(python):
            print("environment: making .venv", flush=True)
            _venv(folder)
        _install(python, "requirements-dev.txt" if dev else None)
        for name, files in (("run", RUN), ("dev", DEV)) if dev else (("run", RUN),):
            (folder / f"levelstock-{name}").write_text(_digest(files), encoding="utf-8")
    return python


@contextmanager
def _alone() -> Iterator[None]:
    """Two starts at once install one after the other."""
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _digest(files: tuple[str, ...]) -> str:
    content = b"".join((ROOT / name).read_bytes() for name in files)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def _stamped(folder: Path, name: str, files: tuple[str, ...]) -> bool:
    stamp = folder / f"levelstock-{name}"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _digest(files) and (folder / "bin" / "python").exists()


def _works(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _venv(folder: Path) -> None:
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", folder], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Broken(
            f"The virtual environment could not be made. Is the venv module installed (Debian: python3-venv)?\n{made.stdout}{made.stderr}"
        )


def _install(python: Path, only: str | None) -> None:
    """Install with one progress line: rewritten on a terminal, a line every few seconds elsewhere."""
    wanted = [only] if only else list(RUN)
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-compile", "--progress-bar", "off"]
    for name in wanted:
        command += ["-r", str(ROOT / name)]
    started = shown = time.monotonic()
    found, last = 0, ""
    tail: list[str] = []
    terminal = sys.stdout.isatty()
    print("environment: installing " + ", ".join(wanted), flush=True)
    try:
        for line in lines_of(command, cwd=ROOT):
            tail = [*tail[-20:], line]
            word, _, rest = line.strip().partition(" ")
            if word == "Collecting":
                found += 1
                last = rest.split(" ")[0].split("=")[0]
            elif word == "Installing":
                last = "unpacking"
            elif word not in ("Downloading", "Using"):
                continue
            now = time.monotonic()
            text = f"environment: {found} packages, {last}, {now - started:.0f} s"
            if terminal:
                print(f"\r\x1b[K{text}", end="", flush=True)
            elif now - shown >= 3 or last == "unpacking":
                shown = now
                print(text, flush=True)
    except Broken as error:
        raise Broken("The dependencies could not be installed.\n" + "\n".join(tail)) from error
    if terminal:
        print("\r\x1b[K", end="")
    print(f"environment: ready after {time.monotonic() - started:.0f} s", flush=True)


def main() -> int:
    """`python -m sandbox.install [--dev]`: 0 when everything is there, 2 with a sentence when it can't be."""
    try:
        interpreter(dev="--dev" in sys.argv[1:])
    except Broken as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
