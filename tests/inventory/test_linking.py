from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from inventory.keys import model_key, sku_key
from inventory.linking import link
from inventory.models import Product, ProductAlias, Unit, Warehouse
from tests.build import make_account
from tests.inventory.build import make_bulk, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    return make_warehouse(account)


def product(account: Account, sku: str, *models: str) -> Product:
    made = Product.objects.create(account=account, sku=sku, sku_key=sku_key(sku), model_key=model_key(sku))
    for model in models:
        ProductAlias.objects.create(account=account, product=made, kind="model", text=model, key=model_key(model))
    return made


def test_model_leads_to_the_product_with_that_alias(account: Account, warehouse: Warehouse) -> None:
    fridge = product(account, "FRIDGE-10", "QTX10 Fridge")
    unit, bulk = make_unit(warehouse, "ZZ900101", "qtx10fridge"), make_bulk(warehouse, "QTX10-FRIDGE", 4)
    unknown = make_unit(warehouse, "ZZ900102", "QTX99")
    assert link(Unit.objects.all()) == 2
    assert dict(Unit.objects.values_list("pk", "product")) == {unit.pk: fridge.pk, bulk.pk: fridge.pk, unknown.pk: None}


def test_sku_that_reads_like_the_model_is_the_second_choice(account: Account, warehouse: Warehouse) -> None:
    named, aliased = product(account, "qtx-10"), product(account, "FRIDGE", "QTX20")
    product(account, "QTX20")
    make_unit(warehouse, "ZZ900101", "QTX10")
    make_unit(warehouse, "ZZ900102", "QTX20")
    link(Unit.objects.all())
    assert dict(Unit.objects.values_list("serial", "product")) == {"ZZ900101": named.pk, "ZZ900102": aliased.pk}


def test_first_product_made_wins_among_equal_skus(account: Account, warehouse: Warehouse) -> None:
    first = product(account, "QTX 10")
    product(account, "QTX10")
    unit = make_unit(warehouse, "ZZ900101", "QTX10")
    link(Unit.objects.all())
    assert Unit.objects.get(pk=unit.pk).product == first


def test_link_without_a_reason_is_undone(account: Account, warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101", "QTX10", product=product(account, "OTHER"))
    assert link(Unit.objects.all()) == 1
    assert Unit.objects.get().product is None


def test_unit_without_a_model_is_never_linked(account: Account, warehouse: Warehouse) -> None:
    product(account, "***")
    make_unit(warehouse, "ZZ900101", "")
    assert link(Unit.objects.all()) == 0


def test_products_of_other_accounts_are_none(warehouse: Warehouse) -> None:
    product(make_account("8QX"), "QTX10", "QTX10")
    make_unit(warehouse, "ZZ900101", "QTX10")
    assert link(Unit.objects.all()) == 0


def test_only_the_given_units_are_linked(account: Account, warehouse: Warehouse) -> None:
    product(account, "QTX10")
    make_unit(warehouse, "ZZ900101", "QTX10")
    here = make_unit(make_warehouse(account, "8QX"), "ZZ900101", "QTX10")
    assert link(Unit.objects.filter(warehouse=here.warehouse)) == 1
    assert [unit.pk for unit in Unit.objects.filter(product__isnull=False)] == [here.pk]


def test_one_statement_and_no_row_the_second_time(account: Account, warehouse: Warehouse) -> None:
    product(account, "QTX10")
    for number in range(20):
        make_unit(warehouse, f"ZZ9001{number:02}", "QTX10")
    with CaptureQueriesContext(connection) as queries:
        assert link(Unit.objects.all()) == 20
        assert link(Unit.objects.all()) == 0
    assert len(queries) == 2
