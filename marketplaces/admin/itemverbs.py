"""What the buttons of an item's page do, each a POST."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import ngettext

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, refusal
from inventory import items
from inventory.models import Item, ItemAttachment
from marketplaces import push
from marketplaces.admin.itemform import QuantityForm
from marketplaces.admin.pages import ButtonsAdmin
from marketplaces.admin.words import for_people
from marketplaces.models import Listing, Shop


class ItemVerbs(ButtonsAdmin):
    buttons = {
        "push": ("listing.push", "push"),
        "keep-off": ("listing.edit", "keep_off"),
        "resolve": ("listing.resolve", "resolve"),
        "quantity": ("item.adjust", "quantity"),
        "restore": ("item.archive", "restore"),
        "unlink": ("item.edit", "unlink"),
        "attach": ("item.attach", "attach"),
        "detach": ("item.attach", "detach"),
    }

    def tell(self, request: HttpRequest, do: Callable[[Actor], str]) -> bool:
        """Refusals name fields as programs do; people read them as the forms do."""
        try:
            sentence = do(acting(request))
        except (Problem, ValidationError) as error:
            messages.error(request, for_people(refusal(error)))
            return False
        messages.success(request, sentence)
        return True

    # Buttons

    def push(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        shop = self._shop(request)
        rows = Listing.objects.filter(item=item)
        number = push.push_now(actor, rows if shop is None else rows.filter(shop=shop))
        if not number:
            raise Problem("Nothing can be pushed now.", hint="Decide first what the shop's half of this page asks, or switch the shop on.")
        return ngettext("It is sent to %d shop now.", "It is sent to %d shops now.", number) % number

    def keep_off(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        shop, off = self._named_shop(request), request.POST.get("off") == "1"
        push.keep_off(actor, item, shop, off, leave=request.POST.get("leave") == "1")
        if not off:
            return f"It is offered at {shop} again."
        return f"It is kept off {shop}." + ("" if request.POST.get("leave") == "1" else " Its lot there is deleted.")

    def resolve(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        listing = Listing.objects.filter(item=item, shop=self._named_shop(request)).first()
        if listing is None:
            raise Http404
        choice = request.POST.get("choice", "")
        label = next((each.label for each in push.choices_of(listing) if each.key == choice), choice)
        push.resolve(actor, listing, choice)
        return f"Decided for {listing.shop}: {label}."

    def quantity(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        form = QuantityForm(request.POST)
        if not form.is_valid():
            raise Problem(" ".join(f"{form.fields[name].label or name}: {' '.join(map(str, each))}" for name, each in form.errors.items()))
        pieces, reason = form.cleaned_data["pieces"], form.cleaned_data["reason"]
        return _MOVES[form.cleaned_data["do"]](actor, item, pieces, reason)

    def restore(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        items.restore(actor, item)
        return f"{item} is taken out of the archive, and is being listed again."

    def unlink(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        items.unlink(actor, item)
        return f"{item} has a quantity of its own again: {item.quantity_available:,}."

    def attach(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        files = request.FILES.getlist("files")
        if not files:
            raise Problem("No file was chosen.", hint="Choose a picture or a file first.")
        with transaction.atomic():
            for file in files:
                if (file.size or 0) > settings.UPLOAD_LIMIT:
                    raise Problem(f"“{file.name}” is too large.", hint=f"At most {settings.UPLOAD_LIMIT // 2**20} MB. No file is added.")
                try:
                    items.attach(actor, item, str(file.name), file.content_type or "", file.read())
                except ValidationError as error:
                    raise Problem(f"“{file.name}”: {for_people(refusal(error))}", hint="No file is added.") from error
        return ngettext("%d file is added.", "%d files are added.", len(files)) % len(files)

    def detach(self, request: HttpRequest, actor: Actor, item: Item) -> str:
        file = file_of(item, request.POST.get("file", ""))
        items.detach(actor, file)
        return f"“{file.name}” is removed."

    def _shop(self, request: HttpRequest) -> Shop | None:
        number = request.POST.get("shop", "")
        if not number:
            return None
        rows = Shop.objects.filter(account=acting(request).account).select_related("connection")
        shop = rows.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if shop is None:
            raise Http404
        return shop

    def _named_shop(self, request: HttpRequest) -> Shop:
        shop = self._shop(request)
        if shop is None:
            raise Http404
        return shop


def file_of(item: Item, number: str) -> ItemAttachment:
    """The item's file of that number. Raises Http404 where it has none."""
    row = ItemAttachment.objects.filter(item=item, pk=number).first() if number.isdecimal() and len(number) < 19 else None
    if row is None:
        raise Http404
    return row


def _added(actor: Actor, item: Item, pieces: int, reason: str) -> str:
    saved = items.adjust(actor, item, pieces, reason)
    return f"{pieces:,} added: {saved.quantity_available:,} are available."


def _taken(actor: Actor, item: Item, pieces: int, reason: str) -> str:
    saved = items.adjust(actor, item, -pieces, reason)
    return f"{pieces:,} taken away: {saved.quantity_available:,} are available."


def _set(actor: Actor, item: Item, pieces: int, reason: str) -> str:
    saved = items.set_quantity(actor, item, pieces, reason)
    return f"{saved.quantity_available:,} are available now."


def _reserved(actor: Actor, item: Item, pieces: int, reason: str) -> str:
    saved = items.reserve(actor, item, pieces, reason)
    return f"{pieces:,} reserved: {saved.quantity_available:,} are available, {saved.quantity_reserved:,} reserved."


def _released(actor: Actor, item: Item, pieces: int, reason: str) -> str:
    saved = items.release(actor, item, pieces, reason)
    return f"{pieces:,} released: {saved.quantity_available:,} are available, {saved.quantity_reserved:,} reserved."


_MOVES: dict[str, Callable[[Actor, Item, int, str], str]] = {
    "add": _added,
    "take": _taken,
    "set": _set,
    "reserve": _reserved,
    "release": _released,
}
