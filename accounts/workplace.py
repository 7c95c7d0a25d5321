"""The admin as a workplace of one business account: what a member sees, may do, and leaves in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from accounts.acting import Actor, actor_for_request
from accounts.audit import Entry, record, record_many
from accounts.differences import changed, state
from accounts.errors import Problem, in_one_line
from accounts.filters import OwnedChecks, owned_by
from accounts.models import Account, AccountOwned
from accounts.notthere import listed, not_there

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline

    _Admin = ModelAdmin[Any]
    _Inline = TabularInline[Any, Any]
    _Options = BaseModelAdmin[Any]
    _Form = ModelForm[Any]
else:
    from unfold.admin import ModelAdmin as _Admin
    from unfold.admin import TabularInline as _Inline

    _Options = object
    _Form = ModelForm


def may(request: HttpRequest, operation: str) -> bool:
    """Whether whoever makes `request` may do `operation`; nobody unknown may. Raises KeyError for an operation that does not exist."""
    actor = actor_for_request(request)
    return actor is not None and actor.may(operation)


def acting(request: HttpRequest) -> Actor:
    """The actor of a request in the admin. Raises PermissionDenied where there is none."""
    actor = actor_for_request(request)
    if actor is None:
        raise PermissionDenied
    return actor


def left_out(missing: Sequence[int]) -> str:
    """Which of the ticked rows are not in the list, by their ids, so that nothing was done to them."""
    if len(missing) == 1:
        return f"Row {missing[0]} is not in this list any more: nothing is done to it."
    return f"Rows {listed(missing)} are not in this list any more: nothing is done to them."


def refusal(error: Problem | ValidationError) -> str:
    """The sentence and the hint, for a message at the top of the page."""
    if isinstance(error, ValidationError):
        return in_one_line(error)
    return f"{error.sentence} {error.hint}".strip()


class OwnedForm(_Form):
    """Checks uniqueness within the account, which is no field of the form. Forms of scoped admins derive from it."""

    owner: Account | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.owner is not None and isinstance(self.instance, AccountOwned) and self.instance.account_id is None:
            self.instance.account = self.owner

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"account"}  # type: ignore[misc, no-any-return]


class _Scoped(_Options):
    """What admins and inlines have in common. The four operations are names out of accounts.roles; None is nobody."""

    account_path = "account"
    """The lookup that leads from a row to its account."""
    view_operation: str | None = None
    add_operation: str | None = None
    change_operation: str | None = None
    delete_operation: str | None = None
    secret_fields: tuple[str, ...] = ()
    """Fields whose values stay out of the audit log."""
    form: type[ModelForm[Any]] = OwnedForm

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        actor = actor_for_request(request)
        rows = super().get_queryset(request)
        return rows.none() if actor is None else rows.filter(**{self.account_path: actor.account.pk})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, self.view_operation, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, self.add_operation, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, self.change_operation, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, self.delete_operation, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _choices(self, db_field: Any, request: HttpRequest, given: dict[str, Any]) -> models.QuerySet[Any]:
        rows = given.get("queryset")
        if rows is None:
            rows = self.get_field_queryset(given.get("using"), db_field, request)
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return owned_by(actor_for_request(request), rows)

    def _allows(self, request: HttpRequest, operation: str | None, obj: Any) -> bool:
        if operation is None or not may(request, operation):
            return False
        # An inline is asked with its parent, the theme's actions with an id as text; both were looked up within the account.
        foreign = isinstance(obj, AccountOwned) and obj.account_id not in (None, acting(request).account.pk)
        return not foreign


class ScopedInline(_Scoped, _Inline):
    """Rows of the account below their parent; saved and audited by the parent's ScopedAdmin."""

    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.owner = acting(request).account  # type: ignore[attr-defined]
        return formset


