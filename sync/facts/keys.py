"""What the keys of a connection's facts begin with: two connections of one system must not call different things by one key."""

from __future__ import annotations

from sync.models import Connection, SourceFact


def prefix(connection: Connection, name: str) -> str:
    """`name` for the first connection of a system that an account has, `name@12` for others; fixed by the connection's first fact."""
    first = SourceFact.objects.filter(connection=connection).order_by("id").values_list("external_id", flat=True).first()
    if first is not None:
        _, at, number = first.partition(":")[0].partition("@")
        return f"{name}{at}{number}"
    alike = Connection.objects.filter(account=connection.account_id, system=connection.system)
    is_first = alike.order_by("pk").values_list("pk", flat=True).first() == connection.pk
    return name if is_first else f"{name}@{connection.pk}"
