"""What a view of the API can see: the rows of its actor's business account and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.serializers import PrimaryKeyRelatedField

from accounts.acting import Actor, actor_for_request

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    _View = GenericAPIView[Any]
else:
    _View = object


class AccountScoped(_View):
    """For views of models with an account: comes before the view class, and makes every other account's row a 404."""

    account_path = "account"
    """The lookup that leads from a row to its account."""

    @property
    def actor(self) -> Actor:
        """Who makes the request. Raises NotAuthenticated when nobody may, which permissions have ruled out before."""
        return acting(self.request)

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return queryset.filter(**{self.account_path: self.actor.account.pk})


class OwnedRelatedField(PrimaryKeyRelatedField[M]):
    """A reference by id to a row of the actor's account; the id of another account's row is as wrong as one that doesn't exist."""

    account_path = "account"

    def get_queryset(self) -> QuerySet[M]:
        queryset = super().get_queryset()
        assert queryset is not None, "OwnedRelatedField is given a queryset"
        request = self.context.get("request")
        if request is None:
            return queryset.none()
        return queryset.filter(**{self.account_path: acting(request).account.pk})

    def to_internal_value(self, data: Any) -> M:
        if isinstance(data, float):
            # 1.5 would be taken for 1.
            self.fail("incorrect_type", data_type="float")
        try:
            return super().to_internal_value(data)
        except OverflowError:
            # JSON's 1e999 is endless, which is the id of nothing.
            self.fail("incorrect_type", data_type=type(data).__name__)


def acting(request: Request) -> Actor:
    """The actor of a request that permissions have let through. Raises NotAuthenticated where there is none."""
    actor = actor_for_request(request)
    if actor is None:
        raise NotAuthenticated
    return actor
