"""A till of which lines are held: one branch nobody has assigned, one barcode nobody knows, one that two products have."""

from __future__ import annotations

import pytest

from accounts.models import Account
from tests.build import make_account
from tests.sync.facts_doors.build import Held, make_held


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def held(account: Account) -> Held:
    return make_held(account)
