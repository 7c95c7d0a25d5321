"""Lines that name what a merged product was known by."""

from __future__ import annotations

import pytest

from inventory.models import Sale
from sync import references
from sync.facts.booking import book_waiting
from sync.facts.verbs import add_rule
from tests.build import make_account, make_actor
from tests.sync.facts.build import line, product, shop, till

pytestmark = pytest.mark.django_db


def test_barcode_and_rule_of_a_merged_product_mean_the_one_that_is_kept() -> None:
    account = make_account()
    actor = make_actor(account)
    kept, merged = product(account, "SOAP"), product(account, "SOAP-OLD", "4001")
    connection = till(account, ("001", shop(account)))
    add_rule(actor, connection, about="barcode", value="77", action="product", product=merged)
    references.merge(actor, kept, merged)
    line(connection, "POS:001:B7:1", barcode="4001")
    line(connection, "POS:001:B7:2", barcode="77")
    book_waiting(connection)
    assert list(Sale.objects.values_list("product", flat=True)) == [kept.pk, kept.pk]
