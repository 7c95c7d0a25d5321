from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from sync.api.changes import ChangeViewSet, HistoryView
from sync.api.connections import ConnectionViewSet
from sync.api.feeds import ConfirmView, FeedsView, FeedView
from sync.api.kept import HeldViewSet, UnconfirmedViewSet
from sync.api.status import StatusView
from sync.api.systems import SystemsView

router = Router()
router.register("connections", ConnectionViewSet, basename="connection")
router.register("changes", ChangeViewSet, basename="change")
router.register("held", HeldViewSet, basename="held")
router.register("unconfirmed", UnconfirmedViewSet, basename="unconfirmed")

urlpatterns = [
    path("systems", SystemsView.as_view(), name="systems"),
    re_path(r"^status/?$", StatusView.as_view(), name="status"),
    re_path(r"^units/(?P<unit>[0-9]+)/history/?$", HistoryView.as_view(), name="unit-history"),
    re_path(r"^feeds/?$", FeedsView.as_view(), name="feeds"),
    re_path(r"^feeds/(?P<kind>[^/]+?)/?$", FeedView.as_view(), name="feed"),
    re_path(r"^feeds/(?P<kind>[^/]+)/confirm/?$", ConfirmView.as_view(), name="feed-confirm"),
    path("", include(router.urls)),
]
