"""The pages that belong to an item's: what turns by itself, and what is looked at before something is done."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, may
from inventory import items
from inventory.admin.importpage import Importing, import_view
from inventory.models import Item, ItemChange
from marketplaces import push
from marketplaces.admin import itempage
from marketplaces.admin.itemform import LinkForm, rules_of
from marketplaces.admin.itemverbs import ItemVerbs, file_of
from marketplaces.admin.timeline import KINDS, Names, moved
from marketplaces.admin.words import field_label, value_text
from marketplaces.models import Listing

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser may show; everything else is saved, as it could hold scripts."""


class ItemPages(ItemVerbs):
    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", guard(require_GET(self.live_view)), name="inventory_item_live"),
            path("<int:pk>/preview/", guard(require_GET(self.preview_view)), name="inventory_item_preview"),
            path("<int:pk>/archive/", guard(self.archive_view), name="inventory_item_archive"),
            path("<int:pk>/link/", guard(self.link_view), name="inventory_item_link"),
            path("<int:pk>/undo/<int:change>/", guard(self.undo_view), name="inventory_item_undo"),
            path("<int:pk>/file/<int:file>/", guard(require_GET(self.file_view)), name="inventory_item_file"),
            path("import/", guard(import_view(self, IMPORTING)), name="inventory_item_import"),
            *super().get_urls(),
        ]

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How the shops stand with it now; asked again and again while the page is open."""
        item = self._item(request, "item.view", pk)
        return TemplateResponse(request, "admin/marketplaces/item_sides.html", itempage.live(acting(request), item))

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What each shop would be sent next. Sends nothing."""
        item = self._item(request, "listing.view", pk)
        shown = [
            (each, WORDS[each.operation], [(field_label(name), value_text(name, value)) for name, value in each.fields.items()])
            for each in push.preview(acting(request), item)
        ]
        context = {"item": item, "previews": shown, "back": self.address_of(item), "original": item}
        return self.page(request, "admin/marketplaces/item_preview.html", f"What would be sent: {item}", context)

    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What archiving means for this item; by POST, do it."""
        item = self._item(request, "item.archive", pk)
        if request.method == "POST":
            reason = request.POST.get("reason", "").strip()

            def do(actor: Actor) -> str:
                items.archive(actor, item, reason=reason)
                return f"{item} is archived. Its lots are being taken off the shops."

            self.tell(request, do)
            return HttpResponseRedirect(self.address_of(item))
        listed = Listing.objects.filter(item=item).exclude(lot_id="").select_related("shop__connection")
        context = {"item": item, "listed": listed, "back": self.address_of(item), "original": item}
        return self.page(request, "admin/marketplaces/item_archive.html", f"Archive {item}", context)

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whose stock it offers, and how much of it."""
        item = self._item(request, "item.edit", pk)
        actor = acting(request)
        form = LinkForm(actor, request.POST if request.method == "POST" else None, initial=rules_of(item) if item.linked else None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                linked = items.link(actor, item, given.pop("product"), list(given.pop("warehouses")), **given)
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                messages.success(request, f"{linked} offers {linked.quantity_available:,} of {linked.product} now, and follows its stock.")
                return HttpResponseRedirect(self.address_of(item))
        context = {
            "item": item,
            "form": form,
            "back": self.address_of(item),
            "original": item,
            "finding": reverse("admin:inventory_find_product"),
        }
        return self.page(request, "admin/marketplaces/item_link.html", f"Link {item} to a product", context)

    def undo_view(self, request: HttpRequest, pk: int, change: int) -> HttpResponse:
        """What undoing a change would do; by POST with a reason, do it."""
        item = self._item(request, "item.undo", pk)
        row = ItemChange.objects.filter(item=item, pk=change).first()
        if row is None:
            raise Http404
        if request.method == "POST":
            if self.tell(request, lambda actor: _undone(actor, row, request.POST.get("reason", ""))):
                return HttpResponseRedirect(f"{self.address_of(item)}#timeline")
            return HttpResponseRedirect(request.path)
        context = {
            "item": item,
            "change": row,
            "mark": KINDS[row.kind],  # type: ignore[index]
            "moves": list(moved(row, Names.of([row]))),
            "back": self.address_of(item),
            "original": item,
        }
        return self.page(request, "admin/marketplaces/item_undo.html", f"Undo a change of {item}", context)

    def file_view(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        """A file of the item: pictures to look at, everything else to keep."""
        item = self._item(request, "item.view", pk)
        row = file_of(item, str(file))
        shown = row.content_type in PICTURES
        answer = HttpResponse(bytes(row.body), content_type=row.content_type if shown else "application/octet-stream")
        name = "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in row.name)
        answer["Content-Disposition"] = f'{"inline" if shown else "attachment"}; filename="{name.encode("ascii", "replace").decode()}"'
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src 'self'"
        answer["Cache-Control"] = "private, max-age=3600"
        return answer

    def _item(self, request: HttpRequest, operation: str, pk: int) -> Item:
        # Whether there is such an item is nobody's business in another account, so it is looked up first.
        item: Item = self.find(request, str(pk))
        if not may(request, operation):
            raise PermissionDenied
        return item


IMPORTING = Importing(
    "item.import",
    "Import items",
    "admin/marketplaces/item_import.html",
    items.import_csv,
    "admin:inventory_item_import",
    "admin:inventory_item_changelist",
    lambda report: f"The file is imported. New: {report.added:,}, changed: {report.changed:,}, unchanged: {report.unchanged:,}.",
)
WORDS = {
    "nothing": "Nothing: the shop has all of it.",
    "read": "The lot is read back first.",
    "create": "A new lot is made.",
    "update": "The lot is changed.",
    "replace": "Another lot takes its place: what is to be different can't be changed of this one.",
    "delete": "The lot is deleted.",
    "refused": "Nothing: this is in the way.",
}


def _undone(actor: Actor, change: ItemChange, reason: str) -> str:
    items.undo(actor, change, reason)
    return "It is undone. What else was changed since stays as it is."
