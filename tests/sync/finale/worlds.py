"""Small accounts of Finale whose products were last changed within the last weeks, so that few windows are needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.finale.account import stamp
from sandbox.finale.samples import OLD_KIT, PERLITE, SOIL, TRAY
from sandbox.finale.world import World

START = (datetime.now(UTC) - timedelta(days=58)).date().isoformat()
"""For the setting `start`: before every change."""


def ago(days: float) -> str:
    return stamp(datetime.now(UTC) - timedelta(days=days))


def young(products: int, *, burst: int = 0, stocked: tuple[int, ...] = ()) -> World:
    """So many products beside the four of the sample, ART-1 changed longest ago; `burst` more, BURST-1 …, were changed in one second.

    Stock is that of the sample, seven rows; besides ten of each of `stocked`, so that it stays below a small cut.
    """
    world = World.exampleco()
    for days, url in enumerate((SOIL, PERLITE, TRAY, OLD_KIT), 52):
        world.edit_product(url, lastUpdatedDate=ago(days))
    for number in range(1, products + 1):
        world.add_product(f"ART-{number}", f"Article {number}", cost=number, lastUpdatedDate=ago(50 - number * 30 / products))
    for number in stocked:
        world.set_stock(f"ART-{number}", 10)
    same = ago(15)
    for number in range(1, burst + 1):
        world.add_product(f"BURST-{number}", f"Import {number}", cost=number, lastUpdatedDate=same)
    return world
