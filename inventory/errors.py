"""Why something can't be done with stock, catalogue, ledger, loads or sessions. Each says what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.errors import Problem

if TYPE_CHECKING:
    from inventory.models import Reconciliation


class AlwaysOpen(Problem):
    """Refused: the session of a bucket is never closed."""

    status = 409


class ClosedBySync(Problem):
    """Refused: what a sync closed only a sync opens again."""

    status = 409


class SessionClosed(Problem):
    """Refused: nothing is scanned in a closed session, and nothing is taken back."""

    status = 409


class AlreadyResolved(Problem):
    """Refused: somebody else has resolved the conflict."""

    status = 409


class NotScannable(Problem):
    """Refused: the text can be neither a serial nor a bulk line's model."""


class NotOnHand(Problem):
    """Refused: what was scanned is not here, as far as the lists know."""

    status = 409


class NotExpected(Problem):
    """Refused: what was scanned belongs to another session."""

    status = 409


class QuantityNeeded(Problem):
    """Ask for the number of pieces and scan again with it."""


class NotAQuantity(Problem):
    """Refused: a number that can't be a quantity of this."""


class NotReady(Problem):
    """Refused: something else has to be done before."""

    status = 409


class SkuTaken(Problem):
    """Refused: another product has the SKU."""

    status = 409


class AliasTaken(Problem):
    """Refused: another product has the model."""

    status = 409


class NameTaken(Problem):
    """Refused: another one has the name or the code."""

    status = 409


class InUse(Problem):
    """Refused: other rows need it as it is. `details` says how many of what."""

    status = 409


class UnreadableFile(Problem):
    """Refused: the file is not what an import can read."""


class FileTooLarge(Problem):
    """Refused: send less at once."""

    status = 413
    code = "too_large"


class InTwoWarehouses(Problem):
    """Ask again with the warehouse that is meant."""

    status = 409


class NotALedger(Problem):
    """Refused: an outside system keeps the stock of the warehouse; nothing is booked there by hand."""

    status = 409


class BeforeOpening(Problem):
    """Refused: it happened before the warehouse was opened here, and is in its opening count."""

    status = 409


class ExpiredProduct(Problem):
    """Refused: the goods had expired when they came."""

    code = "EXPIRED_PRODUCT"


class SameLotAgain(Problem):
    """Refused by a setting: the product has had a batch with that lot number."""

    status = 409


class NoBatches(Problem):
    """Refused: nothing of it is there that could be taken."""

    status = 409
    code = "NO_BATCHES"


class InsufficientStock(Problem):
    """Refused: less is there than was asked for; nothing was written. `details` holds available and asked."""

    status = 409
    code = "INSUFFICIENT_STOCK"


class BatchInUse(Problem):
    """Refused: some of the batch has been sold or used. `details` lists the sales that hold it."""

    status = 409
    code = "BATCH_IN_USE"


class QuantityBelowSold(Problem):
    """Refused: more than that has been taken from the batch."""

    status = 409
    code = "QUANTITY_BELOW_SOLD"


class AlreadyUndone(Problem):
    """Refused: it was cancelled, voided or reversed before; its stock went back once."""

    status = 409


class ToldTwice(Problem):
    """Retry: the same fact is being booked at this moment; told again, it is answered with that booking."""

    status = 409


class ToldOutside(Problem):
    """Refused: an outside system tells of it, and only that may correct it."""

    status = 409


class NothingToGiveBack(Problem):
    """Needs a person: the books do not say where it came from; return it to a batch that is chosen."""

    status = 409


class Quarantined(Problem):
    """Needs a person: the batches contradict themselves; a manager rebuilds them from their movements."""

    status = 409


class NotOpenable(Problem):
    """Refused: how many packs or units are in one is unknown, or too few are left."""

    status = 409


class AlreadyOpened(Problem):
    """Refused: something is booked in the warehouse, so it has begun with what it has."""

    status = 409


class AlreadyDecided(Problem):
    """Refused: somebody has approved or rejected the count."""

    status = 409


class NotAPeriod(Problem):
    """Refused: the end lies before the beginning, or too far from it."""


class PlanChanged(Problem):
    """Ask again with the new plan: what was looked at is not what is there any more. `details` holds the new digest."""

    status = 409


class NotRebuildable(Problem):
    """Needs a person: the movements themselves contradict each other."""

    status = 409


class AlreadyReconciling(Problem):
    """Refused: one pass at a time works on the levels of a business account; `reconciliation` is the one that does."""

    status = 409
    hint = "Wait until it is done, or cancel it."

    def __init__(self, reconciliation: Reconciliation) -> None:
        super().__init__(f"Reconciliation {reconciliation.pk} is already at it.", details={"reconciliation": reconciliation.pk})
        self.reconciliation = reconciliation


class NothingToReview(Problem):
    """Refused: the pass does not wait for a review."""

    status = 409


class PassIsOver(Problem):
    """Refused: the pass has ended."""

    status = 409


class MovedMeanwhile(Problem):
    """Try again: somebody moved the goods at the same moment."""

    status = 409
    hint = "Try again."


class ChangedMeanwhile(Problem):
    """Refused: somebody changed it since it was looked at. `details` holds the version it has now."""

    status = 409
    hint = "Look at it again, then change what still has to be changed."


class ItemArchived(Problem):
    """Refused: what is archived is not changed. `details` lists the items."""

    status = 409
    hint = "Take it out of the archive first."


class FollowsStock(Problem):
    """Refused: the quantity of a linked item is what its warehouses offer. `details` lists the items."""

    status = 409
    hint = "Change the stock, or unlink the item and give it a number of its own."


class NotUndoable(Problem):
    """Refused: it was not done by a person, or undoing it would contradict what has happened since. `details` names the fields."""

    status = 409


class RowsRefused(Problem):
    """Refused: rows hold what can't be; nothing was written. `details` holds the row, the field and a sentence for each."""


class NotADraft(Problem):
    """Refused: the purchase order was approved or cancelled, and its lines stay as they are."""

    status = 409


class NotOpen(Problem):
    """Refused: the purchase order is not approved yet, or nothing more is expected on it."""

    status = 409


class Settled(Problem):
    """Refused: the purchase order is past being changed: sent, known outside, received or cancelled."""

    status = 409


class AnotherDraft(Problem):
    """Refused: there is one draft for each vendor and warehouse. `details` holds its id."""

    status = 409


class AlreadyOnOrder(Problem):
    """Refused: the purchase order has the product; its line is changed instead. `details` holds the lines."""

    status = 409
    hint = "Change the quantity of that line."


class NothingOrdered(Problem):
    """Refused: there is no line on the purchase order."""

    status = 409
