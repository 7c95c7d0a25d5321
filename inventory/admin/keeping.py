"""Rows that are deleted only while nothing needs them: the page before the deletion says what does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.acting import Actor
from accounts.workplace import acting
from inventory.admin.stock import StockAdmin
from inventory.uses import Uses, in_words, uses


class KeptAdmin(StockAdmin):
    """`delete_verb` deletes a row; `needing` counts what stands against that, and `otherwise` says what to do then."""

    delete_confirmation_template = "admin/inventory/delete.html"
    delete_selected_confirmation_template = "admin/inventory/delete_selected.html"
    otherwise: str
    delete_verb: Callable[[Actor, Any], None]

    def needing(self, row: Model) -> Uses:
        return uses(row)

    def get_deleted_objects(self, objs: Iterable[Model], request: HttpRequest) -> Any:
        """Counts in place of the rows themselves, of which there may be any number."""
        rows = list(objs)
        kept = [f"{row}: {in_words(found)}. {self.otherwise}" for row in rows if (found := self.needing(row))]
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        return [str(row) for row in rows], counts, set(), kept

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        type(self).delete_verb(acting(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            type(self).delete_verb(acting(request), row)
