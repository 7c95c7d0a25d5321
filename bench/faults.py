"""What the outside does wrong during a drill: switches of the sandbox with their settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

STOCK = ("stock:FG", "stock:ASIS", "stock:STA")
FEEDS = (*STOCK, "loads:open", "loads:history", "load:units")


@dataclass(frozen=True)
class Fault:
    """One switch; none with a blank name."""

    name: str = ""
    feed: str = ""
    settings: tuple[tuple[str, Any], ...] = ()

    def values(self) -> dict[str, Any]:
        """As the sandbox wants them."""
        return {"feeds": self.feed, **dict(self.settings)}

    def __str__(self) -> str:
        if not self.name:
            return "no fault"
        told = "".join(f", {name} {value}" for name, value in self.settings)
        return f"{self.name} at {self.feed}{told}"


def some_fault(rng: Random) -> Fault:
    """None in two of five cases, else one that a sync of all lists meets."""
    if rng.random() < 0.4:
        return Fault()
    once = (("times", 1),)
    return rng.choice(
        (
            Fault("status", rng.choice(FEEDS), (("status", 500), *once)),
            Fault("status", rng.choice(FEEDS), (("status", 503),)),
            Fault("expired_session", rng.choice(FEEDS)),
            Fault("half_body", rng.choice(FEEDS), once),
            Fault("half_body", rng.choice(FEEDS)),
            Fault("slow", rng.choice(FEEDS), (("seconds", 0.5), ("times", 4))),
            Fault("drip", rng.choice(STOCK), (("seconds", 1), ("times", 2))),
            Fault("reset", rng.choice(FEEDS), once),
            Fault("throttled", rng.choice(FEEDS), (("retry_after", "1"), *once)),
            Fault("empty", rng.choice(FEEDS)),
            Fault("blank", rng.choice(FEEDS)),
            Fault("truncated", rng.choice(STOCK)),
            Fault("shrunken", rng.choice(STOCK)),
            Fault("missing_column", rng.choice(FEEDS)),
            Fault("wrong_bucket", rng.choice(STOCK)),
            Fault("duplicates_equal", rng.choice(STOCK)),
            Fault("duplicates_unequal", rng.choice(STOCK)),
            Fault("yesterday", rng.choice(STOCK)),
            Fault("load_fails", "load:units"),
        )
    )
