from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import Account
from jobs import idempotency
from jobs.errors import KeyReused, StillRunning
from jobs.models import IdempotencyKey
from tests.build import make_account, make_actor


class Counting:
    """A request that makes an account, and counts how often it did."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> tuple[int, Any]:
        self.done += 1
        made = make_account(f"made {self.done}")
        return 201, {"id": made.pk, "lines": [1, 2]}


@pytest.mark.django_db
def test_first_answer_is_given_again() -> None:
    actor, do = make_actor(make_account()), Counting()
    first = idempotency.once(actor, "unit.add", "k1", "digest", do)
    again = idempotency.once(actor, "unit.add", "k1", "digest", do)
    made = Account.objects.get(name="made 1")
    assert first == (201, {"id": made.pk, "lines": [1, 2]}, False)
    assert again == (201, {"id": made.pk, "lines": [1, 2]}, True)
    assert do.done == 1


@pytest.mark.django_db
def test_key_of_another_operation_or_account_is_another_key() -> None:
    do = Counting()
    mine, theirs = make_actor(make_account()), make_actor(make_account("8QX"))
    for actor, operation in ((mine, "unit.add"), (mine, "load.add"), (theirs, "unit.add")):
        assert idempotency.once(actor, operation, "k1", "digest", do)[2] is False
    assert do.done == 3


@pytest.mark.django_db
def test_key_with_another_request_is_refused() -> None:
    actor, do = make_actor(make_account()), Counting()
    idempotency.once(actor, "unit.add", "k1", "digest", do)
    with pytest.raises(KeyReused, match="The idempotency key “k1” was used for a different request"):
        idempotency.once(actor, "unit.add", "k1", "another digest", do)
    assert do.done == 1


@pytest.mark.django_db
def test_request_that_fails_leaves_nothing_and_may_be_corrected() -> None:
    actor, do = make_actor(make_account()), Counting()

    def fail() -> tuple[int, Any]:
        do()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        idempotency.once(actor, "unit.add", "k1", "digest", fail)
    assert not Account.objects.filter(name="made 1").exists()
    assert idempotency.once(actor, "unit.add", "k1", "corrected digest", do)[2] is False


@pytest.mark.django_db(transaction=True)
def test_second_request_while_the_first_runs_is_told_so() -> None:
    actor = make_actor(make_account())
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> tuple[int, Any]:
        begun.set()
        assert go_on.wait(150)
        return 200, {"slow": True}

    def first() -> tuple[int, Any, bool]:
        try:
            return idempotency.once(actor, "unit.add", "k1", "digest", slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        assert begun.wait(150)
        with pytest.raises(StillRunning, match="is still running"):
            idempotency.once(actor, "unit.add", "k1", "digest", Counting())
        go_on.set()
        assert running.result() == (200, {"slow": True}, False)
    assert idempotency.once(actor, "unit.add", "k1", "digest", Counting()) == (200, {"slow": True}, True)


@pytest.mark.django_db(transaction=True)
def test_of_many_equal_requests_at_once_one_is_done() -> None:
    actor, do = make_actor(make_account()), Counting()
    together = threading.Barrier(6)

    def send(_number: int) -> str:
        try:
            together.wait(timeout=150)
            return "replayed" if idempotency.once(actor, "unit.add", "k1", "digest", do)[2] else "done"
        except StillRunning:
            return "still running"
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(send, range(6)))
    assert outcomes.count("done") == 1
    assert do.done == 1


def cut_off(account: Account) -> IdempotencyKey:
    """A request whose process was killed before it had an answer."""
    return IdempotencyKey.objects.create(
        account=account, operation="unit.add", key="k1", request_digest="digest", fence=1, lease_until=Now() + timedelta(seconds=60)
    )


@pytest.mark.django_db
def test_request_that_was_cut_off_is_done_again_when_its_lease_is_over() -> None:
    account, do = make_account(), Counting()
    row = cut_off(account)
    with pytest.raises(StillRunning):
        idempotency.once(make_actor(account), "unit.add", "k1", "digest", do)
    IdempotencyKey.objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert idempotency.once(make_actor(account), "unit.add", "k1", "digest", do)[0] == 201
    assert do.done == 1


@pytest.mark.django_db
def test_request_that_was_taken_over_rolls_back() -> None:
    actor = make_actor(make_account())

    def overtaken() -> tuple[int, Any]:
        make_account("never")
        IdempotencyKey.objects.update(fence=7)
        return 201, {}

    with transaction.atomic(), pytest.raises(StillRunning):
        idempotency.once(actor, "unit.add", "k1", "digest", overtaken)
    assert not Account.objects.filter(name="never").exists()


@pytest.mark.django_db
def test_keys_are_kept_for_thirty_days() -> None:
    actor, do = make_actor(make_account()), Counting()
    for key, days in (("old", 31), ("young", 29)):
        idempotency.once(actor, "unit.add", key, "digest", do)
        IdempotencyKey.objects.filter(key=key).update(created_at=Now() - timedelta(days=days))
    assert idempotency.prune() == 1
    assert IdempotencyKey.objects.get().key == "young"
