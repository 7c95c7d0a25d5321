"""Addresses of items."""

from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from inventory.api.itemattachments import ItemAttachmentViewSet
from inventory.api.itembulk import BulkItemsView, ImportItemsView
from inventory.api.items import ItemViewSet

router = Router()
router.register("items", ItemViewSet, basename="item")
router.register("items/(?P<item>[0-9]+)/attachments", ItemAttachmentViewSet, basename="item-attachment")

urlpatterns = [
    re_path(r"^items/bulk/?$", BulkItemsView.as_view(), name="items-bulk"),
    re_path(r"^items/import/?$", ImportItemsView.as_view(), name="items-import"),
    path("", include(router.urls)),
]
