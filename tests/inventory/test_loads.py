from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import units
from inventory.errors import NotReady
from inventory.loads import edit_load, sanity_check
from inventory.models import Load, Unit
from tests.build import make_account, make_actor
from tests.inventory.build import make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db: None) -> Actor:
    return make_actor(make_account(), Role.STAFF)


@pytest.fixture
def load(staff: Actor) -> Load:
    return make_load(make_warehouse(staff.account))


def test_local_columns_are_edited_and_audited(staff: Actor, load: Load) -> None:
    stored = edit_load(staff, load, friendly_name="K", tagged=True, pickup_date=date(2026, 2, 9))
    load.refresh_from_db()
    assert (
        (load.friendly_name, load.tagged, load.pickup_date)
        == ("K", True, date(2026, 2, 9))
        == (
            stored.friendly_name,
            stored.tagged,
            stored.pickup_date,
        )
    )
    entry = AuditLog.objects.get(entity="Load", entity_id=str(load.pk))
    assert entry.before == {"friendly_name": "", "tagged": False, "pickup_date": None}
    assert entry.after == {"friendly_name": "K", "tagged": True, "pickup_date": "2026-02-09"}


def test_same_values_change_nothing(staff: Actor, load: Load) -> None:
    edit_load(staff, load, friendly_name="K")
    edit_load(staff, load, friendly_name="K")
    assert AuditLog.objects.count() == 1


@pytest.mark.parametrize("column", ["units", "number", "order_status", "sanity_check", "warehouse", "nonsense"])
def test_columns_of_a_sync_are_not_edited(staff: Actor, load: Load, column: str) -> None:
    with pytest.raises(ValidationError, match=column):
        edit_load(staff, load, **{column: "5"})


def test_too_long_a_name_is_refused_by_its_column(staff: Actor, load: Load) -> None:
    with pytest.raises(ValidationError) as caught:
        edit_load(staff, load, friendly_name="K" * 61)
    assert list(caught.value.message_dict) == ["friendly_name"]
    assert not AuditLog.objects.exists()


def test_pickup_has_a_date_or_is_to_be_announced(staff: Actor, load: Load) -> None:
    def pickup(**columns: Any) -> tuple[date | None, bool]:
        stored = edit_load(staff, load, **columns)
        return stored.pickup_date, stored.pickup_to_be_announced

    assert pickup(pickup_to_be_announced=True) == (None, True)
    assert pickup(pickup_date=date(2026, 2, 9)) == (date(2026, 2, 9), False)
    assert pickup(pickup_to_be_announced=True) == (None, True)
    with pytest.raises(ValidationError, match="Clear one of the two"):
        pickup(pickup_to_be_announced=True, pickup_date=date(2026, 2, 9))


def test_early_check_says_who_and_when(staff: Actor, load: Load) -> None:
    stored = sanity_check(staff, load, "early")
    assert (stored.sanity_check, stored.sanity_checked_by) == ("early", "Mara")
    assert stored.sanity_checked_at is not None
    back = sanity_check(staff, load, "")
    assert (back.sanity_check, back.sanity_checked_by, back.sanity_checked_at) == ("", "", None)


def test_check_twice_by_one_person_is_one_check(staff: Actor, load: Load) -> None:
    first = sanity_check(staff, load, "early")
    assert sanity_check(staff, load, "early").sanity_checked_at == first.sanity_checked_at
    assert AuditLog.objects.count() == 1


def test_final_check_comes_after_the_work(staff: Actor, load: Load) -> None:
    with pytest.raises(NotReady, match="not tagged and not wrapped yet"):
        sanity_check(staff, load, "final")
    edit_load(staff, load, tagged=True)
    with pytest.raises(NotReady, match="The load is not wrapped yet"):
        sanity_check(staff, load, "final")
    edit_load(staff, load, wrapped=True)
    assert sanity_check(staff, load, "final").sanity_check == "final"


def test_salvage_needs_neither(staff: Actor, load: Load) -> None:
    edit_load(staff, load, category="Salvage")
    assert sanity_check(staff, load, "final").sanity_check == "final"


def test_there_is_no_other_stage(staff: Actor, load: Load) -> None:
    with pytest.raises(ValidationError, match="Use early or final"):
        sanity_check(staff, load, "late")


def test_note_on_a_unit_is_kept_and_audited(staff: Actor, load: Load) -> None:
    unit = make_unit(load.warehouse, "ZZ900101")
    # As an admin form leaves it.
    unit.local_notes = "dent left"
    assert units.note(staff, unit, " dent left ").local_notes == "dent left"
    assert Unit.objects.get().local_notes == "dent left"
    units.note(staff, unit, "dent left")
    entry = AuditLog.objects.get(entity="Unit")
    assert (entry.before, entry.after) == ({"local_notes": ""}, {"local_notes": "dent left"})


def test_viewer_edits_nothing(staff: Actor, load: Load) -> None:
    viewer = make_actor(staff.account, Role.VIEWER)
    unit = make_unit(load.warehouse, "ZZ900101")
    for edit in (
        lambda: edit_load(viewer, load, tagged=True),
        lambda: sanity_check(viewer, load, ""),
        lambda: units.note(viewer, unit, "x"),
    ):
        with pytest.raises(NotAllowed):
            edit()


def test_rows_of_another_account_do_not_exist(load: Load) -> None:
    stranger = make_actor(make_account("8QX"))
    unit = make_unit(load.warehouse, "ZZ900101")
    with pytest.raises(Load.DoesNotExist):
        edit_load(stranger, load, tagged=True)
    with pytest.raises(Unit.DoesNotExist):
        units.note(stranger, unit, "x")
