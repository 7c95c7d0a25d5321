"""Who is told of alerts: people by mail, programs by signed requests, and how the business account is told at all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountScoped
from accounts.models import Member
from accounts.scoping import OwnedRelatedField, acting
from alerts import alertsettings, hooks, people
from alerts.alertsettings import LIMITS
from alerts.api.deliveries import DeliverySerializer
from alerts.deliveries import without_query
from alerts.models import AlertSettings, Kind, Mode, Subscriber, Webhook
from alerts.recipients import settings_of
from inventory.api.fields import KnownFieldsOnly
from jobs.api.keyed import KEY, answered_once

HOW_SOON = {
    "type": "object",
    "additionalProperties": {"type": "string", "enum": list(Mode.values)},
    "example": {Kind.REORDER.value: Mode.DAILY.value},
    "description": "How soon it hears of each kind that differs from the usual. What is left out is as usual; what is given replaces all.",
}


@extend_schema_field(HOW_SOON)
class EventsField(serializers.JSONField):
    """A mode for each kind."""


class SubscriberSerializer(serializers.ModelSerializer[Subscriber]):
    events = EventsField(read_only=True)

    class Meta:
        model = Subscriber
        fields = ["id", "member", "name", "email", "active", "events", "bounced_at", "bounce", "created_at"]
        read_only_fields = fields


class SubscriberBody(KnownFieldsOnly):
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    email = serializers.CharField(max_length=254)
    active = serializers.BooleanField(required=False)
    events = EventsField(required=False)


class NewSubscriberBody(SubscriberBody):
    member = OwnedRelatedField(
        queryset=Member.objects.all(), required=False, allow_null=True, help_text="Whose mail it is; left out for somebody else."
    )


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    events = EventsField(read_only=True)
    address = serializers.SerializerMethodField(help_text="Without its query, which may hold a secret.")

    class Meta:
        model = Webhook
        fields = ["id", "name", "address", "active", "events", "created_at"]
        read_only_fields = fields

    def get_address(self, hook: Webhook) -> str:
        return without_query(hook.url)


class SignedWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="What requests are signed with. It is told this once.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class WebhookBody(KnownFieldsOnly):
    name = serializers.CharField(max_length=200)
    url = serializers.CharField(max_length=500, write_only=True, help_text="Where signed requests are sent. It is never told again whole.")
    active = serializers.BooleanField(required=False)
    events = EventsField(required=False)


@extend_schema_field({"type": "string", "example": "07:00:00", "description": "A time of day as HH:MM or HH:MM:SS, of no time zone."})
class TimeOfDayField(serializers.TimeField):
    """What schemas call a time has a zone; this one is the business account's clock."""


class AlertSettingsSerializer(serializers.ModelSerializer[AlertSettings]):
    serializer_field_mapping: ClassVar = {**serializers.ModelSerializer.serializer_field_mapping, models.TimeField: TimeOfDayField}

    class Meta:
        model = AlertSettings
        fields = list(alertsettings.COLUMNS)
        extra_kwargs = {name: {"min_value": least, "max_value": most} for name, (least, most) in LIMITS.items()}


class Recipients(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    pass


class SubscriberViewSet(Recipients):
    """People who get mail when something is wrong. Everybody may add and change what they get themselves; a manager does so for all."""

    queryset = Subscriber.objects.all()
    serializer_class = SubscriberSerializer
    operations = {
        "list": "alert.view",
        "retrieve": "alert.view",
        "create": people.OWN,
        "partial_update": people.OWN,
        "destroy": people.OWN,
        "test": people.OWN,
    }

    @extend_schema(request=NewSubscriberBody, responses={201: SubscriberSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Send mail to this address."""
        given = NewSubscriberBody(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            return 201, dict(SubscriberSerializer(people.add_subscriber(self.actor, **given.validated_data)).data)

        return answered_once(request, self.actor, "subscriber.add", do)

    @extend_schema(request=SubscriberBody(partial=True), responses=SubscriberSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given. Another address is taken to be right, whatever a mail server said of the last one."""
        row = self.get_object()
        given = SubscriberBody(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(SubscriberSerializer(people.edit_subscriber(self.actor, row, **given.validated_data)).data)

    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Send nothing more there; what was sent stays in the log."""
        people.remove_subscriber(self.actor, self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses={201: DeliverySerializer}, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def test(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Send a mail that says it is a test. 409 for an address that refused mail."""
        row = self.get_object()

        def do() -> tuple[int, Any]:
            return 201, dict(DeliverySerializer(people.send_test(self.actor, row)).data)

        return answered_once(request, self.actor, f"subscriber.test {row.pk}", do)


class WebhookViewSet(Recipients):
    """Programs that get a signed request when something is wrong. The secret that signs is told once: when it is made."""

    queryset = Webhook.objects.all()
    serializer_class = WebhookSerializer
    operations = {
        "list": "alert_settings.view",
        "retrieve": "alert_settings.view",
        "create": "webhook.edit",
        "partial_update": "webhook.edit",
        "destroy": "webhook.edit",
        "renew_secret": "webhook.edit",
        "test": "webhook.edit",
    }

    @extend_schema(request=WebhookBody, responses={201: SignedWebhookSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Tell this program. The answer holds the secret, so it is kept nowhere for a second request: the name is taken then."""
        given = WebhookBody(data=request.data)
        given.is_valid(raise_exception=True)
        row, secret = hooks.add_webhook(self.actor, **given.validated_data)
        return Response(_signed(row, secret), status=201)

    @extend_schema(request=WebhookBody(partial=True), responses=WebhookSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given."""
        row = self.get_object()
        given = WebhookBody(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(WebhookSerializer(hooks.edit_webhook(self.actor, row, **given.validated_data)).data)

    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Tell it nothing more; what was sent stays in the log."""
        hooks.remove_webhook(self.actor, self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=SignedWebhookSerializer)
    @action(detail=True, methods=["post"], url_path="renew-secret")
    def renew_secret(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Sign with a new secret from now on."""
        row = self.get_object()
        return Response(_signed(row, hooks.renew_secret(self.actor, row)))

    @extend_schema(request=None, responses={201: DeliverySerializer}, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def test(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Send a request of the type “test”, which speaks of no alert."""
        row = self.get_object()

        def do() -> tuple[int, Any]:
            return 201, dict(DeliverySerializer(hooks.send_test(self.actor, row)).data)

        return answered_once(request, self.actor, f"webhook.test {row.pk}", do)


class AlertSettingsView(APIView):
    """When mail goes out, what is quiet, and what counts as trouble."""

    operations = {"get": "alert_settings.view", "patch": "alert_settings.edit"}

    @extend_schema(responses=AlertSettingsSerializer, operation_id="alert_settings")
    def get(self, request: Request) -> Response:
        """All settings; the defaults where nobody has changed any."""
        return Response(AlertSettingsSerializer(settings_of(acting(request).account)).data)

    @extend_schema(request=AlertSettingsSerializer(partial=True), responses=AlertSettingsSerializer, operation_id="alert_settings_change")
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        given = AlertSettingsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(AlertSettingsSerializer(alertsettings.edit_settings(acting(request), **given.validated_data)).data)


def _signed(row: Webhook, secret: str) -> dict[str, Any]:
    return {**WebhookSerializer(row).data, "secret": secret}
