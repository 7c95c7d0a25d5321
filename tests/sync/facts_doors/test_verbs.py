"""One decision, and all lines that were held for it book themselves; what is decided is audited, and only by who may."""

from __future__ import annotations

import pytest

from accounts.errors import NotAllowed, Problem
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.models import ProductAlias
from sync.facts import verbs
from sync.models import FactKind, FactRule, ProductRef, SourceFact, WarehouseRef
from sync.references import KnownAlready, NotThere
from tests.build import make_account, make_actor
from tests.sync.facts.build import BILLED, line, product, shop, units
from tests.sync.facts_doors.build import Held, make_second

BRANCH = {"POS:002:B5:1", "POS:002:B5:2"}
UNKNOWN = {"POS:001:B2:1", "POS:001:B2:2", "POS:001:B2:3"}


def those(held: Held, state: str) -> set[str]:
    return {key for key, found in held.states().items() if found == state}


def test_a_branch_that_is_assigned_frees_its_lines_and_no_others(held: Held) -> None:
    done = verbs.assign_place(make_actor(held.account), held.connection, "002", held.store)
    assert (done.freed, those(held, "waiting unmapped_branch")) == (2, BRANCH)
    held.book()
    assert those(held, "booked") == BRANCH | {"POS:001:B1:1"}
    assert (units(held.soap, held.store), WarehouseRef.objects.get(external_id="002").warehouse) == (100 - 2 - 3 - 4, held.store)


def test_a_branch_that_no_list_told_of_can_be_assigned(held: Held) -> None:
    line(held.connection, "POS:077:B1:1", 5, place="077")
    held.book()
    assert verbs.assign_place(make_actor(held.account), held.connection, " 077 ", held.store).freed == 1
    held.book()
    assert held.states()["POS:077:B1:1"] == "booked"


def test_several_branches_may_be_one_warehouse_also_of_two_connections(held: Held) -> None:
    second = make_second(held)
    actor = make_actor(held.account)
    for connection in (held.connection, second.connection):
        verbs.assign_place(actor, connection, "002", held.store)
    assert WarehouseRef.objects.filter(warehouse=held.store).count() == 4


def test_a_move_between_two_places_of_one_warehouse_counts_once_one_of_them_is_elsewhere(held: Held) -> None:
    actor, hall = make_actor(held.account), shop(held.account, "H")
    for code in ("A", "B"):
        verbs.assign_place(actor, held.connection, code, held.store)
    line(held.connection, "move:1", 5, kind=FactKind.TRANSFER, place="A", place_to_there="B")
    held.book()
    assert held.states()["move:1"] == "ignored same_warehouse"
    verbs.set_warehouse(actor, WarehouseRef.objects.get(external_id="B"), hall)
    held.book()
    assert (held.states()["move:1"], units(held.soap, hall)) == ("booked", 5)


def test_a_barcode_is_given_to_a_product_for_every_connection(held: Held) -> None:
    second = make_second(held)
    done = verbs.alias_barcode(make_actor(held.account), held.towel, "9001")
    assert (done.freed, ProductAlias.objects.get(key="9001").product) == (6, held.towel)
    held.book()
    second.book()
    assert those(held, "booked") >= UNKNOWN
    assert len(those(second, "booked")) == 4


def test_a_barcode_of_another_product_needs_a_rule(held: Held) -> None:
    actor = make_actor(held.account)
    with pytest.raises(KnownAlready, match="SOAP Soap has the barcode “9002” already"):
        verbs.alias_barcode(actor, held.towel, "9002")
    done = verbs.add_rule(actor, held.connection, about="barcode", value="9002", action="product", product=held.towel)
    held.book()
    fact = SourceFact.objects.get(external_id="POS:001:B3:1")
    assert (done.freed, fact.state, fact.product) == (1, "booked", held.towel)


def test_what_is_never_booked_is_ignored_and_comes_back_when_the_rule_goes(held: Held) -> None:
    actor = make_actor(held.account)
    rule = verbs.add_rule(actor, held.connection, about="barcode", value="90-01", action="ignore", note="Bags").row
    held.book()
    assert those(held, "ignored rule") == UNKNOWN
    assert verbs.remove_rule(actor, rule) == 3
    assert verbs.remove_rule(actor, rule) == 0
    held.book()
    assert those(held, "held unknown_barcode") == UNKNOWN


def test_a_rule_that_is_said_otherwise_is_changed(held: Held) -> None:
    actor = make_actor(held.account)
    verbs.add_rule(actor, held.connection, about="barcode", value="9001", action="ignore")
    held.book()
    done = verbs.add_rule(actor, held.connection, about="barcode", value="9001", action="product", product=held.towel)
    held.book()
    assert (done.freed, FactRule.objects.count(), those(held, "booked") >= UNKNOWN) == (3, 1, True)


