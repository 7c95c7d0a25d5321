"""The hub's REST API, as a shop's own program would use it. Standard library only."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from typing import Any

from sandbox.children import Broken


class Hub:
    """Calls with one token. Each raises Broken with the hub's own sentence when it is refused."""

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token
        # The loopback address is never behind a proxy.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows: list[dict[str, Any]] = []
        following = f"{self._address}{path}"
        while following:
            page = self._call(following.removeprefix(self._address))
            rows += page["results"]
            following = page["next"]
        return rows

    def post(self, path: str, content: dict[str, Any], *, key: str = "") -> dict[str, Any]:
        """Send `content`; with a `key`, sending it again changes nothing."""
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        return self._call(path, json.dumps(content).encode(), headers)

    def import_products(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Make or update products from a table."""
        text = io.StringIO()
        csv.writer(text).writerows([headings, *rows])
        boundary = uuid.uuid4().hex
        start = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="products.csv"\r\nContent-Type: text/csv\r\n\r\n'
        body = f"{start}{text.getvalue()}\r\n--{boundary}--\r\n".encode()
        self._call("/api/products/import", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _call(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(self._address + path, body, {"Authorization": f"Token {self._token}", **(headers or {})})
        try:
            with self._open(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read(2000).decode(errors="replace")
            raise Broken(f"The demo could not be filled: {path} answered {error.code}: {said}") from error
        except OSError as error:
            raise Broken(f"The demo could not be filled: {path}: {error}") from error
        return found
