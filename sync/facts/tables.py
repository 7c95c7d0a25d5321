"""Facts as a table of the engine."""

from __future__ import annotations

from sync.engine.tables import Field, Target
from sync.models import SourceFact

FACTS = Target(
    entity="fact",
    model=SourceFact,
    key="external_id",
    place="connection_id",
    fields=(
        Field("feed"),
        Field("kind", "fact_changed"),
        Field("product_there", "fact_changed"),
        Field("barcode", "fact_changed"),
        Field("barcode_key", carried_by="barcode"),
        Field("place_there", "fact_changed"),
        Field("place_to_there", "fact_changed"),
        Field("quantity", "fact_quantity_changed"),
        Field("happened_at", "fact_changed"),
        Field("day", "fact_changed"),
        Field("document", "fact_changed"),
        Field("pair_there"),
        Field("unit_cost", "fact_changed"),
        Field("vendor_there"),
        Field("said_problem", "fact_changed"),
        Field("raw", keep=True),
        Field("changed_upstream_at", keep=True),
    ),
    label=("external_id",),
    group="document",
    scope="feed",
    gone="gone_at",
    born="first_seen_at",
    appeared="fact_added",
    disappeared="fact_voided",
    counted=True,
    plural="lines",
)
