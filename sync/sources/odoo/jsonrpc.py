"""JSON-RPC, the API of Odoo up to 21: one path, log in first, database and key with every call (docs/odoo.md, “Wire”)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.sources.odoo import problems
from sync.wire.errors import WireError
from sync.wire.session import WireSession

NAME = "jsonrpc"
_LOG_IN, _CALL = 1, 2


class JsonRpc:
    """Calls of methods by JSON-RPC, as the user that `log_in` found."""

    name = NAME

    def __init__(self, database: str, login: str, key: str) -> None:
        self._database, self._login, self._key = database, login, key
        self._user: int | None = None
        self.session: Mapping[str, Any] = {"headers": {"Accept": "application/json"}, "judge": _judged}
        """What its calls' sessions are opened with."""

    def version(self, wire: WireSession) -> Any:
        """What it says its version is; needs no log-in. Raises WireError."""
        said = _result(_asked(wire, _CALL, "common", "version", []))
        return said.get("server_version") if isinstance(said, dict) else None

    def log_in(self, wire: WireSession) -> None:
        """Find out the user's number, once. Raises WireError, BadCredentials."""
        if self._user is None:
            found = _result(_asked(wire, _LOG_IN, "common", "authenticate", [self._database, self._login, self._key, {}]))
            if isinstance(found, bool) or not isinstance(found, int):
                raise problems.bad_login()
            self._user = found

    def call(self, wire: WireSession, model: str, method: str, parameters: Mapping[str, Any], expect: type[Any]) -> Any:
        """What the method answers to these named parameters. Only for what reads. Raises WireError."""
        self.log_in(wire)
        named = dict(parameters)
        # By position: versions differ in what they call it.
        given = [named.pop("domain")] if "domain" in named else []
        arguments = [self._database, self._user, self._key, model, method, given, named]
        found = _result(_asked(wire, _CALL, "object", "execute_kw", arguments))
        if not isinstance(found, expect):
            raise problems.no_result(model)
        return found


def _asked(wire: WireSession, number: int, service: str, method: str, arguments: list[Any]) -> dict[str, Any]:
    question = {"jsonrpc": "2.0", "method": "call", "id": number, "params": {"service": service, "method": method, "args": arguments}}
    return wire.read_json("POST", "/jsonrpc", json=question, expect=dict)


def _result(answer: Mapping[str, Any]) -> Any:
    """A method that returns nothing answers without a result."""
    return answer.get("result")


def _judged(said: Any, status: int) -> WireError | None:
    """A log-in that failed is answered with false, and counts as a refused one before anybody else hears of the call."""
    if isinstance(said, dict) and said.get("id") == _LOG_IN and said.get("result") is False:
        return problems.bad_login()
    return problems.judged_rpc(said, status)
