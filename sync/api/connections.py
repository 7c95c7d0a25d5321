"""Connections. Secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scoping import AccountScoped, OwnedRelatedField
from inventory.models import Warehouse
from jobs.api.keyed import KEY, key_of
from sync import connections, stockcounts
from sync.condition import State, condition_of
from sync.models import BreakerState, Connection
from sync.systems import values_of
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import forecast
from sync.wire.verdict import Finding


class LastTestSerializer(serializers.Serializer[Connection]):
    tested_at = serializers.DateTimeField()
    finding = serializers.ChoiceField(choices=[(found.value, found.value) for found in Finding], source="test_finding")
    sentence = serializers.CharField(source="test_sentence")
    hint = serializers.CharField(source="test_hint")


class VerdictSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    finding = serializers.ChoiceField(choices=[(found.value, found.value) for found in Finding])
    sentence = serializers.CharField()
    hint = serializers.CharField()


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    settings = serializers.SerializerMethodField(help_text="All of them, defaults filled in.")
    secrets = serializers.SerializerMethodField(help_text="Names of those that are stored; null when they can't be read.")
    state = serializers.SerializerMethodField()
    state_sentence = serializers.SerializerMethodField(help_text="Why it is not ready, and what to do.")
    last_test = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = [
            "id",
            "system",
            "name",
            "base_url",
            "settings",
            "secrets",
            "warehouse",
            "enabled",
            "paused_at",
            "paused_by",
            "state",
            "state_sentence",
            "last_test",
            "last_success_at",
            "created_at",
        ]

    def get_settings(self, connection: Connection) -> dict[str, Any]:
        return values_of(connection)

    def get_secrets(self, connection: Connection) -> list[str] | None:
        return None if connection.secrets.unreadable else connection.secrets.names()

    @extend_schema_field(serializers.ChoiceField(choices=[(state.value, state.value) for state in State]))
    def get_state(self, connection: Connection) -> str:
        return condition_of(connection).state

    def get_state_sentence(self, connection: Connection) -> str:
        return condition_of(connection).sentence

    @extend_schema_field(LastTestSerializer(allow_null=True))
    def get_last_test(self, connection: Connection) -> dict[str, Any] | None:
        return None if connection.tested_at is None else LastTestSerializer(connection).data


class BudgetSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    window_seconds = serializers.IntegerField()
    limit = serializers.IntegerField()
    reserved = serializers.IntegerField(help_text="Calls of the limit that are kept for urgent work.")
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    left_urgent = serializers.IntegerField()
    free_at = serializers.DateTimeField(help_text="When the next ordinary call fits.")


class BreakerSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=BreakerState.choices)
    sentence = serializers.CharField()


class ConnectionDetailSerializer(ConnectionSerializer):
    breaker = serializers.SerializerMethodField(help_text="Whether calls go out.")
    budgets = serializers.SerializerMethodField(help_text="How many calls may be made, and are left.")

    class Meta(ConnectionSerializer.Meta):
        fields = [*ConnectionSerializer.Meta.fields, "breaker", "budgets"]

    @extend_schema_field(BreakerSerializer)
    def get_breaker(self, connection: Connection) -> dict[str, Any]:
        known = getattr(connection, "breaker", None)
        return {"state": known.state if known else BreakerState.CLOSED, "sentence": ConnectionBreaker(connection.pk).words()}

    @extend_schema_field(BudgetSerializer(many=True))
    def get_budgets(self, connection: Connection) -> list[dict[str, Any]]:
        return list(BudgetSerializer(forecast(connection.pk), many=True).data)


class _Settings(serializers.DictField):
    child = serializers.JSONField(allow_null=True)


class _Secrets(serializers.DictField):
    child = serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)


class EditSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=200)
    base_url = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="https://host.example/path")
    settings = _Settings(required=False, help_text="Only those named change; null stands for the default.")
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all(), required=False)
    enabled = serializers.BooleanField(required=False, help_text="false: not used and not offered.")


class AddSerializer(serializers.Serializer[Any]):
    system = serializers.CharField(help_text="A key out of /api/systems.")
    name = serializers.CharField(max_length=200)
    base_url = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="https://host.example/path")
    settings = _Settings(required=False)
    secrets = _Secrets(required=False, write_only=True)
    warehouse = OwnedRelatedField(
        queryset=Warehouse.objects.all(), required=False, help_text="Left out: one of the connection's name is made."
    )


class ProposeSerializer(serializers.Serializer[Any]):
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())


class ProposedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="Its number in /api/counts.")
    left_out = serializers.ListField(child=serializers.CharField(), help_text="Products there that are not matched or no whole number.")
    message = serializers.CharField()


@extend_schema(tags=["connections"])
class ConnectionViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Connection]):
    """Configured accounts of outside systems: what they are set to, how they do, and what has been stored of their credentials (names)."""

    queryset = Connection.objects.select_related("breaker")
    serializer_class = ConnectionSerializer
    filterset_fields = ("system", "enabled")
    operations = {
        "list": "connection.view",
        "retrieve": "connection.view",
        "create": "connection.edit",
        "partial_update": "connection.edit",
        "destroy": "connection.edit",
        "secrets": "connection.edit",
        "test": "connection.test",
        "pause": "connection.pause",
        "resume": "connection.pause",
        "count": "count.add",
    }

    @extend_schema(responses=ConnectionDetailSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One connection, with its breaker and call budgets."""
        return self._answer(self.get_object())

    @extend_schema(request=AddSerializer, responses={201: ConnectionDetailSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Make a connection. Wrong settings and secrets are answered under `settings.NAME` and `secrets.NAME`."""
        given = AddSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return self._answer(connections.add(self.actor, **given.validated_data), status=201)

    @extend_schema(request=EditSerializer, responses=ConnectionDetailSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given."""
        row = self.get_object()
        given = EditSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return self._answer(connections.edit(self.actor, row, **given.validated_data))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Remove a connection that was never used; one with runs is refused with 409."""
        connections.remove(self.actor, self.get_object())
        return Response(status=204)

    @extend_schema(request={"application/json": {"type": "object", "additionalProperties": {"type": "string", "nullable": True}}})
    @action(detail=True, methods=["patch"])
    def secrets(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Store the secrets that are named; null takes one away, the others stay."""
        row = self.get_object()
        given = _Secrets().run_validation(request.data)
        return self._answer(connections.set_secrets(self.actor, row, given))

    @extend_schema(request=None, responses=VerdictSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Call the other side now. The answer is 200 whatever was found; it takes as long as the other side does."""
        return Response(VerdictSerializer(connections.test(self.actor, self.get_object())).data)

    @extend_schema(request=None, responses=ConnectionDetailSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Hold back everything that would use it. Safe to repeat."""
        return self._answer(connections.pause(self.actor, self.get_object()))

    @extend_schema(request=None, responses=ConnectionDetailSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """End a pause. Safe to repeat."""
        return self._answer(connections.resume(self.actor, self.get_object()))

    @extend_schema(request=ProposeSerializer, responses={201: ProposedSerializer}, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def count(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Let the other side say what is in a warehouse now: a count of it waits, the opening where nothing is booked there yet."""
        row = self.get_object()
        given = ProposeSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        warehouse = given.validated_data["warehouse"]
        # Not under the key's own transaction: the other side is asked.
        proposed = stockcounts.propose(self.actor, row, warehouse, key=key_of(request))
        answer = {"count": proposed.count.pk, "left_out": proposed.left_out, "message": stockcounts.told(proposed)}
        return Response(ProposedSerializer(answer).data, status=201)

    def _answer(self, row: Connection, status: int = 200) -> Response:
        fresh = Connection.objects.select_related("breaker").get(pk=row.pk)
        return Response(ConnectionDetailSerializer(fresh, context=self.get_serializer_context()).data, status=status)
