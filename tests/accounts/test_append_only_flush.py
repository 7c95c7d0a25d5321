"""Transactional tests leave an empty database behind, whatever they wrote into append-only tables."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from accounts.acting import Actor
from accounts.audit import record
from accounts.models import AuditLog, Maintenance
from tests.build import make_account


@pytest.mark.django_db(transaction=True)
def test_the_flush_after_a_test_empties_the_log_and_closes_maintenance() -> None:
    record(Actor.system(make_account(), "test"), entity="Unit", entity_id=7, action="ADD")
    call_command("flush", interactive=False, verbosity=0)
    assert not AuditLog.objects.exists()
    assert not Maintenance.objects.exists()
    row = record(Actor.system(make_account(), "test"), entity="Unit", entity_id=7, action="ADD")
    with pytest.raises(DatabaseError, match="append-only"):
        row.delete()
