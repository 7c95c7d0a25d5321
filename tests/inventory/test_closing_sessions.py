from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.errors import AlwaysOpen
from inventory.models import ScanSession
from inventory.sessions import close, follow, reopen
from tests.build import make_account, make_actor
from tests.inventory.build import DAY_1, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db: None) -> Actor:
    return make_actor(make_account(), Role.STAFF)


@pytest.fixture
def session(staff: Actor) -> ScanSession:
    """Of a load that is here."""
    warehouse = make_warehouse(staff.account)
    make_unit(warehouse, "ZZ900101", load=make_load(warehouse))
    follow(warehouse, loads_judged=True, at=DAY_1)
    return ScanSession.objects.get(kind="load")


def test_closing_says_who_and_why(staff: Actor, session: ScanSession) -> None:
    closed = close(staff, session, " counted by hand ")
    assert (closed.status, closed.closed_by, closed.closed_reason) == ("closed", "person", "counted by hand")
    assert closed.closed_at is not None
    entry = AuditLog.objects.get(entity="ScanSession")
    assert (entry.before["status"], entry.after["status"], entry.after["closed_reason"]) == ("active", "closed", "counted by hand")


def test_reason_may_be_left_out(staff: Actor, session: ScanSession) -> None:
    assert close(staff, session).closed_reason == "Closed by Mara"


def test_closing_and_opening_twice_is_once(staff: Actor, session: ScanSession) -> None:
    first = close(staff, session, "loaded")
    assert close(staff, session, "again").closed_reason == "loaded"
    assert close(staff, session).closed_at == first.closed_at
    reopen(staff, session)
    assert reopen(staff, session).note == "Opened again by Mara"
    assert AuditLog.objects.filter(entity="ScanSession").count() == 2


def test_open_again_is_like_new(staff: Actor, session: ScanSession) -> None:
    ScanSession.objects.filter(pk=session.pk).update(empty_runs=1)
    close(staff, session)
    opened = reopen(staff, session)
    assert (opened.status, opened.closed_by, opened.closed_reason, opened.closed_at) == ("active", "", "", None)
    assert opened.empty_runs == 0


def test_bucket_is_never_closed(staff: Actor, session: ScanSession) -> None:
    with pytest.raises(AlwaysOpen, match="The session of bucket STA is always open"):
        close(staff, ScanSession.objects.get(bucket="STA"))


def test_long_reason_is_refused(staff: Actor, session: ScanSession) -> None:
    with pytest.raises(ValidationError, match="at most 200 characters; this one has 201"):
        close(staff, session, "x" * 201)


def test_viewer_and_strangers_close_nothing(staff: Actor, session: ScanSession) -> None:
    viewer, stranger = make_actor(staff.account, Role.VIEWER), make_actor(make_account("8QX"))
    for verb in (close, reopen):
        with pytest.raises(NotAllowed):
            verb(viewer, session)
        with pytest.raises(ScanSession.DoesNotExist):
            verb(stranger, session)
