from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from sync import key_rotation
from sync.models.connection import Connection
from sync.secrets import Secrets
from tests.sync.wire.rows import make_connection

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


def rotate() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def make_with_secret(name: str, password: str) -> Connection:
    connection = make_connection(name)
    connection.secrets = {"password": password}
    connection.save()
    return connection


@pytest.mark.django_db
def test_everything_is_rewritten_with_the_newest_key(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    for name in ("A", "B", "C"):
        make_with_secret(name, name)
    make_connection("D")
    settings.FIELD_KEYS = [NEW, OLD]
    make_with_secret("E", "E")
    assert "sync.Connection.secrets: 3 rewritten, 1 had the newest key, 0 can't be read" in rotate()
    settings.FIELD_KEYS = [NEW]
    found = Connection.objects.exclude(name="D").order_by("name")
    assert [connection.secrets["password"] for connection in found] == ["A", "B", "C", "E"]


@pytest.mark.django_db
def test_second_rotation_finds_nothing_to_do(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    make_with_secret("A", "A")
    settings.FIELD_KEYS = [NEW, OLD]
    rotate()
    assert "sync.Connection.secrets: 0 rewritten, 1 had the newest key" in rotate()


@pytest.mark.django_db
def test_rows_are_taken_in_chunks(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    for name in ("A", "B", "C", "D", "E"):
        make_with_secret(name, name)
    settings.FIELD_KEYS = [NEW, OLD]
    [done] = [rotation for rotation in key_rotation.rotate_all(chunk=2) if rotation.column == "sync.Connection.secrets"]
    assert done.rewritten == 5


@pytest.mark.django_db
def test_what_no_key_opens_is_left_and_told(settings: Settings) -> None:
    settings.FIELD_KEYS = [LOST]
    lost = make_with_secret("A", "A")
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match="1 credentials open with none of the keys") as caught:
        rotate()
    assert caught.value.returncode == 1
    settings.FIELD_KEYS = [LOST]
    assert Connection.objects.get(pk=lost.pk).secrets["password"] == "A"


@pytest.mark.django_db
def test_secret_saved_meanwhile_is_not_overwritten(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_KEYS = [OLD]
    connection = make_with_secret("A", "before")
    settings.FIELD_KEYS = [NEW, OLD]
    original = Secrets.from_sealed.__func__  # type: ignore[attr-defined]
    saved: list[bool] = []

    def save_in_between(cls: type[Secrets], sealed: str) -> Any:
        found = original(cls, sealed)
        if not saved:
            saved.append(True)
            # Another process still writes with the old key.
            settings.FIELD_KEYS = [OLD]
            Connection.objects.filter(pk=connection.pk).update(secrets=Secrets({"password": "after"}))
            settings.FIELD_KEYS = [NEW, OLD]
        return found

    monkeypatch.setattr(Secrets, "from_sealed", classmethod(save_in_between))
    [done] = [rotation for rotation in key_rotation.rotate_all() if rotation.column == "sync.Connection.secrets"]
    assert done.rewritten == 1
    settings.FIELD_KEYS = [NEW]
    assert Connection.objects.get(pk=connection.pk).secrets["password"] == "after"


@pytest.mark.django_db
@pytest.mark.parametrize("keys", [[], ["sesame"]])
def test_without_good_keys_nothing_is_touched(settings: Settings, keys: list[str]) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(CommandError, match="FIELD_KEYS") as caught:
        rotate()
    assert caught.value.returncode == 2
    assert "sesame" not in str(caught.value)
