"""Connections to outside systems: added, changed, tested, paused and removed here, whatever door the wish came through. All audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.db.models import ProtectedError, QuerySet
from django.db.models.deletion import Collector
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from inventory.models import Warehouse
from jobs import schedule
from jobs.models import Schedule
from sync import configuration
from sync.followers import warehouse_for
from sync.models import Connection
from sync.systems import System
from sync.systems import system as system_called
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.verdict import Verdict, verdict

ENTITY = "Connection"


class ConnectionInUse(Problem):
    """Refused: history hangs on the connection."""

    status = 409
    hint = "Switch it off instead: then it is not used and not offered any more."


@sensitive_variables("secrets", "wanted")
def add(
    actor: Actor,
    *,
    system: str,
    name: str,
    base_url: str = "",
    settings: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    warehouse: Warehouse | None = None,
) -> Connection:
    """A new connection of the actor's account, with the schedules that its system brings.

    Without `warehouse` it gets one of its own name, if its system fills one: one that nothing follows any more, else a new one. Raises
    NotAllowed, UnknownSystem, and ValidationError naming what is wrong (configuration.check).
    """
    actor.require("connection.edit")
    kind = system_called(system)
    account = actor.account
    with transaction.atomic():
        wanted = configuration.check(
            account, kind, name=name, base_url=base_url, settings=settings or {}, secrets=secrets or {}, warehouse=warehouse
        )
        row = Connection(
            account=account,
            system=kind.key,
            name=wanted.name,
            base_url=wanted.base_url,
            settings=wanted.settings,
            warehouse=wanted.warehouse or warehouse_for(actor, kind, wanted.name),
        )
        row.secrets = row.secrets.changed(wanted.secrets)
        _saved(row)
        after = {**_seen(row), "system": row.system, "secrets": row.secrets.names()}
        record(actor, entity=ENTITY, entity_id=row.pk, action="ADD", after=after)
        _install_schedules(row, kind)
    return row


def edit(
    actor: Actor,
    connection: Connection,
    *,
    name: str | None = None,
    base_url: str | None = None,
    settings: Mapping[str, Any] | None = None,
    warehouse: Warehouse | None = None,
    enabled: bool | None = None,
) -> Connection:
    """Change what is given; None leaves a thing as it is. Of the settings only those named change, None in them stands for the default.

    A new address or setting makes the last test out of date and clears the breaker. Raises NotAllowed, Connection.DoesNotExist for one of
    another account, UnknownSystem, and ValidationError naming what is wrong (configuration.check).
    """
    actor.require("connection.edit")
    with transaction.atomic():
        row = _locked(actor, connection)
        kind = system_called(row.system)
        known = {setting.name for setting in kind.settings}
        # What an older version stored under a name that is gone must not stand in the way.
        stored = {setting: value for setting, value in row.settings.items() if setting in known}
        wanted = configuration.check(
            actor.account,
            kind,
            name=row.name if name is None else name,
            base_url=row.base_url if base_url is None else base_url,
            settings={**stored, **(settings or {})},
            secrets={},
            warehouse=row.warehouse if warehouse is None else warehouse,
            connection=row,
        )
        before = _seen(row)
        row.name, row.base_url, row.settings, row.warehouse = wanted.name, wanted.base_url, wanted.settings, wanted.warehouse
        row.enabled = row.enabled if enabled is None else enabled
        after = _seen(row)
        differing = [field for field in after if before[field] != after[field]]
        if not differing:
            return row
        _saved(row)
        old, new = _only_changed(before, after, differing)
        record(actor, entity=ENTITY, entity_id=row.pk, action="CHANGE", before=old, after=new)
        if {"base_url", "settings"} & set(differing):
            _untested(row)
        _install_schedules(row, kind)
    return row


@sensitive_variables("secrets", "changes")
def set_secrets(actor: Actor, connection: Connection, secrets: Mapping[str, Any]) -> Connection:
    """Store the secrets that are given and take away those given as None; the others stay. The audit log gets their names.

    Makes the last test out of date and clears the breaker. Raises NotAllowed, Connection.DoesNotExist for one of another account,
    UnknownSystem, and ValidationError under secrets.NAME, which repeats no value.
    """
    actor.require("connection.edit")
    with transaction.atomic():
        row = _locked(actor, connection)
        try:
            changes = configuration.checked_secrets(system_called(row.system), secrets)
        except configuration.Mistakes as found:
            raise ValidationError(found.under("secrets")) from None
        if not changes:
            return row
        row.secrets = row.secrets.changed(changes)
        row.save(update_fields=["secrets"])
        named = {
            "set": sorted(secret for secret, value in changes.items() if value is not None),
            "removed": sorted(secret for secret, value in changes.items() if value is None),
        }
        record(actor, entity=ENTITY, entity_id=row.pk, action="SECRETS", after={word: names for word, names in named.items() if names})
        _untested(row)
    return row


def pause(actor: Actor, connection: Connection) -> Connection:
    """Hold back everything that would use the connection, until somebody resumes it; a paused one stays as it is.

    Raises NotAllowed, Connection.DoesNotExist for one of another account.
    """
    return _switch_pause(actor, connection, paused_at=timezone.now(), by=actor.label[:200], action="PAUSE")


def resume(actor: Actor, connection: Connection) -> Connection:
    """Let a paused connection be used again. Raises NotAllowed, Connection.DoesNotExist for one of another account."""
    return _switch_pause(actor, connection, paused_at=None, by="", action="RESUME")


def set_auto_sync(actor: Actor, connection: Connection, on: bool) -> Connection:
    """Let the connection's schedules start syncs, or have them start none; people and programs still can. The schedules stay as they are.

    Raises NotAllowed, Connection.DoesNotExist for one of another account.
    """
    actor.require("schedule.edit")
    with transaction.atomic():
        row = _locked(actor, connection)
        if row.auto_sync != on:
            row.auto_sync = on
            row.save(update_fields=["auto_sync"])
            record(actor, entity=ENTITY, entity_id=row.pk, action="AUTO_SYNC", before={"auto_sync": not on}, after={"auto_sync": on})
    return row


def test(actor: Actor, connection: Connection) -> Verdict:
    """Call the other side and say what was found; kept on the connection, unless it was changed meanwhile. A good one clears the breaker.

    Takes as long as the other side does: not for inside a transaction. Raises NotAllowed, UnknownSystem, Connection.DoesNotExist for one of
    another account.
    """
    actor.require("connection.test")
    tested = _rows(actor).get(pk=connection.pk)
    kind = system_called(tested.system)
    try:
        found = kind.test(tested)
    except Problem as problem:
        found = verdict(problem, system=kind.label)
    with transaction.atomic():
        row = _locked(actor, connection)
        record(actor, entity=ENTITY, entity_id=row.pk, action="TEST", after={"finding": found.finding, "sentence": found.sentence})
        if (row.base_url, row.settings, row.secrets) != (tested.base_url, tested.settings, tested.secrets):
            return found
        row.tested_at = timezone.now()
        row.test_finding, row.test_sentence, row.test_hint = found.finding, found.sentence[:500], found.hint[:500]
        row.save(update_fields=["tested_at", "test_finding", "test_sentence", "test_hint"])
        if found.ok:
            ConnectionBreaker(row.pk).clear()
    return found


def remove(actor: Actor, connection: Connection) -> None:
    """Delete a connection that was never used, with its schedules, budgets and uploads; its warehouse stays.

    Raises NotAllowed, ConnectionInUse when it has runs or a shop's listings, Connection.DoesNotExist for one of another account.
    """
    actor.require("connection.edit")
    with transaction.atomic():
        row = _locked(actor, connection)
        removable(row)
        record(actor, entity=ENTITY, entity_id=row.pk, action="DELETE", before={**_seen(row), "system": row.system})
        specs = system_called(row.system).schedules(row)
        Schedule.objects.filter(account=actor.account, key__in=[spec.key for spec in specs]).delete()
        row.delete()


def removable(connection: Connection) -> None:
    """Returns when no history hangs on the connection. Raises ConnectionInUse."""
    runs = connection.runs.count()
    if runs:
        raise ConnectionInUse(f"“{connection}” has {runs:,} {'run' if runs == 1 else 'runs'}, whose history would be lost with it.")
    try:
        # What other parts of the installation keep of it, this one does not know by name.
        Collector(using=router.db_for_write(Connection)).collect([connection])
    except ProtectedError as error:
        kinds = sorted({str(kept._meta.verbose_name_plural) for kept in error.protected_objects})
        raise ConnectionInUse(f"“{connection}” has {' and '.join(kinds)}, whose history would be lost with it.") from error


def _rows(actor: Actor) -> QuerySet[Connection]:
    return Connection.objects.filter(account=actor.account).select_related("account", "warehouse")


def _locked(actor: Actor, connection: Connection) -> Connection:
    return _rows(actor).select_for_update(of=("self",)).get(pk=connection.pk)


def _switch_pause(actor: Actor, connection: Connection, *, paused_at: datetime | None, by: str, action: str) -> Connection:
    actor.require("connection.pause")
    with transaction.atomic():
        row = _locked(actor, connection)
        if (row.paused_at is None) == (paused_at is None):
            return row
        row.paused_at, row.paused_by = paused_at, by
        row.save(update_fields=["paused_at", "paused_by"])
        record(actor, entity=ENTITY, entity_id=row.pk, action=action)
    return row


def _saved(row: Connection) -> None:
    """Raises ValidationError when another request took the name or the warehouse after they were checked."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        sentence = "Somebody else saved a connection of this name or warehouse just now. Look at the list again."
        raise ValidationError({"name": sentence}) from error


def _untested(row: Connection) -> None:
    row.tested_at, row.test_finding, row.test_sentence, row.test_hint = None, "", "", ""
    row.save(update_fields=["tested_at", "test_finding", "test_sentence", "test_hint"])
    ConnectionBreaker(row.pk).clear()


def _install_schedules(row: Connection, kind: System) -> None:
    for spec in kind.schedules(row):
        made = schedule.install(row.account, spec.key, spec.name, spec.task, spec.arguments, cron=spec.cron, enabled=spec.enabled)
        if made.name != spec.name:
            Schedule.objects.filter(pk=made.pk).update(name=spec.name)


def _seen(row: Connection) -> dict[str, Any]:
    """What the audit log may show."""
    return {"name": row.name, "base_url": row.base_url, "settings": row.settings, "warehouse": row.warehouse_id, "enabled": row.enabled}


def _only_changed(before: dict[str, Any], after: dict[str, Any], fields: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    old, new = ({field: state[field] for field in fields} for state in (before, after))
    if "settings" in fields:
        names = [name for name in {**old["settings"], **new["settings"]} if old["settings"].get(name) != new["settings"].get(name)]
        old["settings"], new["settings"] = ({name: state["settings"].get(name) for name in names} for state in (old, new))
    return old, new
