"""Works on a run of Odoo's and is killed (-9) at a named point of it: `python -m tests.sync.odoo_source.crash POINT RUN`."""

from __future__ import annotations

import sys

import django

POINTS = {
    "page": ("sync.engine.documents", "_store", 5),
    "booking": ("sync.facts.booking", "_book_part", 2),
}
"""Where the function is, and at which of its calls, its work done, the process dies. A part that was booked is not committed."""

if __name__ == "__main__":
    django.setup()
    from sync.runs import execute
    from tests.sync.ge.crash import arm

    arm(*POINTS[sys.argv[1]])
    execute(int(sys.argv[2]))
