from __future__ import annotations

from typing import Any

from django_filters import BooleanFilter, CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter
from config.pagination import NewestFirst
from inventory import categories
from inventory.models import Category
from jobs.api.keyed import KEY, answered_once


class CategorySerializer(serializers.ModelSerializer[Category]):
    parent = OwnedRelatedField(  # type: ignore[assignment]
        queryset=Category.objects.all(), required=False, allow_null=True, help_text="The category that it lies in; null is on top."
    )
    path = serializers.SerializerMethodField(help_text="Its name after the names of those it lies in, as in files.")

    class Meta:
        model = Category
        fields = ["id", "name", "parent", "path", "created_at"]
        read_only_fields = ["id", "created_at"]

    def get_path(self, category: Category) -> str:
        return str(self.context["paths"][category.pk])


class CategoryFilter(FilterSet):  # type: ignore[misc]
    parent = IdFilter(field_name="parent_id", label="The id of the category that they lie in.")
    top = BooleanFilter(field_name="parent", lookup_expr="isnull", label="Whether they are on top.")
    q = CharFilter(field_name="name", lookup_expr="icontains", label="Part of the name.")

    class Meta:
        model = Category
        fields: list[str] = []


class ByName(NewestFirst):
    ordering = ("name_key", "id")


class CategoryViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Category]):
    """Kinds of products. They may lie in each other, to any depth."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer
    filterset_class = CategoryFilter
    pagination_class = ByName
    operations = {
        "list": "category.view",
        "retrieve": "category.view",
        "create": "category.add",
        "partial_update": "category.edit",
        "destroy": "category.edit",
    }

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """By name."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(self._shown(page, many=True))

    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        return Response(self._shown(self.get_object()))

    @extend_schema(responses={201: CategorySerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add a category."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            return 201, dict(self._shown(categories.add_category(self.actor, **given.validated_data)))

        return answered_once(request, self.actor, "category.add", do)

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Call it otherwise, or move it with all that lies in it."""
        category = self.get_object()
        given = self.get_serializer(category, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self._shown(categories.edit_category(self.actor, category, **given.validated_data)))

    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Remove a category that nothing is in; else 409 with `code` `in_use`."""
        categories.delete_category(self.actor, self.get_object())
        return Response(status=204)

    def _shown(self, rows: Any, *, many: bool = False) -> Any:
        """One or many categories with their paths."""
        context = {**self.get_serializer_context(), "paths": categories.paths(self.actor.account)}
        return CategorySerializer(rows, many=many, context=context).data
