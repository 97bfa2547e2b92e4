"""Stories of imports that cannot be made: each says why, and the desk is as it was."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.errors import DomainError
from storage.importers.coming import sweep_file
from storage.importers.failed import ImportFailed
from storage.importers.mapping_file import SHIPPED, load_mapping, read_mapping
from tests.storage.fixtures.import_desk import SMALL_SERVICE_DESK, ImportDesk, check_chain
from tests.storage.test_import_rejects import TICKETS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def broken(text: str) -> dict[str, object]:
    """The facts of the error that a mapping of this text raises."""
    with pytest.raises(ImportFailed) as caught:
        read_mapping(text.encode(), "own.toml")
    assert caught.value.code == "import.mapping_broken"
    return caught.value.facts


def line_with(text: str, part: str) -> int:
    """The number of the first line with that part."""
    return next(n for n, line in enumerate(text.split("\n"), 1) if part in line)


def test_a_mapping_that_is_no_toml_names_the_line() -> None:
    facts = broken(TICKETS.replace('namespace = "plain"', "namespace = plain"))
    assert (facts["path"], facts["line"]) == ("own.toml", 3)


def test_a_key_that_no_mapping_has_is_named_with_its_line() -> None:
    text = TICKETS.replace('key = "id"', 'key = "id"\nkolour = "red"')
    facts = broken(text)
    assert (facts["field"], facts["line"]) == ("ticket.kolour", line_with(text, "kolour"))


def test_a_stage_of_no_class_is_named_with_its_line() -> None:
    text = TICKETS.replace('class = "open"', 'class = "ajar"')
    facts = broken(text)
    assert (facts["field"], facts["line"]) == ("stage.values.open.class", line_with(text, "ajar"))


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        ('zone = "Europe/Warsaw"', 'zone = "Europe/Warschau"', "time.zone"),
        ('zone = "Europe/Warsaw"', "", "time.zone"),
        ('zone = "Europe/Warsaw"', 'zone = "in the source"', "time"),
        ('"%Y-%m-%d"]', '"%Y-%q"]', "time.formats"),
        ('"%Y-%m-%d"]', '"%H:%M"]', "time.formats"),
        ('format = "csv"', 'format = "xlsx"', "source.format"),
        ('format = "csv"', 'format = "csv"\nencoding = "utf-16"', "source.encoding"),
        ('format = "csv"', 'format = "csv"\ndelimiter = ";;"', "source.delimiter"),
        ('opened_at = "opened"', "", "ticket"),
        ('from = "customer"', 'from = "customer"\nderived = true', "records.company"),
        ('from = "customer"', 'from = "customer"\nname = "{3}"', "records.company"),
        ('[records.company]\nfrom = "customer"', '[records.site]\nfrom = "customer"', "records"),
    ],
)
def test_what_a_mapping_gets_wrong_is_named_by_its_key(was: str, becomes: str, field: str) -> None:
    assert was in TICKETS
    facts = broken(TICKETS.replace(was, becomes))
    assert facts["field"] == field
    assert facts["reason"]


def test_a_final_column_may_not_tell_history() -> None:
    text = TICKETS.replace('text = "text"', 'told = ["closed"]\nfinal = ["closed"]')
    assert "closed" in str(broken(text)["reason"])


def test_a_mapping_nobody_ships_is_answered_with_those_that_are() -> None:
    with pytest.raises(ImportFailed) as caught:
        load_mapping("servicedesk")
    assert (caught.value.code, caught.value.facts["known"]) == (
        "import.mapping_unknown",
        list(SHIPPED),
    )


def code_of_import(desk: ImportDesk, source: Path, mapping: str | Path = "service-desk-log") -> tuple[str, object]:
    """The code and the named field, line or reason of a failed import; the desk is as it was."""
    before = desk.contents()
    with pytest.raises(DomainError) as caught:
        desk.take(mapping, source)
    assert desk.contents() == before
    facts = caught.value.facts
    return caught.value.code, facts.get("field") or facts.get("reason")


def test_a_missing_source_is_said(desk: ImportDesk) -> None:
    assert code_of_import(desk, desk.folder / "nowhere.csv")[0] == "import.source_missing"


def test_a_folder_is_no_source(desk: ImportDesk) -> None:
    assert code_of_import(desk, desk.folder)[0] == "import.source_unreadable"


def test_an_empty_source_is_broken(desk: ImportDesk) -> None:
    source = desk.folder / "empty.csv"
    source.touch()
    assert code_of_import(desk, source) == ("import.source_broken", "empty")


def test_a_missing_column_is_named(desk: ImportDesk) -> None:
    source = desk.folder / "short.csv"
    source.write_text(SMALL_SERVICE_DESK.read_text().replace("sys_updated_at", "updated", 1))
    assert code_of_import(desk, source) == ("import.column_missing", "sys_updated_at")


def test_a_column_that_stands_twice_is_named(desk: ImportDesk) -> None:
    source = desk.folder / "double.csv"
    source.write_text(SMALL_SERVICE_DESK.read_text().replace("made_sla", "location", 1))
    assert code_of_import(desk, source) == ("import.column_twice", "location")


def test_a_gzip_file_that_was_cut_short_is_refused_as_a_whole(desk: ImportDesk) -> None:
    source = desk.folder / "cut.csv.gz"
    source.write_bytes(gzip.compress(SMALL_SERVICE_DESK.read_bytes())[:-200])
    assert code_of_import(desk, source) == ("import.source_broken", "cut short")


def test_a_gzip_file_with_a_flipped_bit_is_refused_as_a_whole(desk: ImportDesk) -> None:
    raw = bytearray(gzip.compress(SMALL_SERVICE_DESK.read_bytes()))
    raw[-6] ^= 1
    source = desk.folder / "flipped.csv.gz"
    source.write_bytes(raw)
    assert code_of_import(desk, source)[0] == "import.source_broken"


def test_a_reject_file_that_cannot_be_written_stops_the_import(desk: ImportDesk) -> None:
    source = desk.folder / "bad.csv"
    source.write_text(SMALL_SERVICE_DESK.read_text().replace("5/3/2024 08:03", "soon", 1))
    with pytest.raises(ImportFailed, match=r"import\.rejects_not_writable"):
        desk.take("service-desk-log", source, rejects=desk.folder / "no folder" / "rejects.csv")
    assert desk.count("ticket") == 0


CHILD = """
import os, resource, sys
from pathlib import Path
from core.errors import DomainError
from storage.importers.mapping_file import load_mapping
from storage.importers.run import run_import
from tests.support.fixed import FixedClock, ids_from

