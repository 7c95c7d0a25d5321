from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import tokens
from accounts.models import Account, ApiToken, AuditLog, Member
from accounts.roles import Role
from tests.build import make_account, make_member

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*words)
    assert error.value.returncode == 2
    return str(error.value)


def test_account_add_prints_the_slug() -> None:
    assert run("account", "add", "Seven Quiet", "--time-zone", "America/Chicago") == "seven-quiet"
    assert Account.objects.values("name", "slug", "time_zone").get() == {
        "name": "Seven Quiet",
        "slug": "seven-quiet",
        "time_zone": "America/Chicago",
    }
    assert AuditLog.objects.get().actor_label == "command line"


def test_account_add_twice_is_refused_or_does_nothing() -> None:
    run("account", "add", "7QX")
    assert "slug" in refused("account", "add", "7QX")
    assert run("account", "add", "7QX", "--if-missing") == "7qx"
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [(("7QX", "--time-zone", "Mars/Base"), "time_zone: “Mars/Base” is not a time zone"), (("???",), "slug"), (("",), "name")],
)
def test_account_add_says_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    assert said in refused("account", "add", *words)
    assert not Account.objects.exists()


def test_account_list() -> None:
    account = make_account(time_zone="Europe/Berlin")
    assert run("account", "list") == "7qx\t7QX\tEurope/Berlin"
    assert json.loads(run("account", "list", "--json")) == [{"id": account.pk, "slug": "7qx", "name": "7QX", "time_zone": "Europe/Berlin"}]


def test_member_add_with_a_password_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    monkeypatch.setenv("FIRST_PASSWORD", "a-long-password-77")
    assert run("member", "add", "nils", "--account", "7qx", "--role", "staff", "--password-env", "FIRST_PASSWORD") == "nils is staff of 7QX"
    nils = Member.objects.get()
    assert (nils.account, nils.role) == (account, Role.STAFF)
    assert nils.user.check_password("a-long-password-77")


def test_member_add_with_a_password_from_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    make_account()
    monkeypatch.setattr("sys.stdin", io.StringIO("a-long-password-77\n"))
    run("member", "add", "nils", "--account", "7qx", "--role", "owner", "--password-stdin")
    assert Member.objects.get().user.check_password("a-long-password-77")


def test_member_add_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make_member(make_account(), Role.OWNER, "nils")
    words = ("member", "add", "nils", "--account", "7qx", "--role", "viewer")
    assert "already a member" in refused(*words)
    assert "already" in run(*words, "--if-missing")
    assert Member.objects.get().role == Role.OWNER


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--account", "nowhere"), "There is no business account “nowhere”. There are: 7qx."),
        (("--account", "7qx"), "There is no user “nils” yet"),
        (("--account", "7qx", "--password-env", "NOT_SET_ANYWHERE"), "The environment has no NOT_SET_ANYWHERE"),
    ],
)
def test_member_add_says_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    make_account()
    assert said in refused("member", "add", "nils", "--role", "staff", *words)
    assert not Member.objects.exists()


def token_add(*words: str) -> str:
    return run("token", "add", "--member", "mara", "--account", "7qx", "--name", "till", *words)


def test_token_add_prints_a_token_that_works() -> None:
    member = make_member(make_account())
    assert tokens.find(token_add()).member == member


def test_token_add_with_scopes_and_expiry() -> None:
    make_member(make_account())
    token = tokens.find(token_add("--scope", "unit.view", "--scope", "run.start", "--expires", "2999-01-31T18:00+01:00"))
    assert token.scopes == ["run.start", "unit.view"]
    assert token.expires_at is not None
    assert token.expires_at.isoformat() == "2999-01-31T17:00:00+00:00"


def test_token_add_again_prints_nothing() -> None:
    make_member(make_account())
    assert token_add("--if-missing")
    assert token_add("--if-missing") == ""
    assert ApiToken.objects.count() == 1
    ApiToken.objects.update(revoked_at="2026-01-01T00:00Z")
    assert token_add("--if-missing")


def test_token_add_after_the_old_one_expired() -> None:
    make_member(make_account())
    token_add()
    ApiToken.objects.update(expires_at="2026-01-01T00:00Z")
    assert token_add("--if-missing")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--member": "nemo"}, "nemo is not a member of 7QX"),
        ({"--scope": "unit.fly"}, "scopes: There is no operation “unit.fly”"),
        ({"--expires": "soon"}, "expires: “soon” is not a time"),
        ({"--expires": "2020-01-01"}, "expires_at: The expiry is in the past"),
    ],
)
def test_token_add_says_what_is_wrong(change: dict[str, Any], said: str) -> None:
    make_member(make_account())
    options = {"--member": "mara", "--account": "7qx", "--name": "till", **change}
    assert said in refused("token", "add", *[word for option in options.items() for word in option])
    assert not ApiToken.objects.exists()
