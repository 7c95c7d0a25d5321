from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection as database
from pytest_django.fixtures import Settings

from sync.checks import check_field_keys
from sync.models.connection import Connection
from sync.secrets import CredentialsUnreadable, Secrets
from tests.sync.wire.rows import make_connection

SECRET = "open sesame"


def stored(connection: Connection) -> str:
    """What stands in the database, past the field."""
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM sync_connection WHERE id = %s", [connection.pk])
        return str(cursor.fetchone()[0])


def connection_with(**secrets: str) -> Connection:
    connection = make_connection()
    connection.secrets = secrets
    connection.save()
    return connection


def test_secrets_give_their_values_by_name_only() -> None:
    secrets = Secrets({"password": SECRET, "cookie": "SID=1"})
    assert secrets["password"] == SECRET
    assert secrets.get("user") is None
    assert secrets.names() == ["cookie", "password"]
    assert "password" in secrets
    assert len(secrets) == 2


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{:>40}".format, "%s".__mod__, "%r".__mod__, lambda secrets: f"{secrets!r:10}"])
def test_no_way_of_printing_shows_a_value(show: Any) -> None:
    shown = show((Secrets({"password": SECRET}),) if getattr(show, "__name__", "") == "__mod__" else Secrets({"password": SECRET}))
    assert SECRET not in shown
    assert "password" in shown


@pytest.mark.parametrize("dump", [pickle.dumps, json.dumps, lambda secrets: pickle.dumps({"x": [secrets]})])
def test_secrets_are_not_dumped(dump: Any) -> None:
    with pytest.raises(TypeError) as caught:
        dump(Secrets({"password": SECRET}))
    assert SECRET not in str(caught.value)


def test_secrets_do_not_change_and_copies_are_the_same_object() -> None:
    secrets = Secrets({"password": SECRET})
    with pytest.raises(AttributeError):
        secrets.extra = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        secrets["password"] = "new"  # type: ignore[index]
    assert copy.deepcopy([secrets])[0] is secrets
    assert copy.copy(secrets) is secrets


def test_changed_secrets_are_new_ones() -> None:
    secrets = Secrets({"user": "mara", "password": SECRET})
    assert secrets.changed({"password": "new", "user": None, "pin": "7"}) == Secrets({"password": "new", "pin": "7"})
    assert secrets == Secrets({"user": "mara", "password": SECRET})


@pytest.mark.parametrize("values", [{"pin": 1234}, {1234: "pin"}, {"pin": None}])
def test_value_that_is_no_text_is_refused_without_being_told(values: Any) -> None:
    with pytest.raises(TypeError, match="Secret number 1 must be text") as caught:
        Secrets(values)
    assert "1234" not in str(caught.value)


@pytest.mark.django_db
def test_column_holds_nothing_readable() -> None:
    connection = connection_with(password=SECRET)
    assert SECRET not in stored(connection)
    assert "password" not in stored(connection)
    assert Connection.objects.get(pk=connection.pk).secrets["password"] == SECRET


@pytest.mark.django_db
def test_assigned_mapping_is_hidden_at_once() -> None:
    connection = make_connection()
    connection.secrets = {"password": SECRET}
    assert repr(connection.secrets) == "Secrets(password)"
    assert SECRET not in repr(vars(connection))
    assert repr(Connection(secrets={"password": SECRET}).secrets) == "Secrets(password)"


@pytest.mark.django_db
def test_connection_without_secrets_needs_no_key(settings: Settings) -> None:
    settings.FIELD_KEYS = []
    connection = make_connection()
    assert stored(connection) == ""
    assert Connection.objects.get(pk=connection.pk).secrets == Secrets()


@pytest.mark.django_db
def test_storing_without_a_key_is_refused(settings: Settings) -> None:
    connection = make_connection()
    settings.FIELD_KEYS = []
    connection.secrets = {"password": SECRET}
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS is not set") as caught:
        connection.save()
    assert SECRET not in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize("keys", [[], [Fernet.generate_key().decode()], ["not a key"]])
def test_unreadable_secrets_say_so_and_survive_a_save(settings: Settings, keys: list[str]) -> None:
    connection = connection_with(password=SECRET)
    before, good = stored(connection), settings.FIELD_KEYS
    settings.FIELD_KEYS = keys
    locked = Connection.objects.get(pk=connection.pk)
    assert locked.secrets.unreadable is True
    assert repr(locked.secrets) == "Secrets(unreadable)"
    for access in (lambda: locked.secrets["password"], locked.secrets.names, lambda: list(locked.secrets), lambda: "x" in locked.secrets):
        with pytest.raises(CredentialsUnreadable) as caught:
            access()
        assert caught.value.code == "credentials_unreadable"
        assert "FIELD_KEYS" in caught.value.hint
    locked.name = "renamed"
    locked.save()
    assert stored(connection) == before
    settings.FIELD_KEYS = good
    assert Connection.objects.get(pk=connection.pk).secrets["password"] == SECRET


@pytest.mark.django_db
def test_entering_them_again_heals_unreadable_secrets(settings: Settings) -> None:
    connection = connection_with(password=SECRET)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    locked = Connection.objects.get(pk=connection.pk)
    locked.secrets = locked.secrets.changed({"password": "new"})
    locked.save()
    assert Connection.objects.get(pk=connection.pk).secrets["password"] == "new"


@pytest.mark.django_db
def test_deferred_secrets_are_read_when_asked_for() -> None:
    connection = connection_with(password=SECRET)
    deferred = Connection.objects.defer("secrets").get(pk=connection.pk)
    assert "secrets" not in vars(deferred)
    assert deferred.secrets["password"] == SECRET


@pytest.mark.django_db
def test_no_query_looks_inside() -> None:
    for lookup in ("secrets", "secrets__contains", "secrets__isnull"):
        with pytest.raises(FieldError):
            Connection.objects.filter(**{lookup: "x"}).exists()


@pytest.mark.django_db
def test_dump_of_the_database_is_encrypted_and_loads_again() -> None:
    connection = connection_with(password=SECRET)
    dumped = serializers.serialize("json", [connection])
    assert SECRET not in dumped
    [loaded] = serializers.deserialize("json", dumped)
    assert loaded.object.secrets["password"] == SECRET


@pytest.mark.parametrize(
    ("keys", "sentences"),
    [
        ([], ["FIELD_KEYS is not set: credentials can't be stored or read."]),
        (["sesame"], ["FIELD_KEYS: key number 1 is not a Fernet key."]),
        (["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=", "sesame"], ["FIELD_KEYS: key number 2 is not a Fernet key."]),
        (["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="], []),
    ],
)
def test_system_check_names_the_position_of_a_bad_key(settings: Settings, keys: list[str], sentences: list[str]) -> None:
    settings.FIELD_KEYS = keys
    found = check_field_keys()
    assert [error.msg for error in found] == sentences
    assert all("sesame" not in f"{error.msg}{error.hint}" for error in found)
