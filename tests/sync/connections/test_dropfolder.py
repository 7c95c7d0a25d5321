"""A connection reads below its account's own folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.acting import Actor
from accounts.models import Account
from sync import connections, dropfolder


@pytest.fixture
def drop(settings: pytest.FixtureRequest, tmp_path: Path) -> Path:
    settings.DROP_ROOT = tmp_path / "drop"  # type: ignore[attr-defined]
    (tmp_path / "drop" / "7qx" / "ge").mkdir(parents=True)
    (tmp_path / "drop" / "other").mkdir()
    return tmp_path / "drop"


def test_folder_inside_is_found(drop: Path) -> None:
    assert dropfolder.inside(Account(slug="7qx"), "ge") == drop / "7qx" / "ge"


@pytest.mark.parametrize("text", ["..", "../other", "ge/../../other", "/etc", "ge\0", "/"])
def test_folder_elsewhere_is_refused(drop: Path, text: str) -> None:
    with pytest.raises(dropfolder.OutsideDropFolder, match=r"must lie inside the account's drop folder"):
        dropfolder.inside(Account(slug="7qx"), text)


def test_link_that_leads_elsewhere_is_refused(drop: Path) -> None:
    (drop / "7qx" / "away").symlink_to(drop / "other")

    with pytest.raises(dropfolder.OutsideDropFolder):
        dropfolder.inside(Account(slug="7qx"), "away")


def test_link_that_goes_in_circles_is_refused(drop: Path) -> None:
    (drop / "7qx" / "circle").symlink_to(drop / "7qx" / "circle")

    with pytest.raises(dropfolder.OutsideDropFolder):
        dropfolder.inside(Account(slug="7qx"), "circle/file")


@given(st.text(alphabet="./abc\0~é", max_size=12))
def test_whatever_is_written_never_leads_outside(text: str) -> None:
    account = Account(slug="7qx")
    try:
        found = dropfolder.inside(account, text)
    except dropfolder.OutsideDropFolder:
        return
    assert found.is_relative_to(dropfolder.root_of(account))


def test_setting_names_the_mistake_and_the_way_out(owner: Actor, drop: Path) -> None:
    with pytest.raises(ValidationError) as caught:
        connections.add(owner, system="ge", name="GE", settings={"transport": "folder", "org": "7QX", "folder": "../other"})

    assert caught.value.message_dict["settings.folder"] == [
        "The setting “folder” leads elsewhere: the folder must lie inside the account's drop folder (drop/7qx). "
        "Name a folder inside the account's own one, for example “ge”. The operator moves all of them with DROP_ROOT."
    ]


def test_whole_path_is_kept_as_seen_from_the_accounts_folder(owner: Actor, drop: Path) -> None:
    whole = str(drop / "7qx" / "ge")
    added = connections.add(owner, system="ge", name="GE", settings={"transport": "folder", "org": "7QX", "folder": whole})

    assert added.settings["folder"] == "ge"
