from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from sync import connections
from sync.models import Connection, Status, SyncRun
from tests.api.build import make_run, program_as
from tests.build import make_account, make_actor


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def connection(account: Account) -> Connection:
    """A Finale connection with its schedules and its key."""
    cache.clear()
    return make_finale(account)


def make_finale(account: Account, name: str = "Finale") -> Connection:
    return connections.add(
        make_actor(account),
        system="finale",
        name=name,
        base_url="http://127.0.0.1:9/",
        settings={"account": "exampleco"},
        secrets={"key": "key123", "secret": "sec456"},
    )


def ended(connection: Connection, scope: str = "inventory", *, ago: float = 60, took: float = 12, **values: Any) -> SyncRun:
    """A run of `scope` that ended `ago` minutes before now and took so many seconds."""
    at = timezone.now() - timedelta(minutes=ago)
    dataset = "stock" if scope in ("inventory", "critical") else "catalogue"
    given = {"dataset": dataset, "scope": scope, "started_at": at - timedelta(seconds=took), "finished_at": at, **values}
    run = make_run(connection, given.pop("status", Status.SUCCEEDED), **given)
    created: datetime = given["started_at"]
    SyncRun.objects.filter(pk=run.pk).update(created_at=created, queued_at=created)
    run.refresh_from_db()
    return run


@pytest.fixture
def staff(account: Account) -> APIClient:
    return program_as(account, Role.STAFF)


@pytest.fixture
def manager(account: Account) -> APIClient:
    return program_as(account, Role.MANAGER)


@pytest.fixture
def viewer(account: Account) -> APIClient:
    return program_as(account, Role.VIEWER)
