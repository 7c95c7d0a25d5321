"""The two ways into the GE stand-in, as plain calls."""

from __future__ import annotations

from typing import Any

import requests

from sandbox.ge.dms import SESSION_COOKIES
from sandbox.ge.rows import TOKEN
from sandbox.server import Sandbox

FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "stock:FG": ("erpCheckInventory/erpInventorySpreadsheet", {"dmsLoc": "7QX", "invorg": "7QX", "subInvLoc": "FG", "erpDataList": "[]"}),
    "stock:ASIS": (
        "erpCheckInventory/erpInventorySpreadsheet",
        {"dmsLoc": "7QX", "invorg": "7QX", "subInvLoc": "ASIS", "erpDataList": "[]"},
    ),
    "stock:STA": ("erpCheckInventory/erpInventorySpreadsheet", {"dmsLoc": "7QX", "invorg": "7QX", "subInvLoc": "STA", "erpDataList": "[]"}),
    "loads:open": ("newasis/downloadExcelSpreadsheet", {"request": "ASIS", "dmsLoc": "7QX"}),
    "loads:history": ("newasis/downloadReportHistoryExcelSpreadsheet", {"dmsLoc": "7QX"}),
}


def get(sandbox: Sandbox, path: str, *, token: str = TOKEN, **query: str) -> requests.Response:
    return requests.get(
        f"{sandbox.url}/ge{path}", params=query, headers={"Authorization": f"Bearer {token}"}, timeout=60, allow_redirects=False
    )


def rows(sandbox: Sandbox, path: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        body = get(sandbox, path, **query).json()
        found += body["rows"]
        if "next" not in body:
            return found
        query["cursor"] = body["next"]


def download(sandbox: Sandbox, kind: str, *, cookies: dict[str, str] = SESSION_COOKIES, **changed: str) -> requests.Response:
    path, form = FORMS[kind]
    return requests.post(f"{sandbox.url}/ge/dms/{path}", data={**form, **changed}, cookies=cookies, timeout=60, allow_redirects=False)


def download_roster(sandbox: Sandbox, number: str) -> requests.Response:
    address = f"{sandbox.url}/ge/dms/newasis/downloadCsvSpreadsheet"
    query = {"invOrg": number[:3], "createDate": number[3:]}
    return requests.post(address, params=query, data={"hCsvView": "CSV"}, cookies=SESSION_COOKIES, timeout=60, allow_redirects=False)
