from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from sync.models.budget import CallBudget
from sync.wire.budget import ConnectionBudget, block, forecast, spend
from sync.wire.caller import Spending
from sync.wire.errors import BudgetSpent
from sync.wire.session import WireSession
from tests.sync.wire.rows import at_once, make_budget, make_connection
from tests.sync.wire.server import Server, document, status

Open = Callable[..., WireSession]


def used(budget: CallBudget) -> int:
    budget.refresh_from_db()
    return sum(calls for _, calls in budget.spent)


def let_the_window_pass(budget: CallBudget) -> None:
    budget.refresh_from_db()
    CallBudget.objects.filter(pk=budget.pk).update(spent=[[slot - 61, calls] for slot, calls in budget.spent], version=F("version") + 1)


def spend_often(connection_id: int, names: list[str] | None = None, *, times: int = 10) -> None:
    for _ in range(times):
        spend(connection_id, names=names)


@pytest.mark.django_db
def test_budget_is_spent_call_by_call_and_then_says_when_there_is_more() -> None:
    connection = make_connection()
    make_budget(connection, limit=2)
    spend(connection.pk)
    spend(connection.pk)
    with pytest.raises(BudgetSpent, match="“minute” of 2 calls in 60 seconds is used up") as caught:
        spend(connection.pk)
    assert timezone.now() + timedelta(seconds=50) < caught.value.until < timezone.now() + timedelta(seconds=70)


@pytest.mark.django_db
def test_calls_that_left_the_window_are_free_again() -> None:
    connection = make_connection()
    budget = make_budget(connection, limit=1)
    spend(connection.pk)
    let_the_window_pass(budget)
    spend(connection.pk)
    assert used(budget) == 1


@pytest.mark.django_db
def test_reserve_is_for_urgent_calls() -> None:
    connection = make_connection()
    budget = make_budget(connection, limit=5, reserved=2)
    spend(connection.pk, cost=3)
    with pytest.raises(BudgetSpent, match="of which 2 are kept for urgent calls"):
        spend(connection.pk)
    spend(connection.pk, cost=2, urgent=True)
    with pytest.raises(BudgetSpent):
        spend(connection.pk, urgent=True)
    assert used(budget) == 5


@pytest.mark.django_db
def test_calls_that_can_wait_stop_at_their_share() -> None:
    connection = make_connection()
    budget = make_budget(connection, limit=12, reserved=2)
    for _ in range(7):
        spend(connection.pk, share=0.7)
    with pytest.raises(BudgetSpent, match="of which 2 are kept for urgent calls; calls like this one may use 7"):
        spend(connection.pk, share=0.7)
    spend(connection.pk, cost=3)
    assert used(budget) == 10


@pytest.mark.django_db
def test_all_budgets_are_spent_or_none() -> None:
    connection = make_connection()
    minute, day = make_budget(connection, "minute", limit=5), make_budget(connection, "day", window_seconds=86_400, limit=1)
    spend(connection.pk)
    with pytest.raises(BudgetSpent, match="“day”"):
        spend(connection.pk)
    assert (used(minute), used(day)) == (1, 1)


@pytest.mark.django_db
def test_named_budgets_are_spent_alone() -> None:
    connection = make_connection()
    reads, writes = make_budget(connection, "reads", limit=5), make_budget(connection, "writes", limit=5)
    spend(connection.pk, names=["writes"])
    assert (used(reads), used(writes)) == (0, 1)


@pytest.mark.django_db
def test_other_connections_keep_theirs() -> None:
    one, other = make_connection("GE"), make_connection("Odoo")
    make_budget(one, limit=1)
    kept = make_budget(other, limit=1)
    spend(one.pk)
    assert used(kept) == 0


@pytest.mark.django_db
def test_connection_without_budgets_may_call() -> None:
    spend(make_connection().pk)


@pytest.mark.django_db
def test_more_calls_at_once_than_the_budget_holds_are_a_mistake() -> None:
    connection = make_connection()
    make_budget(connection, limit=3)
    with pytest.raises(ValueError, match="never fit"):
        spend(connection.pk, cost=4)


