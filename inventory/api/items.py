"""Items: the sellable lots, what may be done to one, and what has been done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from inventory import items
from inventory.api.itemanswers import ItemChangeSerializer, ItemDetailSerializer, ItemSerializer
from inventory.api.itembodies import (
    IF_MATCH,
    AdjustSerializer,
    ItemChangeBodySerializer,
    LinkSerializer,
    NewItemSerializer,
    PiecesSerializer,
    ReasonSerializer,
    UndoSerializer,
    changing,
    version_wanted,
)
from inventory.api.itemfilter import ItemFilter
from inventory.models import Item, ItemChange, ItemChangeKind
from jobs.api.keyed import KEY, answered_once


class SavedItemSerializer(ItemDetailSerializer):
    warnings = serializers.SerializerMethodField(help_text="What is not wrong, but not as one may think.")

    class Meta(ItemSerializer.Meta):
        fields = [*ItemSerializer.Meta.fields, "warnings"]

    def get_warnings(self, item: Item) -> list[str]:
        return items.notices(item, self.context.get("given"))


class ItemViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Item]):
    """So many pieces of one thing in one condition, at one price, in one place. Archived, never deleted.

    Every change is on its way to the shops before the request is answered.
    """

    queryset = Item.objects.select_related("product").prefetch_related("sources")
    serializer_class = ItemSerializer
    filterset_class = ItemFilter
    operations = {
        "list": "item.view",
        "retrieve": "item.view",
        "create": "item.add",
        "destroy": "item.archive",
        "adjust": "item.adjust",
        "reserve": "item.adjust",
        "release": "item.adjust",
        "archive": "item.archive",
        "restore": "item.archive",
        "link": "item.edit",
        "unlink": "item.edit",
        "undo": "item.undo",
        "history": "item.view",
    }

    @property
    def operation(self) -> str | None:
        """What the permission asks for where the action alone does not tell: who may only count may send nothing but a number."""
        return changing(self.request.data) if self.action == "partial_update" else None

    def get_queryset(self) -> QuerySet[Item]:
        rows = super().get_queryset()
        if self.action == "list" and not self.request.query_params.get("archived"):
            return rows.filter(archived_at__isnull=True)
        return rows

    @extend_schema(responses=ItemDetailSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One item; `ETag` is its version."""
        item = self.get_object()
        return Response(ItemDetailSerializer(item).data, headers=_tag(item))

    @extend_schema(request=NewItemSerializer, responses={201: SavedItemSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add an item."""
        given = self._given(NewItemSerializer)

        def do() -> tuple[int, Any]:
            return 201, self._saved(items.add(self.actor, **given), given)

        return answered_once(request, self.actor, "item.add", do)

    @extend_schema(request=ItemChangeBodySerializer, responses=SavedItemSerializer, parameters=[IF_MATCH])
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given. With `version` or If-Match, only if nobody has changed it since: else 409 `changed_meanwhile`."""
        item = self.get_object()
        given = self._given(ItemChangeBodySerializer)
        version = version_wanted(request, given)
        return self._answer(items.edit(self.actor, item, version=version, **given), given)

    @extend_schema(responses={200: SavedItemSerializer})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put it into the archive: nothing of it is offered any more. The same as POST …/archive without a reason."""
        return self._answer(items.archive(self.actor, self.get_object()))

    @extend_schema(request=AdjustSerializer, responses=SavedItemSerializer, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def adjust(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say that there are so many more or fewer."""
        return self._moved(AdjustSerializer, lambda item, given: items.adjust(self.actor, item, **given))

    @extend_schema(request=PiecesSerializer, responses=SavedItemSerializer, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def reserve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take pieces out of what is available, for somebody."""
        return self._moved(PiecesSerializer, lambda item, given: items.reserve(self.actor, item, **given))

    @extend_schema(request=PiecesSerializer, responses=SavedItemSerializer, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def release(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Make reserved pieces available again."""
        return self._moved(PiecesSerializer, lambda item, given: items.release(self.actor, item, **given))

    @extend_schema(request=ReasonSerializer, responses=SavedItemSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put it into the archive: nothing of it is offered any more. Safe to repeat."""
        item = self.get_object()
        return self._answer(items.archive(self.actor, item, **self._given(ReasonSerializer)))

    @extend_schema(request=ReasonSerializer, responses=SavedItemSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take it out of the archive. Safe to repeat."""
        item = self.get_object()
        return self._answer(items.restore(self.actor, item, **self._given(ReasonSerializer)))

    @extend_schema(request=LinkSerializer, responses=SavedItemSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Let its quantity follow a product's stock in these warehouses, in place of whatever it followed."""
        item = self.get_object()
        given = self._given(LinkSerializer)
        return self._answer(items.link(self.actor, item, given.pop("product"), given.pop("warehouses"), **given))

    @extend_schema(request=ReasonSerializer, responses=SavedItemSerializer)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Let it keep the number that it offers now, as its own. Safe to repeat."""
        item = self.get_object()
        return self._answer(items.unlink(self.actor, item, **self._given(ReasonSerializer)))

    @extend_schema(request=UndoSerializer, responses=SavedItemSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take a change back, once. What was changed again since is refused."""
        item = self.get_object()
        given = self._given(UndoSerializer)
        change = get_object_or_404(ItemChange.objects.filter(item=item), pk=given["change"])
        items.undo(self.actor, change, given["reason"])
        return self._answer(item)

    @extend_schema(
        operation_id="items_history",
        parameters=[OpenApiParameter("kind", OpenApiTypes.STR, enum=ItemChangeKind.values, description="What was done.")],
        responses=ItemChangeSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def history(self, request: Request, *_args: Any, **path: Any) -> Response:
        """What was done to it, the newest first."""
        item = get_object_or_404(self.get_queryset(), pk=path["pk"])
        rows = ItemChange.objects.filter(item=item).select_related("undone_by")
        kind = request.query_params.get("kind", "")
        if kind and kind not in ItemChangeKind.values:
            raise serializers.ValidationError({"kind": [f"There is no such kind. There are: {', '.join(ItemChangeKind.values)}."]})
        page = self.paginate_queryset(rows.filter(kind=kind) if kind else rows)
        assert page is not None
        return self.get_paginated_response(ItemChangeSerializer(page, many=True).data)

    def _moved(self, body: type[serializers.Serializer[Any]], move: Callable[[Item, dict[str, Any]], Any]) -> Response:
        item = self.get_object()
        given = self._given(body)

        def do() -> tuple[int, Any]:
            move(item, given)
            return 200, self._saved(item, given)

        return answered_once(self.request, self.actor, f"{self.operations[self.action]} {self.action} {item.pk}", do)

    def _given(self, body: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = body(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _stored(self, item: Item) -> Item:
        stored: Item = self.get_queryset().get(pk=item.pk)
        return stored

    def _saved(self, item: Item, given: dict[str, Any] | None = None) -> dict[str, Any]:
        return dict(SavedItemSerializer(self._stored(item), context={"given": given or {}}).data)

    def _answer(self, item: Item, given: dict[str, Any] | None = None) -> Response:
        saved = self._saved(item, given)
        return Response(saved, headers={"ETag": f'"{saved["version"]}"'})


def _tag(item: Item) -> dict[str, str]:
    return {"ETag": f'"{item.version}"'}
