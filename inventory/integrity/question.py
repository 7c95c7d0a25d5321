"""One question to the database, of which only what is wrong comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import Account
from inventory.dialect import is_postgres
from inventory.quantity import from_thousandths

GRACE = timedelta(minutes=5)
"""How long an expiry may wait to be booked: the job comes every minute."""
DAY = timedelta(days=1)
AT_ONCE = 2000

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Offender:
    """Something that breaks an invariant. `trouble` says in words what is wrong, with what was expected and what was found."""

    entity: str
    id: int | None
    label: str
    trouble: str
    product: int | None = None
    warehouse: int | None = None


@dataclass(frozen=True)
class Question:
    """`sql` selects offenders: id, product_id, warehouse_id and figures, with the parameters %(account)s, %(zone)s, and the moments
    %(now)s, %(late)s, %(yesterday)s and %(day_before)s.

    `say` puts a row into words. `quarantines`: what it finds contradicts itself, so that its level must not be written by anything but a
    rebuild.
    """

    entity: str
    sql: str
    say: Callable[[Row], str]
    quarantines: bool = False


@dataclass(frozen=True)
class Asked:
    """Whose stock is looked at, and as of when."""

    account: Account
    now: datetime

    @property
    def parameters(self) -> dict[str, Any]:
        adapt = connection.ops.adapt_datetimefield_value
        return {
            "account": self.account.pk,
            "zone": self.account.time_zone,
            "now": adapt(self.now),
            "late": adapt(self.now - GRACE),
            "yesterday": adapt(self.now - DAY),
            "day_before": adapt(self.now - 2 * DAY),
        }


def offenders(question: Question, asked: Asked, sample: int) -> tuple[int, list[Offender]]:
    """How many offend, exactly, and the first `sample` of them. One statement."""
    sql = f"""
        SELECT found.*, p.sku, w.code AS place, COUNT(*) OVER () AS counted_in_all
        FROM ({question.sql}) found
        LEFT JOIN inventory_product p ON p.id = found.product_id
        LEFT JOIN inventory_warehouse w ON w.id = found.warehouse_id
        ORDER BY found.id LIMIT {int(sample)}
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.parameters)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return (rows[0]["counted_in_all"] if rows else 0), [_offender(question, row) for row in rows]


def keys(question: Question, asked: Asked) -> Iterator[tuple[int, int]]:
    """Product and warehouse of everything that offends, each once, in their order."""
    sql = f"SELECT DISTINCT product_id, warehouse_id FROM ({question.sql}) found ORDER BY product_id, warehouse_id"
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.parameters)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows


def number(stored: Any) -> str:
    """Thousandths as people write them."""
    return str(from_thousandths(int(stored)))


def json_text(column: str, *path: str) -> str:
    """SQL for what a JSON column holds under these names, one in the other; null where there is nothing."""
    if is_postgres():
        return f"({column} #>> '{{{','.join(path)}}}')"
    return f"json_extract({column}, '$.{'.'.join(path)}')"


def json_moment(column: str, name: str) -> str:
    """SQL for a moment that a JSON column holds under this name, in UTC, as columns hold moments."""
    text = json_text(column, name)
    return f"CAST({text} AS timestamptz)" if is_postgres() else f"replace(replace({text}, 'T', ' '), '+00:00', '')"


def day_of(column: str) -> str:
    """SQL for the business day of a moment."""
    if is_postgres():
        return f"CAST({column} AT TIME ZONE %(zone)s AS date)"
    return f"django_datetime_cast_date({column}, %(zone)s, 'UTC')"


def _offender(question: Question, row: Row) -> Offender:
    where = " in ".join(filter(None, (row["sku"], row["place"])))
    own = "" if question.entity == "Level" else f"{question.entity} {row['id']}"
    label = " of ".join(filter(None, (own, where)))
    return Offender(question.entity, row["id"], label, question.say(row), row["product_id"], row["warehouse_id"])
