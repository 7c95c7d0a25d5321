"""Ids that a request names and that mean no row: unknown ones and those of other business accounts, which nobody is told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

_SHOWN = 10


def not_there(named: Iterable[int], rows: QuerySet[Any]) -> list[int]:
    """Those of `named` that none of `rows` has as its id, each once and ascending. One statement, none where nothing is named."""
    wanted = set(named)
    return sorted(wanted.difference(rows.filter(pk__in=wanted).order_by().values_list("pk", flat=True))) if wanted else []


def listed(missing: Sequence[int]) -> str:
    """The ids in words: `4`, `4 and 7`, or the first ten of them and how many there are besides."""
    shown = [str(each) for each in missing[:_SHOWN]]
    if len(missing) > _SHOWN:
        shown.append(f"{len(missing) - _SHOWN:,} more")
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def said(missing: Sequence[int], one: str, many: str) -> str:
    """A sentence that names them; blank where nothing is missing."""
    if not missing:
        return ""
    return f"There is no {one} {missing[0]}." if len(missing) == 1 else f"There are no {many} {listed(missing)}."
