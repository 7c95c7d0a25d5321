"""The downloads have the shapes of GE's own."""

from __future__ import annotations

import csv
import io

import pytest
import requests
from python_calamine import CalamineWorkbook

from sandbox.ge.dms import SESSION_COOKIES
from sandbox.server import Sandbox
from tests.sandbox.calls import download, download_roster, rows

SHEETS = [
    ("stock:FG", "ERP On Hand Qty"),
    ("stock:ASIS", "ERP On Hand Qty"),
    ("stock:STA", "ERP On Hand Qty"),
    ("loads:open", "ASISLoadData"),
    ("loads:history", "ASISReportHistoryData"),
]


def sheet(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


@pytest.mark.parametrize(("kind", "name"), SHEETS)
def test_lists_are_excel_97_with_one_sheet_of_texts(sandbox: Sandbox, kind: str, name: str) -> None:
    content = download(sandbox, kind).content
    assert content[:8] == bytes.fromhex("d0cf11e0a1b11ae1")
    assert b"\x09\x08\x10\x00\x00\x06" in content[:1024]  # the BOF record of BIFF8
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == [name]
    assert {type(cell) for line in sheet(content) for cell in line} == {str}


def test_stock_ends_with_a_total_row_and_leaves_the_quantity_of_serials_blank(sandbox: Sandbox) -> None:
    lines = sheet(download(sandbox, "stock:ASIS").content)
    assert lines[0] == ["Model #", "Serial #", "Inv Qty", "Availability Status", "Availability Message"]
    assert lines[-1][:2] == ["Total", "850"]
    assert {line[2] for line in lines[1:-1] if line[1]} == {""}
    assert len([line for line in lines[1:-1] if not line[1]]) == 8


def test_headings_of_the_load_lists(sandbox: Sandbox) -> None:
    assert sheet(download(sandbox, "loads:open").content)[0] == ["Load Number", "Units", "Notes", "Scanned Date/Time", "Status"]
    assert sheet(download(sandbox, "loads:history").content)[0] == [
        "Inv Org",
        "Load Number",
        "Submitted Date",
        "CSO",
        "Status",
        "Pricing",
        "CSO Status",
        "Units",
    ]


def test_roster_is_csv_with_every_field_in_quotes(sandbox: Sandbox) -> None:
    number = rows(sandbox, "/loads", org="7QX", scope="open")[0]["loadNumber"]
    text = download_roster(sandbox, number).text
    assert text.startswith('"ORDC","MODELS","SERIALS","QTY","LOAD NUMBER"\n')
    assert "\r" not in text
    assert {line["LOAD NUMBER"] for line in csv.DictReader(io.StringIO(text))} == {number}


@pytest.mark.parametrize("bucket", ["FG", "ASIS", "STA"])
def test_both_ways_in_tell_the_same(sandbox: Sandbox, bucket: str) -> None:
    lines = sheet(download(sandbox, f"stock:{bucket}").content)[1:-1]
    as_rows = [
        [row["model"], row["serial"] or "", "" if row["serial"] else str(row["qty"]), row["status"], row["message"] or ""]
        for row in rows(sandbox, f"/stock/{bucket}", org="7QX")
    ]
    assert lines == as_rows


def test_a_stranger_is_sent_to_the_sign_in(sandbox: Sandbox) -> None:
    answer = download(sandbox, "stock:FG", cookies={})
    assert answer.status_code == 302
    assert "/sso/" in answer.headers["Location"]


def test_signing_in_gives_the_cookies_that_downloads_need(sandbox: Sandbox) -> None:
    browser = requests.Session()
    browser.post(f"{sandbox.url}/ge/sso/authorize", data={"username": "any", "password": "any"}, timeout=60)
    assert {cookie.name: cookie.value for cookie in browser.cookies} == SESSION_COOKIES
    assert browser.get(f"{sandbox.url}/ge/dms/newasis", allow_redirects=False, timeout=60).status_code == 200


def test_the_probe_tells_a_live_session_from_none(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/ge/dms/newasis"
    assert requests.get(address, cookies=SESSION_COOKIES, allow_redirects=False, timeout=60).status_code == 200
    assert requests.get(address, allow_redirects=False, timeout=60).status_code == 302


def test_an_incomplete_form_is_refused(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.url}/ge/dms/erpCheckInventory/erpInventorySpreadsheet", data={"subInvLoc": "FG"}, cookies=SESSION_COOKIES, timeout=10
    )
    assert answer.status_code == 400


def test_another_organisation_is_empty_and_its_footer_says_so(sandbox: Sandbox) -> None:
    lines = sheet(download(sandbox, "stock:FG", dmsLoc="8AA", invorg="8AA").content)
    assert [line[:3] for line in lines[1:]] == [["Total", "0", "0"]]
