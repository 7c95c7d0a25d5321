"""Moving in with a table of changes that were queued for shops elsewhere and never sent (docs/verify.md)."""

from __future__ import annotations

from marketplaces.pending.applying import Applied, Outcome, Said, apply
from marketplaces.pending.reading import Queued, read

__all__ = ["Applied", "Outcome", "Queued", "Said", "apply", "read"]
