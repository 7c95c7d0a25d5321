"""Connections are added, changed, paused and removed by verbs that check, audit and tidy up."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.models import Warehouse, WarehouseMode
from jobs.models import Schedule
from sync import connections
from sync.models import Breaker, BreakerState, Connection, SyncRun
from sync.wire.verdict import Finding, Verdict
from tests.build import make_account, make_actor
from tests.sync.connections.conftest import HTTP, URL

pytestmark = pytest.mark.django_db


def mistakes(caught):
    return {field: messages[0] for field, messages in caught.value.message_dict.items()}


def add_http(owner, name="GE", **more):
    return connections.add(owner, system="ge", name=name, base_url=URL, settings=HTTP, **more)


def stop(connection):
    Breaker.objects.create(account=connection.account, connection=connection, state=BreakerState.STOPPED, refused_logins=3)


def breaker_state(connection):
    return Breaker.objects.get(connection=connection).state


def test_added_connection_gets_a_mirror_warehouse_and_its_schedule(owner):
    added = add_http(owner, name=" GE north ")

    assert added.name == "GE north"
    assert (added.warehouse.name, added.warehouse.code, added.warehouse.mode) == ("GE north", "ge-north", WarehouseMode.MIRROR)
    row = Schedule.objects.get()
    assert (row.key, row.task, row.cron, row.enabled) == (f"ge:{added.pk}:inventory", "sync.run", "7 * * * *", True)
    assert row.arguments == {"connection": added.pk, "scope": "inventory"}


def test_schedule_of_uploads_comes_switched_off(owner):
    connections.add(owner, system="ge", name="By hand", settings={"transport": "upload", "org": "7QX"})

    assert Schedule.objects.get().enabled is False


def test_warehouse_that_nothing_follows_any_more_is_used_again(owner):
    first = add_http(owner)
    connections.remove(owner, first)

    assert add_http(owner).warehouse_id == first.warehouse_id


def test_warehouse_code_that_is_taken_gets_a_number(owner):
    Warehouse.objects.create(account=owner.account, name="Other", code="ge")

    assert add_http(owner).warehouse.code == "ge-2"


def test_everything_wrong_is_said_at_once_under_its_field(owner):
    ledger = Warehouse.objects.create(account=owner.account, name="Shop", code="shop", mode=WarehouseMode.LEDGER)

    with pytest.raises(ValidationError) as caught:
        connections.add(owner, system="ge", name=" ", base_url="ftp://x", settings=HTTP, secrets={"token": "a\nb"}, warehouse=ledger)

    assert mistakes(caught) == {
        "name": "The connection needs a name.",
        "base_url": "The address must start with http:// or https://. Write for example https://host.example/path.",
        "secrets.token": "The secret “token” contains a line break or another character that can't be printed. Copy it again.",
        "warehouse": "“Shop” is a ledger warehouse; GE Appliances needs a mirror one.",
    }
    assert not Connection.objects.exists()


def test_missing_settings_are_named(owner):
    with pytest.raises(ValidationError) as caught:
        connections.add(owner, system="ge", name="GE", settings={"transport": "folder"})

    assert mistakes(caught) == {
        "settings.org": "The setting “org” (organisation) is missing.",
        "settings.folder": "The setting “folder” (folder) is missing, because transport is folder.",
    }


def test_address_is_needed_where_something_is_called(owner):
    with pytest.raises(ValidationError) as caught:
        connections.add(owner, system="ge", name="GE", settings=HTTP)

    assert mistakes(caught) == {"base_url": "The address is missing: give it as https://host.example/path."}


def test_name_is_taken_once_per_account(owner):
    add_http(owner)
    add_http(make_actor(make_account("Elsewhere")))

    with pytest.raises(ValidationError) as caught:
        add_http(owner)

    assert mistakes(caught) == {"name": "There is a connection “GE” already. Choose another name."}


def test_name_that_somebody_took_at_the_same_moment_is_said(owner, monkeypatch):
    monkeypatch.setattr("sync.configuration._taken", lambda _name, _others: "")
    add_http(owner)

    with pytest.raises(ValidationError) as caught:
        add_http(owner)

    assert mistakes(caught) == {"name": "Somebody else saved a connection of this name or warehouse just now. Look at the list again."}
    assert Warehouse.objects.count() == 1


def test_warehouse_of_another_account_is_unknown(owner):
    foreign = add_http(make_actor(make_account("Elsewhere"))).warehouse

    with pytest.raises(ValidationError) as caught:
        add_http(owner, warehouse=foreign)

    assert mistakes(caught) == {"warehouse": "There is no such warehouse."}


def test_one_warehouse_follows_one_connection(owner):
    first = add_http(owner)

    with pytest.raises(ValidationError) as caught:
        add_http(owner, name="Second", warehouse=first.warehouse)

    assert mistakes(caught) == {"warehouse": "The warehouse “GE” follows the connection “GE” already. Choose another one."}


def test_edit_changes_only_the_settings_it_names(owner):
    added = add_http(owner)
    connections.edit(owner, added, settings={"shrink_rows": "40"})

    edited = connections.edit(owner, added, settings={"brake_removed_rows": 10})

    assert edited.settings == {**HTTP, "shrink_rows": 40, "brake_removed_rows": 10}
    assert connections.edit(owner, added, settings={"shrink_rows": None}).settings == {**HTTP, "brake_removed_rows": 10}


def test_setting_that_a_later_version_dropped_does_not_stand_in_the_way(owner):
    added = add_http(owner)
    Connection.objects.filter(pk=added.pk).update(settings={**HTTP, "long_gone": "x"})

    assert connections.edit(owner, added, settings={"org": "8QX"}).settings == {"transport": "http", "org": "8QX"}


def test_connection_that_has_run_keeps_its_warehouse(owner):
    added = add_http(owner)
    SyncRun.objects.create(account=owner.account, connection=added, dataset="stock", scope="inventory", trigger="button")
    other = Warehouse.objects.create(account=owner.account, name="South", code="south")

    with pytest.raises(ValidationError) as caught:
        connections.edit(owner, added, warehouse=other)

    assert mistakes(caught) == {"warehouse": "It has filled the warehouse “GE” and stays with it. Add another connection for “South”."}


def test_renaming_renames_the_schedule(owner):
    connections.edit(owner, add_http(owner), name="GE north")

    assert Schedule.objects.get().name == "GE north: all inventory"


def test_schedule_that_was_changed_survives_an_edit(owner):
    added = add_http(owner)
    Schedule.objects.update(cron="30 6 * * *", enabled=False)

    connections.edit(owner, added, settings={"org": "8QX"})

    row = Schedule.objects.get()
    assert (row.cron, row.enabled) == ("30 6 * * *", False)


@pytest.mark.parametrize("change", [{"base_url": "https://new.example.com"}, {"settings": {"org": "8QX"}}])
def test_new_address_or_setting_clears_breaker_and_last_test(owner, change):
    added = add_http(owner)
    stop(added)
    Connection.objects.update(tested_at=timezone.now(), test_finding="ok", test_sentence="Fine.")

    connections.edit(owner, added, **change)

    added.refresh_from_db()
    assert (added.tested_at, added.test_finding, added.test_sentence) == (None, "", "")
    assert breaker_state(added) == BreakerState.CLOSED


def test_new_name_leaves_the_breaker_alone(owner):
    added = add_http(owner)
    stop(added)

    connections.edit(owner, added, name="GE north")

    assert breaker_state(added) == BreakerState.STOPPED


def test_secrets_are_put_over_those_there_are(owner):
    added = add_http(owner, secrets={"token": "first", "cookies": "a=1"})
    stop(added)

    connections.set_secrets(owner, added, {"token": " second ", "cookies": None})

    added.refresh_from_db()
    assert dict(added.secrets) == {"token": "second"}
    assert breaker_state(added) == BreakerState.CLOSED


def test_secret_that_the_system_does_not_know_is_refused_without_repeating_it(owner):
    added = add_http(owner)

    with pytest.raises(ValidationError) as caught:
        connections.set_secrets(owner, added, {"hunter2": "x"})

    assert mistakes(caught) == {"secrets": "GE Appliances has no secret of that name. There are: token, cookies."}


def test_audit_log_names_secrets_and_holds_no_value(owner):
    added = add_http(owner, secrets={"token": "first-value"})
    connections.set_secrets(owner, added, {"token": "second-value"})
    connections.set_secrets(owner, added, {"token": None})
    connections.edit(owner, added, settings={"org": "8QX"})

    rows = AuditLog.objects.filter(entity="Connection").order_by("pk")
    assert [(row.action, row.after) for row in rows][1:] == [
        ("SECRETS", {"set": ["token"]}),
        ("SECRETS", {"removed": ["token"]}),
        ("CHANGE", {"settings": {"org": "8QX"}}),
    ]
    assert rows[0].after["secrets"] == ["token"]
    assert rows[3].before == {"settings": {"org": "7QX"}}
    assert not any("-value" in repr((row.before, row.after, row.cause)) for row in AuditLog.objects.all())


def test_edit_that_changes_nothing_writes_nothing(owner):
    added = add_http(owner)
    rows = AuditLog.objects.count()

    connections.edit(owner, added, name="GE", settings={"org": "7qx"})

    assert AuditLog.objects.count() == rows


def test_pause_is_kept_with_who_and_resume_lifts_it(owner):
    added = add_http(owner)

    paused = connections.pause(owner, added)
    again = connections.pause(make_actor(owner.account), added)

    assert (paused.paused_by, again.paused_at) == ("Mara", paused.paused_at)
    assert connections.resume(owner, added).paused_at is None
    assert list(AuditLog.objects.filter(entity="Connection").order_by("pk").values_list("action", flat=True)) == ["ADD", "PAUSE", "RESUME"]


def test_unused_connection_is_removed_with_its_schedule(owner):
    added = add_http(owner)

    connections.remove(owner, added)

    assert not Connection.objects.exists()
    assert not Schedule.objects.exists()


def test_connection_with_runs_is_not_removed(owner):
    added = add_http(owner)
    SyncRun.objects.create(account=owner.account, connection=added, dataset="stock", scope="inventory", trigger="button")

    with pytest.raises(connections.ConnectionInUse) as caught:
        connections.remove(owner, added)

    assert caught.value.sentence == "“GE” has 1 run, whose history would be lost with it."
    assert caught.value.hint == "Switch it off instead: then it is not used and not offered any more."


VERBS = {
    "add": (Role.OWNER, lambda actor, row: connections.add(actor, system="ge", name="New", settings={"org": "7QX"})),
    "edit": (Role.OWNER, lambda actor, row: connections.edit(actor, row, name="New")),
    "secrets": (Role.OWNER, lambda actor, row: connections.set_secrets(actor, row, {"token": "x"})),
    "remove": (Role.OWNER, lambda actor, row: connections.remove(actor, row)),
    "pause": (Role.MANAGER, lambda actor, row: connections.pause(actor, row)),
    "resume": (Role.MANAGER, lambda actor, row: connections.resume(actor, row)),
    "test": (Role.STAFF, lambda actor, row: connections.test(actor, row)),
}


@pytest.mark.parametrize("verb", VERBS)
def test_verb_is_for_its_role_and_those_above(owner, answers, verb):
    answers(lambda _connection: Verdict(Finding.OK, "Fine."))
    least, call = VERBS[verb]
    row = connections.add(owner, system="ge", name="By hand", settings={"org": "7QX"})
    below = list(Role)[list(Role).index(least) - 1]

    with pytest.raises(NotAllowed):
        call(make_actor(owner.account, below), row)
    call(make_actor(owner.account, least), row)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "add"])
def test_verb_does_not_find_a_connection_of_another_account(owner, verb):
    row = add_http(make_actor(make_account("Elsewhere")))

    with pytest.raises(Connection.DoesNotExist):
        VERBS[verb][1](owner, row)
