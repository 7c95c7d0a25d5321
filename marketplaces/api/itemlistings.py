"""What is to be known of one item at all shops: `/api/items/{id}/listings`, `/push`, `/preview` and `/keep-off`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from inventory.models import Item
from marketplaces import push
from marketplaces.api.itemsatshops import listings_of
from marketplaces.api.listinganswers import ListingSerializer
from marketplaces.api.listings import KeepOffSerializer, RetriedSerializer, told
from marketplaces.models import Shop


class ItemPreviewSerializer(serializers.Serializer[Any]):
    """The next thing that a shop would be sent."""

    shop = serializers.IntegerField(source="shop.pk", help_text="Its id.")
    shop_name = serializers.CharField(source="shop.connection.name")
    operation = serializers.CharField(help_text="nothing, create, update, replace, delete, read (look first) or refused.")
    lot_id = serializers.CharField(allow_blank=True)
    told_quantity = serializers.IntegerField(help_text="Pieces that it has been told.")
    quantity = serializers.IntegerField(help_text="Pieces that it would have been told then.")
    fields = serializers.DictField(help_text="What else it would be told.")  # type: ignore[assignment]
    code = serializers.CharField(allow_blank=True, help_text="Why nothing can be sent, for programs.")
    sentence = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True)


class ItemKeepOffSerializer(KeepOffSerializer):
    shop = OwnedRelatedField(queryset=Shop.objects.select_related("connection"))


@extend_schema(tags=["items"])
class ItemListingViewSet(AccountScoped, viewsets.GenericViewSet[Item]):
    """One item at all shops."""

    queryset = Item.objects.all()
    serializer_class = ListingSerializer
    filter_backends = ()
    operations = {"listings": "listing.view", "push": "listing.push", "preview": "listing.view", "keep_off": "listing.edit"}

    @extend_schema(operation_id="items_listings", responses=ListingSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def listings(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """How each shop agrees with the item."""
        return Response(ListingSerializer(listings_of(self.get_object()), many=True).data)

    @extend_schema(operation_id="items_push", request=None, responses=RetriedSerializer)
    @action(detail=True, methods=["post"])
    def push(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Try all shops again at once, whatever pause they are in."""
        return Response(RetriedSerializer(told(push.push_now(self.actor, listings_of(self.get_object())))).data)

    @extend_schema(operation_id="items_preview", responses=ItemPreviewSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def preview(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What would be sent to each shop now. Sends nothing."""
        return Response(ItemPreviewSerializer(push.preview(self.actor, self.get_object()), many=True).data)

    @extend_schema(operation_id="items_keep_off", request=ItemKeepOffSerializer, responses=ListingSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="keep-off", pagination_class=None)
    def keep_off(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Keep the item off a shop, or no longer. A lot that it has there is taken out."""
        item = self.get_object()
        given = ItemKeepOffSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        push.keep_off(self.actor, item, given.validated_data["shop"], given.validated_data["off"])
        return Response(ListingSerializer(listings_of(item), many=True).data)
