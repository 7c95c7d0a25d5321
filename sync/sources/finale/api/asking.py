"""What a request to /api/sync-finale is about: which connection, and which of its runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.models import Account
from accounts.scoping import acting
from sync.choosing import for_system
from sync.models import Connection, Kind, SyncRun

FINALE = "finale"

CONNECTION = OpenApiParameter(
    "connection", OpenApiTypes.STR, description="A Finale connection by its id or name; needed only where there are several."
)


class Query(serializers.Serializer[Any]):
    """What may stand behind the question mark; each answer adds its own."""

    connection = serializers.CharField(required=False, default="", allow_blank=True, help_text=str(CONNECTION.description))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            known = ", ".join(self.fields)
            raise ValidationError({name: [f"There is no such parameter. There are: {known}."] for name in unknown})
        return attrs


class FinaleView(APIView):
    """An answer about one Finale connection. Without any it is an empty one, not an error: nothing is connected yet."""

    query: ClassVar[type[Query]] = Query
    operation = "run.view"

    def asked(self, request: Request) -> tuple[Actor, Connection | None, dict[str, Any]]:
        """As the function of the same name."""
        return asked(request, self.query)


def asked(request: Request, query: type[Query]) -> tuple[Actor, Connection | None, dict[str, Any]]:
    """Who asks, about which connection, and the other parameters. Raises ValidationError and what finale_of raises."""
    given = query(data=request.query_params.dict())
    given.is_valid(raise_exception=True)
    actor = acting(request)
    return actor, finale_of(actor.account, given.validated_data["connection"]), given.validated_data


def finale_of(account: Account, named: int | str | None) -> Connection | None:
    """The Finale connection that is meant; unnamed the only one, even where it is switched off; None where there is none at all.

    Raises UnknownConnection for a name that is none, and ConnectionRequired where several could be meant.
    """
    if named is None or named == "":
        there = list(Connection.objects.filter(account=account, system=FINALE).select_related("account")[:2])
        if len(there) < 2:
            return there[0] if there else None
    return for_system(account, FINALE, named)


def runs_of(connection: Connection | None) -> QuerySet[SyncRun]:
    """The syncs of the connection, previews and undos left out."""
    return SyncRun.objects.filter(connection=connection, kind=Kind.SYNC) if connection else SyncRun.objects.none()


@extend_schema_field(OpenApiTypes.STR)
class DayField(serializers.Field[datetime, str, str, Any]):
    """A day (YYYY-MM-DD, in the business account's zone) or a moment in ISO 8601; what is at the end of a span means all of its day."""

    default_error_messages = {"invalid": "Give a day as YYYY-MM-DD or a moment as in 2026-03-01T12:00:00Z."}

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._last = last

    def to_internal_value(self, data: Any) -> Any:
        text = str(data).strip()
        try:
            found = parse_date(text) or parse_datetime(text)
        except ValueError:
            found = None
        if found is None:
            self.fail("invalid")
        return found

    def to_representation(self, value: Any) -> Any:
        return value


def moment(found: date | datetime, account: Account, *, last: bool) -> datetime:
    """`found` as a moment in UTC; a day is its first, or as the `last` of a span the first of the next day.

    Raises ValidationError beyond the calendar.
    """
    zone = ZoneInfo(account.time_zone)
    try:
        if isinstance(found, datetime):
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        day = found + timedelta(days=1) if last else found
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise ValidationError({"endDate" if last else "startDate": ["This time is beyond the calendar."]}) from error
