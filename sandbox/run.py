"""`make run`: from a fresh clone to a running, filled Levelstock on this machine. Standard library only until the environment stands."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox import keys
from sandbox.children import Broken, end, logged
from sandbox.demo import LOGINS, Demo
from sandbox.install import ROOT, interpreter

HOST = "127.0.0.1"
PATIENCE = 60.0


class Stop(BaseException):
    """Ctrl-C or a request to end."""


def main() -> int:
    """Run until Ctrl-C. 0 after a stop, 1 when a part of it died, 2 with a sentence when it can't start."""
    began = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        port = _port()
        data = Path(os.environ.get("DATA_DIR") or ROOT / "data").expanduser().absolute()
        with _claimed(data):
            for wanted, what in ((port, "web server"), (port + 1, "sandbox")):
                _free(wanted, what)
            python = interpreter()
            env = _environment(data, port)
            _start(children, port, data, python, env, began)
            return _watch(children, data)
    except Stop:
        return 0
    except Broken as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if children:
            print("\nstopping …", flush=True)
        end(list(children.values()))


def _stop(number: int, frame: object) -> None:
    raise Stop


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 1 <= int(text) <= 65534:
        raise Broken(f"PORT must be a number from 1 to 65534, not “{text}”.")
    return int(text)


def _free(port: int, what: str) -> None:
    """Raises Broken when nothing can listen on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = "is already in use" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
            raise Broken(f"Port {port}, for the {what}, {reason}. Choose another: PORT=8010 make run (it takes 8010 and 8011).") from error


@contextlib.contextmanager
def _claimed(data: Path) -> Iterator[None]:
    """One start per data folder."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Broken(f"Another make run uses {data}. Stop it, or give this one its own: DATA_DIR=other PORT=8010 make run.") from error
        yield


def _environment(data: Path, port: int) -> dict[str, str]:
    ours = {
        **keys.keys(data),
        # Plain HTTP, and connections to the sandbox: right on the loopback address, and nowhere else.
        "TLS": "false",
        "ALLOWED_TARGETS": "127.0.0.0/8,::1/128",
        "TILL_FILES": str(data / "sandbox" / "till"),
        "SITE_URL": f"http://{HOST}:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    return {**ours, **os.environ, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"}


def _start(children: dict[str, subprocess.Popen[bytes]], port: int, data: Path, python: Path, env: Mapping[str, str], began: float) -> None:
    def begin(name: str, *command: str) -> None:
        children[name] = logged([str(python), *command], data / "logs" / f"{name}.log", env=env, cwd=ROOT)

    sandbox = f"http://{HOST}:{port + 1}"
    begin("sandbox", "-m", "sandbox", "--port", str(port + 1), "--data", str(data))
    demo = Demo(ROOT, data, python, dict(env))
    demo.prepare(sandbox)
    web = ("--bind", f"{HOST}:{port}", "--workers", "1", "--threads", "8", "--graceful-timeout", "5", "--no-control-socket")
    begin("web", "-m", "gunicorn", *web, "config.wsgi")
    begin("worker", "manage.py", "worker")
    _answers(f"{sandbox}/_control/state", "sandbox", children, data)
    _answers(f"http://{HOST}:{port}/admin/login/", "web", children, data)
    demo.first_sync()
    demo.openings(f"http://{HOST}:{port}")
    demo.till(f"http://{HOST}:{port}")
    demo.shop(f"http://{HOST}:{port}")
    demo.bricks(f"http://{HOST}:{port}", sandbox)
    _tell(port, sandbox, keys.credentials(data), time.monotonic() - began)


def _answers(url: str, name: str, children: Mapping[str, subprocess.Popen[bytes]], data: Path) -> None:
    """Wait until `url` answers anything. Raises Broken when its process dies or stays silent."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and children[name].poll() is None:
        try:
            with direct.open(url, timeout=10):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            raise Broken(f"The {name} answers {error.code}. Its log: {data / 'logs' / name}.log") from error
        except OSError:
            time.sleep(0.1)
    raise Broken(f"The {name} did not start. Its log: {data / 'logs' / name}.log")


def _tell(port: int, sandbox: str, known: Mapping[str, str], seconds: float) -> None:
    others = ", ".join(name for name in LOGINS if name != "demo")
    print(
        f"""
address:   http://{HOST}:{port}/admin/
login:     demo / {known["PASSWORD"]}      (also {others}, same password)
api token: {known["API_TOKEN"]}
sandbox:   {sandbox}/_control/

Started in {seconds:.1f} s. What to click:
  1. Log in and press Sync All Inventory. Nothing changes: the stock has just been read.
  2. On the sandbox page press Next day, then sync again and read what moved, came and went.
  3. There, turn on truncated for stock:STA and sync: the run says what was applied and what was kept.
  4. Under Products open QTS-DESCALER: why is its number what it is? Sell some, and see what will be taken before it is booked.
  5. Under Items change the price of 3001: seconds later both shops have it. On the sandbox page sell some of it at one shop: the other
     follows within two minutes.
  6. There, turn on wrong_secret for Brick Owl and change another price: Levelstock says what the shop refuses, and BrickLink goes on. Turn
     it off and test the connection: what was missed is sent.
  7. Open Critical items: what is out, below its reorder point, or soon will be, with what to order. Draft an order and approve it.
  8. On the sandbox page let Finale have a day's business or sell something out, and press Sync stock on the Finale page. Then turn on
     short_column for stock and sync again: what Finale says is not believed, and nothing becomes zero.
  9. There, receive one of Odoo's orders or transfer something, and press Sync stock moves on the Odoo page: what moved there is followed to
     what it is here. Let Odoo be another version and sync again.
  10. Open the held lines: two counters of the till belong to no warehouse yet, and some barcodes to no product. Assign one, and its sales
     book themselves. On the sandbox page void a bill or type in a late one, and press Sync sales on the till's page.
Ctrl-C stops everything; the data stays.
""",
        flush=True,
    )


def _watch(children: Mapping[str, subprocess.Popen[bytes]], data: Path) -> int:
    while True:
        for name, process in children.items():
            if process.poll() is not None:
                print(f"The {name} has ended ({process.returncode}). Its log: {data / 'logs' / name}.log", file=sys.stderr, flush=True)
                return 1
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