class ScopedAdmin(_Scoped, _Admin):
    """A model whose rows belong to business accounts: sees, offers and saves those of the actor's account, and writes to the audit log.

    A model that is changed through verbs of its own, which write to the audit log themselves, overrides `save_model` without calling this
    one. What a verb refuses (Problem, ValidationError) is shown as a message; nothing is saved then.
    """

    checks_class = OwnedChecks
    list_per_page = 50
    show_full_result_count = False

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any], *where: Any, **said: Any) -> HttpResponse | None:
        """Ticks that are no numbers of rows count for nothing: the database would break off at them. Rows that are gone are named."""
        if not isinstance(self.opts.pk, models.IntegerField):
            return super().response_action(request, queryset, *where, **said)
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        numbers = [each for each in ticked if each.isdecimal() and len(each) < 19]
        if len(numbers) < len(ticked):
            given = request.POST.copy()
            given.setlist(ACTION_CHECKBOX_NAME, numbers)
            request.POST = given  # type: ignore[assignment]
        everything = request.POST.get("select_across", "0") not in ("", "0")
        missing = [] if everything else not_there(map(int, numbers), queryset)
        answer = super().response_action(request, queryset, *where, **said)
        if missing:
            messages.warning(request, left_out(missing))
        return answer

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """The row with this id, for actions that are called with one. Raises Http404 for what is not in the account."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: Any) -> HttpResponse:
        """An address that names nothing of the account is no page, like everywhere else; the admin's own way leads to the first screen."""
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        return any(self.get_model_perms(request).values())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        actor = actor_for_request(request)
        form.owner = actor and actor.account  # type: ignore[attr-defined]
        return form

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": OwnedForm, **kwargs})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (Problem, ValidationError) as error:
            return self._refused(request, error)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = capfirst(self.opts.verbose_name_plural)
        try:
            return super().changelist_view(request, {"title": title, **(extra_context or {})})
        except (Problem, ValidationError) as error:
            return self._refused(request, error)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (Problem, ValidationError) as error:
            return self._refused(request, error)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The audit log of this row: there is no second history beside it."""
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        entity, entity_id = self.history_of(row)
        query = urlencode({"entity": entity, "q": entity_id})
        return HttpResponseRedirect(f"{reverse('admin:accounts_auditlog_changelist')}?{query}")

    def history_of(self, row: Any) -> tuple[str, str]:
        """The entity and the id under which the audit log speaks of `row`."""
        return self.opts.object_name or "", str(row.pk)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log says it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log says it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing: the audit log says it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = self._stored(obj) if change else None
        if not change and isinstance(obj, AccountOwned):
            obj.account = acting(request).account
        super().save_model(request, obj, form, change)
        self._audit(request, obj, before)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet[Any, Any], change: bool) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            self._audit_deletion(request, row)
            row.delete()
        for row in rows:
            before = None if row._state.adding else self._stored(row)
            if before is None and isinstance(row, AccountOwned):
                row.account = acting(request).account
            row.save()
            self._audit(request, row, before)
        formset.save_m2m()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._audit_deletion(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            entries = [self._entry(row, "DELETE", before=self._state(row)) for row in queryset]
            record_many(acting(request), entries)
            super().delete_queryset(request, queryset)

    def _refused(self, request: HttpRequest, error: Problem | ValidationError) -> HttpResponse:
        if request.method != "POST":
            raise error
        messages.error(request, refusal(error))
        return HttpResponseRedirect(request.get_full_path())

    def _state(self, row: models.Model) -> dict[str, Any]:
        inline = next((inline for inline in self.inlines if inline.model is type(row)), None)
        return state(row, secret_fields=getattr(inline or self, "secret_fields", ()))

    def _stored(self, row: models.Model) -> dict[str, Any]:
        return self._state(type(row)._base_manager.get(pk=row.pk))

    def _entry(self, row: models.Model, action: str, **states: Any) -> Entry:
        return Entry(row._meta.object_name or "", row.pk, action, **states)

    def _audit(self, request: HttpRequest, row: models.Model, before: dict[str, Any] | None) -> None:
        after = self._state(row)
        if before is None:
            self._write(request, self._entry(row, "ADD", after=after))
            return
        old, new = changed(before, after)
        if new:
            self._write(request, self._entry(row, "CHANGE", before=old, after=new))

    def _audit_deletion(self, request: HttpRequest, row: models.Model) -> None:
        self._write(request, self._entry(row, "DELETE", before=self._state(row)))

    def _write(self, request: HttpRequest, entry: Entry) -> None:
        record(acting(request), **vars(entry))
