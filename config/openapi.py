"""What the OpenAPI document says about the API as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Endpoint = tuple[str, str, str, Callable[..., Any]]

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "For programs."},
        "message": {"type": "string", "description": "What is wrong, in a sentence."},
        "hint": {"type": "string", "description": "What to do about it."},
        "errors": {"type": "object", "additionalProperties": {}, "description": "Where the input is wrong, by field."},
        "details": {"type": "object", "additionalProperties": {}, "description": "Figures and ids behind the sentence."},
    },
}


def without_slash(endpoints: list[Endpoint], **_options: Any) -> list[Endpoint]:
    """Addresses that work with and without a slash at the end are shown without."""
    return [(path.removesuffix("/") if regex.endswith("/?$") else path, regex, method, view) for path, regex, method, view in endpoints]


def with_problems(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Every operation may answer with a problem."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {"description": "It can't be done.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", answer)
    return result


def connection_states() -> list[str]:
    """The values of sync.condition.State, which settings can't import."""
    from sync.condition import State

    return [state.value for state in State]


def test_findings() -> list[str]:
    """The values of sync.wire.verdict.Finding, likewise."""
    from sync.wire.verdict import Finding

    return [finding.value for finding in Finding]
