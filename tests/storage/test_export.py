"""Everything of a desk goes into a file of lines and comes back from it as it was; of a broken file nothing does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.commands import PostEntry
from storage.desk import OpenDesk
from storage.engine import SCHEMA_NUMBER, create_file
from storage.safekeeping.export_lines import FORMAT, export_lines, rows_as_lines
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.tables import EXPORTED, HERE, LOG, MADE_AGAIN, RECORDS
from storage.schema import metadata
from tests.storage.desk_story import Story, check_chain, check_rows, look
from tests.storage.hub_story import Console
from tests.storage.kept_desks import (
    STRANGE,
    busy_demo,
    exported,
    joined_desk,
    line_of,
    put_back,
    rewritten,
    sealed,
    with_field,
    zipped,
)

Change = Callable[[list[bytes]], object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An export of a small desk with work, drafts and an imported log."""
    return exported(busy_demo(tmp_path_factory.mktemp("whole")))


def refused(folder: Path, given: bytes) -> KeepingFailed:
    """Why the file is not taken; nothing may come of it."""
    file, desk = folder / "given.jsonl", folder / "new" / "desk.db"
    file.write_bytes(given)
    with pytest.raises(KeepingFailed) as found:
        put_back(desk, file)
    assert not desk.parent.exists()
    return found.value


def test_every_table_is_exported_or_can_be_made_again() -> None:
    assert sorted((*EXPORTED, *MADE_AGAIN)) == sorted(metadata.tables)
    assert len(set(EXPORTED)) == len(("store", *RECORDS, *LOG, *HERE))


