"""The tables of a desk as sheets: nothing in a cell is computed by a spreadsheet, and nothing of it is lost by that."""

from __future__ import annotations

import csv
import importlib.util
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.commands import PostEntry, Undo
from storage.engine import StoreError
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.parquet import parquet_writer
from storage.safekeeping.sheets import as_iso, defused, export_sheets, write_csv
from storage.safekeeping.tables import RECORDS
from storage.sync.report_rows import INSTANTS, LEFT_OUT
from tests.storage.desk_story import Story
from tests.storage.kept_desks import STRANGE
from tests.support.fixed import NOON

FORMULAS = ("=1+1", "+48 22 555", "-2", "@sum", "\t=1", "\r=1", "\n=1", "＝1", "'quoted", "=cmd|' /C calc'!A0")
HAS_ARROW = importlib.util.find_spec("pyarrow") is not None
needs_arrow = pytest.mark.skipif(not HAS_ARROW, reason="the extra lampboard[parquet] is not installed")


@pytest.fixture
def busy(story: Story) -> Story:
    """A desk with texts that look like formulas, and one that its author took back."""
    ticket = story.open_ticket("=HYPERLINK(1)")
    for text in (*FORMULAS, STRANGE, "taken back"):
        story.act(PostEntry(ticket, "note", text))
    story.act(Undo())
    return story


def sheet(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_is_a_file_of_its_rows(busy: Story, tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    counts = export_sheets(busy.path, folder, write_csv)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{table}.csv" for table in RECORDS)
    assert {table: len(sheet(folder, table)) for table in RECORDS} == counts
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert [path.name for path in tmp_path.glob("sheets*")] == ["sheets"]


def test_no_cell_is_a_formula_and_each_text_can_be_had_again(busy: Story, tmp_path: Path) -> None:
    export_sheets(busy.path, tmp_path / "sheets", write_csv)
    texts = {row["text"] for row in sheet(tmp_path / "sheets", "entry")}
    assert {text.removeprefix("'") for text in texts} >= {*FORMULAS, STRANGE}
    assert [row["subject"] for row in sheet(tmp_path / "sheets", "ticket")] == ["'=HYPERLINK(1)"]
    for table in RECORDS:
        for row in sheet(tmp_path / "sheets", table):
            cells = [cell for name, cell in row.items() if name not in ("latitude", "longitude", "annual_value")]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("text", ["", "plain", "a=b", "1", "Łąki", " =1"])
def test_a_text_that_nobody_computes_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


def test_ids_are_hex_instants_are_told_in_utc_and_what_was_taken_back_is_not_told(busy: Story, tmp_path: Path) -> None:
    export_sheets(busy.path, tmp_path / "sheets", write_csv)
    (ticket,) = sheet(tmp_path / "sheets", "ticket")
    assert ticket["opened_at"] == datetime.fromtimestamp(NOON // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (len(bytes.fromhex(ticket["id"])), ticket["closed_at"]) == (16, "")
    assert not LEFT_OUT & set(ticket)
    (hidden,) = [row for row in sheet(tmp_path / "sheets", "entry") if row["hidden"] == "1"]
    assert hidden["text"] == ""


def test_an_instant_beyond_the_calendar_stays_a_number() -> None:
    assert as_iso(2**62) == str(2**62)
    assert as_iso(0) == "1970-01-01T00:00:00Z"


def test_a_folder_with_something_in_it_is_left_alone(busy: Story, tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(KeepingFailed) as refused:
        export_sheets(busy.path, folder, write_csv)
    assert refused.value.code == "keeping.exists"
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    (folder / "mine.txt").unlink()
    assert export_sheets(busy.path, folder, write_csv)["ticket"] == 1


def test_sheets_that_fail_leave_nothing(busy: Story, tmp_path: Path) -> None:
    def fail(building: Path, *_more: object) -> None:
        (building / "half.csv").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError) as refused:
        export_sheets(busy.path, tmp_path / "sheets", fail)
    assert refused.value.code == "store.disk_full"
    assert list(tmp_path.glob("sheets*")) == []


def test_without_the_extra_it_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(KeepingFailed) as refused:
        parquet_writer()
    assert refused.value.code == "keeping.no_parquet"


@needs_arrow
def test_parquet_files_have_types_and_whole_texts(busy: Story, tmp_path: Path) -> None:
    from importlib import import_module

    parquet = import_module("pyarrow.parquet")
    counts = export_sheets(busy.path, tmp_path / "sheets", parquet_writer())
    read = {table: parquet.read_table(tmp_path / "sheets" / f"{table}.parquet") for table in RECORDS}
    assert {table: rows.num_rows for table, rows in read.items()} == counts
    (ticket,) = read["ticket"].to_pylist()
    assert ticket["opened_at"] == datetime.fromtimestamp(NOON // 1000, UTC)
    assert (ticket["subject"], ticket["archived"], ticket["closed_at"]) == ("=HYPERLINK(1)", False, None)
    assert {row["text"] for row in read["entry"].to_pylist()} >= {*FORMULAS, STRANGE}
    for table, rows in read.items():
        told = {field.name for field in rows.schema if str(field.type).startswith("timestamp")}
        assert told == set(rows.schema.names) & INSTANTS, table
