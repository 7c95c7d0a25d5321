from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiToken, AuditLog, Member
from accounts.roles import Role
from tests.accounts.conftest import browser_of
from tests.build import make_member, make_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.workplace_urls")]

TOKENS = "/admin/accounts/apitoken/"


@pytest.fixture
def mine(mara: Member) -> ApiToken:
    make_token(mara)
    return ApiToken.objects.get(member=mara)


@pytest.fixture
def theirs(stranger: Member) -> ApiToken:
    make_token(stranger)
    ApiToken.objects.filter(member=stranger).update(name="foreign-token")
    return ApiToken.objects.get(member=stranger)


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def rows(action: str) -> list[tuple[str, str, object, object]]:
    return list(AuditLog.objects.filter(action=action).order_by("pk").values_list("entity", "entity_id", "before", "after"))


def test_the_list_shows_rows_of_the_account_only(browser: Client, mine: ApiToken, theirs: ApiToken) -> None:
    page = text(browser.get(TOKENS))
    assert "scanner" in page
    assert "foreign-token" not in page
    assert "stranger" not in page


@pytest.mark.parametrize("view", ["change", "delete", "history"])
def test_a_guessed_id_leads_to_nothing(browser: Client, mine: ApiToken, theirs: ApiToken, view: str) -> None:
    response = browser.get(f"{TOKENS}{theirs.pk}/{view}/")
    assert response.status_code == 404
    assert "foreign-token" not in response.content.decode()


def test_a_guessed_id_can_not_be_written(browser: Client, mara: Member, theirs: ApiToken) -> None:
    browser.post(f"{TOKENS}{theirs.pk}/change/", {"name": "mine now", "member": mara.pk, "scopes": "[]"})
    browser.post(f"{TOKENS}{theirs.pk}/delete/", {"post": "yes"})
    browser.post(TOKENS, {"action": "delete_selected", "_selected_action": theirs.pk, "post": "yes"})
    theirs.refresh_from_db()
    assert theirs.name == "foreign-token"


def test_references_offer_and_accept_the_account_s_rows_only(browser: Client, mara: Member, mine: ApiToken, theirs: ApiToken) -> None:
    answer = browser.get("/admin/autocomplete/?app_label=accounts&model_name=apitoken&field_name=member")
    assert [choice["id"] for choice in answer.json()["results"]] == [str(mara.pk)]
    response = browser.post(f"{TOKENS}{mine.pk}/change/", {"name": "scanner", "member": theirs.member_id, "scopes": "[]"})
    assert "not one of the available choices" in text(response)
    assert "stranger" not in text(browser.get(f"{TOKENS}add/?member={theirs.member_id}"))


def test_filters_neither_offer_nor_name_rows_of_others(browser: Client, mara: Member, mine: ApiToken, theirs: ApiToken) -> None:
    page = text(browser.get(f"{TOKENS}?member__id__exact={theirs.member_id}"))
    assert "stranger" not in page
    assert "foreign-token" not in page
    assert "mara (Owner)" in text(browser.get(f"{TOKENS}?member__id__exact={mara.pk}"))


def test_a_new_row_belongs_to_the_account_and_is_audited_without_secrets(browser: Client, mara: Member) -> None:
    browser.post(f"{TOKENS}add/", {"name": "till", "member": mara.pk, "scopes": '["unit.view"]'})
    made = ApiToken.objects.get(name="till")
    assert made.account == mara.account
    [(entity, entity_id, before, after)] = rows("ADD")
    assert (entity, entity_id, before) == ("ApiToken", str(made.pk), None)
    assert isinstance(after, dict)
    assert after["name"] == "till"
    assert "scopes" not in after
    assert "digest" not in after


def test_a_change_is_audited_with_the_changed_fields_only(browser: Client, mara: Member, mine: ApiToken) -> None:
    browser.post(f"{TOKENS}{mine.pk}/change/", {"name": "gate", "member": mara.pk, "scopes": '["unit.view"]'})
    assert rows("CHANGE") == [("ApiToken", str(mine.pk), {"name": "scanner"}, {"name": "gate"})]
    row = AuditLog.objects.get(action="CHANGE")
    assert (row.actor, row.account) == (mara.user, mara.account)


def test_saving_without_a_change_leaves_no_trace(browser: Client, mara: Member, mine: ApiToken) -> None:
    browser.post(f"{TOKENS}{mine.pk}/change/", {"name": "scanner", "member": mara.pk, "scopes": "[]"})
    assert rows("CHANGE") == []


