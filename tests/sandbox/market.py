"""Calls to the marketplaces' stand-ins, as plain as can be: signed by oauthlib for BrickLink, with the key for Brick Owl."""

from __future__ import annotations

import json
import time
from typing import Any

import requests
from oauthlib.oauth1 import Client

from sandbox.bricklink import keys
from sandbox.bricklink.system import PREFIX
from sandbox.brickowl.keys import API_KEY
from sandbox.server import Sandbox

BRICK: dict[str, Any] = {
    "item": {"no": "3001", "type": "PART"},
    "color_id": 11,
    "quantity": 12,
    "unit_price": "0.1250",
    "new_or_used": "N",
    "description": "",
    "remarks": "A-12",
    "bulk": 1,
    "is_retain": False,
    "is_stock_room": False,
}
OWL_BRICK = {"boid": "900001", "color_id": "38", "quantity": "12", "price": "0.125", "condition": "new", "external_id": "ls-7f3c2a"}


class BrickLinkCalls:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._nonce = 0

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        secret: str = keys.CONSUMER_SECRET,
        content_type: str = "application/json",
        timeout: float = 60,
        **signing: Any,
    ) -> requests.Response:
        """One signed call; `signing` are nonce and timestamp where the test says."""
        client = Client(keys.CONSUMER_KEY, secret, keys.TOKEN_VALUE, keys.TOKEN_SECRET, **signing)
        url, headers, _ = client.sign(f"{self.sandbox.url}/bricklink{PREFIX}{path}", http_method=method)
        data = None if body is None else json.dumps(body).encode()
        return requests.request(method, url, headers={**headers, "Content-Type": content_type}, data=data, timeout=timeout)

    def code(self, method: str, path: str, body: Any = None, **signing: Any) -> tuple[int, str]:
        """Code and description inside the answer."""
        answer = self.send(method, path, body, **signing)
        assert answer.status_code == 200
        return answer.json()["meta"]["code"], answer.json()["meta"]["description"]

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """The data of an answer that must be a success."""
        answer = self.send(method, path, body).json()
        assert answer["meta"]["code"] // 100 == 2, answer["meta"]
        return answer["data"]

    def create(self, **changed: Any) -> int:
        return int(self.data("POST", "/inventories", {**BRICK, **changed})["inventory_id"])

    def lots(self) -> list[dict[str, Any]]:
        return self.sandbox.rows("bricklink", "lots")

    def switch(self, name: str, **settings: Any) -> None:
        self.sandbox.control("bricklink", "switch", name=name, **settings)


class BrickOwlCalls:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def get(self, endpoint: str, **query: Any) -> requests.Response:
        return requests.get(f"{self.sandbox.url}/brickowl/v1/{endpoint}", params={"key": API_KEY, **query}, timeout=60)

    def post(self, endpoint: str, **form: Any) -> requests.Response:
        return requests.post(f"{self.sandbox.url}/brickowl/v1/{endpoint}", data={"key": API_KEY, **form}, timeout=60)

    def create(self, **changed: str) -> str:
        answer = self.post("inventory/create", **{**OWL_BRICK, **changed})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["lot_id"])

    def lot(self, lot_id: str) -> dict[str, Any]:
        (lot,) = self.get("inventory/list", lot_id=lot_id, active_only=0).json()
        return dict(lot)

    def batch(self, *calls: tuple[str, dict[str, Any]]) -> requests.Response:
        sent = [{"endpoint": endpoint, "request_method": "POST", "params": [params]} for endpoint, params in calls]
        return self.post("bulk/batch", requests=json.dumps({"requests": sent}))

    def lots(self) -> list[dict[str, Any]]:
        return self.sandbox.rows("brickowl", "lots")

    def switch(self, name: str, **settings: Any) -> None:
        self.sandbox.control("brickowl", "switch", name=name, **settings)


def now() -> str:
    """The time as signatures carry it."""
    return str(int(time.time()))
