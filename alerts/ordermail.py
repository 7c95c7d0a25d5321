"""A purchase order by mail to its vendor (docs/alerts.md)."""

from __future__ import annotations

from alerts.models import Delivery


def was_sent(delivery: Delivery) -> None:
    """The vendor's mail server has the order."""
