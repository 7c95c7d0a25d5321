"""BrickLink's colours among Brick Owl's: the list of colours, turned round."""

from __future__ import annotations

from typing import Any

import pytest

from marketplaces.providers.brickowl.catalog import colors

# BrickLink's number and name, Brick Owl's number.
CHECKED = [
    (1, "White", 92),
    (2, "Tan", 89),
    (3, "Yellow", 93),
    (4, "Orange", 80),
    (5, "Red", 81),
    (6, "Green", 61),
    (7, "Blue", 39),
    (8, "Brown", 46),
    (9, "Light Gray", 66),
    (10, "Dark Gray", 53),
    (11, "Black", 38),
    (12, "Trans-Clear", 97),
    (36, "Bright Green", 41),
    (80, "Dark Green", 20),
    (85, "Dark Bluish Gray", 50),
    (86, "Light Bluish Gray", 64),
    (88, "Reddish Brown", 82),
    (174, "Demo Blue", 257),
    (175, "Demo Rose", 259),
]


def entry(number: int, name: str, bl_ids: Any, bl_names: Any) -> dict[str, Any]:
    return {"id": str(number), "name": name, "hex": "05131d", "bl_ids": bl_ids, "bl_names": bl_names}


LIST = {str(theirs): entry(theirs, name, [str(ours)], [name]) for ours, name, theirs in CHECKED}


@pytest.mark.parametrize(("ours", "name", "theirs"), CHECKED)
def test_check_values(ours: int, name: str, theirs: int) -> None:
    found = colors(LIST)[0][ours]
    assert (found.remote_id, found.name) == (str(theirs), name)


def test_list_may_come_as_a_list() -> None:
    assert colors(list(LIST.values())) == colors(LIST)


@pytest.mark.parametrize(
    ("bl_ids", "found"),
    [
        (["11"], {11}),
        ([11, "220"], {11, 220}),
        (["11", "", None, "-1", "0", "x", "99999999999999"], {11}),
        ([], set()),
        (None, set()),
        ("11", {11}),
        ([257, 1175], {257, 1175}),
    ],
)
def test_only_whole_numbers_above_zero_are_colours(bl_ids: Any, found: set[int]) -> None:
    assert set(colors({"38": entry(38, "Black", bl_ids, ["Black"])})[0]) == found


def test_colour_claimed_twice_goes_to_the_one_of_the_same_name() -> None:
    listed = {"19": entry(19, "Other Green", ["36"], ["Bright Green"]), "41": entry(41, "Bright green", ["36"], ["Bright Green"])}
    found, doubled = colors(listed)
    assert found[36].remote_id == "41"
    assert doubled == [(36, "41", "19")]


def test_colour_claimed_twice_without_names_goes_to_the_lower_id() -> None:
    listed = {"100": entry(100, "B", ["36"], None), "20": entry(20, "A", ["36"], [])}
    assert colors(listed)[0][36].remote_id == "20"


def test_colour_that_is_named_twice_by_one_is_no_quarrel() -> None:
    assert colors({"38": entry(38, "Black", ["11", "11"], ["Black", "Black"])})[1] == []


@pytest.mark.parametrize("answer", [[], {}, None, "x", {"38": None}, {"x": {"name": "Black", "bl_ids": ["11"]}}])
def test_list_without_colours_has_none(answer: Any) -> None:
    assert colors(answer)[0] == {}
