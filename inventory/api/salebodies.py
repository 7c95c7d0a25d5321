"""What is sent about sales."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api import OwnedRelatedField
from inventory.api.fields import SOURCE_KEY, KindField, KnownFieldsOnly, MoneyField, QuantityNumber
from inventory.models import Product, Warehouse


class AskedSaleSerializer(KnownFieldsOnly):
    product = OwnedRelatedField(queryset=Product.objects.all())
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())
    unit_kind = KindField()
    quantity = QuantityNumber()


class NewSaleSerializer(AskedSaleSerializer):
    price = MoneyField(required=False, allow_null=True, help_text="Of one.")
    sold_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out.")
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="The bill or order.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    source_key = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200, help_text=SOURCE_KEY)


class SaleChangeSerializer(KnownFieldsOnly):
    """What may be changed. What is left out stays as it is."""

    quantity = QuantityNumber(required=False)
    price = MoneyField(required=False, allow_null=True, help_text="Of one. Null takes it away.")
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="The bill or order.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
