"""In which order a number is looked up, and what the answers mean."""

from __future__ import annotations

import pytest

from marketplaces.providers.brickowl.catalog import bases, carrying, details, questions, suggestion


def order_of(item_type: str, number: str, name: str = "") -> list[tuple[str, str, str]]:
    return [(question.number, question.kind, question.id_type) for question in questions(item_type, number, name)]


def test_b4_answer_is_an_object_with_a_list_of_boids() -> None:
    assert bases({"boids": ["900001-38", "900001-92", "900001-61"]}) == ["900001"]
    assert bases({"boids": ["900001-38", "900002", 900003]}) == ["900001", "900002", "900003"]
    assert bases({"boids": []}) == []
    assert bases([]) == []


def test_part_is_asked_for_by_its_number_then_by_its_design_then_by_anything() -> None:
    assert order_of("PART", "3001")[:3] == [("3001", "Part", "bl_item_no"), ("3001", "Part", "design_id"), ("3001", "Part", "")]
    assert {kind for _, kind, _ in order_of("PART", "3001")[3:]} == {"Minibuild"}


def test_set_is_asked_for_with_its_suffix() -> None:
    assert order_of("SET", "9999")[:2] == [("9999-1", "Set", "set_number"), ("9999-1", "Set", "bl_item_no")]
    assert order_of("SET", "9999-2")[0] == ("9999-2", "Set", "set_number")


@pytest.mark.parametrize(
    ("item_type", "kinds"),
    [
        ("MINIFIG", ["Minifigure", "Minibuild"]),
        ("SET", ["Set", "Gear"]),
        ("GEAR", ["Gear", "Set"]),
        ("INSTRUCTION", ["Instructions"]),
        ("ORIGINAL_BOX", ["Packaging"]),
        ("BOOK", []),
        ("CATALOG", []),
        ("UNSORTED_LOT", []),
    ],
)
def test_kinds_in_their_order(item_type: str, kinds: list[str]) -> None:
    assert list(dict.fromkeys(kind for _, kind, _ in order_of(item_type, "9999-1"))) == kinds


def test_sticker_sheets_are_stickers_first() -> None:
    assert order_of("PART", "9999stk01")[0][1] == "Sticker"
    assert order_of("PART", "9999", "Sticker Sheet for 9999")[0][1] == "Sticker"


def test_number_without_its_mould_letter_is_only_a_suggestion() -> None:
    assert not [asked for asked in order_of("PART", "3068b") if asked[0] == "3068"]
    suggested = suggestion("PART", "3068b", "")
    assert suggested is not None
    assert (suggested.number, suggested.id_type) == ("3068", "bl_item_no")
    assert suggestion("PART", "3001", "") is None
    assert suggestion("SET", "9999a", "") is None


def test_details_are_found_however_they_are_wrapped() -> None:
    thing = {"boid": "900001", "name": "Brick", "ids": [{"id": "3001", "type": "bl_item_no"}]}
    for answer in ([thing], {"900001": thing}, {"items": [thing]}, {"items": {"900001": thing}}, thing):
        assert list(details(answer)) == ["900001"]
    assert details([]) == {}


def test_one_that_bears_the_number_is_told_from_those_that_do_not() -> None:
    told = details(
        [
            {"boid": "900001", "ids": [{"id": "3001", "type": "design_id"}]},
            {"boid": "900002", "ids": [{"id": "3001", "type": "bl_item_no"}]},
            {"boid": "900003", "ids": []},
        ]
    )
    assert carrying(told, "3001") == ["900002"]
