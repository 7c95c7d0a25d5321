from __future__ import annotations

from django.contrib import admin

from sync.admin import productfacts, productsays, story
from sync.admin.changes import ChangeAdmin
from sync.admin.connections import ConnectionAdmin
from sync.admin.factrules import FactRuleAdmin
from sync.admin.facts import FactAdmin
from sync.admin.held import HeldRowAdmin, UnconfirmedAdmin
from sync.admin.masterdata import CategoryRefAdmin, ReorderRefAdmin
from sync.admin.productrefs import ProductRefAdmin
from sync.admin.rounds import RoundAdmin
from sync.admin.runs import RunAdmin
from sync.models import CategoryRef, FactRule, HeldRow, ProductRef, ReorderRef, Round, SourceFact, SyncChange, SyncRun, Unconfirmed

__all__ = [
    "CategoryRefAdmin",
    "ChangeAdmin",
    "ConnectionAdmin",
    "FactAdmin",
    "FactRuleAdmin",
    "HeldRowAdmin",
    "ProductRefAdmin",
    "ReorderRefAdmin",
    "RoundAdmin",
    "RunAdmin",
    "UnconfirmedAdmin",
    "productfacts",
    "productsays",
    "story",
]

admin.site.register(CategoryRef, CategoryRefAdmin)
admin.site.register(FactRule, FactRuleAdmin)
admin.site.register(HeldRow, HeldRowAdmin)
admin.site.register(ProductRef, ProductRefAdmin)
admin.site.register(ReorderRef, ReorderRefAdmin)
admin.site.register(SourceFact, FactAdmin)
admin.site.register(SyncChange, ChangeAdmin)
admin.site.register(Round, RoundAdmin)
admin.site.register(SyncRun, RunAdmin)
admin.site.register(Unconfirmed, UnconfirmedAdmin)
