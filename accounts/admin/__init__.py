from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin.account import AccountAdmin
from accounts.admin.audit import AuditLogAdmin
from accounts.admin.maintenance import MaintenanceAdmin
from accounts.admin.member import MemberAdmin
from accounts.admin.token import ApiTokenAdmin
from accounts.admin.user import UserAdmin
from accounts.models import Account, ApiToken, AuditLog, Maintenance, Member, User

# Roles say who may do what; a second system beside them would only promise something.
admin.site.unregister(Group)

admin.site.register(Account, AccountAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(AuditLog, AuditLogAdmin)
admin.site.register(Maintenance, MaintenanceAdmin)
admin.site.register(Member, MemberAdmin)
admin.site.register(User, UserAdmin)
