from __future__ import annotations

from django.db import models


class UnitKind(models.TextChoices):
    """What is counted. Each has its own counter, and none is ever turned into another by itself (docs/ledger.md)."""

    PALLETS = "pallets", "Pallets"
    PACKS = "packs", "Packs"
    UNITS = "units", "Units"
