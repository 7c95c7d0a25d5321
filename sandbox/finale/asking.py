"""Just enough of the GraphQL language to see what a query asks for: fields, arguments, variables. No fragments, no directives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'\s*(?:#[^\n]*\s*)*,?\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([{}()\[\]:$!=]))')


class NotUnderstood(ValueError):
    """A query that is none; the message says where."""


@dataclass(frozen=True)
class Field:
    """One field that is asked for. `alias` is what it is called in the answer."""

    name: str
    alias: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


def asked(query: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields at the top of a query. Raises NotUnderstood."""
    reader = _Reader(query, variables)
    if reader.comes("query"):
        reader.take()
        if reader.comes() not in ("{", "("):
            reader.take()
        if reader.comes("("):
            reader.declarations()
    found = reader.fields()
    if reader.comes():
        raise NotUnderstood(f"Syntax Error: unexpected “{reader.comes()}”.")
    return found


class _Reader:
    def __init__(self, query: str, variables: Mapping[str, Any]) -> None:
        self._variables = dict(variables)
        self._tokens: list[str] = []
        place, end = 0, len(query.rstrip())
        while place < end:
            match = _TOKEN.match(query, place)
            if match is None:
                raise NotUnderstood(f"Syntax Error: unexpected “{query[place : place + 10].strip()}”.")
            self._tokens.append(next(group for group in match.groups() if group is not None))
            place = match.end()
        self._next = 0

    def comes(self, word: str = "") -> str:
        """The next token, blank at the end; with `word`, blank unless it is that one."""
        token = self._tokens[self._next] if self._next < len(self._tokens) else ""
        return token if not word or token == word else ""

    def take(self, word: str = "") -> str:
        """The next token, which must be `word` where one is given."""
        token = self.comes(word)
        if not token:
            raise NotUnderstood(f"Syntax Error: expected “{word or 'more'}”, found “{self.comes() or 'the end'}”.")
        self._next += 1
        return token

    def declarations(self) -> None:
        """($first: Int!, $after: String = null): only the defaults matter."""
        self.take("(")
        while not self.comes(")"):
            self.take("$")
            name = self.take()
            self.take(":")
            while self.comes() not in ("$", ")", "=", ""):
                self.take()
            if self.comes("="):
                self.take()
                self._variables.setdefault(name, self.value())
        self.take(")")

    def fields(self) -> tuple[Field, ...]:
        self.take("{")
        found = []
        while not self.comes("}"):
            name = alias = self.take()
            if self.comes(":"):
                self.take()
                name = self.take()
            arguments = {}
            if self.comes("("):
                self.take()
                while not self.comes(")"):
                    key = self.take()
                    self.take(":")
                    arguments[key] = self.value()
                self.take(")")
            found.append(Field(name, alias, arguments, self.fields() if self.comes("{") else ()))
        self.take("}")
        return tuple(found)

    def value(self) -> Any:
        token = self.take()
        if token == "$":
            return self._variables.get(self.take())
        if token == "[":
            values = []
            while not self.comes("]"):
                values.append(self.value())
            self.take("]")
            return values
        if token == "{":
            pairs = {}
            while not self.comes("}"):
                key = self.take()
                self.take(":")
                pairs[key] = self.value()
            self.take("}")
            return pairs
        if token[0] == '"' or token in ("true", "false", "null") or token[0].isdigit() or token[0] == "-":
            return json.loads(token)
        return token
