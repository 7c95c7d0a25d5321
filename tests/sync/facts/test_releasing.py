"""Held lines book themselves once what they lacked is there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from inventory.catalogue import add_alias
from inventory.models import AliasKind, Product, Warehouse
from sync.facts.booking import book_waiting
from sync.facts.releasing import book, places_changed, release_known, sweep
from sync.models import Connection, FactRule, FactState, ProductRef, SourceFact, WarehouseRef
from tests.build import make_account, make_actor
from tests.sync.facts.build import BILLED, line, product, shop, stock, till, units

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account()


def held(
    account: Account, *, branch: bool = True, barcode: str = "9", **about: object
) -> tuple[Connection, Product, Warehouse, SourceFact]:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store if branch else None))
    said: dict[str, Any] = {"quantity": 3, "barcode": barcode, **about}
    fact = line(connection, "POS:001:B7:1", **said)
    book_waiting(connection)
    return connection, soap, store, fact


def name_barcode(connection: Connection, soap: Product, _store: Warehouse) -> None:
    add_alias(make_actor(connection.account), soap, AliasKind.BARCODE, "9")


def add_rule(connection: Connection, soap: Product, _store: Warehouse) -> None:
    FactRule.objects.create(
        account=connection.account, connection=connection, about="barcode", value="9", value_key="9", action="product", product=soap
    )


def assign_branch(connection: Connection, _soap: Product, store: Warehouse) -> None:
    WarehouseRef.objects.filter(connection=connection).update(warehouse=store)


def match_product(connection: Connection, soap: Product, _store: Warehouse) -> None:
    ProductRef.objects.create(
        account=connection.account, connection=connection, external_id="7", sku="S", sku_key="S", product=soap, first_seen_at=BILLED
    )


def allow_fractions(_connection: Connection, soap: Product, _store: Warehouse) -> None:
    Product.objects.filter(pk=soap.pk).update(fractional=True)


@pytest.mark.parametrize(
    ("about", "code", "settle"),
    [
        ({"barcode": "4001", "quantity": Decimal("3.5")}, "fraction", allow_fractions),
        ({}, "unknown_barcode", name_barcode),
        ({}, "unknown_barcode", add_rule),
        ({"branch": False, "barcode": "4001"}, "unmapped_branch", assign_branch),
        ({"barcode": "", "product_there": "7"}, "unmatched_product", match_product),
    ],
)
def test_mapping_that_is_made_books_the_line(account: Account, about: dict[str, object], code: str, settle: Callable[..., None]) -> None:
    connection, soap, store, fact = held(account, **about)  # type: ignore[arg-type]
    fact.refresh_from_db()
    assert fact.state == FactState.HELD
    assert fact.code in (code, "unmapped_place")
    assert release_known(connection) == 0
    settle(connection, soap, store)
    sweep()
    book(connection.pk)
    fact.refresh_from_db()
    assert (fact.state, fact.held_at) == (FactState.BOOKED, None)
    assert units(soap, store) == (6 if code == "fraction" else 7)


def test_refused_lines_are_tried_again_only_after_a_while(account: Account) -> None:
    connection, *_ = held(account, barcode="4001")
    SourceFact.objects.update(state=FactState.HELD, code="refused")
    assert release_known(connection) == 0
    SourceFact.objects.update(tried_at=BILLED)
    assert release_known(connection) == 1


@pytest.mark.parametrize(("action", "released"), [("product", 0), ("ignore", 1)])
def test_rule_for_a_barcode_settles_no_place_unless_the_line_is_never_booked(account: Account, action: str, released: int) -> None:
    connection, soap, *_ = held(account, branch=False, barcode="4001")
    FactRule.objects.create(
        account=account,
        connection=connection,
        about="barcode",
        value="4001",
        value_key="4001",
        action=action,
        product=soap if action == "product" else None,
    )
    assert release_known(connection) == released


def test_place_deep_in_others_is_of_the_nearest_one_that_has_a_warehouse(account: Account) -> None:
    soap, store, outer = product(account, "SOAP", "4001"), shop(account), shop(account, "OUTER")
    stock(account, soap, store, 10)
    connection = till(account, *((place, None) for place in ("town", "hall", "shelf", "box", "here", "there")))
    lies_in = {"hall": "town", "shelf": "hall", "box": "shelf", "here": "there", "there": "here"}
    for place, parent in lies_in.items():
        WarehouseRef.objects.filter(connection=connection, external_id=place).update(parent_id_there=parent)
    deep, round_about = line(connection, "POS:1", 3, place="box"), line(connection, "POS:2", 3, place="here")
    book_waiting(connection)
    assert release_known(connection) == 0
    for place, warehouse in (("town", outer), ("hall", store)):
        WarehouseRef.objects.filter(connection=connection, external_id=place).update(warehouse=warehouse)
    assert release_known(connection) == 1
    book_waiting(connection)
    deep.refresh_from_db()
    round_about.refresh_from_db()
    assert (deep.state, deep.warehouse, round_about.state) == (FactState.BOOKED, store, FactState.HELD)


def test_held_line_names_its_place_as_the_outside_system_does_now(account: Account) -> None:
    connection, _, _, fact = held(account, branch=False, barcode="4001")
    fact.refresh_from_db()
    assert fact.sentence.startswith("Location “Branch 001” (001) belongs to no warehouse here.")
    WarehouseRef.objects.filter(connection=connection).update(name="High Street")
    places_changed(connection)
    book_waiting(connection)
    before = fact.held_at
    fact.refresh_from_db()
    assert fact.sentence.startswith("Location “High Street” (001) belongs")
    assert fact.held_at == before
