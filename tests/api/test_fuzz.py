"""Whatever is sent to whatever address as whatever role: the answer is never a server error, and what the OpenAPI document promises."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from accounts.roles import Role
from config.wsgi import application
from tests.api.world import World, make_world
from tests.build import make_account, make_member, make_token

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
"""For each operation, each sent as every role. FUZZ_EXAMPLES=50 looks further and takes longer."""

PARTS = 4
"""Tests that share the operations among them, so that two processes can take their turns."""

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOWN = ("/api/health", 503)
"""Without a worker, that is the truth."""


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Requests leave the connection open, in which the test's transaction is."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield make_world(make_account())
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def headers(world: World) -> dict[str, dict[str, str]]:
    """What a program of each role sends with its requests; an anonymous one sends nothing."""
    made = {role.value: f"Token {make_token(make_member(world.account, role, role.value))}" for role in Role}
    return {"anonymous": {}, **{role: {"Authorization": token} for role, token in made.items()}}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_is_one_that_the_document_promises(
    operations: list[Any], world: World, headers: dict[str, dict[str, str]], part: int
) -> None:
    failed, answers, sent = [], Counter[tuple[str, int]](), 0

    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        if sent % 2:
            # An invented id leads nowhere; every second request is about a row that is there.
            case.path_parameters = {name: world.row(case.path) for name in case.path_parameters or {}}
        for role, header in headers.items():
            with transaction.atomic():
                answer = case.call(headers=header)
                # Whatever one role did, the next finds the same rows.
                transaction.set_rollback(True)
            answers[role, answer.status_code] += 1
            if (case.path, answer.status_code) == DOWN:
                continue
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as found:
                said = [each.message for each in found.exceptions]
                failed.append(f"as {role}: {case.as_curl_command()}: {answer.status_code}, {said}")

    few = settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    for operation in operations[part::PARTS]:
        seed(1)(few(given(case=operation.as_strategy())(send)))()
    assert failed == []
    assert all(answers[role.value, 200] for role in Role)
