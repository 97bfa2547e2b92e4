"""A desk's file is ours, of our age and whole, or it is refused in a sentence that says what to do."""

from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from storage import engine
from storage.engine import APPLICATION_ID, SCHEMA_NUMBER, StoreError, create_file, open_file
from storage.migrations import SCRIPTS, migrate
from storage.schema import metadata
from tests.storage.desk_story import begin, everything

FULL_TEXT = ("find_part", "find_text")
Shape = dict[str, tuple[str, str]]


def shape(connection: sqlite3.Connection) -> Shape:
    """Kind and normalised words of every table and index, by name; what the migrations keep for themselves left out.

    Triggers and what belongs to full text are SQLite's own and stand in the migrations alone.
    """
    rows = connection.execute(
        "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
    ).fetchall()
    return {
        name: (kind, re.sub(r"\s+", " ", sql).replace('"', "").replace("( ", "(").replace(" )", ")").strip())
        for name, kind, sql in rows
        if not name.startswith(("_", "idx__", "sqlite", *FULL_TEXT))
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    desk = tmp_path / "desk.db"
    begin(desk).desk.close()
    return desk


def refusal(path: Path, *, read_only: bool = False) -> StoreError:
    with pytest.raises(StoreError) as refused:
        open_file(path, read_only=read_only)
    return refused.value


def changed(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as other:
        other.execute(statement)


def test_a_store_migrated_from_the_first_version_is_the_one_the_schema_describes(tmp_path: Path) -> None:
    migrated = create_file(tmp_path / "migrated.db")
    fresh = sqlite3.connect(":memory:")
    for table in metadata.sorted_tables:
        fresh.execute(str(CreateTable(table).compile(dialect=dialect.dialect())))
        for index in table.indexes:
            fresh.execute(str(CreateIndex(index).compile(dialect=dialect.dialect())))
    described, made = shape(fresh), shape(migrated)
    migrated.close()
    assert sorted(made) == sorted(described)
    assert [name for name in made if made[name] != described[name]] == []


def first_version(path: Path) -> Path:
    """A desk as the first program left it, with one ticket."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA journal_mode = WAL")
    migrate(connection, stop_before=SCRIPTS[1])
    connection.execute(
        "INSERT INTO store (only, console, last_hash, created_at) VALUES (1, ?, ?, 0)", (bytes(16), bytes(32))
    )
    connection.execute(
        "INSERT INTO ticket (id, number, subject, opened_at, changed_at) VALUES (x'01', 'T-1', 'x', 7, 7)"
    )
    connection.close()
    return path


@pytest.mark.parametrize("read_only", [False, True])
def test_an_old_desk_is_brought_to_the_present_schema_when_it_is_opened(tmp_path: Path, read_only: bool) -> None:
    fresh = create_file(tmp_path / "fresh.db")
    opened = open_file(first_version(tmp_path / "old.db"), read_only=read_only)
    assert shape(opened) == shape(fresh)
    assert opened.execute("PRAGMA user_version").fetchone() == (SCHEMA_NUMBER,)
    assert opened.execute("SELECT subject, opened_at, sla_warnings FROM ticket").fetchall() == [("x", 7, "")]
    fresh.close()
    opened.close()


def test_an_old_desk_that_cannot_be_changed_is_left_as_it_was(tmp_path: Path) -> None:
    old = first_version(tmp_path / "old.db")
    holder = sqlite3.connect(old, isolation_level=None)
    holder.execute("CREATE TABLE document_version (in_the_way TEXT)")
    with pytest.raises(StoreError):
        open_file(old)
    assert holder.execute("PRAGMA user_version").fetchone() == (1,)
    assert "sla_warnings" not in [row[1] for row in holder.execute("PRAGMA table_info(ticket)")]
    holder.close()


def test_two_programs_that_open_an_old_desk_at_once_change_it_once(tmp_path: Path) -> None:
    old = first_version(tmp_path / "old.db")
    with ThreadPoolExecutor(6) as pool:
        for connection in pool.map(lambda _place: open_file(old), range(6)):
            connection.close()
    with sqlite3.connect(old) as seen:
        names = [name for (name,) in seen.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert tuple(names) == SCRIPTS


def test_every_migration_is_recorded_and_the_file_says_its_number(tmp_path: Path) -> None:
    made = create_file(tmp_path / "desk.db")
    assert tuple(name for (name,) in made.execute("SELECT name FROM _sqlite_migrations ORDER BY id")) == SCRIPTS
    assert made.execute("PRAGMA user_version").fetchone() == (SCHEMA_NUMBER,)
    assert made.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    made.close()


def test_the_newest_migration_has_the_number_the_program_knows() -> None:
    assert len(SCRIPTS) == SCHEMA_NUMBER
    folder = Path(engine.__file__).parent / "migrations"
    assert sorted(script.stem for script in folder.glob("*.sql")) == sorted(SCRIPTS)


def test_migrating_again_changes_nothing(path: Path) -> None:
    connection = open_file(path)
    before = everything(connection)
    migrate(connection)
    assert everything(connection) == before
    connection.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_of_a_newer_program_is_refused_and_left_alone(path: Path, read_only: bool) -> None:
    changed(path, f"PRAGMA user_version = {SCHEMA_NUMBER + 1}")
    before = path.read_bytes()
    error = refusal(path, read_only=read_only)
    assert (error.code, error.facts["found"], error.facts["known"]) == ("store.newer", SCHEMA_NUMBER + 1, SCHEMA_NUMBER)
    assert path.read_bytes() == before


def test_a_file_whose_making_was_broken_off_is_refused(path: Path) -> None:
    changed(path, "PRAGMA user_version = 0")
    assert refusal(path).code == "store.unfinished"


@pytest.mark.parametrize("read_only", [False, True])
def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    other = tmp_path / "other.db"
    changed(other, "CREATE TABLE song (title TEXT)")
    before = other.read_bytes()
    assert refusal(other, read_only=read_only).code == "store.foreign"
    assert other.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    letter = tmp_path / "letter.db"
    letter.write_text("Dear Sir or Madam, " * 500)
    assert refusal(letter).code == "store.broken"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    assert refusal(empty).code == "store.foreign"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off_is_refused(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refusal(path).code == "store.broken"


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere" / "desk.db").code == "store.missing"


def test_a_desk_is_never_made_over_another(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"store.exists"):
        create_file(path)
    assert path.read_bytes() == before


def test_an_older_sqlite_is_told_to_the_person(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.36.0")
    error = refusal(path)
    assert (error.code, error.facts) == ("store.sqlite_too_old", {"version": "3.36.0"})
    with pytest.raises(StoreError, match=r"store.sqlite_too_old"):
        create_file(path.with_name("new.db"))
    assert not path.with_name("new.db").exists()
