"""GE Appliances as a system that connections can be made to: its settings, credentials, scopes and schedule (docs/ge-connection.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import Formatter
from urllib.parse import parse_qsl

from sync.models import Connection
from sync.schedules import TASK
from sync.sources.ge.lists import LABELS, ROSTERS
from sync.sources.settings import BRAKE, brake, tested_by
from sync.systems import ScheduleSpec, Scope, Secret, Setting, SettingKind, System, Values

ORG_LENGTH = 3
TRANSPORTS = ("upload", "folder", "http", "dms")
PLACEHOLDERS = ("org", "bucket", "load_org", "load_time")
"""What the DMS forms may name: the organisation, the subinventory, and the two parts of a load's number."""

_FORM_HELP = "Fields of the request: name=value, joined by “&”; {org}, {bucket}, {load_org} and {load_time} are filled in."
_HTTP, _DMS, _FOLDER = ("transport", ("http",)), ("transport", ("dms",)), ("transport", ("folder",))


def _organisation(text: str) -> str:
    if not re.fullmatch(rf"[0-9A-Za-z]{{{ORG_LENGTH}}}", text):
        raise ValueError("must be the three letters or digits of the inventory organisation, for example 7QX.")
    return text.upper()


def _path(text: str) -> str:
    if not text.startswith("/") or any(character in text for character in " ?#\\") or ".." in text:
        raise ValueError("must be a path that begins with “/” and has no blanks, “?”, “#” or “..”.")
    return text


def _form(text: str) -> str:
    try:
        parse_qsl(text, keep_blank_values=True, strict_parsing=True)
        # Nothing but the bare name: formats and attributes in braces could ask for anything.
        plain = all(name is None or (name in PLACEHOLDERS and not spec and not how) for _, name, spec, how in Formatter().parse(text))
    except ValueError:
        plain = False
    if not plain:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"must be name=value pairs joined by “&”; only {known} may stand in braces.")
    return text


def _dms(name: str, label: str, default: str, *, form: bool = False) -> Setting:
    note, check = (_FORM_HELP, _form) if form else ("", _path)
    return Setting(name, label, note, default=default, when=_DMS, section="DMS download", check=check)


def _percent(name: str, label: str, note: str, default: int, section: str) -> Setting:
    return Setting(name, label, note, SettingKind.NUMBER, default, section=section, least=1, most=100)


def _rows(name: str, label: str, note: str, default: int, section: str) -> Setting:
    return Setting(name, label, note, SettingKind.NUMBER, default, section=section)


_SHRINK = "Shrunken lists"

SETTINGS = (
    Setting(
        "transport",
        "Way in",
        "How the lists get here.",
        SettingKind.CHOICE,
        "upload",
        choices=(
            ("upload", "Upload: files dropped on the GE page"),
            ("folder", "Folder: files put into a directory of this machine"),
            ("http", "HTTP: a server that offers the rows as JSON"),
            ("dms", "DMS: the spreadsheet downloads, with your own session"),
        ),
        required=True,
    ),
    Setting("org", "Organisation", "The three characters of the inventory organisation.", required=True, check=_organisation),
    Setting(
        "folder",
        "Folder",
        "Inside the account's drop folder on this machine, for example “ge”.",
        SettingKind.PATH,
        required=True,
        when=_FOLDER,
    ),
    Setting(
        "footer_promised",
        "A total row is promised",
        "On: a stock list without its total row is incomplete and not believed. Usually on for spreadsheets and off for HTTP.",
        SettingKind.SWITCH,
        default=lambda values: values["transport"] != "http",
    ),
    Setting(
        "patient",
        "An absence has to be seen twice while units are on the move",
        "On: when a sync finds a unit in two lists, it removes nothing that the sync before it still found.",
        SettingKind.SWITCH,
        default=True,
        section=BRAKE,
    ),
    _percent("shrink_percent", "Share", "A list that lost more than this share of its rows in percent …", 50, _SHRINK),
    _rows("shrink_rows", "Rows", "… and more than this many rows is not believed until somebody confirms it.", 25, _SHRINK),
    *brake("units", change="change or move"),
    _dms("dms_probe_path", "Page that shows the session is valid", "/dms/newasis"),
    _dms("dms_stock_path", "Stock: path", "/dms/erpCheckInventory/erpInventorySpreadsheet"),
    _dms("dms_stock_form", "Stock: form", "dmsLoc={org}&invorg={org}&subInvLoc={bucket}&erpDataList=[]", form=True),
    _dms("dms_open_path", "Loads for sale: path", "/dms/newasis/downloadExcelSpreadsheet"),
    _dms("dms_open_form", "Loads for sale: form", "request=ASIS&dmsLoc={org}", form=True),
    _dms("dms_history_path", "Load history: path", "/dms/newasis/downloadReportHistoryExcelSpreadsheet"),
    _dms("dms_history_form", "Load history: form", "dmsLoc={org}", form=True),
    _dms("dms_roster_path", "Units of a load: path", "/dms/newasis/downloadCsvSpreadsheet"),
    _dms("dms_roster_query", "Units of a load: query", "invOrg={load_org}&createDate={load_time}", form=True),
    _dms("dms_roster_form", "Units of a load: form", "hCsvView=CSV", form=True),
    Setting(
        "dms_user_agent",
        "Browser name",
        "Sent as User-Agent.",
        default="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36",
        when=_DMS,
        section="DMS download",
    ),
)

SECRETS = (
    Secret("token", "Token", "Sent as bearer token. Leave it out when the server asks for none.", when=_HTTP),
    Secret(
        "cookies",
        "Cookies",
        "The Cookie header of a browser that is signed in: name=value pairs joined by “; ”. It ends with that session.",
        when=_DMS,
    ),
)

SCOPES = {
    scope.key: scope
    for scope in (
        Scope(
            "inventory",
            "All inventory",
            "FG, ASIS and STA with loads and rosters, in one go: the only sync that removes.",
            "Sync All Inventory",
        ),
        Scope("fg", "FG only", "Finished goods: new, crated units. Adds, changes and moves; removes nothing.", "Sync FG"),
        Scope("asis", "ASIS only", "Open-box and dented units, sold by the load. Adds, changes and moves; removes nothing.", "Sync ASIS"),
        Scope("sta", "STA only", "Staged units: an order was picked for them. Adds, changes and moves; removes nothing.", "Sync STA"),
    )
}


def _needs_url(values: Values) -> bool:
    return values["transport"] in ("http", "dms")


def _schedules(connection: Connection) -> Sequence[ScheduleSpec]:
    return (
        ScheduleSpec(
            key=f"ge:{connection.pk}:inventory",
            name=f"{connection.name}: all inventory",
            task=TASK,
            cron="7 * * * *",
            arguments={"connection": connection.pk, "scope": "inventory"},
            # A file that was uploaded stays the same from hour to hour; a download needs a session that a person keeps alive.
            enabled=SYSTEM.complete(connection.settings)["transport"] in ("http", "folder"),
        ),
    )


SYSTEM = System(
    key="ge",
    label="GE Appliances",
    settings=SETTINGS,
    secrets=SECRETS,
    scopes=SCOPES,
    primary_scope="inventory",
    dataset="stock",
    source="sync.sources.ge.source.Source",
    test=tested_by("sync.sources.ge.client.test"),
    needs_url=_needs_url,
    url_help="Where the lists are, for HTTP and DMS: https://host.example/path.",
    schedules=_schedules,
    feeds=LABELS,
    in_parts=frozenset({ROSTERS}),
    uploads="sync.sources.ge.uploads",
)
