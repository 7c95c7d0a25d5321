"""What is sent and answered about facts of outside systems."""

from __future__ import annotations

from typing import Any

from django.db.models import BigAutoField
from rest_framework import serializers

from inventory.api.fields import KindField, KnownFieldsOnly, MoneyField, QuantityNumber
from inventory.ledger.bulkfacts import LONGEST_KEY
from inventory.models import IssuePurpose, ReceiptPurpose

MOST = 5000
ISSUES = [each for each in IssuePurpose.choices if each[0] != IssuePurpose.TRANSFER]
RECEIPTS = [each for each in ReceiptPurpose.choices if each[0] != ReceiptPurpose.TRANSFER]
"""A transfer has two sides, and neither is told of alone."""
RESULTS = ["booked", "short", "repeated", "corrected", "history", "empty", "refused"]


class IdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=BigAutoField.MAX_BIGINT, **options)


class NotFoundField(serializers.ListField):
    """Ids of an answer that mean no row of the account."""

    child = serializers.IntegerField()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": "Those of `ids` that mean nothing here; nothing was done for them.", **options})


class FactSerializer(KnownFieldsOnly):
    """A fact is booked once; with a higher revision it corrects what was booked."""

    source_key = serializers.CharField(max_length=LONGEST_KEY, help_text="What the outside system calls it, once for all.")
    revision = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31 - 1, help_text="Higher for a correction.")
    void = serializers.BooleanField(required=False, default=False, help_text="It never was.")
    product = IdField(source="product_id", help_text="Its id.")
    warehouse = IdField(source="warehouse_id", help_text="Its id.")
    unit_kind = KindField()
    quantity = QuantityNumber()
    reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=100, help_text="The bill or order.")


class SaleFactSerializer(FactSerializer):
    sold_at = serializers.DateTimeField()
    purpose = serializers.ChoiceField(
        choices=ISSUES,
        required=False,
        default=IssuePurpose.SALE.value,
        help_text="What it went out for. Consumption and wastage take the right to write off.",
    )
    price = MoneyField(required=False, default=None, allow_null=True, help_text="Of one; null is unknown.")


class PurchaseFactSerializer(FactSerializer):
    bought_at = serializers.DateTimeField()
    purpose = serializers.ChoiceField(
        choices=RECEIPTS,
        required=False,
        default=ReceiptPurpose.PURCHASE.value,
        help_text="Why it came in. A customer's return takes the right to return; lot, expiry and cost are those of what was sold last.",
    )
    unit_cost = MoneyField(required=False, default=None, allow_null=True, help_text="Of one; null is unknown.")
    lot = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)
    expires_on = serializers.DateField(required=False, default=None, allow_null=True, help_text="The day on the package.")
    expires_at = serializers.DateTimeField(required=False, default=None, allow_null=True, help_text="An instant; not both.")
    vendor = IdField(source="vendor_id", required=False, default=None, allow_null=True, help_text="Its id.")


class SaleFactsSerializer(serializers.Serializer[Any]):
    facts = SaleFactSerializer(many=True, help_text=f"Up to {MOST}.")


class PurchaseFactsSerializer(serializers.Serializer[Any]):
    facts = PurchaseFactSerializer(many=True, help_text=f"Up to {MOST}.")


class BecameSerializer(serializers.Serializer[Any]):
    """What became of one fact."""

    source_key = serializers.CharField(allow_blank=True)
    result = serializers.ChoiceField(
        choices=RESULTS,
        help_text="short: not all of the sale was there; history: from before the warehouse was opened here; empty: void and never known.",
    )
    id = serializers.IntegerField(allow_null=True, help_text="The purchase's or the sale's.")
    shortfall = QuantityNumber(help_text="Of a sale: what was not there and the next receipt settles.")
    message = serializers.CharField(allow_blank=True, help_text="Why it was refused.")


class OutcomeSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="How many came to each result.")
    settled = QuantityNumber(help_text="How much of earlier shortfalls was taken from what came in.")
    facts = BecameSerializer(many=True, help_text="In the order in which they were sent.")
