"""Looking at pages the way a person does."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def text_of(response: Any) -> str:
    """What the page says: without markup, in single blanks."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, address
    return text_of(response)


def queries_of(browser: Client, address: str) -> int:
    """How many statements showing the page takes, once nothing has to be looked up for the first time."""
    page(browser, address)
    with CaptureQueriesContext(connection) as statements:
        page(browser, address)
    return len(statements)
