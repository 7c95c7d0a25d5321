"""`python -m sandbox.odoo --version 18 --products 5000 --moves 200000 --port 8004`: such a database alone, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from sandbox.odoo.database import VERSIONS, real_now
from sandbox.odoo.demo import demo
from sandbox.odoo.generated import generated
from sandbox.odoo.keys import DATABASE, KEY, LOGIN
from sandbox.odoo.system import Odoo
from sandbox.server import Sandbox, Server


def main() -> int:
    """Serve it; 0 after a stop, 2 when the port is taken. Says its address and its log-in when it is ready."""
    parser = argparse.ArgumentParser(
        prog="sandbox.odoo", description="A database of Odoo of any version and size, on the loopback address."
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--version", type=int, default=19, choices=VERSIONS)
    parser.add_argument("--products", type=int, default=0, help="none: the demo's forty, with their history")
    parser.add_argument("--moves", type=int, default=0)
    parser.add_argument("--orders", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.products:
        world = generated(given.products, given.moves, version=given.version, orders=given.orders, seed=given.seed)
    else:
        world = demo(real_now(), given.version)
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = Server(given.port, {"odoo": Odoo(Path(folder), world)})
        except OSError as error:
            print(f"The sandbox can't listen on port {given.port} ({error.strerror}). Choose another with --port.", file=sys.stderr)
            return 2
        with Sandbox(server) as running:
            stop = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            print(f"sandbox: {running.url}/odoo", flush=True)
            print(f"database {DATABASE}, login {LOGIN}, key {KEY}", flush=True)
            stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
