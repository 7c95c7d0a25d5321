from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.filters import AuditFilter
from accounts.api.serializers import (
    AuditSerializer,
    IssuedTokenSerializer,
    MemberSerializer,
    MeSerializer,
    NewMemberSerializer,
    NewTokenSerializer,
    TokenSerializer,
)
from accounts.membership import add_member, change_member
from accounts.models import ApiToken, AuditLog, Member
from accounts.permissions import MemberPermission
from accounts.roles import OPERATIONS
from accounts.scoping import AccountScoped, acting


class MeView(APIView):
    """Who is calling, in which business account, and what they may do there."""

    permission_classes = (MemberPermission,)

    @extend_schema(responses=MeSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        actor = acting(request)
        body = {
            "user": actor.user,
            "account": actor.account,
            "role": actor.role,
            "operations": [operation for operation in OPERATIONS if actor.may(operation)],
            "token": request.auth,
        }
        return Response(MeSerializer(body).data)


class MemberViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Member]):
    """Who belongs to the business account. Members are kept out with `active: false`, never deleted."""

    queryset = Member.objects.select_related("user")
    serializer_class = MemberSerializer
    filterset_fields = ("role", "active")
    operations = {"list": "member.view", "retrieve": "member.view", "create": "member.edit", "partial_update": "member.edit"}

    @extend_schema(request=NewMemberSerializer, responses={201: MemberSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Make a user a member; one who doesn't exist is created with `password`."""
        given = NewMemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        member = add_member(self.actor, **given.validated_data)
        return Response(self.get_serializer(member).data, status=201)

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change role, active or both."""
        member = self.get_object()
        given = self.get_serializer(member, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(change_member(self.actor, member, **given.validated_data)).data)


class TokenViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ApiToken]):
    """Keys for programs. A token acts as its member, within its scopes."""

    queryset = ApiToken.objects.select_related("member__user")
    serializer_class = TokenSerializer
    operations = {"list": "token.view", "retrieve": "token.view", "create": "token.edit", "revoke": "token.edit"}

    @extend_schema(request=NewTokenSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Issue a token. The answer is the only place that ever shows its `text`."""
        given = NewTokenSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        issued = tokens.issue(self.actor, given.validated_data.pop("member"), **given.validated_data)
        body = {**TokenSerializer(issued.token).data, "text": issued.text}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses=TokenSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """End the token at once. Safe to repeat."""
        return Response(self.get_serializer(tokens.revoke(self.actor, self.get_object())).data)


class AuditViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[AuditLog]):
    """Who did what, when and why: rows are added and never changed."""

    queryset = AuditLog.objects.all()
    serializer_class = AuditSerializer
    filterset_class = AuditFilter
    operation = "audit.view"
