"""What the tests of uploads and fetching share."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

from accounts.models import Account
from inventory.models import Unit, Warehouse
from sync.models import Connection, FeedDocument, FeedState
from sync.sources.ge.reading import checksum_of

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


def make_connection(account: Account, transport: str = "upload", *, name: str = "GE", base_url: str = "", **settings: Any) -> Connection:
    """A GE connection of organisation 7QX with a warehouse of its own."""
    warehouse = Warehouse.objects.create(account=account, name=name, code=name.lower())
    return Connection.objects.create(
        account=account,
        system="ge",
        name=name,
        base_url=base_url,
        warehouse=warehouse,
        settings={"transport": transport, "org": "7QX", **settings},
    )


def store_units(connection: Connection, bucket: str, quantity: int, *, first: int = 1) -> None:
    """Units on hand as `files.on_hand` lists them: ZZ000001, ZZ000002, …"""
    Unit.objects.bulk_create(
        Unit(
            account=connection.account,
            warehouse=connection.warehouse,
            serial=f"ZZ{number:06d}",
            serial_key=f"ZZ{number:06d}",
            model="QTX10FRIDGE",
            model_key="QTX10FRIDGE",
            bucket=bucket,
            first_seen_at=NOON,
        )
        for number in range(first, first + quantity)
    )


def last_valid(connection: Connection, feed: str, rows: int, *, taken_at: datetime = NOON) -> FeedState:
    """What the last good run saw of a list."""
    return FeedState.objects.create(
        account=connection.account, connection=connection, feed=feed, rows=rows, checksum="0" * 64, taken_at=taken_at, valid_at=taken_at
    )


def kept(
    connection: Connection,
    feed: str,
    body: bytes,
    *,
    filename: str = "list.xls",
    covers: tuple[str, ...] = (),
    taken_at: datetime = NOON,
) -> FeedDocument:
    """An upload as it is stored, without the verb."""
    return FeedDocument.objects.create(
        account=connection.account,
        connection=connection,
        feed=feed,
        transport="upload",
        filename=filename,
        checksum=checksum_of(body),
        size=len(body),
        body=zlib.compress(body),
        taken_at=taken_at,
        covers=list(covers),
    )
