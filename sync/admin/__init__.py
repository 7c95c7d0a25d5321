from __future__ import annotations

from django.contrib import admin

from sync.admin import productsays, story
from sync.admin.changes import ChangeAdmin
from sync.admin.connections import ConnectionAdmin
from sync.admin.held import HeldRowAdmin, UnconfirmedAdmin
from sync.admin.productrefs import ProductRefAdmin
from sync.admin.runs import RunAdmin
from sync.models import HeldRow, ProductRef, SyncChange, SyncRun, Unconfirmed

__all__ = ["ChangeAdmin", "ConnectionAdmin", "HeldRowAdmin", "ProductRefAdmin", "RunAdmin", "UnconfirmedAdmin", "productsays", "story"]

admin.site.register(HeldRow, HeldRowAdmin)
admin.site.register(ProductRef, ProductRefAdmin)
admin.site.register(SyncChange, ChangeAdmin)
admin.site.register(SyncRun, RunAdmin)
admin.site.register(Unconfirmed, UnconfirmedAdmin)
