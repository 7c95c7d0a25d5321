"""What a body of JSON may hold: everything that a database can keep."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from sync.models import Connection

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.mark.parametrize("path", ["/api/sync/inventory", "/api/products", "/api/feeds/stock:FG/confirm"])
@pytest.mark.parametrize("body", ["[" * 100_000, '{"preview":' * 100_000], ids=["lists", "objects"])
def test_a_body_that_is_nested_without_end_is_refused_in_words(manager: APIClient, connection: Connection, path: str, body: str) -> None:
    answer = manager.post(path, body, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert "nested too deeply" in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    ['{"connection": "\\ud800"}', '{"preview": true, "\\udfff": 1}', '{"connection": [{"name": "\\ud800"}]}'],
    ids=["value", "name", "deep"],
)
def test_half_a_character_is_refused_in_words(manager: APIClient, connection: Connection, body: str) -> None:
    answer = manager.post("/api/sync/inventory", body, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert "unpaired surrogate" in answer.json()["message"]


def test_characters_that_are_written_as_a_pair_are_taken(manager: APIClient) -> None:
    answer = manager.post("/api/products", '{"sku": "QTX-\\ud83d\\udce6"}', content_type=JSON)
    assert (answer.status_code, answer.json()["sku"]) == (201, "QTX-\N{PACKAGE}")
