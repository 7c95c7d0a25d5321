from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


def generated() -> Any:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="module")
def document() -> Any:
    return generated()


def test_it_is_made_without_a_warning() -> None:
    generated()
    assert [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache] == []


def test_it_is_valid(document: Any) -> None:
    validate_schema(document)


def test_syncs_are_at_the_addresses_that_were_asked_for(document: Any) -> None:
    assert {"/api/sync/inventory", "/api/sync/fg", "/api/sync/asis", "/api/sync/sta"} <= set(document["paths"])


def test_every_operation_says_what_a_problem_looks_like(document: Any) -> None:
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    problem = {"$ref": "#/components/schemas/Problem"}
    assert operations
    assert all(operation["responses"]["default"]["content"]["application/json"]["schema"] == problem for operation in operations)


def test_every_name_of_an_operation_is_there_once(document: Any) -> None:
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_page_needs_no_other_host(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    files = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert any(file.endswith("swagger-ui-bundle.js") for file in files)
    assert all(file.startswith("/static/") and finders.find(file.removeprefix("/static/")) for file in files)
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
