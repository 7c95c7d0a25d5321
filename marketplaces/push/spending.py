"""Which part of a shop's calls each kind of work may use: what is urgent still gets through when what can wait has to (docs/push.md)."""

from __future__ import annotations

from marketplaces.models import Priority
from sync.wire.caller import Spending

# Parts of the calls that are not reserved. Orders are read with all of them, since a sale not known here can be sold twice.
SHARES = {Priority.LESS: 1.0, Priority.MORE: 0.9, Priority.PRICE: 0.8, Priority.TEXTS: 0.7}
VERIFY_SHARE = 0.95

ORDERS = Spending()
SETTLING = Spending(urgent=True)
VERIFYING = Spending(share=VERIFY_SHARE)


def spending(priority: Priority) -> Spending:
    """For a write of that priority; what lowers a quantity may use the reserved calls too."""
    return Spending(urgent=priority == Priority.LESS, share=SHARES[priority])
