from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from config.pagination import NewestFirst
from inventory import catalogue
from inventory.keys import model_key, sku_key
from inventory.models import AliasKind, Product
from inventory.productimport import ImportReport
from jobs.api.keyed import KEY, answered_once

MOST_NAMES = 200
"""Of one kind, in one request."""

PROBLEMS_SHOWN = 100


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

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "product_type", "fractional", "active", "models", "barcodes", "created_at", "updated_at"]
        read_only_fields = ["id", "created_at", "updated_at"]


class NewProductSerializer(ProductSerializer):
    class Meta(ProductSerializer.Meta):
        fields = ["sku", "name", "product_type", "fractional", "models", "barcodes"]


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
    q = CharFilter(method="holding", label="Part of the SKU or the name.")

    class Meta:
        model = Product
        fields = ["active"]

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

    queryset = Product.objects.prefetch_related("aliases")
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

    @extend_schema(request=NewProductSerializer, responses={201: ProductSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add a product. Units of its models are linked to it."""
        given = NewProductSerializer(data=request.data)
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
        """Remove a product. Its units stay."""
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
