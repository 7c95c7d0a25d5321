"""An admin that would show rows of other accounts does not start."""

from __future__ import annotations

from unfold.contrib.filters.admin import AutocompleteSelectFilter, RelatedDropdownFilter

from accounts.filters import OwnedAutocompleteFilter, OwnedDropdownFilter
from accounts.models import ApiToken
from accounts.site import Workplace
from accounts.workplace import ScopedAdmin


def found(**attributes: object) -> list[str | None]:
    admin = type("TokenAdmin", (ScopedAdmin,), attributes)
    return [error.id for error in admin(ApiToken, Workplace()).check() if (error.id or "").startswith("accounts.")]


def test_fields_that_look_up_any_id() -> None:
    assert found(raw_id_fields=("member",)) == ["accounts.E001"]


def test_filters_that_offer_any_row() -> None:
    assert found(list_filter=("member",)) == ["accounts.E002"]
    assert found(list_filter=("member__user",)) == ["accounts.E002"]
    assert found(list_filter=(("member", RelatedDropdownFilter),)) == ["accounts.E002"]
    assert found(list_filter=(("member", AutocompleteSelectFilter),)) == ["accounts.E002"]


def test_what_is_safe() -> None:
    assert found(list_filter=(("member", OwnedDropdownFilter), ("member", OwnedAutocompleteFilter), "name", "member__role")) == []
