"""`python -m sandbox.till till.sqlite3 --lines 2000000 --days 90`: a till file of any size, to point a connection at."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from sandbox.odoo.goods import ARTICLES
from sandbox.till.generated import Sizes, fill
from sandbox.till.world import Till


def main() -> int:
    """Make the file; 0 when it is there, 2 when there is one already."""
    parser = argparse.ArgumentParser(prog="sandbox.till", description="An SQLite file with the tables of a till.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--branches", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--last", type=date.fromisoformat, default=date.today(), help="the last day, as 2026-01-31; today unless given")
    parser.add_argument("--unknown-in", type=int, default=100, help="one line in so many has a barcode that nobody knows; 0 for none")
    given = parser.parse_args()
    if given.file.exists():
        print(f"{given.file} is there already.", file=sys.stderr)
        return 2
    sizes = Sizes(
        lines=given.lines,
        last=given.last,
        days=max(given.days, 1),
        branches=[f"{number:03d}" for number in range(1, given.branches + 1)],
        barcodes=[article.barcode for article in ARTICLES if article.barcode],
        unknown_in=given.unknown_in,
    )
    fill(Till(given.file), sizes, seed=given.seed)
    print(f"{given.file}: {given.lines:,} lines of {sizes.days} days", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
