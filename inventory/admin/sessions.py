from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, may
from inventory import scanning, sessions
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.scanpage import Said, contents, heard, refused
from inventory.errors import NotAQuantity
from inventory.marks import Mark
from inventory.models import Scan, ScanSession, SessionStatus
from inventory.wording import NOTHING, load_link, moment, progress_bar, session_name

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

STATUS = {
    SessionStatus.ACTIVE.value: Mark("Active", "success", "play_arrow"),
    SessionStatus.CLOSED.value: Mark("Closed", "", "lock"),
}


class SessionStateFilter(StateFilter):
    states = (
        State("active", "Active", Q(status=SessionStatus.ACTIVE)),
        State("closed", "Closed", Q(status=SessionStatus.CLOSED)),
        State("all", "All", Q()),
    )
    otherwise = "active"
    when_searched = "all"


class ScanSessionAdmin(ChipsAdmin):
    """What there is to scan, and the page to scan it on. Sessions come and go with the syncs; people scan, close and reopen them."""

    view_operation = "session.view"
    state_filter = SessionStateFilter
    empty_title = "No scan session here"
    empty_text = "Syncs open one for each bucket and for each load that has units on hand."
    list_display = ("named", "status_mark", "scanned", "last_scan", "load_named", "said")
    list_filter = (SessionStateFilter, ("kind", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("load__number", "load__friendly_name", "load__order_number", "bucket")
    search_help_text = "A load's number, name or order number, or a bucket; closed sessions are found too"
    ordering = ("kind", "bucket", "-load__number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScanSession]:
        return super().get_queryset(request).select_related("load", "warehouse")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        keys = [session.pk for session in shown]
        progress = scanning.progress(ScanSession.objects.filter(pk__in=keys))
        last = dict(Scan.objects.filter(session__in=keys).order_by().values_list("session").annotate(Max("scanned_at")))
        for session in shown:
            session.progress, session.last = progress[session.pk], last.get(session.pk)
        changes.result_list = shown
        return changes

    @admin.display(description="session", ordering="load__number")
    def named(self, session: ScanSession) -> str:
        return session_name(session)

    @admin.display(description="state", ordering="status")
    def status_mark(self, session: ScanSession) -> Mark:
        return STATUS[session.status]

    @admin.display(description="scanned")
    def scanned(self, session: Any) -> SafeString:
        progress = session.progress
        return progress_bar(progress.scanned, progress.expected, complete=progress.complete)

    @admin.display(description="last scan")
    def last_scan(self, session: Any) -> str:
        return moment(session.last)

    @admin.display(description="load", ordering="load__number")
    def load_named(self, session: ScanSession) -> SafeString | str:
        return load_link(session.load, by_number=True)

    @admin.display(description="what happened")
    def said(self, session: ScanSession) -> str:
        return session.closed_reason or session.note or NOTHING

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page to scan on."""
        if not may(request, "session.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        return self._page(request, self.find(request, object_id))

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Any) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("<int:pk>/scan/", posted(self.scan_view), name="inventory_session_scan"),
            path("<int:pk>/scans/<int:scan>/remove/", posted(self.remove_view), name="inventory_session_unscan"),
            path("<int:pk>/close/", posted(self.close_view), name="inventory_session_close"),
            path("<int:pk>/reopen/", posted(self.reopen_view), name="inventory_session_reopen"),
            *super().get_urls(),
        ]

    def scan_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One scan. A program of the page that accepts JSON gets the outcome with the page's moving part, a bare form the whole page."""
        session = self.row_for(request, "scan.add", pk)
        text = request.POST.get("text", "").strip()
        try:
            said = heard(scanning.scan(acting(request), session, text, quantity=_number(request.POST.get("quantity", ""))))
        except Problem as problem:
            said = refused(problem)
        return self._answer(request, session, said, text)

    def remove_view(self, request: HttpRequest, pk: int, scan: int) -> HttpResponse:
        session = self.row_for(request, "scan.delete", pk)
        row = Scan.objects.filter(session=session, pk=scan).select_related("unit", "session").first()
        if row is None:
            said = Said("removed", "That scan was removed before.")
        else:
            name = row.text or str(row.unit)
            try:
                scanning.remove_scan(acting(request), row)
                said = Said("removed", f"The scan of {name} is removed.")
            except Problem as problem:
                said = refused(problem)
        return self._answer(request, session, said, "")

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        session = self.row_for(request, "session.edit", pk)
        reason = request.POST.get("reason", "").strip()

        def close(actor: Actor) -> str:
            sessions.close(actor, session, reason)
            return "The session is closed. No sync reopens it."

        self.tell(request, close)
        return HttpResponseRedirect(_address(pk))

    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        session = self.row_for(request, "session.edit", pk)

        def reopen(actor: Actor) -> str:
            sessions.reopen(actor, session)
            return "The session is open again."

        self.tell(request, reopen)
        return HttpResponseRedirect(_address(pk))

    def _answer(self, request: HttpRequest, session: ScanSession, said: Said, text: str) -> HttpResponse:
        if "application/json" not in request.headers.get("Accept", ""):
            return self._page(request, session, said)
        html = render_to_string("admin/inventory/scan_state.html", contents(request, session), request=request)
        return JsonResponse({**said.as_json(), "text": text, "html": html})

    def _page(self, request: HttpRequest, session: ScanSession, said: Said | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Scan: {session_name(session)}",
            "original": session,
            "status": STATUS[session.status],
            "said": said,
            **contents(request, session),
        }
        return TemplateResponse(request, "admin/inventory/scan.html", context)


def _address(pk: int) -> str:
    return reverse("admin:inventory_scansession_change", args=[pk])


def _number(text: str) -> Decimal | None:
    """The typed quantity; None where none was typed. Raises Problem for what is no number."""
    text = text.strip()
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise NotAQuantity(f"“{text}” is not a number of pieces.", hint="Type a number, for example 5.") from error
