"""The till's stand-in: a shop's business in a file, as the control page lets people make it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from sandbox.system import ActionError
from sandbox.till.generated import Sizes, fill, rows
from sandbox.till.system import TillSystem
from sandbox.till.tables import DETAIL, RETURNS
from sandbox.till.world import Till

NOW = datetime(2026, 5, 20, 15, 30)


@pytest.fixture
def system(tmp_path: Path) -> TillSystem:
    return TillSystem(tmp_path, now=lambda: NOW)


def newest(system: TillSystem) -> tuple[object, ...]:
    return system.till.rows(f"SELECT BranchCode, BillNo, SerialNo, BarCode, Quantity, BillDate FROM {DETAIL} ORDER BY rowid DESC LIMIT 1")[
        0
    ]


def test_demo_has_sold_in_every_branch_up_to_now_and_not_after(system: TillSystem) -> None:
    sold = system.till.rows(f"SELECT BranchCode, COUNT(*), MIN(BillDate), MAX(BillDate) FROM {DETAIL} GROUP BY BranchCode")
    assert [row[0] for row in sold] == ["001", "002", "003", "010"]
    for _, lines, first, last in sold:
        assert lines > 100
        assert first[:10] == "2026-05-06"
        assert last <= "2026-05-20 15:30:00"


def test_demo_has_weighed_goods_returns_blanks_and_unknown_barcodes(system: TillSystem) -> None:
    kinds = Counter(
        kind
        for barcode, quantity in system.till.rows(f"SELECT BarCode, Quantity FROM {DETAIL}")
        for kind, is_one in (
            ("weighed", quantity != int(quantity)),
            ("returned", quantity < 0),
            ("blank", barcode != barcode.strip()),
            ("unknown", barcode.strip() in ("8964000199990", "8964000199983")),
        )
        if is_one
    )
    assert set(kinds) == {"weighed", "returned", "blank", "unknown"}


def test_file_stays_as_it_is_when_the_sandbox_starts_again(system: TillSystem, tmp_path: Path) -> None:
    system.act("sell", {"branch": "002", "barcode": "123", "quantity": "3"})
    assert newest(TillSystem(tmp_path))[3:] == ("123", 3, "2026-05-20 15:30:00")


def test_people_sell_take_back_void_and_correct(system: TillSystem) -> None:
    system.act("sell", {"barcode": "123", "quantity": 2})
    bill = newest(system)[1]
    system.act("correct", {"quantity": 9})
    assert newest(system)[4] == 9
    system.act("void", {})
    assert newest(system)[1] != bill
    before = system.till.count(RETURNS)
    system.act("return", {"barcode": "123"})
    assert system.till.count(RETURNS) == before + 1
    system.act("late", {"days": 4})
    assert newest(system)[5] == "2026-05-16 15:30:00"
    with pytest.raises(ActionError, match="no such line"):
        system.act("void", {"bill": "NONE"})
    with pytest.raises(ActionError, match="no number"):
        system.act("late", {"days": "many"})
    with pytest.raises(ActionError, match="no action"):
        system.act("burn", {})


def test_column_that_is_renamed_is_told_and_mended(system: TillSystem) -> None:
    system.act("rename", {})
    assert "no such column" in str(system.tables()[0].rows[0][0])
    system.act("rename", {"column": "Qty", "to": "Quantity"})
    assert system.tables()[0].of == system.till.count()
    with pytest.raises(ActionError, match="no name of a column"):
        system.act("rename", {"column": "Quantity; DROP TABLE x"})


def test_locked_file_can_be_read_again_after_a_while(system: TillSystem) -> None:
    def read(patience: float) -> int:
        with closing(sqlite3.connect(system.till.path, timeout=patience)) as till:
            return till.execute(f"SELECT COUNT(*) FROM {DETAIL}").fetchone()[0]

    def is_locked_for(seconds: float) -> bool:
        system.act("lock", {"seconds": seconds})
        try:
            read(0)
        except sqlite3.OperationalError as refused:
            return "locked" in str(refused)
        return False

    # On a busy machine a short while is over before anybody looks.
    assert any(is_locked_for(seconds) for seconds in (0.2, 2, 10, 30))
    assert read(60) > 0


def test_business_of_now_sells_in_the_branches(system: TillSystem) -> None:
    before = system.till.count()
    system.act("business", {"bills": 8})
    assert system.till.count() >= before + 8
    assert newest(system)[5] <= "2026-05-20 15:30:00"


def test_start_again_is_the_demo_of_now(system: TillSystem) -> None:
    lines = system.till.count()
    system.act("odd", {})
    system.act("reset", {})
    assert system.till.count() == lines


def test_generated_till_is_the_same_for_the_same_seed_and_has_every_line_once(tmp_path: Path) -> None:
    sizes = Sizes(lines=1_000, last=date(2026, 5, 20), days=3, branches=("001", "002"), barcodes=("4001", "4002"))
    made = list(rows(sizes, seed=5))
    assert made == list(rows(sizes, seed=5))
    assert made != list(rows(sizes, seed=6))
    assert len({row[:3] for row in made}) == 1_000
    assert sum(row[3].startswith("999") for row in made) == 10
    assert sorted({row[5][:10] for row in made}) == ["2026-05-18", "2026-05-19", "2026-05-20"]
    till = Till(tmp_path / "big.sqlite3")
    fill(till, sizes)
    assert till.count() == 1_000