@pytest.mark.parametrize("as_kept", [bytes, zipped])
def test_a_busy_desk_comes_back_from_its_lines_byte_for_byte(
    tmp_path: Path, whole: bytes, as_kept: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "whole.jsonl"
    file.write_bytes(as_kept(whole))
    put_back(tmp_path / "new" / "desk.db", file)
    assert exported(tmp_path / "new" / "desk.db") == whole
    with closing(look(tmp_path / "new" / "desk.db")) as seen:
        assert check_chain(seen) > 10
        assert seen.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_joined_desk_comes_back_with_its_hub_its_conflicts_and_its_unsent_work(
    tmp_path: Path, two: tuple[Console, Console]
) -> None:
    path = joined_desk(two)
    whole = exported(path)
    file, new = tmp_path / "whole.jsonl", tmp_path / "new" / "desk.db"
    file.write_bytes(whole)
    told = put_back(new, file)
    assert exported(new) == whole
    assert told.hub == two[0].url
    with closing(look(new)) as seen, closing(look(path)) as before:
        for table in ("hub", "stamp", "conflict", "hub_cursor", "number_block"):
            rows = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert seen.execute(rows).fetchall() == before.execute(rows).fetchall() != []


def test_what_is_found_and_listed_is_made_again(tmp_path: Path, story: Story) -> None:
    ticket = story.open_ticket("Conveyor belt squeals")
    story.act(PostEntry(ticket, "note", "bearing is dry"))
    story.desk.close()
    file, new = tmp_path / "whole.jsonl", tmp_path / "new" / "desk.db"
    file.write_bytes(exported(story.path))
    put_back(new, file)
    with closing(look(new)) as seen:
        assert seen.execute("SELECT count(*) FROM find_term WHERE word = 'squeals'").fetchone() == (1,)
        assert seen.execute("SELECT count(*) FROM find_key WHERE key = 'wewa'").fetchone() == (1,)
        assert seen.execute("SELECT tickets FROM open_by_company").fetchone() == (1,)
        assert seen.execute("SELECT count(*) FROM find_stale").fetchone() == (0,)
        assert check_rows(seen) == 1


def test_a_desk_that_was_exported_goes_on_where_it_stood(tmp_path: Path, story: Story) -> None:
    ticket = story.open_ticket()
    story.desk.close()
    file = tmp_path / "whole.jsonl"
    file.write_bytes(exported(story.path))
    for end in ("", "-wal", "-shm"):
        story.path.with_name(story.path.name + end).unlink(missing_ok=True)
    put_back(story.path, file)
    again = OpenDesk(story.path, story.clock, story.new_id)
    again.submit(PostEntry(ticket, "note", "goes on"), story.anna).result(10)
    again.close()
    with closing(look(story.path)) as seen:
        check_chain(seen)
        assert check_rows(seen) == 1


def test_an_export_is_the_desk_of_one_moment_while_a_console_acts(story: Story) -> None:
    ticket = story.open_ticket()
    parts: list[bytes] = []

    def write(lines: bytes) -> None:
        # Between two blocks somebody writes, again and again.
        story.act(PostEntry(ticket, "note", f"note {len(parts)}"))
        parts.append(lines)

    told = export_lines(story.path, write)
    lines = [json.loads(line) for line in b"".join(parts).splitlines()]
    assert len(parts) > 10
    assert told.rows["entry"] == sum(line.get("table") == "entry" for line in lines)
    assert "note 1" not in {line.get("text") for line in lines}
    assert lines[0]["rows"] == told.rows


def test_no_line_can_act_on_a_terminal_and_each_says_what_was_written(whole: bytes) -> None:
    shown = whole.decode()
    assert not set(shown) & {"\x1b", "\x85", "\u202e", "\x7f", "\u2028"}
    assert shown.count("\n") == len(whole.splitlines())
    texts = {json.loads(line).get("text") for line in shown.split("\n") if '"table":"entry"' in line}
    assert STRANGE in texts
    assert "Łąki" in shown


def test_what_no_program_of_ours_writes_comes_back_all_the_same(tmp_path: Path, story: Story) -> None:
    story.open_ticket()
    story.desk.close()
    with closing(sqlite3.connect(story.path, isolation_level=None)) as hand:
        hand.execute("UPDATE ticket SET subject = ?", ("a\0b",))
        hand.execute("UPDATE site SET latitude = 1")
        hand.execute("INSERT INTO site (id, company, latitude, longitude) VALUES (x'01', x'', 9e999, -9e999)")
        hand.execute("INSERT INTO import_batch (n, at) VALUES (1, 0)")
        hand.execute("INSERT INTO import_raw (batch, line, raw) VALUES (1, 1, x'ff00'), (1, 2, x'c485')")
    whole = exported(story.path)
    (tmp_path / "whole.jsonl").write_bytes(whole)
    put_back(tmp_path / "new" / "desk.db", tmp_path / "whole.jsonl")
    assert exported(tmp_path / "new" / "desk.db") == whole
    assert b'"raw":{"hex":"ff00"}' in whole
    assert '"raw":"ą"'.encode() in whole


def test_an_export_of_an_older_program_is_brought_to_the_present_schema(tmp_path: Path, story: Story) -> None:
    story.desk.close()
    old = create_file(tmp_path / "old.db", 1)
    old.execute("INSERT INTO store (only, console, last_hash, created_at) VALUES (1, ?, ?, 0)", (bytes(16), bytes(32)))
    old.execute(
        "INSERT INTO ticket (id, number, subject, opened_at, changed_at) VALUES (?, 'T-1', 'x', 7, 7)", (b"1" * 16,)
    )
    parts: list[bytes] = []
    rows_as_lines(old, parts.append)
    old.close()
    (tmp_path / "old.jsonl").write_bytes(b"".join(parts))
    put_back(tmp_path / "new" / "desk.db", tmp_path / "old.jsonl")
    with closing(look(tmp_path / "new" / "desk.db")) as seen:
        assert seen.execute("PRAGMA user_version").fetchone() == (SCHEMA_NUMBER,)
        assert seen.execute("SELECT subject, sla_warnings FROM ticket").fetchall() == [("x", "")]


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.3, 0.7, 0.999, 0.99999])
@pytest.mark.parametrize("as_kept", [bytes, zipped])
def test_of_a_file_that_was_cut_off_nothing_is_taken(
    tmp_path: Path, whole: bytes, share: float, as_kept: Callable[[bytes], bytes]
) -> None:
    kept = as_kept(whole)
    code = refused(tmp_path, kept[: max(1, int(len(kept) * share))]).code
    assert code in ("keeping.cut_short", "keeping.unknown_file", "keeping.line_broken")
    if share > 0.001 and as_kept is bytes:
        assert code == "keeping.cut_short"


