"""Makes the workplace the admin of this project (INSTALLED_APPS names it)."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class WorkplaceConfig(AdminConfig):
    default_site = "accounts.site.Workplace"
