"""Opening and ending alerts, and noting who is to be told: the only writers of an alert's state (docs/alerts.md).

Whoever writes holds the lock of the account, so that two who see the same trouble open one alert.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from accounts.models import Account
from alerts import lifecycle
from alerts.kinds import MANNERS
from alerts.lifecycle import Life, Step
from alerts.models import LIVE, Alert, AlertState, Kind, Notice, Tell
from alerts.recipients import House

AT_ONCE = 2000
"""Alerts that are written in one transaction."""


@dataclass(frozen=True)
class Seen:
    """Trouble that is there now. Within its kind `subject` names the thing; `facts` are figures for mails and programs.

    With a `degree`, less is worse: open trouble that has become worse is told again, whoever had acknowledged it.
    """

    kind: str
    subject: str
    title: str
    sentence: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    page: str = ""
    product_id: int | None = None
    connection_id: int | None = None
    degree: int | None = None


def one_at_a_time(account: Account) -> None:
    """Until the end of the transaction nobody else opens or ends alerts of the account."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def life_of(alert: Alert) -> Life:
    return Life(
        AlertState(alert.state), alert.opened_at, alert.remind_at, alert.reminders, alert.acknowledged_at is not None, alert.ended_at
    )


def open_all(house: House, seen: Iterable[Seen], now: datetime, *, held_by: Alert | None = None) -> int:
    """Open an alert for all of it that has none; how many were opened. Held back, and told to nobody, with `held_by`.

    What is open already is only told again where it became worse; what came back within the settling time goes on as if it had never been
    over. A few statements for every 2,000.
    """
    rest, opened = iter(seen), 0
    while part := {(each.kind, each.subject): each for each in islice(rest, AT_ONCE)}:
        with transaction.atomic():
            one_at_a_time(house.account)
            opened += _open(house, part, now, held_by)
    return opened


def _open(house: House, part: Mapping[tuple[str, str], Seen], now: datetime, held_by: Alert | None) -> int:
    rows = Alert.objects.filter(account=house.account, kind__in={kind for kind, _ in part}, subject__in={subject for _, subject in part})
    live = {(row.kind, row.subject): row for row in rows.filter(state__in=LIVE)}
    fresh = rows.filter(state=AlertState.RECOVERED, ended_at__gt=now - house.rules.settle).order_by("pk")
    settling = {(row.kind, row.subject): row for row in fresh}
    _follow(house, [(row, part[key]) for key, row in live.items() if key in part], now)
    back = [row for key, row in settling.items() if key in part and key not in live]
    if back:
        _apply(back, lambda life: lifecycle.seen(life, now, house.rules))
        # Whoever has not heard yet that it was over need not hear that it is back.
        Notice.objects.filter(alert__in=back, tell=Tell.RECOVERED, digest__isnull=True).delete()
    known = {*live, *((row.kind, row.subject) for row in back)}
    batch = uuid.uuid4()
    new = [_alert(house, each, now, held_by, batch) for key, each in part.items() if key not in known]
    Alert.objects.bulk_create(new)
    if held_by is None:
        tell(house, ((row.pk, row.kind, 0) for row in new), Tell.OPENED, now)
    return len(new)


def _alert(house: House, each: Seen, now: datetime, held_by: Alert | None, batch: uuid.UUID) -> Alert:
    life = lifecycle.seen(None, now, house.rules).life
    return Alert(
        account=house.account,
        kind=each.kind,
        subject=each.subject,
        state=AlertState.OPEN if held_by is None else AlertState.HELD,
        title=each.title[:300],
        sentence=each.sentence[:1000],
        facts=_facts(each),
        page=each.page,
        product_id=each.product_id,
        connection_id=each.connection_id,
        review=held_by,
        opened_at=life.opened_at,
        seen_at=now,
        remind_at=life.remind_at if held_by is None else None,
        correlation=batch,
    )


def _facts(each: Seen) -> dict[str, Any]:
    return {**each.facts, **({} if each.degree is None else {"degree": each.degree})}


def _follow(house: House, found: Iterable[tuple[Alert, Seen]], now: datetime) -> None:
    """What is open says what is so now, and what became worse is told again. Nothing is written of what is as it was."""
    worse: list[Alert] = []
    for row, each in found:
        said = (each.title[:300], each.sentence[:1000], _facts(each))
        again = each.degree is not None and each.degree < row.facts.get("degree", each.degree)
        if said == (row.title, row.sentence, row.facts):
            continue
        row.title, row.sentence, row.facts = said
        row.seen_at = now
        if again:
            row.reminders += 1
            row.acknowledged_at, row.acknowledged_by = None, ""
            worse += [row] if row.state == AlertState.OPEN else []
        row.save(update_fields=["title", "sentence", "facts", "seen_at", "reminders", "acknowledged_at", "acknowledged_by"])
    tell(house, ((row.pk, row.kind, row.reminders) for row in worse), Tell.REMINDED, now)


