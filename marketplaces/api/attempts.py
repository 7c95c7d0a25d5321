"""Every write to a shop that was tried, and how it ended."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter, UUIDFilter
from rest_framework import mixins, serializers, viewsets

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from marketplaces import push
from marketplaces.models import Attempt, AttemptState, Operation


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    item = serializers.IntegerField(source="listing.item_id", read_only=True, help_text="Its id.")
    operation = serializers.ChoiceField(choices=Operation.choices, read_only=True)
    state = serializers.ChoiceField(choices=AttemptState.choices, read_only=True)
    state_in_words = serializers.CharField(source="get_state_display", read_only=True)
    sent = serializers.JSONField(read_only=True, help_text="What was sent, without credentials.")
    before = serializers.JSONField(read_only=True, help_text="What the shop had been told.")
    after = serializers.JSONField(read_only=True, help_text="What it was told by this.")
    correlations = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Of all changes that it carried.")
    readings = serializers.ListField(read_only=True, help_text="What reading back has found, and when.")

    class Meta:
        model = Attempt
        fields = [
            "id",
            "shop",
            "listing",
            "item",
            "operation",
            "state",
            "state_in_words",
            "lot_id",
            "difference",
            "absolute",
            "baseline",
            "sent",
            "before",
            "after",
            "item_version",
            "cause",
            "correlation",
            "correlations",
            "code",
            "sentence",
            "hint",
            "was_unknown",
            "readings",
            "requested_at",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields


@between("started_at", "Not started before this time.", "Started before this time.")
class AttemptFilter(FilterSet):  # type: ignore[misc]
    listing = IdFilter("listing_id", "The listing's id.")
    item = IdFilter("listing__item_id", "The item's id.")
    shop = IdFilter("shop_id", "The shop's id.")
    state = MultipleChoiceFilter(choices=AttemptState.choices, distinct=False, label="May be given several times.")
    operation = ChoiceFilter(choices=Operation.choices)
    code = CharFilter(label="What went wrong, for programs.")
    lot_id = CharFilter(label="The shop's lot.")
    correlation = UUIDFilter(method="carrying", label="That of a change which it carried.")

    class Meta:
        model = Attempt
        fields: list[str] = []

    def carrying(self, rows: QuerySet[Attempt], _name: str, correlation: UUID) -> QuerySet[Attempt]:
        return rows.filter(push.carrying(correlation))


class AttemptViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Attempt]):
    """Noted before it was sent. What was not closed is unknown, never failed, and settled by reading back."""

    queryset = Attempt.objects.select_related("listing")
    serializer_class = AttemptSerializer
    filterset_class = AttemptFilter
    operation = "attempt.view"
