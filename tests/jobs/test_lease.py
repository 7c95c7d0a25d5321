from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import lease
from jobs.models import Lease
from tests.jobs.conftest import wait_until


def make_lease() -> Lease:
    return Lease.objects.create(name="stock")


def let_it_end(row: Lease) -> None:
    Lease.objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_claim_takes_a_free_row_and_says_so_on_it() -> None:
    row = make_lease()
    assert lease.claim(Lease, row.pk, worker="host:1", changes={"name": "stock, claimed"}) == 1
    row.refresh_from_db()
    assert (row.fence, row.attempt, row.worker, row.name) == (1, 1, "host:1", "stock, claimed")
    assert Lease.objects.filter(lease_until__gt=Now() + timedelta(seconds=50), lease_until__lt=Now() + timedelta(seconds=70)).exists()


@pytest.mark.django_db
def test_held_row_is_not_claimed_again_until_it_ends() -> None:
    row = make_lease()
    assert lease.claim(Lease, row.pk) == 1
    assert lease.claim(Lease, row.pk) is None
    let_it_end(row)
    assert lease.claim(Lease, row.pk) == 2
    row.refresh_from_db()
    assert row.attempt == 2


@pytest.mark.django_db
def test_claim_keeps_to_the_extra_condition() -> None:
    row = make_lease()
    assert lease.claim(Lease, row.pk, extra_where=Q(name="something else")) is None
    assert lease.claim(Lease, row.pk, extra_where=Q(name="stock")) == 1


@pytest.mark.django_db
def test_old_fence_can_neither_renew_nor_release() -> None:
    row = make_lease()
    old = lease.claim(Lease, row.pk)
    let_it_end(row)
    new = lease.claim(Lease, row.pk)
    assert old is not None
    assert new is not None
    assert not lease.renew(Lease, row.pk, old)
    assert not lease.release(Lease, row.pk, old)
    assert lease.renew(Lease, row.pk, new)
    assert lease.release(Lease, row.pk, new)
    assert not lease.renew(Lease, row.pk, new)


@pytest.mark.django_db
def test_late_beat_keeps_the_row_when_nobody_took_it() -> None:
    row = make_lease()
    fence = lease.claim(Lease, row.pk)
    assert fence is not None
    let_it_end(row)
    assert lease.renew(Lease, row.pk, fence)
    assert lease.claim(Lease, row.pk) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_one_succeeds() -> None:
    row = make_lease()
    together = threading.Barrier(8)

    def claim(_number: int) -> int | None:
        try:
            together.wait(timeout=150)
            return lease.claim(Lease, row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        fences = list(pool.map(claim, range(8)))
    assert sorted(fences, key=str) == [1] + [None] * 7


def wait_for_beat(row: Lease, held: lease.Hold) -> None:
    def has_come() -> bool:
        assert not held.lost
        return Lease.objects.filter(pk=row.pk, lease_until__gt=Now() + timedelta(seconds=30)).exists()

    wait_until("a beat has come", has_come)


@pytest.mark.django_db(transaction=True)
def test_hold_beats_over_a_connection_of_its_own_and_closes_it() -> None:
    row = make_lease()
    fence = lease.claim(Lease, row.pk, seconds=0.2)
    assert fence is not None
    opened: list[BaseDatabaseWrapper] = []

    def note(connection: BaseDatabaseWrapper, **_signal: object) -> None:
        opened.append(connection)

    connection_created.connect(note)
    try:
        with lease.hold(Lease, row.pk, fence, every=0.01) as held:
            wait_for_beat(row, held)
            assert opened
            assert all(other is not connection for other in opened)
    finally:
        connection_created.disconnect(note)
    assert [other.connection for other in opened] == [None] * len(opened)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease ")]


@pytest.mark.django_db(transaction=True)
def test_hold_notices_that_another_has_the_row() -> None:
    row = make_lease()
    fence = lease.claim(Lease, row.pk)
    assert fence is not None
    with lease.hold(Lease, row.pk, fence, every=0.01) as held:
        assert not held.lost
        Lease.objects.filter(pk=row.pk).update(fence=F("fence") + 1)
        assert held.wait_lost(150)
    assert held.lost


@pytest.mark.django_db(transaction=True)
def test_hold_outlasts_a_write_lock() -> None:
    row = make_lease()
    fence = lease.claim(Lease, row.pk)
    assert fence is not None
    with lease.hold(Lease, row.pk, fence, every=0.01) as held:
        with transaction.atomic():
            # On SQLite this holds the one write lock, which every beat now waits for.
            Lease.objects.create(name="held up")
            assert not held.wait_lost(1.0)
        let_it_end(row)
        wait_for_beat(row, held)
        assert not held.lost


@pytest.fixture
def second_connection() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()


@pytest.mark.django_db(transaction=True)
def test_named_lets_one_in_and_opens_at_the_end(second_connection: ThreadPoolExecutor) -> None:
    def from_elsewhere() -> bool:
        with lease.named("sweep") as other:
            return other is not None

    with lease.named("sweep") as held:
        assert held is not None
        assert not second_connection.submit(from_elsewhere).result()
    assert second_connection.submit(from_elsewhere).result()
    with pytest.raises(KeyError), lease.named("sweep"):
        raise KeyError
    assert second_connection.submit(from_elsewhere).result()
