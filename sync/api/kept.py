"""What a sync could not settle: rows that are held, and stored rows that nothing confirms."""

from __future__ import annotations

from rest_framework import mixins, viewsets

from accounts.api import AccountScoped
from sync.api.filters import HeldFilter, UnconfirmedFilter
from sync.api.serializers import HeldRowSerializer, UnconfirmedSerializer
from sync.models import HeldRow, Unconfirmed


class HeldViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[HeldRow]):
    """Rows of lists that can't be booked until their source says them clearly."""

    queryset = HeldRow.objects.all()
    serializer_class = HeldRowSerializer
    filterset_class = HeldFilter
    operation = "held.view"


class UnconfirmedViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Unconfirmed]):
    """Stored rows that no valid list of the latest run speaks of: kept as they are."""

    queryset = Unconfirmed.objects.all()
    serializer_class = UnconfirmedSerializer
    filterset_class = UnconfirmedFilter
    operation = "held.view"
