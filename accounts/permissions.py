"""Who may use a view of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.acting import Actor, actor_for_request
from accounts.errors import NotAllowed

if TYPE_CHECKING:
    # rest_framework.views reads the settings that name this module.
    from rest_framework.views import APIView


class MemberPermission(BasePermission):
    """Any member of a business account. Nobody else: 401 for strangers, 403 with a sentence for users without a membership."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        actor = actor_for_request(request)
        if actor is None:
            raise NotAllowed(
                "You are not an active member of any business account.", hint="Ask an owner of the business account to add you."
            )
        self.check(actor, request, view)
        return True

    def check(self, actor: Actor, request: Request, view: APIView) -> None:
        """Raises NotAllowed when `actor` may not make this request."""


class OperationPermission(MemberPermission):
    """Members who may do the operation that the view declares.

    A view declares either `operation`, one name for all it does, or `operations`, a name for each action of a view set or each method (in
    lower case) of a plain view. What is not declared is refused. Methods that the view does not have pass, for the answer 405.
    """

    def check(self, actor: Actor, request: Request, view: APIView) -> None:
        handler = _handler(request, view)
        if handler is None:
            return
        declared: dict[str, str] = getattr(view, "operations", {})
        operation: str | None = declared.get(handler) or getattr(view, "operation", None)
        if operation is None:
            raise NotAllowed("This is not open to anybody: no operation is declared for it.")
        actor.require(operation)


def _handler(request: Request, view: Any) -> str | None:
    """The action or method that will answer; None for OPTIONS and for what the view does not have."""
    method = (request.method or "").lower()
    if method == "options":
        return None
    actions: dict[str, str] | None = getattr(view, "action_map", None)
    if actions is not None:
        return actions.get(method)
    if method == "head" and hasattr(view, "get"):
        method = "get"
    return method if hasattr(view, method) else None
