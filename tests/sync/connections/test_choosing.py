"""Which connection is meant, and whether it may be used."""

from __future__ import annotations

import pytest

from accounts.acting import Actor
from sync import choosing, connections
from sync.models import Connection
from sync.secrets import CredentialsUnreadable
from tests.build import make_account, make_actor


def another(owner: Actor, name: str) -> Connection:
    return connections.add(owner, system="ge", name=name, settings={"org": "7QX"})


def test_the_only_one_that_is_on_is_meant_when_none_is_named(owner: Actor, connection: Connection) -> None:
    connections.edit(owner, another(owner, "Old"), enabled=False)
    another(make_actor(make_account("Elsewhere")), "Foreign")

    assert choosing.for_system(owner.account, "ge") == connection


def test_several_are_listed(owner: Actor, connection: Connection) -> None:
    second = another(owner, "South")

    with pytest.raises(choosing.ConnectionRequired) as caught:
        choosing.for_system(owner.account, "ge")

    assert (caught.value.status, caught.value.code) == (400, "connection_required")
    assert caught.value.sentence == f"There are several GE Appliances connections: GE ({connection.pk}), South ({second.pk})."


def test_none_at_all_is_said(owner: Actor) -> None:
    with pytest.raises(choosing.ConnectionRequired, match=r"There is no GE Appliances connection yet\."):
        choosing.for_system(owner.account, "ge")


def test_none_that_is_on_is_said(owner: Actor, connection: Connection) -> None:
    connections.edit(owner, connection, enabled=False)

    with pytest.raises(choosing.ConnectionRequired, match=r"There is no GE Appliances connection that is switched on\."):
        choosing.for_system(owner.account, "ge")


def test_named_by_name_id_or_id_as_text(owner: Actor, connection: Connection) -> None:
    another(owner, "South")

    for named in ("GE", connection.pk, str(connection.pk)):
        assert choosing.for_system(owner.account, "ge", named) == connection


def test_name_goes_before_number(owner: Actor, connection: Connection) -> None:
    numbered = another(owner, str(connection.pk))

    assert choosing.for_system(owner.account, "ge", str(connection.pk)) == numbered
    assert choosing.for_system(owner.account, "ge", connection.pk) == connection


def test_one_of_another_account_is_unknown(owner: Actor, connection: Connection) -> None:
    foreign = another(make_actor(make_account("Elsewhere")), "Foreign")

    for named in (foreign.pk, "Foreign", "²", "9" * 40):
        with pytest.raises(choosing.UnknownConnection) as caught:
            choosing.for_system(owner.account, "ge", named)
        assert caught.value.hint == f"There are: GE ({connection.pk})."


def test_a_working_connection_is_usable(connection: Connection) -> None:
    choosing.usable(connection)


def test_a_paused_one_is_not(owner: Actor, connection: Connection) -> None:
    with pytest.raises(choosing.ConnectionPaused, match=r"The connection “GE” was paused by Mara\."):
        choosing.usable(connections.pause(owner, connection))


def test_one_that_is_switched_off_is_not(owner: Actor, connection: Connection) -> None:
    with pytest.raises(choosing.ConnectionDisabled, match=r"The connection “GE” is switched off\."):
        choosing.usable(connections.edit(owner, connection, enabled=False))


def test_one_whose_credentials_no_key_opens_is_not(connection: Connection, settings: pytest.FixtureRequest) -> None:
    settings.FIELD_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="]  # type: ignore[attr-defined]
    connection.refresh_from_db()

    with pytest.raises(CredentialsUnreadable):
        choosing.usable(connection)
