"""What the pages of stock have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import ScopedAdmin, acting, may, refusal
from inventory.admin.story import story


class StockAdmin(ScopedAdmin):
    """An address that names nothing of the account is no page; rows may have a story."""

    entity = ""
    """The name under which others tell what happened to a row (inventory.admin.story)."""

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: Any) -> HttpResponse:
        raise Http404

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
