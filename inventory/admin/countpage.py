"""What the page of a count shows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count as HowMany
from django.db.models import F, Q
from django.http import HttpRequest

from accounts.workplace import acting, may
from inventory.admin.chips import Chip
from inventory.admin.counting import LineForm
from inventory.finding import matching
from inventory.marks import Mark
from inventory.models import Count, CountLine, CountStatus, Product

PER_PAGE = 100

STATUS = {
    CountStatus.PENDING.value: Mark("Waits for approval", "warning", "hourglass_top"),
    CountStatus.APPROVED.value: Mark("Approved", "success", "check_circle"),
    CountStatus.ADJUSTED.value: Mark("Approved in part", "info", "rule"),
    CountStatus.REJECTED.value: Mark("Rejected", "", "block"),
}

PARTS = (
    ("all", "All", Q()),
    ("differ", "Differ", ~Q(counted=F("system"))),
    ("less", "Less", Q(counted__lt=F("system"))),
    ("more", "More", Q(counted__gt=F("system"))),
    ("adjusted", "Booked in part", Q(booked__isnull=False) & ~Q(booked=F("counted") - F("system"))),
)


@dataclass(frozen=True)
class Line:
    """A line with its difference; `short` is how much of it could not be booked."""

    row: CountLine
    difference: Decimal
    mark: Mark
    short: Decimal


def contents(request: HttpRequest, count: Count) -> dict[str, Any]:
    """For the template: a page of the lines, by what they differ in and by product. A constant number of statements."""
    query = request.GET
    totals = count.lines.aggregate(**{f"in_{key}": HowMany("pk", filter=rows) for key, _, rows in PARTS})
    chosen = next((part for part in PARTS if part[0] == query.get("part")), PARTS[0])
    sought = query.get("q", "").strip()
    rows = count.lines.filter(chosen[2]).select_related("product", "batch").order_by("-pk")
    if sought:
        rows = rows.filter(product__in=matching(Product.objects.filter(account=count.account_id), sought).values("pk"))
    pending = count.status == CountStatus.PENDING
    page = Paginator(rows, PER_PAGE).get_page(query.get("page"))
    return {
        "count": count,
        "mark": STATUS[count.status],
        "pending": pending,
        "parts": [
            Chip(label, totals[f"in_{key}"], f"?part={key}#lines", key == chosen[0])
            for key, label, _ in PARTS
            if key != "adjusted" or totals["in_adjusted"]
        ],
        "totals": totals,
        "page": page,
        "counted": [_line(row) for row in page.object_list],
        "sought": sought,
        "part": chosen[0],
        "query": urlencode({name: value for name, value in (("part", chosen[0]), ("q", sought)) if value}),
        "may_count": pending and may(request, "count.add"),
        "may_decide": pending and may(request, "count.decide"),
        "form": LineForm(acting(request)) if pending else None,
    }


def _line(row: CountLine) -> Line:
    difference = row.counted - row.system
    if not difference:
        mark = Mark("As known", "success", "check")
    else:
        mark = Mark("Less", "warning", "trending_down") if difference < 0 else Mark("More", "info", "trending_up")
    return Line(row, difference, mark, abs(difference - row.booked) if row.booked is not None else Decimal(0))
