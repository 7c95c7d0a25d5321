"""Shops as a whole: made with their connections, stopped and resumed, in maintenance or not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from inventory import moment
from marketplaces.models import Shop
from marketplaces.provider import PROVIDERS
from marketplaces.push.requesting import wake
from sync import callbudgets
from sync.models import Connection
from sync.systems import values_of
from sync.wire.breaker_row import ConnectionBreaker

ENTITY = "Shop"
_RULES = {"settings", "base_url", "secrets"}


def on_connection_saved(
    *, instance: Connection, created: bool = False, raw: bool = False, update_fields: Any = None, **_signal: Any
) -> None:
    """Signal post_save of a connection: one to a marketplace has a shop, whose listings are judged by the settings it has now."""
    if raw or instance.system not in PROVIDERS:
        return
    shop, made = Shop.objects.get_or_create(connection=instance, defaults={"account_id": instance.account_id})
    if made or update_fields is None or _RULES & set(update_fields):
        _follow_settings(shop, instance)
    if not made and _mended(instance, update_fields):
        clear_stop(shop)
    wake([shop.pk])


def _follow_settings(shop: Shop, connection: Connection) -> None:
    Shop.objects.filter(pk=shop.pk).update(rules_version=F("rules_version") + 1)
    callbudgets.keep(connection, PROVIDERS[connection.system].budgets(values_of(connection)))


def _mended(connection: Connection, update_fields: Any) -> bool:
    """Whether what was saved may have mended a refused login: other credentials, another address, or a test that went well."""
    if update_fields is None:
        return True
    return bool(_RULES & set(update_fields)) or ("test_finding" in update_fields and connection.test_finding == "ok")


def stop(shop: Shop, problem: Problem) -> None:
    """Send nothing to the shop until a person has mended what it refuses our login for."""
    Shop.objects.filter(pk=shop.pk).update(
        stopped_at=moment.now(),
        stopped_code=problem.code[:40],
        stopped_sentence=problem.sentence[:500],
        stopped_hint=(problem.hint or "")[:500],
    )


def clear_stop(shop: Shop) -> None:
    """Let calls go out again."""
    Shop.objects.filter(pk=shop.pk).update(stopped_at=None, stopped_code="", stopped_sentence="", stopped_hint="")


def rest(shop: Shop, until: datetime, why: str) -> None:
    """Send nothing to the shop until then."""
    Shop.objects.filter(pk=shop.pk).update(resting_until=until, resting_because=why[:500])


def resume(actor: Actor, shop: Shop) -> None:
    """Try a stopped or resting shop again at once. Raises NotAllowed, Shop.DoesNotExist for one of another account."""
    actor.require("shop.maintain")
    with transaction.atomic():
        row = Shop.objects.select_for_update().get(pk=shop.pk, account=actor.account)
        record(
            actor,
            entity=ENTITY,
            entity_id=row.pk,
            action="RESUME",
            before={"stopped": row.stopped_sentence, "resting": row.resting_because},
        )
        clear_stop(row)
        Shop.objects.filter(pk=row.pk).update(resting_until=None, resting_because="")
        wake([row.pk])
    ConnectionBreaker(row.connection_id).clear()


def set_maintenance(actor: Actor, shop: Shop, on: bool) -> Shop:
    """Begin or end maintenance: while it lasts nothing is sent, because somebody works at the shop itself; orders are still read.

    At its end what differs is sent; compare and adopt before (docs/verify.md). Raises NotAllowed, Shop.DoesNotExist for one of another
    account.
    """
    actor.require("shop.maintain")
    with transaction.atomic():
        row = Shop.objects.select_for_update().get(pk=shop.pk, account=actor.account)
        if (row.maintenance_at is not None) != on:
            row.maintenance_at = moment.now() if on else None
            row.maintenance_by = actor.label[:200] if on else ""
            row.save(update_fields=["maintenance_at", "maintenance_by"])
            record(actor, entity=ENTITY, entity_id=row.pk, action="MAINTENANCE_BEGUN" if on else "MAINTENANCE_ENDED")
            if not on:
                wake([row.pk])
    return row
