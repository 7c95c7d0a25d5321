"""Conditions: the table of docs/brickowl.md, both ways."""

from __future__ import annotations

import pytest

from marketplaces.providers.brickowl import words
from tests.marketplaces.brickowl.build import Part, lot_of, make_brick

SET, BOX = Part("found", "900555", "Set"), Part("found", "900556", "Packaging")


@pytest.mark.parametrize(
    ("item_type", "condition", "completeness", "code"),
    [
        ("PART", "new", "", "new"),
        ("PART", "used", "", "usedg"),
        ("MINIFIG", "new", "", "new"),
        ("MINIFIG", "used", "", "usedg"),
        ("GEAR", "used", "", "usedg"),
        ("INSTRUCTION", "used", "", "usedg"),
        ("SET", "new", "sealed", "news"),
        ("SET", "new", "complete", "newc"),
        ("SET", "new", "incomplete", "newi"),
        ("SET", "new", "", "news"),
        ("SET", "used", "sealed", "usedc"),
        ("SET", "used", "complete", "usedc"),
        ("SET", "used", "incomplete", "usedi"),
        ("SET", "used", "", "usedc"),
        ("ORIGINAL_BOX", "new", "", "usedn"),
        ("ORIGINAL_BOX", "used", "", "usedg"),
    ],
)
def test_code_of_a_new_lot(item_type: str, condition: str, completeness: str, code: str) -> None:
    assert words.code_of(item_type, condition, completeness, "usedg") == code


@pytest.mark.parametrize("grade", ["usedn", "usedg", "useda"])
def test_b8_used_part_has_the_grade_of_the_setting_and_is_no_complete_set(grade: str) -> None:
    assert lot_of(make_brick(condition="used"), used_grade=grade).fields["condition"] == grade


@pytest.mark.parametrize(
    ("code", "item_type", "meaning"),
    [
        ("new", "PART", ("new", "")),
        ("usedn", "PART", ("used", "")),
        ("useda", "PART", ("used", "")),
        ("other", "PART", ("used", "")),
        ("news", "SET", ("new", "sealed")),
        ("newi", "SET", ("new", "incomplete")),
        ("usedc", "SET", ("used", "complete")),
        ("usedi", "SET", ("used", "incomplete")),
        ("usedn", "ORIGINAL_BOX", ("new", "")),
        ("usedg", "ORIGINAL_BOX", ("used", "")),
        ("", "PART", ("", "")),
    ],
)
def test_meaning_of_a_code(code: str, item_type: str, meaning: tuple[str, str]) -> None:
    assert words.meaning_of(code, item_type) == meaning


@pytest.mark.parametrize(
    ("item", "part", "told", "wanted"),
    [
        # The seller's finer grade stays.
        ({"condition": "used"}, None, "usedn", "usedn"),
        ({"condition": "used"}, None, "other", "other"),
        # Used became new, new became used.
        ({"condition": "new"}, None, "useda", "new"),
        ({"condition": "used"}, None, "new", "usedg"),
        # A set that is said to be incomplete is not left as complete; one of which nothing is said is left alone.
        ({"item_type": "SET", "condition": "used", "completeness": "incomplete"}, SET, "usedc", "usedi"),
        ({"item_type": "SET", "condition": "used", "completeness": "sealed"}, SET, "usedc", "usedc"),
        ({"item_type": "SET", "condition": "new", "completeness": ""}, SET, "newi", "newi"),
        ({"item_type": "SET", "condition": "new", "completeness": "complete"}, SET, "news", "newc"),
        ({"item_type": "ORIGINAL_BOX", "condition": "used"}, BOX, "usedn", "usedg"),
        ({"item_type": "ORIGINAL_BOX", "condition": "used"}, BOX, "useda", "useda"),
    ],
)
def test_condition_is_only_sent_when_it_says_something_else(item: dict[str, str], part: Part | None, told: str, wanted: str) -> None:
    known = {"part": part} if part else {}
    assert lot_of(make_brick(**item), told={"condition": told, "price": "0.125"}, **known).fields["condition"] == wanted
