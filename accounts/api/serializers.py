from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Account, ApiToken, AuditLog, Member, User
from accounts.roles import OPERATIONS, Role
from accounts.scoping import OwnedRelatedField


class UserSerializer(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="get_full_name", read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "name"]


class AccountSerializer(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = ["id", "name", "slug", "time_zone"]


class UsedTokenSerializer(serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scopes", "expires_at"]


class MeSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    account = AccountSerializer(help_text="The business account that requests act in.")
    role = serializers.ChoiceField(choices=Role.choices)
    operations = serializers.ListField(child=serializers.CharField(), help_text="What the caller may do.")
    token = UsedTokenSerializer(allow_null=True, help_text="The token in use; null in a browser's session.")


class MemberSerializer(serializers.ModelSerializer[Member]):
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.get_full_name", read_only=True)

    class Meta:
        model = Member
        fields = ["id", "username", "name", "role", "active", "created_at"]
        read_only_fields = ["id", "created_at"]


class NewMemberSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)
    password = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        write_only=True,
        trim_whitespace=False,
        max_length=200,
        help_text="Only for a user who doesn't exist yet.",
    )
    email = serializers.EmailField(required=False, default="", allow_blank=True, help_text="Only for a user who doesn't exist yet.")


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    member = MemberSerializer(read_only=True)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "member", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at"]


class IssuedTokenSerializer(TokenSerializer):
    text = serializers.CharField(help_text="The token itself, shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "text"]


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    member = OwnedRelatedField(queryset=Member.objects.select_related("user"))
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(OPERATIONS)), required=False, default=list, help_text="Empty: all that the member may."
    )
    expires_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class AuditSerializer(serializers.ModelSerializer[AuditLog]):
    actor = serializers.CharField(source="actor_label")
    actor_id = serializers.IntegerField(allow_null=True, help_text="The user; null for the system.")

    class Meta:
        model = AuditLog
        fields = ["id", "created_at", "actor", "actor_id", "entity", "entity_id", "action", "cause", "before", "after", "correlation"]
