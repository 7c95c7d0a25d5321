"""Numbers and colours of Brick Owl's stand-in, in all the shapes that they come in."""

from __future__ import annotations

import pytest

from sandbox.server import Sandbox
from tests.sandbox.market import BrickOwlCalls


@pytest.fixture
def brickowl(sandbox: Sandbox) -> BrickOwlCalls:
    return BrickOwlCalls(sandbox)


@pytest.mark.parametrize(
    ("number", "kind", "id_type", "found"),
    [
        ("3001", "Part", "bl_item_no", {"900001"}),
        ("3001", "Set", "bl_item_no", set()),
        ("3666", "Part", "", set()),
        ("3068b", "Part", "bl_item_no", set()),
        ("3068b", "Part", "design_id", {"900011"}),
        ("3622", "Part", "bl_item_no", set()),
        ("3622", "Part", "design_id", {"900012", "900013"}),
        ("9999-1", "Set", "set_number", {"900017"}),
        ("9999-1", "Packaging", "bl_item_no", {"900023"}),
        ("qtx002", "Minifigure", "bl_item_no", set()),
        ("qtx002", "Minibuild", "bl_item_no", {"900020"}),
        ("qx0012", "Part", "bl_item_no", {"80000000012"}),
        ("qx000012", "Part", "bl_item_no", {"80200000012"}),
    ],
)
def test_lookups(brickowl: BrickOwlCalls, number: str, kind: str, id_type: str, found: set[str]) -> None:
    boids = brickowl.get("catalog/id_lookup", id=number, type=kind, id_type=id_type).json()["boids"]
    assert {boid.partition("-")[0] for boid in boids} == found
    assert len(boids) == len(found) * (3 if kind == "Part" else 1)


def test_of_two_candidates_one_may_carry_the_bricklink_number(brickowl: BrickOwlCalls) -> None:
    boids = {boid.partition("-")[0] for boid in brickowl.get("catalog/id_lookup", id="3710", type="Part").json()["boids"]}
    carrying = [
        boid for boid in sorted(boids) if {"id": "3710", "type": "bl_item_no"} in brickowl.get("catalog/lookup", boid=boid).json()["ids"]
    ]
    assert (len(boids), len(carrying)) == (2, 1)


def test_a_part_of_the_endless_family_can_be_listed(brickowl: BrickOwlCalls) -> None:
    assert brickowl.lot(brickowl.create(boid="80200000012"))["boid"] == "80200000012-38"


def test_colours_have_one_several_no_and_odd_bricklink_numbers(brickowl: BrickOwlCalls) -> None:
    colors = brickowl.get("catalog/color_list").json()
    assert colors["38"]["bl_ids"][0] == "11"
    assert colors["257"]["bl_ids"] == ["174"]
    assert (colors["300"]["bl_ids"], colors["301"]["bl_ids"]) == (None, [])
    assert "-1" in colors["302"]["bl_ids"]
    assert {number for number, color in colors.items() if "36" in (color["bl_ids"] or [])} == {"41", "19"}
    assert not any("240" in (color["bl_ids"] or []) for color in colors.values())


def test_permission_for_the_catalogue_may_be_missing(brickowl: BrickOwlCalls) -> None:
    brickowl.switch("no_catalog")
    assert brickowl.get("catalog/id_lookup", id="3001", type="Part").status_code == 403
    assert brickowl.get("catalog/color_list").status_code == 403
    assert brickowl.get("inventory/list").status_code == 200