def tell(house: House, alerts: Iterable[tuple[int, str, int]], what: Tell, now: datetime) -> None:
    """Note that everybody concerned is to be told."""
    notices = house.notices(alerts, what, now)
    while part := list(islice(notices, AT_ONCE)):
        Notice.objects.bulk_create(part, ignore_conflicts=True)


def end_all(house: House, alerts: Sequence[int], now: datetime, why: str = "", *, silent: bool = False) -> int:
    """End these alerts, if they are live; how many were. Who was told of one is told that it is over, unless `silent`.

    Who has not been told of it yet never is. A few statements for every 2,000.
    """
    ended = 0
    for start in range(0, len(alerts), AT_ONCE):
        with transaction.atomic():
            one_at_a_time(house.account)
            live = Alert.objects.filter(account=house.account, pk__in=alerts[start : start + AT_ONCE], state__in=LIVE)
            rows = list(live.only("kind", "state", "opened_at", "remind_at", "reminders", "acknowledged_at", "ended_at").order_by("pk"))
            ended += len(rows)
            _end(house, rows, now, why, silent)
    return ended


def _end(house: House, rows: Sequence[Alert], now: datetime, why: str, silent: bool) -> None:
    if not rows:
        return
    state = {"state": AlertState.CLOSED} if silent else {}
    steps = _apply(rows, lambda life: lifecycle.gone(life, now), ended_why=why[:300], **state)
    pending = Notice.objects.filter(alert__in=[row.pk for row in rows], digest__isnull=True)
    pending.delete()
    if silent:
        return
    told = ((row, step) for row, step in zip(rows, steps, strict=True) if step.tell is Tell.RECOVERED)
    over = {row.pk: row.kind for row, _ in told if MANNERS[Kind(row.kind)].recovers}
    heard = set(Notice.objects.filter(alert__in=over, tell=Tell.OPENED, digest__isnull=False).values_list("alert", "subscriber", "webhook"))
    notices = house.notices(((pk, kind, 0) for pk, kind in over.items()), Tell.RECOVERED, now)
    due = (each for each in notices if (each.alert_id, each.subscriber_id, each.webhook_id) in heard)
    while part := list(islice(due, AT_ONCE)):
        Notice.objects.bulk_create(part, ignore_conflicts=True)


def remind(house: House, now: datetime) -> int:
    """Tell again what is still open and due for it; how much."""
    reminded = 0
    waiting = Alert.objects.filter(account=house.account, state=AlertState.OPEN, remind_at__lte=now).order_by("pk")
    while True:
        with transaction.atomic():
            one_at_a_time(house.account)
            rows = list(waiting[:AT_ONCE])
            steps = _apply(rows, lambda life: lifecycle.passed(life, now, house.rules))
            told = [(row.pk, row.kind, step.life.reminders) for row, step in zip(rows, steps, strict=True) if step.tell]
            tell(house, told, Tell.REMINDED, now)
        reminded += len(told)
        if len(rows) < AT_ONCE:
            return reminded


def _apply(rows: Sequence[Alert], step: Callable[[Life], Step], **more: Any) -> list[Step]:
    """Write what becomes of each; those with the same outcome by one statement."""
    steps = [step(life_of(row)) for row in rows]
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row, found in zip(rows, steps, strict=True):
        life = found.life
        groups[life.state, life.remind_at, life.reminders, life.ended_at].append(row.pk)
    for (state, remind_at, reminders, ended_at), pks in groups.items():
        values = {"state": state, "remind_at": remind_at, "reminders": reminders, "ended_at": ended_at, **more}
        Alert.objects.filter(pk__in=pks).update(**values)
    return steps


def match(
    house: House,
    kinds: Collection[str],
    seen: Iterable[Seen],
    now: datetime,
    *,
    silently: Callable[[Alert], str] = lambda _alert: "",
) -> None:
    """Make the live alerts of these kinds those that are `seen`: open what is new, end what is over.

    `silently` says of an alert that is over why its end is not told; blank where it is.
    """
    found = {(each.kind, each.subject): each for each in seen}
    live = Alert.objects.filter(account=house.account, kind__in=kinds, state__in=LIVE).exclude(subject=REVIEW)
    over = [row for row in live.order_by("pk") if (row.kind, row.subject) not in found]
    end_all(house, [row.pk for row in over if not silently(row)], now)
    for row in over:
        if why := silently(row):
            end_all(house, [row.pk], now, why, silent=True)
    open_all(house, found.values(), now)


REVIEW = "supply"
"""The subject of the one alert that stands for a mass change of critical products."""


def chunks(rows: Iterable[Any], size: int = AT_ONCE) -> Iterator[list[Any]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part