def test_a_file_without_its_last_line_is_cut_short(tmp_path: Path, whole: bytes) -> None:
    lines = whole.splitlines(keepends=True)
    error = refused(tmp_path, b"".join(lines[:-1]))
    assert (error.code, error.facts["line"]) == ("keeping.cut_short", len(lines) - 1)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_in_which_one_sign_was_changed_is_refused(tmp_path: Path, whole: bytes, share: float) -> None:
    at = whole.index(b'"archived":0', int(len(whole) * 0.1 * share)) + 11
    assert refused(tmp_path, whole[:at] + b"1" + whole[at + 1 :]).code == "keeping.altered"


def test_a_line_that_is_missing_twice_or_in_another_place_is_refused(tmp_path: Path, whole: bytes) -> None:
    lines = whole.splitlines(keepends=True)
    at = line_of("contact", lines)
    for changed in (
        [*lines[:at], *lines[at + 1 :]],
        [*lines[:at], lines[at], *lines[at:]],
        [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
    ):
        assert refused(tmp_path, b"".join(changed)).code in ("keeping.altered", "keeping.line_broken")


def test_what_stands_behind_the_last_line_is_refused(tmp_path: Path, whole: bytes) -> None:
    error = refused(tmp_path, whole + b"{}\n")
    assert (error.code, error.facts["line"]) == ("keeping.line_broken", len(whole.splitlines()) + 1)


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("contact", "name", 7),
        ("contact", "name", None),
        ("contact", "name", "half \ud83d"),
        ("contact", "id", "xyz"),
        ("contact", "id", "0"),
        ("contact", "id", "AB" * 16),
        ("contact", "archived", "0"),
        ("contact", "archived", True),
        ("contact", "archived", 1.0),
        ("ticket", "opened_at", 2**63),
        ("ticket", "company", {"hex": "00"}),
        ("site", "latitude", "far"),
        ("operation", "payload", {"hex": "0g"}),
        ("operation", "payload", 7),
    ],
)
def test_a_value_that_is_unfit_is_named_with_its_line_and_its_field(
    tmp_path: Path, whole: bytes, table: str, field: str, value: object
) -> None:
    numbers: list[int] = []
    given = rewritten(whole, lambda lines: numbers.append(with_field(lines, table, field, value)))
    error = refused(tmp_path, given)
    assert (error.code, error.facts["line"], error.facts["field"]) == ("keeping.line_broken", numbers[0], field)


def _deep(lines: list[bytes]) -> None:
    lines[line_of("contact", lines)] = b'{"table":"contact",' + b"[" * 200_000 + b"\n"


def _no_utf8(lines: list[bytes]) -> None:
    at = line_of("contact", lines)
    lines[at] = lines[at].replace(b'"name":"', b'"name":"\xff')


def _huge_number(lines: list[bytes]) -> None:
    at = line_of("contact", lines)
    lines[at] = lines[at].replace(b'"archived":0', b'"archived":' + b"9" * 5000)


def _two_rows(lines: list[bytes]) -> None:
    at = line_of("contact", lines)
    lines[at] = lines[at].rstrip() + b"," + lines[at]


@pytest.mark.parametrize("change", [_deep, _no_utf8, _huge_number, _two_rows])
def test_a_line_that_is_no_row_is_named(tmp_path: Path, whole: bytes, change: Change) -> None:
    at = line_of("contact", whole.splitlines())
    error = refused(tmp_path, rewritten(whole, change))
    assert (error.code, error.facts["line"]) == ("keeping.line_broken", at + 1)


def _other_column(lines: list[bytes]) -> None:
    at = line_of("contact", lines)
    lines[at] = lines[at].replace(b'"email":', b'"e_mail":')


