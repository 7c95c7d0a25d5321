"""How many calls a shop may be sent: settings of its connection that have an operation of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.roles import Role
from marketplaces.models import Shop
from marketplaces.provider import provider_of
from sync import connections
from sync.systems import Setting

SECTION = "Calls"
"""The section of a marketplace's settings that its budgets are made of."""


def settings_of(shop: Shop) -> list[Setting]:
    """Those of the shop's settings that say how many calls it may be sent."""
    return [setting for setting in provider_of(shop).system.settings if setting.section == SECTION]


def change(actor: Actor, shop: Shop, numbers: Mapping[str, int]) -> None:
    """Give these of `settings_of`, by name, other numbers. Calls that were made stay counted. Audited as a change of the connection.

    Raises NotAllowed, Connection.DoesNotExist for a shop of another account, ValidationError naming the setting.
    """
    actor.require("budget.edit")
    known = [setting.name for setting in settings_of(shop)]
    foreign = [name for name in numbers if name not in known]
    if foreign or not numbers:
        sentence = f"Give one of {', '.join(known)}."
        raise ValidationError(dict.fromkeys(foreign, sentence) if foreign else sentence)
    # Who may set budgets need not be able to change the rest of a connection.
    connections.edit(replace(actor, role=Role.OWNER, scopes=()), shop.connection, settings=numbers)
