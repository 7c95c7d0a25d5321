from __future__ import annotations

from accounts.models.account import Account, AccountOwned
from accounts.models.audit import AuditLog, Maintenance
from accounts.models.member import Member
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = ["Account", "AccountOwned", "ApiToken", "AuditLog", "Maintenance", "Member", "User"]
