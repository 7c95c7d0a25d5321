from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.catalogue import add_product, import_csv
from inventory.csvtable import RowProblem
from inventory.errors import FileTooLarge
from inventory.models import Product, Unit
from tests.build import make_account, make_actor
from tests.inventory.build import make_unit, make_warehouse

pytestmark = pytest.mark.django_db

FILE = b"""SKU,Name,Type,Models,Barcodes,Fractional
FRIDGE,Fridge,Refrigerator,QTX10FRIDGE|QTX11,012345,no
ROPE,Rope,,,,yes
"""


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


def stored(sku: str) -> tuple[str, str, bool, list[str]]:
    product = Product.objects.get(sku=sku)
    return product.name, product.product_type, product.fractional, sorted(product.aliases.values_list("text", flat=True))


def test_new_products_come_with_their_names_and_units(manager: Actor) -> None:
    make_unit(make_warehouse(manager.account), "ZZ900101", "QTX11")
    report = import_csv(manager, FILE)
    assert (report.added, report.changed, report.unchanged, report.problems, report.applied) == (2, 0, 0, (), True)
    assert stored("FRIDGE") == ("Fridge", "Refrigerator", False, ["012345", "QTX10FRIDGE", "QTX11"])
    assert stored("ROPE") == ("Rope", "", True, [])
    unit = Unit.objects.get()
    assert unit.product is not None
    assert unit.product.sku == "FRIDGE"


def test_second_import_changes_nothing(manager: Actor) -> None:
    import_csv(manager, FILE)
    before = list(Product.objects.order_by("pk").values())
    report = import_csv(manager, FILE)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert list(Product.objects.order_by("pk").values()) == before
    assert AuditLog.objects.count() == 2


def test_same_sku_is_changed_where_the_file_says_something(manager: Actor) -> None:
    add_product(manager, sku="fridge", name="Old", product_type="Cooling", models=["QTX10FRIDGE"])
    report = import_csv(manager, b"sku;name;type;models\nFRIDGE;New;;QTX-10-FRIDGE;\nRANGE;;;\n")
    assert (report.added, report.changed, report.unchanged) == (1, 1, 0)
    assert stored("fridge") == ("New", "Cooling", False, ["QTX10FRIDGE"])
    entry = AuditLog.objects.get(action="CHANGE")
    assert (entry.before, entry.after, entry.cause) == ({"name": "Old"}, {"name": "New"}, "Import of a CSV file")


def test_new_name_of_a_stored_product_is_a_change(manager: Actor) -> None:
    add_product(manager, sku="FRIDGE", models=["QTX10"])
    assert import_csv(manager, b"SKU,Models\nFRIDGE,QTX11\n").changed == 1
    assert stored("FRIDGE")[3] == ["QTX10", "QTX11"]
    assert AuditLog.objects.get(action="CHANGE").after == {"models": ["QTX10", "QTX11"]}


def test_one_wrong_row_stops_all(manager: Actor) -> None:
    add_product(manager, sku="RANGE", models=["QTX30"])
    report = import_csv(manager, b"SKU,Model\nFRIDGE,QTX10\n,QTX11\nHOOD,qtx-30\nRANGE,QTX31\n")
    assert report.problems == (
        RowProblem(3, "SKU", "The SKU is missing."),
        RowProblem(4, "Model", "The model qtx-30 belongs to the product RANGE."),
    )
    assert (report.applied, report.added, report.changed) == (False, 1, 1)
    assert Product.objects.count() == 1


def test_sku_of_two_products_is_left_to_people(manager: Actor) -> None:
    for _ in range(2):
        Product.objects.create(account=manager.account, sku="FRIDGE", sku_key="FRIDGE")
    problem = import_csv(manager, b"SKU\nfridge\n").problems[0]
    assert problem == RowProblem(2, "SKU", "There are 2 products with the SKU fridge; edit them by hand.")


def test_dry_run_says_what_would_happen(manager: Actor) -> None:
    report = import_csv(manager, FILE, dry_run=True)
    assert (report.added, report.applied) == (2, False)
    assert not Product.objects.exists()


def test_products_of_other_accounts_are_none(manager: Actor) -> None:
    add_product(make_actor(make_account("8QX")), sku="FRIDGE", models=["QTX10FRIDGE"])
    assert import_csv(manager, FILE).added == 2


def test_roles_and_size(manager: Actor, settings: object) -> None:
    with pytest.raises(NotAllowed):
        import_csv(make_actor(manager.account, Role.STAFF), FILE)
    settings.UPLOAD_LIMIT = len(FILE) - 1  # type: ignore[attr-defined]
    with pytest.raises(FileTooLarge):
        import_csv(manager, FILE)


def test_statements_do_not_grow_with_the_rows(manager: Actor) -> None:
    def file(rows: int, name: str) -> bytes:
        return b"SKU,Name,Models\n" + b"".join(b"S%d,%s,M%d\n" % (row, name.encode(), row) for row in range(rows))

    import_csv(manager, file(30, "first"))
    with CaptureQueriesContext(connection) as few:
        import_csv(manager, file(3, "second"))
    with CaptureQueriesContext(connection) as many:
        assert import_csv(manager, file(30, "third")).changed == 30
    assert len(few) == len(many)
