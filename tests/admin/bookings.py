"""A shop with a ledger and forms as browsers send them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.admin.pages import text_of


def address(model: str, *pk: int, act: str = "") -> str:
    """Of a list, of a row's page, or of the page of something that can be done with it."""
    if act:
        return reverse(f"admin:inventory_{model}_act", args=[*pk, act])
    return reverse(f"admin:inventory_{model}_{'change' if pk else 'changelist'}", args=pk)


def entry(model: str) -> str:
    return reverse(f"admin:inventory_{model}_add")


def hidden(response: Any, name: str) -> str:
    """The value of a hidden field; empty where the page has none of that name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())
    return found.group(1) if found else ""


class Filled:
    """A form that somebody fills in: looked at, shown, booked, and booked again."""

    def __init__(self, browser: Client, model: str, **values: Any) -> None:
        self.browser, self.address = browser, entry(model)
        self.values = {name: str(value) for name, value in values.items()}
        self.key = hidden(browser.get(self.address), "key")

    def show(self, **more: Any) -> Any:
        self.shown = self._send("show", **more)
        return self.shown

    def book(self, **more: Any) -> Any:
        return self._send("book", shown=hidden(self.shown, "shown") if hasattr(self, "shown") else "", **more)

    def _send(self, button: str, **more: Any) -> Any:
        given = {**self.values, **{name: str(value) for name, value in more.items()}}
        return self.browser.post(self.address, {"key": self.key, **given, button: "1"}, follow=True)


def said(response: Any) -> str:
    assert response.status_code == 200
    return text_of(response)
