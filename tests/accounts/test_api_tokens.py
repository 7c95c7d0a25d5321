from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, Member
from tests.build import make_token

pytestmark = pytest.mark.django_db


def test_the_text_is_in_the_answer_once_and_works(api: APIClient, mara: Member) -> None:
    answer = api.post("/api/tokens/", {"name": "till", "member": mara.pk, "scopes": ["unit.view"]})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.json()["text"]
    assert APIClient().get("/api/me", HTTP_AUTHORIZATION=f"Token {text}").json()["token"]["name"] == "till"
    for address in ("/api/tokens/", f"/api/tokens/{answer.json()['id']}/", "/api/audit/"):
        assert text not in api.get(address).content.decode()


def test_digests_are_not_shown(api: APIClient) -> None:
    assert ApiToken.objects.get().digest not in api.get("/api/tokens/").content.decode()


def test_revoke(api: APIClient, mara: Member) -> None:
    text = make_token(mara)
    token = ApiToken.objects.order_by("-pk")[0]
    answer = api.post(f"/api/tokens/{token.pk}/revoke")
    assert answer.status_code == 200
    assert answer.json()["revoked_at"]
    assert APIClient().get("/api/me", HTTP_AUTHORIZATION=f"Token {text}").status_code == 401


def test_another_account_s_token_does_not_exist(api: APIClient, stranger: Member) -> None:
    text = make_token(stranger)
    token = ApiToken.objects.get(member=stranger)
    assert [row["id"] for row in api.get("/api/tokens/").json()["results"]] == [ApiToken.objects.exclude(pk=token.pk).get().pk]
    assert api.get(f"/api/tokens/{token.pk}/").status_code == 404
    assert api.post(f"/api/tokens/{token.pk}/revoke").status_code == 404
    assert APIClient().get("/api/me", HTTP_AUTHORIZATION=f"Token {text}").status_code == 200


def test_another_account_s_member_gets_no_token(api: APIClient, stranger: Member) -> None:
    answer = api.post("/api/tokens/", {"name": "till", "member": stranger.pk})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["member"]
    nobody = api.post("/api/tokens/", {"name": "till", "member": 999_999})
    assert nobody.json()["errors"]["member"][0].replace("999999", str(stranger.pk)) == answer.json()["errors"]["member"][0]


def test_bad_input_names_the_field(api: APIClient, mara: Member) -> None:
    given = {"name": "till", "member": mara.pk}
    for change, field in (
        ({"name": " "}, "name"),
        ({"scopes": ["unit.fly"]}, "scopes"),
        ({"expires_at": "2020-01-01T00:00Z"}, "expires_at"),
    ):
        answer = api.post("/api/tokens/", {**given, **change})
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [field]
