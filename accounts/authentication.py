"""How programs prove who they are to the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token …` or `Authorization: Bearer …`. Other schemes are left to other authentications."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in (b"token", b"bearer"):
            return None
        if len(words) != 2:
            raise AuthenticationFailed("The Authorization header must be the word Token or Bearer, a space, and the token.")
        try:
            token = tokens.find(words[1].decode())
        except UnicodeDecodeError as error:
            raise AuthenticationFailed("The API token has characters that no token has. Copy it again.") from error
        except tokens.Unusable as error:
            raise AuthenticationFailed(str(error)) from error
        return token.member.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes it."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API token. `Authorization: Token …` works as well."}
