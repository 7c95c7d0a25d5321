from __future__ import annotations

from sync.models.breaker import Breaker, BreakerState
from sync.models.budget import CallBudget
from sync.models.change import PlanRow, SyncChange
from sync.models.connection import Connection
from sync.models.document import FeedConfirmation, FeedDocument, FeedState
from sync.models.fact import FactKind, FactRule, FactState, RuleAbout, RuleAction, SourceFact
from sync.models.feed import HeldRow, RunFeed, Unconfirmed, Verdict
from sync.models.masterdata import CategoryRef, ReorderRef
from sync.models.reference import Cursor, FieldGroup, FieldOwner, OrderRef, ProductRef, Reference, StockRef, VendorRef, WarehouseRef
from sync.models.round import ROUND_STATES, Round, RoundStep, Stage
from sync.models.run import ACTIVE, FINISHED, Kind, Phase, RunEvent, Status, SyncRun, Trigger

__all__ = [
    "ACTIVE",
    "FINISHED",
    "ROUND_STATES",
    "Breaker",
    "BreakerState",
    "CallBudget",
    "CategoryRef",
    "Connection",
    "Cursor",
    "FactKind",
    "FactRule",
    "FactState",
    "FeedConfirmation",
    "FeedDocument",
    "FeedState",
    "FieldGroup",
    "FieldOwner",
    "HeldRow",
    "Kind",
    "OrderRef",
    "Phase",
    "PlanRow",
    "ProductRef",
    "Reference",
    "ReorderRef",
    "Round",
    "RoundStep",
    "RuleAbout",
    "RuleAction",
    "RunEvent",
    "RunFeed",
    "SourceFact",
    "Stage",
    "Status",
    "StockRef",
    "SyncChange",
    "SyncRun",
    "Trigger",
    "Unconfirmed",
    "VendorRef",
    "Verdict",
    "WarehouseRef",
]
