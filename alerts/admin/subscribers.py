"""Who gets mail of what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import Member
from accounts.workplace import acting, may
from alerts import people
from alerts.admin.recipients import EVENT_FIELDS, RecipientAdmin, in_pairs, told_of
from alerts.models import Delivery, Subscriber
from inventory.admin.chips import State, StateFilter
from inventory.marks import Mark


class SubscriberFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        State("bounced", "Address refused", Q(bounced_at__isnull=False), shown_empty=False),
        State("off", "Switched off", Q(active=False), shown_empty=False),
    )
    otherwise = "all"


class SubscriberAdmin(RecipientAdmin):
    """Everybody may say what they are told themselves; a manager says it for all."""

    view_operation = "alert.view"
    add_operation = "subscription.edit"
    change_operation = "subscription.edit"
    delete_operation = "subscription.edit"
    state_filter = SubscriberFilter
    list_display = ("who", "email", "hears", "state_mark")
    list_display_links = ("who",)
    list_filter = (SubscriberFilter,)
    search_fields = ("name", "email")
    search_help_text = "Name or address"
    ordering = ("name", "email", "id")
    own_fields = ("name", "email", "active", "member")
    change_form_outer_before_template = "admin/alerts/subscriber_state.html"
    warn_unsaved_form = True
    empty_title = "Nobody is told"
    empty_text = "Add yourself, and whoever else is to get mail when something is wrong."
    buttons = {
        "test": ("subscription.edit", "press_test"),
        "right": ("subscription.edit", "press_right"),
    }

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (not isinstance(obj, Subscriber) or may(request, people.operation_for(acting(request), obj)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        return super().get_queryset(request).select_related("member")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own: tuple[Any, ...] = (("name", "email"),)
        if obj is None and may(request, people.OTHERS):
            own = ("member", *own)
        edits = self.has_change_permission(request, obj) if obj else True
        told = (("What is told, and how soon", {"fields": in_pairs(EVENT_FIELDS)}),) if edits else ()
        return ((None, {"fields": (*own, "active") if obj else own}), *told)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "member" in form.base_fields:
            form.base_fields["member"].help_text = "Whose mail it is. Empty: somebody who does not work with Levelstock."
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        user = acting(request).user
        mine = _own_member(request)
        return (
            {}
            if user is None or mine is None
            else {"name": user.get_full_name() or user.get_username(), "email": user.email, "member": mine}
        )

    def save_model(self, request: HttpRequest, obj: Subscriber, form: Any, change: bool) -> None:
        fields = self.given(form)
        if change:
            people.edit_subscriber(acting(request), obj, **{name: value for name, value in fields.items() if name != "member"})
            return
        every = {name: form.cleaned_data.get(name) or "" for name in ("name", "email")}
        member = form.cleaned_data.get("member") if may(request, people.OTHERS) else _own_member(request)
        obj.pk = people.add_subscriber(acting(request), **{**fields, **every, "member": member}).pk

    def response_add(self, request: HttpRequest, obj: Subscriber, post_url_continue: str | None = None) -> HttpResponse:
        messages.info(request, "Send a test now, to see whether mail arrives.")
        return super().response_add(request, obj, post_url_continue=reverse("admin:alerts_subscriber_change", args=[obj.pk]))

    def delete_model(self, request: HttpRequest, obj: Subscriber) -> None:
        people.remove_subscriber(acting(request), obj)

    def press_test(self, _request: HttpRequest, actor: Actor, row: Subscriber) -> str:
        return f"A test is on its way to {people.send_test(actor, row).to}."

    def press_right(self, _request: HttpRequest, actor: Actor, row: Subscriber) -> str:
        return f"Mail goes to {people.address_is_right(actor, row).email} again."

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if row is not None:
            shown = {
                "subscriber": row,
                "may_press": self.has_change_permission(request, row),
                "latest": Delivery.objects.filter(subscriber=row).only("state", "created_at").first()
                if may(request, "delivery.view")
                else None,
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    @admin.display(description="who", ordering="name")
    def who(self, row: Subscriber) -> str:
        return row.name or row.email

    @admin.display(description="is told of")
    def hears(self, row: Subscriber) -> str:
        return told_of(row.events)

    @admin.display(description="state")
    def state_mark(self, row: Subscriber) -> Mark:
        if row.bounced_at is not None:
            return Mark("Address refused", "danger", "unsubscribe")
        if not row.active or (row.member is not None and not row.member.active):
            return Mark("Gets none", "", "block")
        return Mark("Gets mail", "success", "check_circle")


def _own_member(request: HttpRequest) -> Member | None:
    actor = acting(request)
    return None if actor.user is None else Member.objects.filter(account=actor.account, user=actor.user).first()
