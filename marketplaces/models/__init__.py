from __future__ import annotations

from marketplaces.models.attempt import OPEN_STATES, Attempt, AttemptState, Carried, Operation
from marketplaces.models.catalog import ColorMapping, MappingOrigin, PartFinding, PartMapping
from marketplaces.models.listing import Listing, ListingState, Lot, LotOrigin, Priority
from marketplaces.models.order import LineBooking, Order, OrderLine, OrderPhase, Restock
from marketplaces.models.shop import Shop
from marketplaces.models.tally import Tally
from marketplaces.models.verification import Decision, Difference, DifferenceKind, Verification, VerificationStatus

__all__ = [
    "OPEN_STATES",
    "Attempt",
    "AttemptState",
    "Carried",
    "ColorMapping",
    "Decision",
    "Difference",
    "DifferenceKind",
    "LineBooking",
    "Listing",
    "ListingState",
    "Lot",
    "LotOrigin",
    "MappingOrigin",
    "Operation",
    "Order",
    "OrderLine",
    "OrderPhase",
    "PartFinding",
    "PartMapping",
    "Priority",
    "Restock",
    "Shop",
    "Tally",
    "Verification",
    "VerificationStatus",
]