def _more_columns(lines: list[bytes]) -> None:
    at = line_of("contact", lines)
    lines[at] = lines[at].rstrip()[:-1] + b',"more":1}\n'


@pytest.mark.parametrize("change", [_other_column, _more_columns])
def test_a_row_with_other_columns_is_named(tmp_path: Path, whole: bytes, change: Change) -> None:
    error = refused(tmp_path, rewritten(whole, change))
    assert error.facts["line"] == line_of("contact", whole.splitlines()) + 1
    assert error.facts["field"] in ("email", "nothing")


def test_a_record_that_is_there_twice_is_named(tmp_path: Path, whole: bytes) -> None:
    def change(lines: list[bytes]) -> None:
        at = line_of("contact", lines)
        lines[at + 1] = lines[at]

    error = refused(tmp_path, rewritten(whole, change))
    assert error.facts["line"] == line_of("contact", whole.splitlines()) + 2


def _first(**changes: object) -> Change:
    def change(lines: list[bytes]) -> None:
        head = json.loads(lines[0])
        rows = head["rows"]
        for name, value in changes.items():
            (rows if name in rows or name == "song" else head)[name] = value
        lines[0] = json.dumps(head, separators=(",", ":")).encode() + b"\n"

    return change


@pytest.mark.parametrize(
    "change",
    [
        _first(rows=None),
        _first(rows={}),
        _first(song=1),
        _first(ticket=-1),
        _first(ticket=True),
        _first(ticket=1),
        _first(ticket=10**6),
        _first(store=0),
        _first(schema=0),
        _first(schema="11"),
        _first(schema=SCHEMA_NUMBER - 1),
        _first(is_demo=0),
        _first(lampboard_export=0),
    ],
)
def test_a_first_line_that_does_not_fit_is_refused(tmp_path: Path, whole: bytes, change: Change) -> None:
    assert refused(tmp_path, rewritten(whole, change)).code == "keeping.line_broken"


@pytest.mark.parametrize("name", ["lampboard_export", "schema"])
def test_an_export_of_a_newer_program_is_refused(tmp_path: Path, whole: bytes, name: str) -> None:
    known = {"lampboard_export": FORMAT, "schema": SCHEMA_NUMBER}[name]
    error = refused(tmp_path, rewritten(whole, _first(**{name: known + 1})))
    assert (error.code, error.facts["found"], error.facts["known"]) == ("keeping.newer", known + 1, known)


@pytest.mark.parametrize(
    "given", [b"", b"\n", b"{}", b"Dear Sir", b"\x1f\x8b", b"\x1f\x8b\x08\x00", bytes(100), b"[" * 9]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, given: bytes) -> None:
    assert refused(tmp_path, given).code in ("keeping.unknown_file", "keeping.cut_short", "keeping.line_broken")


def test_a_log_in_which_a_payload_was_changed_by_somebody_who_sealed_it_anew_is_refused(
    tmp_path: Path, whole: bytes
) -> None:
    given = rewritten(whole, lambda lines: with_field(lines, "operation", "payload", "{}"))
    assert refused(tmp_path, given).code == "keeping.log_broken"


def test_a_log_that_lacks_its_last_operation_is_refused(tmp_path: Path, whole: bytes) -> None:
    def change(lines: list[bytes]) -> None:
        at = max(place for place, line in enumerate(lines) if line.startswith(b'{"table":"operation"'))
        del lines[at]
        count = json.loads(lines[0])["rows"]["operation"]
        _first(operation=count - 1)(lines)

    assert refused(tmp_path, rewritten(whole, change)).code == "keeping.log_broken"


def test_a_bomb_of_zeros_is_refused_before_it_bursts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.safekeeping.export_file.LONGEST_LINE_BYTES", 1 << 20)
    error = refused(tmp_path, zipped(b'{"lampboard_export":1' + b" " * (64 << 20)))
    assert (error.code, error.facts["line"]) == ("keeping.line_broken", 1)


def test_sealing_lines_anew_is_what_an_export_does(whole: bytes) -> None:
    assert sealed(whole.splitlines(keepends=True)[:-1]) == whole
