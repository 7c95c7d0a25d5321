from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from sync.api.changes import ChangeViewSet, HistoryView
from sync.api.connections import ConnectionViewSet
from sync.api.factrules import FactRuleViewSet, PlaceViewSet
from sync.api.facts import FactViewSet
from sync.api.feeds import ConfirmView, FeedsView, FeedView
from sync.api.kept import HeldViewSet, UnconfirmedViewSet
from sync.api.rounds import AllView, RoundViewSet
from sync.api.runs import EventsView, PlanView, RunViewSet
from sync.api.starts import StartView
from sync.api.status import StatusView
from sync.api.systems import SystemsView
from sync.api.types import ResetView, TypesView, TypeView
from sync.rounds.types import TYPES
from sync.systems import SYSTEMS

router = Router()
router.register("connections", ConnectionViewSet, basename="connection")
router.register("runs", RunViewSet, basename="run")
router.register("rounds", RoundViewSet, basename="round")
router.register("changes", ChangeViewSet, basename="change")
router.register("held", HeldViewSet, basename="held")
router.register("facts", FactViewSet, basename="fact")
router.register("fact-rules", FactRuleViewSet, basename="fact-rule")
router.register("places", PlaceViewSet, basename="place")
router.register("unconfirmed", UnconfirmedViewSet, basename="unconfirmed")

OWN_ADDRESSES = {"finale"}
"""Systems whose syncs are started at addresses of their own."""

starts = [
    re_path(rf"^sync/{scope.key}/?$", StartView.as_view(system=system.key, scope=scope.key), name=f"sync-{scope.key}")
    for system in SYSTEMS.values()
    if system.key not in OWN_ADDRESSES
    for scope in system.scopes.values()
    if scope.key not in TYPES
]
types = [re_path(rf"^sync/{key}/?$", TypeView.as_view(type=key), name=f"sync-{key}") for key in TYPES]

urlpatterns = [
    *types,
    *starts,
    re_path(r"^sync/all/?$", AllView.as_view(), name="sync-all"),
    re_path(r"^sync/status/?$", TypesView.as_view(), name="sync-status"),
    re_path(r"^sync/reset/(?P<type>[^/]+?)/?$", ResetView.as_view(), name="sync-reset"),
    re_path(r"^runs/(?P<run>[^/.]+)/events/?$", EventsView.as_view(), name="run-events"),
    re_path(r"^runs/(?P<run>[^/.]+)/plan/?$", PlanView.as_view(), name="run-plan"),
    re_path(r"^systems/?$", SystemsView.as_view(), name="systems"),
    re_path(r"^status/?$", StatusView.as_view(), name="status"),
    re_path(r"^units/(?P<unit>[^/.]+)/history/?$", HistoryView.as_view(), name="unit-history"),
    re_path(r"^feeds/?$", FeedsView.as_view(), name="feeds"),
    re_path(r"^feeds/(?P<kind>[^/]+?)/?$", FeedView.as_view(), name="feed"),
    re_path(r"^feeds/(?P<kind>[^/]+)/confirm/?$", ConfirmView.as_view(), name="feed-confirm"),
    path("", include(router.urls)),
]
