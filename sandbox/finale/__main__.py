"""`python -m sandbox.finale --port 8003 --products 280000 --burst 130000`: an account of that size alone, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from sandbox.finale.generated import generated
from sandbox.finale.system import Finale
from sandbox.server import Sandbox, Server


def main() -> int:
    """Serve it; 0 after a stop. Says its address when it is ready. Budgets are not enforced unless --budgets is given."""
    parser = argparse.ArgumentParser(prog="sandbox.finale", description="An account of Finale of any size, on the loopback address.")
    for name, default in (
        ("port", 0),
        ("products", 280_000),
        ("burst", 0),
        ("seed", 1),
        ("stock-rows", None),
        ("orders", 50),
        ("shipments", 200),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--facilities", type=int, default=3)
    parser.add_argument("--active-share", type=float, default=0.9)
    parser.add_argument("--guidelines-share", type=float, default=0.5)
    parser.add_argument("--budgets", action="store_true")
    given = parser.parse_args()
    world = generated(
        given.products,
        seed=given.seed,
        burst=given.burst,
        active_share=given.active_share,
        stock_rows=given.stock_rows,
        facilities=given.facilities,
        guidelines_share=given.guidelines_share,
        orders=given.orders,
        shipments=given.shipments,
    )
    with tempfile.TemporaryDirectory() as folder:
        system = Finale(Path(folder), world)
        if not given.budgets:
            system.door.budgets.limits = dict.fromkeys(system.door.budgets.limits)
        with Sandbox(Server(given.port, {"finale": system})) as running:
            stop = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            print(f"sandbox: {running.url}/finale", flush=True)
            stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
