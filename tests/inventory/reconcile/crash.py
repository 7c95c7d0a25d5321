"""Works on a pass and is killed (-9) once it has done so many chunks, before the last of them is committed: `python -m … CHUNKS PASS`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import django

if __name__ == "__main__":
    django.setup()
    from inventory import reconcile
    from inventory.reconcile import chunks

    chunks.AT_ONCE = 2
    original, left = chunks._transaction, int(sys.argv[1])

    def deadly(*arguments: Any) -> Any:
        global left
        done = original(*arguments)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    chunks._transaction = deadly
    reconcile.execute(int(sys.argv[2]))
