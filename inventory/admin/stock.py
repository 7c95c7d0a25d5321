"""What the pages of stock have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import OwnedForm, ScopedAdmin, acting, may, refusal
from inventory.admin.story import story


class StockForm(OwnedForm):
    """Says what a verb has refused, at the field that it names."""

    refused: Problem | ValidationError | None = None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if isinstance(self.refused, ValidationError) and hasattr(self.refused, "error_dict"):
            for name, errors in self.refused.error_dict.items():
                self.add_error(name if name in self.fields else None, errors)
        elif self.refused is not None:
            self.add_error(None, refusal(self.refused))
        return given


class VerbForm(StockForm):
    """For rows whose values a verb checks together: its sentences say more than the names of the database's constraints."""

    def _get_validation_exclusions(self) -> set[str]:
        return {field.name for field in self.instance._meta.concrete_fields}


class StockAdmin(ScopedAdmin):
    """Rows may have a story, and what a verb refuses comes back on the form."""

    form = StockForm
    entity = ""
    """The name under which others tell what happened to a row (inventory.admin.story)."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("local_notes", "address") and field is not None:
            # What stands below the form is looked at more often than these are written.
            field.widget.attrs["rows"] = 3
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", None)
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """What a verb refuses comes back on the form as it was filled in."""
        show = super(ScopedAdmin, self).changeform_view
        try:
            return show(request, object_id, form_url, extra_context)
        except (Problem, ValidationError) as error:
            if request.method != "POST":
                raise
            request.refused = error  # type: ignore[attr-defined]
        return show(request, object_id, form_url, extra_context)

    def row_for(self, request: HttpRequest, operation: str, pk: int) -> Any:
        """The row to do `operation` to. Raises PermissionDenied for who may not, Http404 for what is not in the account."""
        if not may(request, operation):
            raise PermissionDenied
        return self.find(request, str(pk))

    def tell(self, request: HttpRequest, do: Callable[[Actor], str]) -> bool:
        """Do it, and say at the top of the next page what came of it: the sentence that it returns, or why it was refused."""
        try:
            sentence = do(acting(request))
        except (Problem, ValidationError) as error:
            messages.error(request, refusal(error))
            return False
        messages.success(request, sentence)
        return True

    def story_of(self, request: HttpRequest, row: Model) -> dict[str, Any]:
        """For the template story.html."""
        entity, entity_id = self.history_of(row)
        return {"story": story(acting(request).account, self.entity, row.pk, audited_as=(entity, entity_id))}
