"""Pictures and files of an item: `/api/items/{id}/attachments`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from inventory import items
from inventory.api.itemanswers import ItemAttachmentSerializer
from inventory.models import Item, ItemAttachment

ITEM = OpenApiParameter("item", OpenApiTypes.INT, OpenApiParameter.PATH, description="The item's id.")
ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="The attachment's id.")
DOWNLOAD = OpenApiResponse(OpenApiTypes.BINARY, description="The file, with the type it came with.")


class AttachSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=200)


@extend_schema(tags=["items"])
class ItemAttachmentViewSet(AccountScoped, viewsets.GenericViewSet[ItemAttachment]):
    """Kept with the item. The same content is kept once."""

    queryset = ItemAttachment.objects.defer("body")
    serializer_class = ItemAttachmentSerializer
    filter_backends = ()
    parser_classes = (MultiPartParser,)
    operations = {"list": "item.view", "retrieve": "item.view", "create": "item.attach", "destroy": "item.attach"}

    def get_queryset(self) -> QuerySet[ItemAttachment]:
        rows: QuerySet[ItemAttachment] = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.filter(item=self._item())

    @extend_schema(operation_id="items_attachments_list", parameters=[ITEM])
    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.get_queryset())
        assert page is not None
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(operation_id="items_attachments_retrieve", parameters=[ITEM, ID], responses={(200, "*/*"): DOWNLOAD})
    def retrieve(self, request: Request, *_args: Any, **path: Any) -> HttpResponse:
        """Download it."""
        kept = get_object_or_404(self.get_queryset().defer(None), pk=path["pk"])
        answer = HttpResponse(bytes(kept.body), content_type=kept.content_type)
        answer.headers["Content-Disposition"] = content_disposition_header(True, kept.name)
        # It is somebody's file: saved, never shown as a page of ours.
        answer.headers["Content-Security-Policy"] = "sandbox"
        return answer

    @extend_schema(
        operation_id="items_attachments_create",
        parameters=[ITEM],
        request=AttachSerializer,
        responses={201: ItemAttachmentSerializer},
    )
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Keep a picture or a file of at most 5 MB with the item. What is kept with it already is answered with."""
        item = self._item()
        given = AttachSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        try:
            kept = items.attach(self.actor, item, file.name or "", file.content_type or "", file.read())
        except ValidationError as error:
            # The field has another name here.
            raise ValidationError({"file": error.messages}) from error
        return Response(self.get_serializer(kept).data, status=201)

    @extend_schema(operation_id="items_attachments_destroy", parameters=[ITEM, ID], responses={204: None})
    def destroy(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Take it away."""
        items.detach(self.actor, get_object_or_404(self.get_queryset(), pk=path["pk"]))
        return Response(status=204)

    def _item(self) -> Item:
        found: Item = get_object_or_404(Item.objects.filter(account=self.actor.account), pk=self.kwargs["item"])
        return found
