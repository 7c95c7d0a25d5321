"""The systems that connections can be made to."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sync.systems import SYSTEMS, Secret, Setting, System


class SecretSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    when = serializers.SerializerMethodField(help_text="It only matters when this setting has one of these values.")

    def get_when(self, named: Setting | Secret) -> dict[str, list[str]] | None:
        return None if named.when is None else {named.when[0]: list(named.when[1])}


class SettingSerializer(SecretSerializer):
    kind = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = serializers.SerializerMethodField(help_text="Values to choose from, where only some are allowed.")
    default = serializers.SerializerMethodField("first_value", help_text="null when it follows from other settings.")

    def get_choices(self, setting: Setting) -> list[str]:
        return [key for key, _ in setting.choices]

    @extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}], "nullable": True})
    def first_value(self, setting: Setting) -> Any:
        return None if callable(setting.default) else setting.default


class ScopeSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()


class SystemSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    settings = SettingSerializer(many=True)
    secrets = SecretSerializer(many=True)
    scopes = serializers.SerializerMethodField(help_text="What can be synced; none for one that is not synced.")
    default_url = serializers.CharField(help_text="Where it is, if a connection names no address.")

    @extend_schema_field(ScopeSerializer(many=True))
    def get_scopes(self, system: System) -> Any:
        return ScopeSerializer(list(system.scopes.values()), many=True).data


@extend_schema(tags=["connections"])
class SystemsView(APIView):
    """The systems that connections can be made to, with what can be set on one."""

    operation = "connection.view"

    @extend_schema(responses=SystemSerializer(many=True), operation_id="systems_list")
    def get(self, request: Request) -> Response:
        return Response(SystemSerializer(list(SYSTEMS.values()), many=True).data)
