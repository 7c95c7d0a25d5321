from __future__ import annotations

import pytest

from accounts.errors import NotAllowed
from accounts.models import Account, AuditLog
from accounts.roles import Role
from sync.confirmations import NothingToConfirm, confirm
from sync.models import Connection, FeedConfirmation, FeedDocument, RunFeed, SyncRun, Verdict
from sync.sources.ge.uploads import upload
from tests.build import make_account, make_actor
from tests.sync.ge import files
from tests.sync.ge.uploading import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return make_account("North")


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


@pytest.fixture
def empty(connection: Connection) -> FeedDocument:
    return upload(make_actor(connection.account), connection, "stock:FG", "FG.xls", files.stock_xls([], footer=False))


def test_manager_puts_a_doubt_aside_once_and_for_that_content(connection: Connection, empty: FeedDocument) -> None:
    manager = make_actor(connection.account, Role.MANAGER)
    first = confirm(manager, connection, "stock:FG", empty.checksum, "empty")
    second = confirm(manager, connection, "stock:FG", empty.checksum, "empty")
    assert first == second
    assert (first.confirmed_by, first.checksum, first.code) == ("Mara", empty.checksum, "empty")
    row = AuditLog.objects.get(entity="FeedConfirmation")
    assert (row.action, row.after) == (
        "CONFIRM",
        {"connection": connection.pk, "feed": "stock:FG", "code": "empty", "checksum": empty.checksum},
    )


def test_doubt_of_a_run_can_be_put_aside(connection: Connection) -> None:
    run = SyncRun.objects.create(account=connection.account, connection=connection, dataset="stock", scope="inventory", trigger="api")
    RunFeed.objects.create(
        account=connection.account,
        run=run,
        feed="stock:STA",
        verdict=Verdict.INVALID,
        error_code="shrunken",
        confirmable=True,
        checksum="c" * 64,
    )
    assert confirm(make_actor(connection.account, Role.MANAGER), connection, "stock:STA", "c" * 64, "shrunken").pk


def test_what_is_incomplete_can_not_be_confirmed(connection: Connection) -> None:
    body = files.next_day_with_sta_cut()["stock:STA"]
    document = upload(make_actor(connection.account), connection, "stock:STA", "STA.xls", body)
    with pytest.raises(NothingToConfirm) as caught:
        confirm(make_actor(connection.account, Role.MANAGER), connection, "stock:STA", document.checksum, "footer_mismatch")
    assert caught.value.sentence == "No document of this content is waiting for a confirmation of “footer_mismatch”."
    assert not FeedConfirmation.objects.exists()


@pytest.mark.parametrize(("feed", "code"), [("stock:STA", "empty"), ("stock:FG", "shrunken")])
def test_what_nobody_doubts_can_not_be_confirmed(connection: Connection, empty: FeedDocument, feed: str, code: str) -> None:
    with pytest.raises(NothingToConfirm):
        confirm(make_actor(connection.account, Role.MANAGER), connection, feed, empty.checksum, code)


def test_other_content_can_not_be_confirmed_in_advance(connection: Connection, empty: FeedDocument) -> None:
    with pytest.raises(NothingToConfirm):
        confirm(make_actor(connection.account, Role.MANAGER), connection, "stock:FG", "0" * 64, "empty")


def test_staff_may_not_confirm(connection: Connection, empty: FeedDocument) -> None:
    with pytest.raises(NotAllowed):
        confirm(make_actor(connection.account, Role.STAFF), connection, "stock:FG", empty.checksum, "empty")


def test_connection_of_another_account_is_not_there(connection: Connection, empty: FeedDocument) -> None:
    with pytest.raises(Connection.DoesNotExist):
        confirm(make_actor(make_account("South")), connection, "stock:FG", empty.checksum, "empty")