@pytest.mark.django_db
def test_block_holds_calls_and_is_never_shortened() -> None:
    connection = make_connection()
    budget = make_budget(connection)
    block(connection.pk, 600)
    block(connection.pk, 5)
    with pytest.raises(BudgetSpent, match="asked for no more calls") as caught:
        spend(connection.pk, urgent=True)
    assert caught.value.until > timezone.now() + timedelta(seconds=500)
    CallBudget.objects.update(blocked_until=Now() - timedelta(seconds=1))
    spend(connection.pk)
    assert used(budget) == 1


@pytest.mark.django_db
def test_forecast_tells_what_is_left() -> None:
    connection = make_connection()
    make_budget(connection, "day", window_seconds=86_400, limit=100, reserved=40)
    make_budget(connection, "minute", limit=10)
    spend(connection.pk, cost=10)
    minute, day = forecast(connection.pk)
    assert (minute.name, minute.used, minute.left, minute.left_urgent) == ("minute", 10, 0, 0)
    assert minute.free_at > timezone.now()
    assert (day.name, day.used, day.left, day.left_urgent) == ("day", 10, 50, 90)
    assert day.free_at <= timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"limit": 0}, {"window_seconds": 0}, {"limit": 3, "reserved": 3}])
def test_impossible_budget_is_refused_by_the_database(values: dict[str, int]) -> None:
    connection = make_connection()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_budget(connection, **values)


@pytest.mark.django_db(transaction=True)
def test_spending_inside_a_transaction_is_refused() -> None:
    connection = make_connection()
    make_budget(connection)
    with pytest.raises(RuntimeError), transaction.atomic():
        spend(connection.pk)


@pytest.mark.django_db(transaction=True)
def test_threads_that_spend_at_once_never_overdraw_and_lose_nothing() -> None:
    connection = make_connection()
    minute, day = make_budget(connection, "minute", limit=20), make_budget(connection, "day", window_seconds=86_400, limit=100)
    raised = at_once(8, lambda: spend_often(connection.pk, times=4))
    assert raised
    assert all(isinstance(error, BudgetSpent) for error in raised)
    # 32 calls were wanted and 20 fit; a thread that met the end stopped there, so all 20 were made.
    assert (used(minute), used(day)) == (20, 20)


@pytest.mark.django_db(transaction=True)
def test_threads_with_room_enough_all_spend() -> None:
    connection = make_connection()
    minute, day = make_budget(connection, "minute", limit=100), make_budget(connection, "day", window_seconds=86_400, limit=100)
    assert at_once(8, lambda: spend_often(connection.pk, times=4)) == []
    assert (used(minute), used(day)) == (32, 32)


@pytest.mark.django_db(transaction=True)
def test_call_that_lost_the_race_for_its_second_budget_has_not_spent_the_first() -> None:
    connection = make_connection()
    minute, day = make_budget(connection, "minute", limit=1000), make_budget(connection, "day", window_seconds=86_400, limit=1000)
    wanted = [None, ["day"]] * 4
    assert at_once(8, lambda: spend_often(connection.pk, wanted.pop())) == []
    assert (used(minute), used(day)) == (40, 80)


@pytest.mark.django_db
def test_each_try_of_a_call_is_spent(server: Server, open_session: Open) -> None:
    connection = make_connection()
    budget = make_budget(connection, limit=10)
    server.on("/stock", status(500), status(500), document({}))
    open_session(budget=ConnectionBudget(connection.pk)).get_json("/stock", expect=dict)
    assert used(budget) == 3


@pytest.mark.django_db
def test_spent_budget_sends_nothing(server: Server, open_session: Open) -> None:
    connection = make_connection()
    make_budget(connection, limit=1)
    session = open_session(budget=ConnectionBudget(connection.pk))
    server.on("/stock", document({}))
    session.get_json("/stock", expect=dict)
    with pytest.raises(BudgetSpent):
        session.get_json("/stock", expect=dict)
    assert len(server.seen) == 1


@pytest.mark.django_db
def test_long_wish_for_silence_holds_all_workers_of_the_connection(server: Server, open_session: Open) -> None:
    connection = make_connection()
    make_budget(connection, "reads", limit=10)
    make_budget(connection, "writes", limit=10)
    server.on("/stock", status(429, Retry_After="600"))
    with pytest.raises(Exception, match="too many calls"):
        open_session(budget=ConnectionBudget(connection.pk)).get_json("/stock", expect=dict, spending=Spending(("reads",)))
    with pytest.raises(BudgetSpent):
        spend(connection.pk, names=["reads"])
    spend(connection.pk, names=["writes"])
