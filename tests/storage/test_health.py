"""What is wrong with a desk's file is named, and a desk that is well is left in peace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.engine import open_file
from storage.health import OK, WARNING, WRONG, Finding, look_at_file, look_at_places
from tests.storage.desk_story import begin, everything, look


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "desk").mkdir(mode=0o700)
    desk = tmp_path / "desk" / "desk.db"
    story = begin(desk)
    for number in range(3):
        story.open_ticket(f"Ticket {number}", text="x")
    story.desk.close()
    return desk


def looked(path: Path, *, is_full: bool = True) -> dict[str, Finding]:
    with closing(open_file(path, read_only=True)) as reading:
        return {one.code: one for one in look_at_file(reading, is_full=is_full)}


def spoilt(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert other.execute(statement, values).rowcount


@pytest.mark.parametrize("is_full", [False, True])
def test_a_desk_that_is_well_is_ok_in_every_line_and_stays_as_it_was(path: Path, is_full: bool) -> None:
    with closing(look(path)) as seen:
        before = everything(seen)
        found = looked(path, is_full=is_full)
        assert everything(seen) == before
    assert {one.level for one in found.values()} == {OK}
    assert set(found) == {"integrity", "log_hashed" if is_full else "log", "references"}


def test_a_payload_that_was_changed_behind_the_log_is_found_by_its_hash(path: Path) -> None:
    spoilt(path, "UPDATE operation SET payload = ? WHERE n = 5", b"{}")
    assert looked(path, is_full=False)["log"].level == OK
    broken = looked(path)["log_broken"]
    assert (broken.level, broken.facts["at"]) == (WRONG, 5)


def test_a_payload_that_a_purge_took_is_accepted_where_the_purge_declared_it(path: Path) -> None:
    spoilt(path, "UPDATE operation SET payload = ? WHERE n = 5", b"{}")
    spoilt(path, "INSERT INTO purged_operation SELECT console, n FROM operation WHERE n = 5")
    assert looked(path)["log_hashed"].facts["purged"] == 1


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM operation WHERE n = 3",
        "DELETE FROM operation WHERE n = (SELECT max(n) FROM operation)",
        "UPDATE operation SET prev = x'00' WHERE n = 4",
        "UPDATE store SET last_n = last_n - 1",
        "UPDATE store SET last_hash = x'00'",
    ],
)
def test_a_log_with_a_hole_or_another_end_is_found_at_a_glance(path: Path, harm: str) -> None:
    spoilt(path, harm)
    assert looked(path, is_full=False)["log_broken"].level == WRONG


def test_what_belongs_to_nothing_is_wrong_and_a_name_of_nothing_is_a_warning(path: Path) -> None:
    spoilt(path, "UPDATE ticket SET site = ?", bytes(16))
    dangling = looked(path, is_full=False)["names_nothing"]
    assert (dangling.level, dangling.facts["count"]) == (WARNING, 3)
    spoilt(path, "UPDATE entry SET ticket = ?", bytes(16))
    assert looked(path, is_full=False)["names_nothing"].level == WRONG


def test_what_was_entered_twice_is_a_warning(path: Path) -> None:
    spoilt(path, "INSERT INTO company (id, name) SELECT ?, name FROM company", bytes(16))
    assert looked(path)["twice"].level == WARNING


def test_an_index_that_does_not_fit_its_table_is_found_by_the_full_look(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA writable_schema = ON")
        # The index goes by another column from now on than the one it was written by.
        other.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(contact)', '(role)') WHERE name = 'affiliation_by_contact'"
        )
        other.execute("UPDATE sqlite_master SET sql = replace(sql, '(name)', '(kind)') WHERE name = 'company_by_name'")
    assert looked(path, is_full=True)["integrity_broken"].level == WRONG


def test_a_purge_that_was_cut_off_is_wrong_until_it_is_finished(path: Path) -> None:
    spoilt(path, "INSERT INTO purge (at) VALUES (0)")
    assert looked(path)["purge_unfinished"].level == WRONG


def test_a_file_that_others_may_read_is_wrong(path: Path, tmp_path: Path) -> None:
    assert [one.level for one in look_at_places(path)] == [OK, OK]
    path.chmod(0o640)
    found = next(iter(look_at_places(path)))
    assert (found.code, found.level, found.facts["first"]) == ("open_to_others", WRONG, str(path))
    path.chmod(0o600)
    settings = tmp_path / "config"
    settings.mkdir()
    (settings / "settings.toml").write_text("")
    (settings / "settings.toml").chmod(0o644)
    assert next(iter(look_at_places(path, settings))).code == "open_to_others"


def test_a_disk_without_room_is_told_before_it_is_full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    usage = shutil.disk_usage(path.parent)
    codes = []
    for free in (10**12, 10**8 + 1, 10**6):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder, free=free: usage._replace(free=free))
        monkeypatch.setattr("storage.health.LEAST_ROOM", 10**8 if free != 10**8 + 1 else 10**7)
        monkeypatch.setattr("storage.health.ROOM_TIMES", 3 if free != 10**8 + 1 else 10**4)
        codes.append(list(look_at_places(path))[1].code)
    assert codes == ["room", "little_room", "no_room"]