def test_a_product_there_is_matched(held: Held) -> None:
    line(held.connection, "odoo:move:7", 2, barcode="", product_there="41", place="001")
    held.book()
    assert held.states()["odoo:move:7"] == "held unmatched_product"
    ref = ProductRef.objects.create(
        account=held.account, connection=held.connection, external_id="41", sku="T", sku_key="T", first_seen_at=BILLED
    )
    assert verbs.match_product(make_actor(held.account), ref, held.towel).freed == 1
    held.book()
    assert held.states()["odoo:move:7"] == "booked"


def test_held_lines_are_tried_again_by_what_they_are_held_for(held: Held) -> None:
    actor = make_actor(held.account, Role.STAFF)
    assert verbs.retry(actor, held.connection, codes=["unknown_barcode"]) == 3
    assert verbs.retry(actor, about="place", value="002") == 2
    assert verbs.retry(actor) == 2
    assert verbs.retry(actor) == 0
    held.book()
    assert len([state for state in held.states().values() if state.startswith("held")]) == 7
    with pytest.raises(Problem, match="Nothing is held for “rain”"):
        verbs.retry(actor, codes=["rain"])


def test_a_line_that_will_never_be_right_is_left_out_and_taken_in_again(held: Held) -> None:
    actor = make_actor(held.account, Role.MANAGER)
    wrong, right = SourceFact.objects.get(external_id="POS:001:B4:1"), SourceFact.objects.get(external_id="POS:001:B1:1")
    assert verbs.leave_out(actor, [wrong.pk, right.pk], "Nobody knows") == 1
    assert verbs.retry(actor, facts=[wrong.pk]) == 0
    wrong.refresh_from_db()
    assert (wrong.state, wrong.code, wrong.sentence) == ("ignored", "by_hand", "Left out by Mara: Nobody knows.")
    assert verbs.take_in(actor, [wrong.pk, right.pk]) == 1
    held.book()
    assert held.states()["POS:001:B4:1"] == "held bad_quantity"
    assert list(AuditLog.objects.filter(entity="SourceFact").order_by("pk").values_list("action", flat=True)) == ["LEAVE_OUT", "TAKE_IN"]
    with pytest.raises(NotAllowed):
        verbs.leave_out(make_actor(held.account, Role.STAFF), [wrong.pk])
    assert verbs.leave_out(make_actor(make_account("Other")), [wrong.pk]) == 0


def test_decisions_are_a_managers_and_stand_in_the_audit_log(held: Held) -> None:
    staff, manager = make_actor(held.account, Role.STAFF), make_actor(held.account, Role.MANAGER)
    viewer = make_actor(held.account, Role.VIEWER)
    ignore = {"about": "barcode", "value": "9001", "action": "ignore"}
    for refused in (
        lambda: verbs.assign_place(staff, held.connection, "002", held.store),
        lambda: verbs.alias_barcode(staff, held.towel, "9001"),
        lambda: verbs.add_rule(staff, held.connection, **ignore),
        lambda: verbs.retry(viewer),
    ):
        with pytest.raises(NotAllowed):
            refused()
    rule = verbs.add_rule(manager, held.connection, **ignore).row
    verbs.remove_rule(manager, rule)
    assert list(AuditLog.objects.filter(entity="FactRule").order_by("pk").values_list("action", flat=True)) == ["ADD", "DELETE"]


def test_what_belongs_to_another_account_is_not_there(held: Held) -> None:
    other = make_actor(make_account("Other"))
    theirs = product(other.account, "THEIRS")
    for refused in (
        lambda: verbs.assign_place(other, held.connection, "002", held.store),
        lambda: verbs.alias_barcode(other, held.towel, "9001"),
        lambda: verbs.add_rule(make_actor(held.account), held.connection, about="barcode", value="9", action="product", product=theirs),
        lambda: verbs.retry(other, held.connection),
    ):
        with pytest.raises(NotThere):
            refused()
    assert verbs.retry(other) == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"about": "colour"}, "There are no rules about “colour”"),
        ({"action": "eat"}, "A rule can't say “eat”"),
        ({"value": " "}, "Say which barcode is meant"),
        ({"value": "--"}, "Say which barcode is meant"),
        ({"action": "product"}, "Say which product it is"),
    ],
)
def test_what_makes_no_rule_is_refused_in_words(held: Held, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        verbs.add_rule(make_actor(held.account), held.connection, **{"about": "barcode", "value": "9001", "action": "ignore", **given})
