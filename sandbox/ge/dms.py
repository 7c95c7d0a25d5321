"""The way in a person takes: sign-in by cookie, and form downloads of spreadsheets."""

from __future__ import annotations

from html import escape

from sandbox.exchange import Answer, Feed, Request, html_answer
from sandbox.ge.documents import Document, csv_text, xls
from sandbox.ge.world import BUCKETS, World

PREFIX = "/dms"
SIGN_IN = "/ge/sso/authorize"
SESSION_COOKIES = {"JSESSIONID": "SANDBOX-GE-SESSION", "mod_auth_openidc_session": "sandbox-ge-openid"}
"""A session that is always valid here; a made-up value, known to everybody."""

STOCK = "/dms/erpCheckInventory/erpInventorySpreadsheet"
OPEN = "/dms/newasis/downloadExcelSpreadsheet"
HISTORY = "/dms/newasis/downloadReportHistoryExcelSpreadsheet"
ROSTER = "/dms/newasis/downloadCsvSpreadsheet"
PROBE = "/dms/newasis"
DOWNLOADS = {
    STOCK: ("dmsLoc", "invorg", "subInvLoc", "erpDataList"),
    OPEN: ("request", "dmsLoc"),
    HISTORY: ("dmsLoc",),
    ROSTER: ("hCsvView",),
}
"""The downloads and the form fields each of them needs."""


def feed_of(request: Request) -> Feed | None:
    """Which download this is; None for pages and for calls whose form names nothing."""
    bucket = str(request.form.get("subInvLoc", ""))
    if request.path == STOCK and bucket in BUCKETS:
        return Feed(f"stock:{bucket}")
    if request.path == OPEN:
        return Feed("loads:open")
    if request.path == HISTORY:
        return Feed("loads:history")
    if request.path == ROSTER:
        return Feed("load:units", request.query.get("invOrg", "") + request.query.get("createDate", ""))
    return None


def signed_in(request: Request) -> bool:
    """Whether the call carries the session's cookies."""
    return all(request.cookies.get(name) == value for name, value in SESSION_COOKIES.items())


def to_sign_in() -> Answer:
    """The redirect a stranger gets."""
    return Answer(302, headers={"Location": f"{SIGN_IN}?client_id=dms&response_type=code"})


def sign_in_page() -> Answer:
    """The page behind that redirect; with an expired session it also comes in place of a file."""
    return html_answer(
        "<!DOCTYPE html><html><head><title>Sign In</title></head><body><h1>Sign in to continue</h1>"
        f'<form method="post" action="{SIGN_IN}"><label>SSO ID <input name="username"></label> '
        '<label>Password <input name="password" type="password"></label> <button>Sign in</button></form></body></html>'
    )


def signed_in_answer() -> Answer:
    """Any name and password will do: the cookies of the session, and back to the loads page."""
    openid = f"mod_auth_openidc_session={SESSION_COOKIES['mod_auth_openidc_session']}; Path=/ge; HttpOnly"
    java = f"JSESSIONID={SESSION_COOKIES['JSESSIONID']}; Path=/ge/dms; HttpOnly"
    return Answer(302, headers={"Location": "/ge/dms/newasis", "Set-Cookie": f"{java}\n{openid}"})


def loads_page(world: World) -> Answer:
    """The page that the probe opens."""
    rows = "".join(
        f"<tr><td>{escape(load.number)}</td><td>{load.units}</td><td>{escape(load.notes)}</td></tr>"
        for load in world.loads.values()
        if load.sale == "FOR SALE"
    )
    return html_answer(
        f"<!DOCTYPE html><html><head><title>ASIS loads</title></head><body><h1>ASIS loads</h1><table>{rows}</table></body></html>"
    )


def refused(request: Request) -> Answer | None:
    """What GE says to a download that isn't a complete POST form; None when the call is in order."""
    if request.method != "POST":
        return html_answer("<html><body>Request method 'GET' not supported</body></html>", 405)
    missing = [name for name in DOWNLOADS[request.path] if name not in request.form]
    return html_answer(f"<html><body>Required parameter {escape(missing[0])} is not present</body></html>", 400) if missing else None


def organisation(request: Request) -> str:
    """Whose data the form asks for. Rosters name it in the query."""
    return request.query.get("invOrg", "") if request.path == ROSTER else str(request.form.get("dmsLoc", ""))


def download(source: Document) -> Answer:
    """The file, CSV for rosters and XLS for the rest."""
    if source.kind == "load:units":
        return Answer(200, csv_text(source), "text/csv", {"Content-Disposition": 'attachment; filename="ModelDetails.csv"'})
    return Answer(
        200, xls(source), "application/vnd.ms-excel", {"Content-Disposition": f'attachment; filename="{source.kind.replace(":", "_")}.xls"'}
    )
