from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from config.pagination import NewestFirst
from inventory import vendors
from inventory.models import Vendor
from inventory.productrules import LONGEST_LEAD
from jobs.api.keyed import KEY, answered_once


class VendorSerializer(serializers.ModelSerializer[Vendor]):
    lead_time_days = serializers.IntegerField(
        min_value=0, max_value=LONGEST_LEAD, required=False, allow_null=True, help_text="From order to receipt; null is unknown."
    )

    class Meta:
        model = Vendor
        fields = ["id", "name", "code", "email", "contact", "phone", "address", "lead_time_days", "active", "notes", "created_at"]
        read_only_fields = ["id", "created_at"]


class VendorFilter(FilterSet):  # type: ignore[misc]
    code = CharFilter(lookup_expr="iexact", label="What your books call them, in any case.")
    q = CharFilter(method="holding", label="Part of the name, the code or the e-mail address.")

    class Meta:
        model = Vendor
        fields = ["active"]

    def holding(self, rows: QuerySet[Vendor], _name: str, text: str) -> QuerySet[Vendor]:
        return rows.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(email__icontains=text))


class ByName(NewestFirst):
    ordering = ("name_key", "id")


class VendorViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Vendor]):
    """Whom the business buys from."""

    queryset = Vendor.objects.all()
    serializer_class = VendorSerializer
    filterset_class = VendorFilter
    pagination_class = ByName
    operations = {
        "list": "vendor.view",
        "retrieve": "vendor.view",
        "create": "vendor.add",
        "partial_update": "vendor.edit",
        "destroy": "vendor.edit",
    }

    @extend_schema(responses={201: VendorSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add a vendor."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            return 201, dict(self.get_serializer(vendors.add_vendor(self.actor, **given.validated_data)).data)

        return answered_once(request, self.actor, "vendor.add", do)

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given."""
        vendor = self.get_object()
        given = self.get_serializer(vendor, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(vendors.edit_vendor(self.actor, vendor, **given.validated_data)).data)

    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Remove a vendor of whom nothing was bought and no product is; else 409 with `code` `in_use`."""
        vendors.delete_vendor(self.actor, self.get_object())
        return Response(status=204)
