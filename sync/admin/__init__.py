from __future__ import annotations

from django.contrib import admin

from sync.admin import story
from sync.admin.changes import ChangeAdmin
from sync.admin.connections import ConnectionAdmin
from sync.admin.held import HeldRowAdmin, UnconfirmedAdmin
from sync.admin.runs import RunAdmin
from sync.models import HeldRow, SyncChange, SyncRun, Unconfirmed

__all__ = ["ChangeAdmin", "ConnectionAdmin", "HeldRowAdmin", "RunAdmin", "UnconfirmedAdmin", "story"]

admin.site.register(HeldRow, HeldRowAdmin)
admin.site.register(SyncChange, ChangeAdmin)
admin.site.register(SyncRun, RunAdmin)
admin.site.register(Unconfirmed, UnconfirmedAdmin)