load_mapping("service-desk-log")  # whoever drops root may not be able to import any more
how, desk, source, author = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), bytes.fromhex(sys.argv[4])
clock = FixedClock()

def on_progress(progress):
    if how == "killed" and progress.phase == "writing":
        os.kill(os.getpid(), 9)
    if how == "full " + progress.phase:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384,) * 2)

if how == "stranger" and os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    run_import(desk, "service-desk-log", source, author=author, clock=clock, new_id=ids_from(5, clock),
        progress=on_progress)
except DomainError as error:
    print(error.code)
"""


def in_child(desk: ImportDesk, how: str) -> subprocess.CompletedProcess[str]:
    """Import in a process of its own, to which something happens."""
    arguments = [sys.executable, "-c", CHILD, how, str(desk.path), str(SMALL_SERVICE_DESK), desk.author.hex()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment, check=False)


def check_nothing_shows(desk: ImportDesk, before: dict[str, list[tuple[object, ...]]]) -> None:
    """What anybody can read of the desk is as it was, and after sweeping every row of it is."""
    now = desk.contents()
    for table in ("ticket", "operation", "external_id", "company", "contact", "person", "find_stale"):
        assert now[table] == before[table]
    assert sweep_file(desk.path)
    assert desk.contents() == before


def test_an_import_killed_while_it_writes_shows_nothing_and_is_swept(desk: ImportDesk) -> None:
    before = desk.contents()
    ended = in_child(desk, "killed")
    assert ended.returncode == -signal.SIGKILL
    assert desk.ask("SELECT state, numbers FROM import_batch") == [("coming", 7)]
    check_nothing_shows(desk, before)


def test_the_next_import_sweeps_a_killed_one_and_takes_all(desk: ImportDesk) -> None:
    in_child(desk, "killed")
    assert desk.take("service-desk-log", SMALL_SERVICE_DESK).new_tickets == 7
    assert desk.ask("SELECT min(number), max(number) FROM ticket") == [("T-1", "T-7")]
    check_chain(desk)


@pytest.mark.parametrize("phase", ["building", "writing"])
def test_a_disk_that_takes_no_more_is_said_and_loses_nothing(desk: ImportDesk, phase: str) -> None:
    before = desk.contents()
    ended = in_child(desk, f"full {phase}")
    assert ended.stdout.strip() in ("store.disk_full", "store.disk_failed"), ended.stderr
    check_nothing_shows(desk, before)


def test_a_folder_that_may_not_be_written_is_said() -> None:
    # Not below pytest's own folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory(prefix="lampboard-readonly-") as folder:
        desk = ImportDesk(Path(folder))
        before = desk.path.read_bytes()
        desk.path.chmod(0o444)
        desk.folder.chmod(0o555)
        try:
            ended = in_child(desk, "stranger")
        finally:
            desk.folder.chmod(0o755)
        assert ended.stdout.strip() == "store.not_writable", ended.stderr
        assert desk.path.read_bytes() == before
