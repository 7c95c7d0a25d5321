"""One row of everything that has an address, for tests that go through all addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.models import Account, ApiToken
from accounts.roles import Role
from inventory import catalogue, categories, scanning, vendors
from inventory.models import Conflict, Load, ScanSession
from jobs import schedule
from sync.models import HeldRow, Status, Unconfirmed
from tests.api.alertworld import MARK as ALERT
from tests.api.alertworld import make_alert_rows
from tests.api.build import NOON, make_change, make_connection, make_feed, make_line, make_plan_row, make_run, make_unit
from tests.api.factworld import MARK as FACT
from tests.api.factworld import make_fact_rows
from tests.api.finaleworld import MARK as FINALE
from tests.api.finaleworld import make_finale_rows
from tests.api.forecastworld import MARK as FORECAST
from tests.api.forecastworld import make_forecast_rows
from tests.api.ledgerworld import MARK, make_ledger_rows
from tests.api.pushworld import MARK as BRICK
from tests.api.pushworld import make_push_rows
from tests.api.roundworld import MARK as ROUND
from tests.api.roundworld import make_round
from tests.api.supplyworld import MARK as SUPPLIED
from tests.api.supplyworld import make_supply_row
from tests.build import make_member, make_token

SERIAL = "ZZ900777"
LOAD = "7QX20260203091500"


@dataclass(frozen=True)
class World:
    """`rows` has what stands for the parameter of each address that begins so; `marks` are texts that nobody else may ever see."""

    account: Account
    rows: dict[str, str]
    marks: tuple[str, ...]

    def row(self, path: str) -> str:
        """What stands for the parameter of `path`; empty where it has none."""
        return next((row for start, row in self.rows.items() if path.startswith(start)), "")

    def address(self, path: str) -> str:
        """`path` with its parameter filled in."""
        return re.sub(r"<\w+>", self.row(path), path)


def make_world(account: Account) -> World:
    """`account` with a connection, its first run, and all that a run can leave behind."""
    member = make_member(account, Role.OWNER, "mara")
    make_token(member)
    actor = Actor.system(account, "test")
    connection = make_connection(account)
    mine = {"account": account, "connection": connection}
    run = make_run(connection, Status.SUCCEEDED, applied_at=timezone.now(), changes_logged=1)
    make_feed(run)
    make_line(run, 1)
    unit = make_unit(connection, SERIAL)
    change = make_change(run, entity_id=unit.pk, label=SERIAL)
    make_plan_row(run, 1, "item_appeared")
    held = HeldRow.objects.create(
        **mine, run=run, feed="stock:FG", row=3, code="x", sentence=f"{SERIAL} is there twice.", first_held_at=NOON
    )
    kept = Unconfirmed.objects.create(**mine, run=run, entity="unit", entity_id=unit.pk, label=SERIAL, reason="x")
    load = Load.objects.create(account=account, warehouse=connection.warehouse, number=LOAD, first_seen_at=NOON)
    session = ScanSession.objects.create(account=account, warehouse=connection.warehouse, kind="bucket", bucket="ASIS")
    scanning.scan(actor, session, SERIAL)
    conflict = Conflict.objects.create(
        account=account, warehouse=connection.warehouse, kind="model_mismatch", key=SERIAL, unit=unit, opened_at=NOON
    )
    product = catalogue.add_product(actor, sku=f"SKU-{SERIAL}", models=["QTX10FRIDGE"])
    clock = schedule.install(
        account, "ge:inventory", "Every hour", "sync.run", {"connection": connection.pk, "scope": "inventory"}, cron="7 * * * *"
    )
    make_finale_rows(actor, account)
    audited = record(actor, entity="Unit", entity_id=unit.pk, action="CHANGE", after={"serial": SERIAL})
    rows = {
        "/api/members/": member.pk,
        "/api/tokens/": ApiToken.objects.get(member=member).pk,
        "/api/audit/": audited.pk,
        "/api/schedules/": clock.pk,
        "/api/connections/": connection.pk,
        "/api/feeds/": "stock:FG",
        "/api/runs/": run.pk,
        "/api/rounds/": make_round(connection, run).pk,
        "/api/sync/reset/": "sales",
        "/api/changes/": change.pk,
        "/api/held/": held.pk,
        "/api/unconfirmed/": kept.pk,
        "/api/units/": unit.pk,
        "/api/loads/": load.number,
        "/api/sessions/": session.pk,
        "/api/conflicts/": conflict.pk,
        "/api/products/": product.pk,
        "/api/warehouses/": connection.warehouse_id,
        **make_ledger_rows(actor, account),
        **make_push_rows(actor, account),
        **make_alert_rows(account),
        **make_fact_rows(account),
        "/api/critical-items/": make_supply_row(account),
        "/api/categories/": categories.add_category(actor, name="Cold goods").pk,
        "/api/forecasts/": make_forecast_rows(account).pk,
        "/api/vendors/": vendors.add_vendor(actor, name="North Supply").pk,
    }
    marks = (
        SERIAL,
        LOAD,
        "GE warehouse",
        "mara",
        "Cold goods",
        "North Supply",
        MARK,
        BRICK,
        ALERT,
        FINALE,
        FORECAST,
        SUPPLIED,
        ROUND,
        FACT,
    )
    return World(account, {start: str(row) for start, row in rows.items()}, marks)
