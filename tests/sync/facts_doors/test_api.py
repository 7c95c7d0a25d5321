"""Lines of outside systems through the API: what is held and why, one decision for many, and trying again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from inventory.models import ProductAlias
from sync.models import FactRule, SourceFact, WarehouseRef
from tests.api.build import program_as
from tests.build import make_account
from tests.sync.facts.build import line
from tests.sync.facts_doors.build import DAY, Held, make_held


@pytest.fixture
def program(account: Account) -> Callable[[Role], APIClient]:
    return lambda role: program_as(account, role)


def test_a_line_says_what_was_told_and_what_became_of_it(held: Held, program: Callable[[Role], APIClient]) -> None:
    viewer = program(Role.VIEWER)
    found = viewer.get("/api/facts?barcode=90-01&state=held").json()["results"]
    assert [row["reference"] for row in found] == ["POS:001:B2:3", "POS:001:B2:2", "POS:001:B2:1"]
    row = viewer.get(f"/api/facts/{found[0]['id']}").json()
    assert (row["code"], row["kind"], row["quantity"], row["place_there"]) == ("unknown_barcode", "sale", 3, "001")
    booked = viewer.get(f"/api/facts?product={held.soap.pk}&warehouse={held.store.pk}&day=2026-05-01&state=booked").json()["results"]
    assert [(row["reference"], row["booked_revision"]) for row in booked] == [("POS:001:B1:1", 0)]
    assert viewer.get("/api/facts?document=POS:002:B5&from=2026-05-01T12:00:00Z&to=2026-05-01T12:00:01Z").json()["results"] != []
    assert viewer.get("/api/facts?gone=true").json()["results"] == []


def test_the_summary_names_the_decisions_with_the_most_lines_first(held: Held, program: Callable[[Role], APIClient]) -> None:
    found = program(Role.VIEWER).get("/api/facts/held-summary").json()
    assert found["total"] == 7
    assert [(each["code"], each["lines"]) for each in found["reasons"]] == [
        ("unknown_barcode", 3),
        ("unmapped_branch", 2),
        ("ambiguous_barcode", 1),
        ("bad_quantity", 1),
    ]
    place, products = found["places"][0], found["products"]
    assert (place["value"], place["named"], place["lines"], place["quantity"]) == ("002", "Branch 002", 2, 7)
    assert (place["first_day"], place["last_day"], place["example"]) == ("2026-05-01", "2026-05-02", "POS:002:B5")
    assert [(each["value"], each["lines"]) for each in products] == [("9001", 3), ("9002", 1)]


def test_a_rule_is_made_changed_and_taken_away(held: Held, program: Callable[[Role], APIClient]) -> None:
    manager = program(Role.MANAGER)
    given = {"connection": held.connection.pk, "about": "barcode", "value": "9001", "action": "ignore", "note": "Bags"}
    made = manager.post("/api/fact-rules", given, format="json")
    assert (made.status_code, made.json()["freed"], made.json()["made_by"] != "") == (201, 3, True)
    held.book()
    assert held.states()["POS:001:B2:1"] == "ignored rule"
    again = manager.post("/api/fact-rules", {**given, "action": "product", "product": held.soap.pk}, format="json").json()
    assert (again["id"], again["freed"], FactRule.objects.count()) == (made.json()["id"], 3, 1)
    assert manager.delete(f"/api/fact-rules/{again['id']}").status_code == 204
    wrong = manager.post("/api/fact-rules", {**given, "action": "product"}, format="json")
    assert (wrong.status_code, wrong.json()["message"]) == (400, "Say which product it is.")


def test_a_place_is_assigned_by_its_name_or_its_id(held: Held, program: Callable[[Role], APIClient]) -> None:
    manager = program(Role.MANAGER)
    place = manager.get("/api/places?assigned=false").json()["results"][0]
    assert (place["place"], place["warehouse"]) == ("002", None)
    settled = manager.patch(f"/api/places/{place['id']}", {"warehouse": held.store.pk}, format="json").json()
    assert (settled["freed"], settled["warehouse"]) == (2, held.store.pk)
    given = {"connection": held.connection.pk, "place": "099", "warehouse": held.store.pk}
    assert manager.post("/api/places", given, format="json").status_code == 201
    assert WarehouseRef.objects.get(external_id="099").warehouse == held.store
    assert manager.patch(f"/api/places/{place['id']}", {}, format="json").status_code == 400


def test_held_lines_are_tried_again(held: Held, program: Callable[[Role], APIClient]) -> None:
    staff = program(Role.STAFF)
    ProductAlias.objects.create(account=held.account, product=held.towel, kind="barcode", text="9001", key="9001")
    assert staff.post("/api/facts/retry", {"code": "unknown_barcode"}, format="json").json()["tried"] == 3
    held.book()
    fact = SourceFact.objects.get(external_id="POS:001:B4:1")
    said = {"message": "1 line.", "not_found": []}
    assert staff.post("/api/facts/retry", {"ids": [fact.pk]}, format="json").json() == {"tried": 1, **said}
    assert staff.post("/api/facts/retry", {"about": "place", "value": "002"}, format="json").json()["tried"] == 2
    assert staff.post("/api/facts/retry", {"about": "place"}, format="json").status_code == 400
    manager = program(Role.MANAGER)
    assert manager.post("/api/facts/leave-out", {"ids": [fact.pk]}, format="json").json()["lines"] == 0
    held.book()
    assert manager.post("/api/facts/leave-out", {"ids": [fact.pk], "note": "x"}, format="json").json() == {"lines": 1, **said}
    assert manager.post("/api/facts/take-in", {"ids": [fact.pk]}, format="json").json() == {"lines": 1, **said}
    assert staff.post("/api/facts/retry", {"code": "rain"}, format="json").status_code == 400


@pytest.mark.parametrize(("verb", "count"), [("retry", "tried"), ("leave-out", "lines"), ("take-in", "lines")])
def test_lines_that_are_not_there_are_told_alike(held: Held, program: Callable[[Role], APIClient], verb: str, count: str) -> None:
    theirs, nobodys = SourceFact.objects.filter(account=make_held(make_account("Other")).account).latest("pk").pk, 2**62
    answer = program(Role.MANAGER).post(f"/api/facts/{verb}", {"ids": [nobodys, theirs]}, format="json").json()
    assert answer == {count: 0, "message": f"0 lines. There are no lines {theirs} and {nobodys}.", "not_found": [theirs, nobodys]}


def test_rows_of_another_account_can_be_named_nowhere(held: Held, program: Callable[[Role], APIClient]) -> None:
    theirs, owner = make_held(make_account("Other")), program(Role.OWNER)
    rule = {"connection": held.connection.pk, "about": "barcode", "value": "9001", "action": "product", "product": theirs.soap.pk}
    for address, body in (
        ("/api/fact-rules", rule),
        ("/api/fact-rules", {**rule, "connection": theirs.connection.pk, "product": held.soap.pk}),
        ("/api/places", {"connection": held.connection.pk, "place": "002", "warehouse": theirs.store.pk}),
        ("/api/facts/retry", {"connection": theirs.connection.pk}),
    ):
        assert owner.post(address, body, format="json").status_code == 400, address
    assert owner.get(f"/api/facts/held-summary?connection={theirs.connection.pk}").status_code == 400
    assert owner.post("/api/facts/retry", {}, format="json").json()["tried"] == 7


def test_lists_take_the_same_statements_however_long_they_are(held: Held, program: Callable[[Role], APIClient]) -> None:
    viewer = program(Role.VIEWER)

    def asked(address: str) -> int:
        viewer.get(address)
        with CaptureQueriesContext(connection) as statements:
            assert viewer.get(address).status_code == 200
        return len(statements)

    addresses = ("/api/facts", "/api/facts/held-summary", "/api/fact-rules", "/api/places")
    few = [asked(address) for address in addresses]
    for number in range(9):
        line(held.connection, f"POS:0{number}:B9:1", 1, place=f"0{number}", day=DAY)
        line(held.connection, f"POS:001:B9:{number}", 1, barcode=f"77{number}", day=DAY)
    held.book()
    assert [asked(address) for address in addresses] == few
