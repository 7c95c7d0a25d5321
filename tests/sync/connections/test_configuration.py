"""Settings and secrets are stored in one form, whatever door they came through, or refused with a sentence each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from sync.configuration import Mistakes, checked_secrets, checked_settings
from sync.sources.ge.system import SYSTEM

ACCOUNT = Account(slug="7qx")
NAMES = [setting.name for setting in SYSTEM.settings]
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["on", "off", "http", "dms", "7qx", "FG,STA", " 12 ", "/a/b", "a=1&b={org}", "ge"]),
    st.lists(st.integers(), max_size=2),
)


def stored(**given: Any) -> dict[str, Any]:
    return checked_settings(SYSTEM, {"org": "7QX", **given}, ACCOUNT)


def mistake(name: str, value: Any) -> str:
    with pytest.raises(Mistakes) as caught:
        stored(**{name: value})
    assert list(caught.value.by_name) == [name]
    return caught.value.by_name[name]


@given(st.dictionaries(st.sampled_from(NAMES), anything))
def test_what_is_stored_is_plain_and_stays_itself_when_stored_again(given: dict[str, Any]) -> None:
    try:
        first = checked_settings(SYSTEM, given, ACCOUNT)
    except Mistakes:
        return
    assert json.loads(json.dumps(first)) == first
    assert checked_settings(SYSTEM, first, ACCOUNT) == first
    assert set(SYSTEM.complete(first)) == set(NAMES)


@given(st.sampled_from(NAMES), anything)
def test_whatever_is_wrong_with_a_setting_is_said_with_its_name(name: str, value: Any) -> None:
    mistakes: dict[str, str] = {}
    try:
        stored(**{name: value})
    except Mistakes as found:
        mistakes = found.by_name
    assert all(sentence.startswith(f"The setting “{wrong}”") and sentence.endswith(".") for wrong, sentence in mistakes.items())


@given(st.integers(min_value=1, max_value=100), st.sampled_from(["{}", " {} ", "0{}"]))
def test_number_is_the_same_as_number_and_as_text(number: int, form: str) -> None:
    assert stored(shrink_percent=form.format(number)) == stored(shrink_percent=number)


@pytest.mark.parametrize("value", [0, 101, -1, 1.5, True, "ten", "１２", "9" * 30, [5]])
def test_number_out_of_range_or_of_another_kind_is_refused(value: Any) -> None:
    assert mistake("shrink_percent", value) == "The setting “shrink_percent” must be a whole number from 1 to 100."


@pytest.mark.parametrize("value", ["off", "No", " false ", "0", False])
def test_switch_understands_the_usual_words(value: Any) -> None:
    assert stored(footer_promised=value)["footer_promised"] is False


@pytest.mark.parametrize("value", ["maybe", 1, 0.0, []])
def test_switch_refuses_what_is_neither(value: Any) -> None:
    assert mistake("footer_promised", value) == "The setting “footer_promised” must be on or off."


def test_default_is_not_stored_so_that_a_later_version_may_know_better() -> None:
    assert stored(shrink_percent=50, patient="on") == {"org": "7QX"}


def test_default_that_depends_on_another_setting_follows_it() -> None:
    assert SYSTEM.complete(stored(transport="http"))["footer_promised"] is False
    assert SYSTEM.complete(stored(transport="folder", folder="ge"))["footer_promised"] is True
    assert SYSTEM.complete(stored(transport="http", footer_promised="on"))["footer_promised"] is True


def test_unknown_setting_is_named_with_those_there_are() -> None:
    with pytest.raises(Mistakes) as caught:
        stored(colour="red")
    assert caught.value.by_name[""].startswith("GE Appliances has no setting “colour”. There are: transport, org,")


def test_choice_names_what_may_be_chosen() -> None:
    assert mistake("transport", "fax") == "The setting “transport” must be one of upload, folder, http, dms."


@pytest.mark.parametrize("text", ["7Q", "7QXX", "7-X", "ÄÖÜ"])
def test_organisation_has_three_letters_or_digits(text: str) -> None:
    assert mistake("org", text) == "The setting “org” must be the three letters or digits of the inventory organisation, for example 7QX."


@pytest.mark.parametrize("text", ["a={org.x}", "a={org!r}", "a={org:>99}", "a={0}", "a={secret}", "a={", "noequals"])
def test_form_can_ask_for_nothing_but_the_bare_placeholders(text: str) -> None:
    assert mistake("dms_stock_form", text).startswith("The setting “dms_stock_form” must be name=value pairs joined by “&”;")


@pytest.mark.parametrize("text", ["x", "//host/../a", "/a b", "/a?b=1", "https://elsewhere.example/"])
def test_path_stays_a_path(text: str) -> None:
    assert mistake("dms_stock_path", text).startswith("The setting “dms_stock_path” must be a path that begins with “/”")


def test_control_characters_are_refused() -> None:
    assert mistake("dms_user_agent", "a\r\nX-Evil: 1") == "The setting “dms_user_agent” contains characters that can't be printed."


def test_secrets_lose_blanks_around_and_none_takes_away() -> None:
    assert checked_secrets(SYSTEM, {"token": "  abc\n", "cookies": None}) == {"token": "abc", "cookies": None}


@given(st.dictionaries(st.sampled_from(["token", "cookies", "other"]), st.text(min_size=8, max_size=40) | st.integers(10**8)))
def test_mistakes_in_secrets_repeat_no_value(given: dict[str, Any]) -> None:
    try:
        checked_secrets(SYSTEM, given)
    except Mistakes as mistakes:
        text = " ".join(mistakes.by_name.values())
        assert not any(str(value).strip() and str(value) in text for value in given.values())


@pytest.mark.parametrize("value", [" ", 5, "x" * 20_001, "a\x00b"])
def test_unusable_secret_is_refused(value: Any) -> None:
    with pytest.raises(Mistakes) as caught:
        checked_secrets(SYSTEM, {"token": value})
    assert list(caught.value.by_name) == ["token"]
