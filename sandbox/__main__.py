"""`python -m sandbox --port 8001 --data data`: the stand-ins, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandbox.server import start


def main() -> int:
    """Run the sandbox; 0 after a stop, 2 when the port is taken."""
    parser = argparse.ArgumentParser(prog="sandbox", description="Stand-ins for the outside systems, on the loopback address.")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--data", type=Path, default=Path("data"))
    given = parser.parse_args()
    try:
        sandbox = start(given.port, data=given.data)
    except OSError as error:
        print(f"The sandbox can't listen on port {given.port} ({error.strerror}). Choose another with --port.", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print(f"sandbox: {sandbox.url}/_control/", flush=True)
    stop.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
