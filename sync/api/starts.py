"""Starting a sync: `POST /api/sync/…`, one address for each scope of each system."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.scoping import acting
from jobs.api.keyed import KEY, key_of
from jobs.api.prefer import LONGEST, wanted_wait
from jobs.idempotency import once
from sync import runs
from sync.answers import already_running, answerable, envelope
from sync.api.envelopes import BusySerializer, EnvelopeSerializer
from sync.api.followed import Followed, followed
from sync.choosing import for_system
from sync.models import Connection, Kind, SyncRun, Trigger
from sync.runs import AlreadyRunning


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "nullable": True})
class ConnectionField(serializers.Field[int | str, Any, Any, Any]):
    """A connection by its id or by its name."""

    default_error_messages = {"invalid": "Give the connection's id as a number or its name as text."}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, (int, str)) or (isinstance(data, str) and "\x00" in data):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Strict(serializers.Serializer[Any]):
    """A body that has no fields but these."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A misspelt `preview` that is passed over would write.
        unknown = sorted(set(self.initial_data) - set(self.fields)) if isinstance(self.initial_data, dict) else []
        if unknown:
            known = f"There are: {', '.join(self.fields)}." if self.fields else "There are none."
            raise ValidationError({name: [f"There is no such field. {known}"] for name in unknown})
        return attrs


class StartSerializer(Strict):
    connection = ConnectionField(
        required=False, allow_null=True, default=None, help_text="Its id or name; needed only where there are several of the system."
    )
    preview = serializers.BooleanField(required=False, default=False, help_text="Only say what would change; write nothing.")
    dryRun = serializers.BooleanField(required=False, default=False, help_text="The same as `preview`.")


ASKED = [
    OpenApiParameter(
        "Prefer",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description=f"`wait=N`: answer when the run has ended, after N seconds at the latest ({LONGEST} at most).",
    ),
    KEY,
]
ANSWERED = {
    200: OpenApiResponse(EnvelopeSerializer, description="Waited for, and ended."),
    202: OpenApiResponse(EnvelopeSerializer, description="Started; `Location` is the run."),
    409: OpenApiResponse(BusySerializer, description="Another run is at it: this is that run."),
}


class StartView(APIView):
    """Start a sync and answer with its run, at once or, with `Prefer: wait=N`, when it has ended."""

    system = ""
    scope = ""
    body: ClassVar[type[StartSerializer]] = StartSerializer

    @property
    def operation(self) -> str:
        """What the permission asks for: a preview may be allowed where a sync is not."""
        return "run.preview" if _is_preview(self.request) else "run.start"

    @extend_schema(request=StartSerializer, parameters=ASKED, responses=ANSWERED)
    def post(self, request: Request) -> Response:
        given = self.body(data=request.data)
        given.is_valid(raise_exception=True)
        seconds = wanted_wait(request)
        actor = acting(request)
        try:
            number, replayed = self._start(actor, given.validated_data, key_of(request))
        except AlreadyRunning as found:
            return busy(actor, found)
        how = Followed(lambda: answerable(actor, number), lambda run, most: runs.wait(run, most), envelope, address)
        return followed(how, seconds, replayed=replayed)

    def target(self, actor: Actor, wanted: dict[str, Any]) -> tuple[Connection, str]:
        """Which scope of which connection is to be synced, by the body."""
        return for_system(actor.account, self.system, wanted["connection"]), self.scope_of(wanted)

    def about(self, wanted: dict[str, Any]) -> list[str]:
        """What is asked for: two requests with one key are the same where this is the same."""
        return [self.system, self.scope_of(wanted)]

    def scope_of(self, wanted: dict[str, Any]) -> str:
        """What is to be synced, by the body."""
        return self.scope

    def _start(self, actor: Actor, wanted: dict[str, Any], key: str) -> tuple[int, bool]:
        """The id of the run that this request started, and whether an earlier one with the same key did."""
        kind = Kind.PREVIEW if wanted["preview"] or wanted["dryRun"] else Kind.SYNC

        def do() -> tuple[int, dict[str, int]]:
            connection, scope = self.target(actor, wanted)
            return 202, {"run": runs.start(actor, connection, scope, kind=kind, trigger=Trigger.API).pk}

        if not key:
            return do()[1]["run"], False
        asked = json.dumps([*self.about(wanted), kind, wanted["connection"]])
        _, body, replayed = once(actor, "run.start", key, hashlib.sha256(asked.encode()).hexdigest(), do)
        return body["run"], replayed


def address(run: SyncRun) -> str:
    """Where to ask after the run."""
    return reverse("run-detail", args=[run.pk])


def busy(actor: Actor, found: AlreadyRunning) -> Response:
    """409, with the run that is at it."""
    return Response(already_running(actor, found), status=409, headers={"Location": address(found.run)})


def _is_preview(request: Request) -> bool:
    return is_on(request, "preview", "dryRun")


def is_on(request: Request, *names: str) -> bool:
    """Whether one of these switches is on in the body, which nobody has looked at yet."""
    given = request.data if isinstance(request.data, dict) else {}
    return any(_is_true(given.get(name)) for name in names)


def _is_true(value: Any) -> bool:
    """As the body reads it later: a permission must not take for off what is then on."""
    try:
        return serializers.BooleanField().to_internal_value(value) is True
    except ValidationError:
        return False
