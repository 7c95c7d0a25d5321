"""List filters that offer, and name, rows of the actor's business account only, and the check that no others are used; filters by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django.contrib.admin import FieldListFilter
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.core import checks
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time

from accounts.acting import Actor, actor_for_request
from accounts.models import Account, AccountOwned, Member, User

if TYPE_CHECKING:
    from django.contrib.admin import DateFieldListFilter as _Moments
    from django.contrib.admin import RelatedFieldListFilter as _Autocomplete
    from django.contrib.admin import RelatedFieldListFilter as _Dropdown
    from django.contrib.admin.checks import ModelAdminChecks as _Checks
else:
    from unfold.checks import UnfoldModelAdminChecks as _Checks
    from unfold.contrib.filters.admin import AutocompleteSelectFilter as _Autocomplete
    from unfold.contrib.filters.admin import RangeDateTimeFilter as _Moments
    from unfold.contrib.filters.admin import RelatedDropdownFilter as _Dropdown


def owned_by(actor: Actor | None, rows: QuerySet[Any]) -> QuerySet[Any]:
    """`rows` without those that `actor` must not know of: of an owned model the account's, of users the account's members, of accounts the
    actor's own. Other models belong to nobody."""
    model = rows.model
    if actor is None:
        return rows.none() if is_guarded(model) else rows
    if issubclass(model, AccountOwned):
        return rows.filter(account=actor.account)
    if issubclass(model, User):
        return rows.filter(pk__in=Member.objects.filter(account=actor.account).values("user"))
    if issubclass(model, Account):
        return rows.filter(pk=actor.account.pk)
    return rows


def is_guarded(model: type[Model]) -> bool:
    """Whether rows of `model` may be unknown to some actors."""
    return issubclass(model, AccountOwned | User | Account)


class OwnedDropdownFilter(_Dropdown):
    """A drop-down of the referenced rows, for a few of them."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: BaseModelAdmin[Any]) -> list[Any]:
        rows = owned_by(actor_for_request(request), field.remote_field.model._default_manager.all())
        ordering = self.field_admin_ordering(field, request, model_admin)  # type: ignore[arg-type]
        return [(row.pk, str(row)) for row in (rows.order_by(*ordering) if ordering else rows)]


class OwnedAutocompleteFilter(_Autocomplete):
    """A field to type into, for many referenced rows; their admin needs `search_fields`."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        offered: Iterator[Any] = super().choices(changelist)
        for choice in offered:
            # The chosen row is shown by its name, and its id came with the address.
            for field in choice["form"].fields.values():
                field.queryset = owned_by(actor_for_request(self.request), field.queryset.all())
            yield choice


class MomentFilter(_Moments):
    """From and to, both included, in the account's time zone; a day without a time is the whole day."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for end, lookup, otherwise in (("from", "gte", time.min), ("to", "lte", time.max)):
            try:
                day = parse_date(self._given(end, 0))
                clock = parse_time(self._given(end, 1)) or otherwise
                # In UTC here, because the first and the last day of the calendar have no such time everywhere.
                moment = day and timezone.make_aware(datetime.combine(day, clock)).astimezone(UTC)
            except (ValueError, OverflowError) as error:
                raise IncorrectLookupParameters from error
            if moment is not None:
                queryset = queryset.filter(**{f"{self.field_path}__{lookup}": moment})
        return queryset

    def _given(self, end: str, part: int) -> str:
        return str(self.used_parameters.get(f"{self.field_path}_{end}_{part}") or "")


class OwnedChecks(_Checks):
    """Refuses at start what would show rows of other accounts: plain filters by a reference, and fields that look up any id."""

    def check(self, admin_obj: BaseModelAdmin[Any], **kwargs: Any) -> list[checks.CheckMessage]:
        found = [*super().check(admin_obj, **kwargs)]
        for name in admin_obj.raw_id_fields:
            if _refers_to_guarded(admin_obj.model, name):
                found.append(
                    _error(admin_obj, f"raw_id_fields names “{name}”, which shows rows of every account", "autocomplete_fields", "E001")
                )
        for item in getattr(admin_obj, "list_filter", ()):
            path, kind = item if isinstance(item, list | tuple) else (item, FieldListFilter)
            unsafe = isinstance(path, str) and not issubclass(kind, OwnedDropdownFilter | OwnedAutocompleteFilter)
            if unsafe and _refers_to_guarded(admin_obj.model, path):
                better = "OwnedDropdownFilter or OwnedAutocompleteFilter"
                found.append(_error(admin_obj, f"list_filter names “{path}”, which offers rows of every account", better, "E002"))
        return found


def _refers_to_guarded(model: type[Model], path: str) -> bool:
    field: Field[Any, Any] | Any = get_fields_from_path(model, path)[-1]
    return field.remote_field is not None and is_guarded(field.remote_field.model)


def _error(admin_obj: BaseModelAdmin[Any], sentence: str, better: str, number: str) -> checks.Error:
    return checks.Error(f"{sentence}.", hint=f"Use {better}.", obj=admin_obj.__class__, id=f"accounts.{number}")