def test_deleting_is_audited_with_what_was_there(browser: Client, mine: ApiToken) -> None:
    browser.post(f"{TOKENS}{mine.pk}/delete/", {"post": "yes"})
    assert not ApiToken.objects.exists()
    [(_entity, entity_id, before, after)] = rows("DELETE")
    assert (entity_id, after) == (str(mine.pk), None)
    assert isinstance(before, dict)
    assert before["name"] == "scanner"


def test_deleting_many_is_audited_row_by_row_under_one_correlation(browser: Client, mara: Member) -> None:
    for _ in range(3):
        make_token(mara)
    chosen = list(ApiToken.objects.values_list("pk", flat=True))
    browser.post(TOKENS, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not ApiToken.objects.exists()
    assert {row[1] for row in rows("DELETE")} == {str(pk) for pk in chosen}
    assert AuditLog.objects.filter(action="DELETE").values("correlation").distinct().count() == 1


def inline_form(mara: Member, **first: object) -> dict[str, object]:
    given = {f"tokens-0-{name}": value for name, value in {"member": mara.pk, "name": "scanner", **first}.items()}
    return {"role": "owner", "tokens-TOTAL_FORMS": 2, "tokens-INITIAL_FORMS": 1, "tokens-1-member": mara.pk, **given}


def test_inline_rows_are_saved_into_the_account_and_audited(browser: Client, mara: Member, mine: ApiToken) -> None:
    form = inline_form(mara, id=mine.pk, name="gate")
    browser.post(f"/admin/accounts/member/{mara.pk}/change/", {**form, "tokens-1-name": "new"})
    assert rows("CHANGE") == [("ApiToken", str(mine.pk), {"name": "scanner"}, {"name": "gate"})]
    made = ApiToken.objects.get(name="new")
    assert made.account == mara.account
    assert [row[:2] for row in rows("ADD")] == [("ApiToken", str(made.pk))]


def test_inline_rows_are_deleted_and_audited(browser: Client, mara: Member, mine: ApiToken) -> None:
    browser.post(f"/admin/accounts/member/{mara.pk}/change/", inline_form(mara, id=mine.pk, DELETE="on"))
    assert not ApiToken.objects.exists()
    assert [row[:2] for row in rows("DELETE")] == [("ApiToken", str(mine.pk))]


def test_an_inline_row_of_another_account_can_not_be_smuggled_in(browser: Client, mara: Member, mine: ApiToken, theirs: ApiToken) -> None:
    browser.post(f"/admin/accounts/member/{mara.pk}/change/", inline_form(mara, id=theirs.pk, name="mine now"))
    theirs.refresh_from_db()
    assert (theirs.name, theirs.member) == ("foreign-token", theirs.member)
    assert rows("CHANGE") == []


@pytest.mark.parametrize(
    ("role", "view", "add", "change", "delete"),
    [(Role.VIEWER, 200, 403, 200, 403), (Role.STAFF, 200, 200, 200, 200)],
)
def test_the_role_decides(mara: Member, mine: ApiToken, role: Role, view: int, add: int, change: int, delete: int) -> None:
    browser = browser_of(make_member(mara.account, role, "nils"))
    assert browser.get(TOKENS).status_code == view
    assert browser.get(f"{TOKENS}add/").status_code == add
    assert browser.get(f"{TOKENS}{mine.pk}/change/").status_code == change
    assert browser.get(f"{TOKENS}{mine.pk}/delete/").status_code == delete


def test_a_viewer_can_not_write(mara: Member, mine: ApiToken) -> None:
    browser = browser_of(make_member(mara.account, Role.VIEWER, "nils"))
    assert browser.post(f"{TOKENS}{mine.pk}/change/", {"name": "x", "member": mara.pk, "scopes": "[]"}).status_code == 403
    browser.post(TOKENS, {"action": "delete_selected", "_selected_action": mine.pk, "post": "yes"})
    assert ApiToken.objects.get().name == "scanner"


def test_history_is_the_audit_log_of_the_row(browser: Client, mine: ApiToken) -> None:
    response = browser.get(f"{TOKENS}{mine.pk}/history/")
    assert response.headers["Location"] == f"/admin/accounts/auditlog/?entity=ApiToken&q={mine.pk}"
    assert "ISSUE" in text(browser.get(response.headers["Location"]))
