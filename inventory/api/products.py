from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter
from accounts.scoping import acting
from config.pagination import NewestFirst
from inventory import catalogue
from inventory.api.fields import MoneyField, QuantityNumber
from inventory.categories import within
from inventory.keys import model_key, sku_key
from inventory.models import AliasKind, Category, Product, UnitKind, Vendor
from inventory.productimport import ImportReport
from inventory.productrules import LONGEST_LEAD, MOST_INSIDE
from jobs.api.keyed import KEY, answered_once

MOST_NAMES = 200
"""Of one kind, in one request."""

PROBLEMS_SHOWN = 100

MAY_BE_UNKNOWN: dict[str, Any] = {"required": False, "allow_null": True}


class NamesField(serializers.ListField):
    """The texts of all aliases of one kind."""

    def __init__(self, kind: AliasKind, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=80), max_length=MOST_NAMES, **options)
        self.kind = kind

    def get_attribute(self, instance: Any) -> Any:
        return [alias.text for alias in instance.aliases.all() if alias.kind == self.kind]


class ProductSerializer(serializers.ModelSerializer[Product]):
    models = NamesField(AliasKind.MODEL, required=False, help_text="Makers' models, by which units find it. Given, they replace all.")
    barcodes = NamesField(AliasKind.BARCODE, required=False, help_text="Given, they replace all.")

    category = OwnedRelatedField(queryset=Category.objects.all(), required=False, allow_null=True)
    category_name = serializers.CharField(source="category.name", default="", read_only=True)
    vendor = OwnedRelatedField(queryset=Vendor.objects.all(), required=False, allow_null=True, help_text="Whom it is mostly bought from.")
    vendor_name = serializers.CharField(source="vendor.name", default="", read_only=True)
    packs_per_pallet = QuantityNumber(**MAY_BE_UNKNOWN, min_value=1, max_value=MOST_INSIDE, help_text="Whole; null is unknown.")
    units_per_pack = QuantityNumber(
        **MAY_BE_UNKNOWN,
        min_value=0,
        max_value=MOST_INSIDE,
        help_text="Whole, unless the product is counted in fractions; null is unknown.",
    )
    lead_time_days = serializers.IntegerField(
        **MAY_BE_UNKNOWN, min_value=0, max_value=LONGEST_LEAD, help_text="From order to receipt; null is the vendor's."
    )
    purchase_price = MoneyField(**MAY_BE_UNKNOWN, min_value=0)
    sale_price = MoneyField(**MAY_BE_UNKNOWN, min_value=0)

    class Meta:
        model = Product
        fields = [
            "id",
            "sku",
            "name",
            "product_type",
            "category",
            "category_name",
            "vendor",
            "vendor_name",
            "fractional",
            "unit_kind",
            "packs_per_pallet",
            "units_per_pack",
            "lead_time_days",
            "purchase_price",
            "sale_price",
            "batch_managed",
            "active",
            "reorder_excluded",
            "models",
            "barcodes",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "created_at", "updated_at"]


class ImportSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, help_text="CSV; the first row holds the headings, SKU among them.")
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Only say what would happen.")


class RowProblemSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="As a spreadsheet program counts.")
    column = serializers.CharField()
    sentence = serializers.CharField()


class ImportReportSerializer(serializers.Serializer[Any]):
    message = serializers.SerializerMethodField()
    applied = serializers.BooleanField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    problem_count = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField(help_text=f"The first {PROBLEMS_SHOWN}.")
    ignored = serializers.ListField(child=serializers.CharField(), help_text="Headings that mean nothing to an import.")
    categories = serializers.ListField(child=serializers.CharField(), help_text="New ones, with those they lie in.")
    vendors = serializers.ListField(child=serializers.CharField(), help_text="New ones.")

    def get_message(self, report: ImportReport) -> str:
        return report.sentence

    def get_problem_count(self, report: ImportReport) -> int:
        return len(report.problems)

    def get_problems(self, report: ImportReport) -> list[dict[str, Any]]:
        return [RowProblemSerializer(problem).data for problem in report.problems[:PROBLEMS_SHOWN]]


class ProductFilter(FilterSet):  # type: ignore[misc]
    sku = CharFilter(method="of_sku", label="The SKU, in any case.")
    model = CharFilter(method="of_model", label="A maker's model, whatever its case and punctuation.")
    barcode = CharFilter(method="of_barcode")
    product_type = CharFilter(lookup_expr="iexact")
    category = IdFilter("category_id", "The id of a category; what lies in it counts too.", method="in_category")
    vendor = IdFilter(field_name="vendor_id", label="The vendor's id.")
    unit_kind = ChoiceFilter(choices=UnitKind.choices, label="What it is counted in.")
    q = CharFilter(method="holding", label="Part of the SKU or the name.")

    class Meta:
        model = Product
        fields = ["active", "batch_managed"]

    def in_category(self, rows: QuerySet[Product], _name: str, category: int) -> QuerySet[Product]:
        return rows.filter(category__in=within(acting(self.request).account, category))

    def of_sku(self, rows: QuerySet[Product], _name: str, text: str) -> QuerySet[Product]:
        return rows.filter(sku_key=sku_key(text))

    def of_model(self, rows: QuerySet[Product], _name: str, text: str) -> QuerySet[Product]:
        return rows.filter(aliases__kind=AliasKind.MODEL, aliases__key=model_key(text))

    def of_barcode(self, rows: QuerySet[Product], _name: str, text: str) -> QuerySet[Product]:
        return rows.filter(aliases__kind=AliasKind.BARCODE, aliases__key=model_key(text))

    def holding(self, rows: QuerySet[Product], _name: str, text: str) -> QuerySet[Product]:
        return rows.filter(Q(sku__icontains=text) | Q(name__icontains=text))


class BySku(NewestFirst):
    ordering = ("sku_key", "id")


class ProductViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Product]):
    """What is stocked, with the models and barcodes it is known by."""

    queryset = Product.objects.select_related("category", "vendor").prefetch_related("aliases")
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    pagination_class = BySku
    operations = {
        "list": "product.view",
        "retrieve": "product.view",
        "create": "product.add",
        "partial_update": "product.edit",
        "destroy": "product.delete",
        "import_file": "product.import",
    }

    @extend_schema(responses={201: ProductSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add a product. Units of its models are linked to it."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            product = catalogue.add_product(self.actor, **given.validated_data)
            return 201, dict(self.get_serializer(product).data)

        return answered_once(request, self.actor, "product.add", do)

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given; `models` and `barcodes` replace all there were. Units are linked anew."""
        product = self.get_object()
        given = self.get_serializer(product, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(catalogue.edit_product(self.actor, product, **given.validated_data)).data)

    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Remove a product that has no stock and was never booked; else 409 with `code` `in_use`. Its units stay."""
        catalogue.delete_product(self.actor, self.get_object())
        return Response(status=204)

    @extend_schema(request=ImportSerializer, responses=ImportReportSerializer, filters=False)
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def import_file(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add and change products by a CSV file: all of it, or nothing and why (400). Models and barcodes are added, never removed."""
        given = ImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file, dry_run = given.validated_data["file"], given.validated_data["dry_run"]
        report = catalogue.import_csv(self.actor, file.read(), dry_run=dry_run)
        body = ImportReportSerializer(report).data
        if report.problems and not dry_run:
            return Response({"code": "import_refused", **body}, status=400)
        return Response(body)
