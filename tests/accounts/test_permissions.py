from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.models import Account, Member
from accounts.roles import Role
from tests.build import make_member

pytestmark = pytest.mark.django_db


class Undeclared(APIView):
    def get(self, request: Request) -> Response:
        return Response("open")


class ByMethod(APIView):
    operations = {"get": "run.view", "post": "run.approve"}

    def get(self, request: Request) -> Response:
        return Response("seen")

    def post(self, request: Request) -> Response:
        return Response("done")


class ByAction(viewsets.ViewSet):
    operations = {"list": "run.view"}

    def list(self, request: Request) -> Response:
        return Response("seen")

    def create(self, request: Request) -> Response:
        return Response("open")


def answer(view: Any, method: str, member: Member) -> HttpResponse:
    request = getattr(APIRequestFactory(), method)("/")
    request.session = {}
    force_authenticate(request, member.user)
    return view(request)  # type: ignore[no-any-return]


BY_ACTION = ByAction.as_view({"get": "list", "post": "create"})


def test_a_view_without_declaration_is_closed_to_everybody(mara: Member) -> None:
    response = answer(Undeclared.as_view(), "get", mara)
    assert response.status_code == 403
    assert "no operation is declared" in response.data["message"]  # type: ignore[attr-defined]


def test_an_action_without_declaration_is_closed_to_everybody(mara: Member) -> None:
    assert answer(BY_ACTION, "get", mara).status_code == 200
    assert answer(BY_ACTION, "post", mara).status_code == 403


@pytest.mark.parametrize(("role", "get", "post"), [(Role.VIEWER, 200, 403), (Role.STAFF, 200, 403), (Role.MANAGER, 200, 200)])
def test_each_method_asks_for_its_own_operation(account: Account, role: Role, get: int, post: int) -> None:
    member = make_member(account, role)
    assert answer(ByMethod.as_view(), "get", member).status_code == get
    assert answer(ByMethod.as_view(), "head", member).status_code == get
    assert answer(ByMethod.as_view(), "post", member).status_code == post


def test_what_a_view_does_not_have_is_405(mara: Member) -> None:
    assert answer(ByMethod.as_view(), "delete", mara).status_code == 405
    assert answer(BY_ACTION, "delete", mara).status_code == 405


def test_a_refusal_names_role_and_way_out(account: Account) -> None:
    response = answer(ByMethod.as_view(), "post", make_member(account, Role.STAFF))
    assert response.data == {  # type: ignore[attr-defined]
        "code": "not_allowed",
        "message": "This needs the role manager; mara is staff in 7QX.",
        "hint": "Ask an owner of the business account to do it or to change the role.",
    }
