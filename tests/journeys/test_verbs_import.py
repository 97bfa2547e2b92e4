"""Another desk's log comes in by one command: made desk, figures in words and in JSON, nothing left of a failure."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from tests.storage.fixtures.vendor_exports import EXPORTS, write_lines
from tests.support.command_line import LAMPBOARD, Account
from tests.support.terminal import PtyProgram
from tests.support.worlds import ROOT

SERVICE_DESK = ROOT / "tests" / "storage" / "fixtures" / "small_service_desk_log.csv"
HELP_DESK = ROOT / "tests" / "storage" / "fixtures" / "small_help_desk_log.csv"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def bring(account: Account, *more: str, source: Path = SERVICE_DESK, mapping: str = "service-desk-log") -> str:
    return account.done("--desk", "log", "import", mapping, str(source), *more)


def test_a_log_makes_its_desk_and_is_listed_at_once(account: Account) -> None:
    answer = account.run("--desk", "log", "import", "service-desk-log", str(SERVICE_DESK))
    assert answer.returncode == 0
    assert answer.stderr.startswith("lampboard: made the desk log for ")
    assert answer.stdout.startswith("small_service_desk_log.csv by service-desk-log: 33 rows read in ")
    assert "  7 tickets: 7 new, 0 on the desk already\n" in answer.stdout
    assert len(account.document("--desk", "log", "queue", "--view", "all")) == 7


def test_the_same_log_a_second_time_brings_nothing_new(account: Account) -> None:
    first = bring(account)
    assert bring(account) == (
        "small_service_desk_log.csv by service-desk-log: "
        "this source is on the desk already with its 33 rows; nothing was read\n"
        "  7 tickets known, nothing new\n"
    )
    assert "already with" not in first


def test_the_report_names_how_often_tickets_were_opened_again(account: Account) -> None:
    report = json.loads(bring(account, "--json", "--dry-run"))
    assert report["reopens"] > 0
    reopens = "1 reopen" if report["reopens"] == 1 else f"{report['reopens']} reopens"
    tickets = "1 ticket" if report["reopened_tickets"] == 1 else f"{report['reopened_tickets']} tickets"
    assert f"\n  {reopens} in {tickets}\n" in bring(account)


def test_an_imported_ticket_is_shown_by_its_own_key(account: Account) -> None:
    bring(account)
    number = account.document("--desk", "log", "queue", "--view", "all")[0]["number"]
    alias = account.document("--desk", "log", "ticket", "show", number)["aliases"][0]
    by_alias = account.document("--desk", "log", "ticket", "show", alias)
    by_key = account.document("--desk", "log", "ticket", "show", alias.partition(":")[2])
    assert by_alias["number"] == by_key["number"] == number


def test_the_report_is_json_alone_on_standard_output(account: Account) -> None:
    report = json.loads(bring(account, "--json"))
    assert (report["rows_read"], report["new_tickets"], report["is_dry_run"]) == (33, 7, False)


def test_a_dry_run_tells_the_figures_and_makes_no_desk(account: Account) -> None:
    told = bring(account, "--dry-run", source=HELP_DESK, mapping="help-desk-log")
    assert "20 rows would be taken" in told and told.endswith("  nothing was written\n")
    assert not (account.desks / "log").exists()


def test_rows_that_cannot_be_taken_are_in_the_file_that_is_named(account: Account) -> None:
    lines = SERVICE_DESK.read_bytes().splitlines(keepends=True)
    broken = account.folder / "broken.csv"
    broken.write_bytes(b"".join([*lines, b"too,few,cells\n"]))
    rejects = account.folder / "left out.csv"
    told = bring(account, "--rejects", str(rejects), source=broken)
    assert "1 rejected" in told and f"rows that could not be taken are in {rejects}" in told
    assert b"too,few,cells" in rejects.read_bytes()


@pytest.mark.parametrize(
    ("mapping", "source", "sentence"),
    [
        (
            "nix",
            SERVICE_DESK,
            "there is no mapping nix; shipped are service-desk-log, help-desk-log, excavator-work-orders, zammad, ",
        ),
        ("nix.toml", SERVICE_DESK, "there is no mapping file nix.toml; check the name"),
        ("broken.toml", SERVICE_DESK, "the mapping broken.toml cannot be used: line "),
        ("service-desk-log", Path("nowhere.csv"), "there is no file nowhere.csv; check the name"),
        ("service-desk-log", HELP_DESK, f"{HELP_DESK} has no column number, which the mapping service-desk-log needs"),
    ],
)
def test_an_import_that_cannot_be_made_says_why_and_leaves_no_desk(
    account: Account, mapping: str, source: Path, sentence: str
) -> None:
    (account.folder / "broken.toml").write_text("[source]\nformat = 'csv'\nrow = 'leap year'\n", encoding="utf-8")
    assert account.refused("--desk", "log", "import", mapping, str(source)).startswith(sentence)
    assert not (account.desks / "log").exists()


def test_a_mapping_is_proposed_and_works_once_its_question_is_answered(account: Account) -> None:
    proposed = account.done("import", "--sketch", str(HELP_DESK))
    own = account.folder / "own.toml"
    own.write_text(proposed, encoding="utf-8")
    if 'zone = "?"' in proposed:
        own.write_text(proposed.replace('zone = "?"', 'zone = "Europe/Rome"'), encoding="utf-8")
    assert "20 rows would be taken" in bring(account, "--dry-run", source=HELP_DESK, mapping=str(own))


def test_a_proposal_as_json_has_its_questions_apart(account: Account) -> None:
    document = json.loads(account.done("import", "--sketch", str(SERVICE_DESK), "--json"))
    assert ["zone" in question for question in document["questions"]] == [True]
    assert 'zone = "?"' in document["mapping"]
    assert document["columns"][0]["name"] == "number"


def test_what_is_taken_of_a_faulty_file_is_the_persons_choice(account: Account) -> None:
    whole = gzip.compress(SERVICE_DESK.read_bytes(), mtime=0)
    cut = account.folder / "cut.csv.gz"
    cut.write_bytes(whole[:-60])
    assert "is broken at line" in account.refused("--desk", "log", "import", "service-desk-log", str(cut))
    report = json.loads(bring(account, "--take", "rest", "--json", source=cut))
    assert 0 < report["taken"] == report["rows_read"] - 1
    bad = account.folder / "bad.csv"
    bad.write_bytes(SERVICE_DESK.read_bytes() + b"too,few,cells\n")
    said = account.refused("--desk", "two", "import", "service-desk-log", str(bad), "--take", "whole")
    assert said.startswith(f"{bad} cannot be taken whole: line 35, unreadable: 3 cells instead of ")


def test_a_file_that_unpacks_too_far_names_the_option_that_allows_it(account: Account) -> None:
    bomb = account.folder / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(SERVICE_DESK.read_bytes() + b"x" * (2 << 20)))
    files = ("--desk", "log", "import", "service-desk-log", str(bomb))
    assert "unpacks to more than 1 MiB at line" in account.refused(*files, "--unpack-limit", "1M")
    assert "33 rows taken" in account.done(*files, "--unpack-limit", "3M")


def test_a_mapping_that_asks_for_the_zone_says_how_it_is_told(account: Account) -> None:
    source = write_lines(EXPORTS["glpi"](), account.folder / "glpi.jsonl")
    said = account.refused("--desk", "log", "import", "glpi", str(source))
    assert said.startswith("glpi cannot know the zone of the source's times; name it with --zone")
    assert "50 rows taken" in bring(account, "--zone", "Europe/Paris", source=source, mapping="glpi")


@pytest.mark.parametrize(
    "words", [(), ("service-desk-log",), ("a", "b", "--sketch", "c"), ("a", "b", "--unpack-limit", "0")]
)
def test_an_import_without_what_it_needs_says_how_it_is_written(account: Account, words: tuple[str, ...]) -> None:
    assert "see lampboard import --help" in account.refused("import", *words)


def test_a_watched_import_shows_its_progress_on_a_line_that_goes_away(account: Account) -> None:
    argv = [*LAMPBOARD, "--desk", "log", "import", "service-desk-log", str(SERVICE_DESK)]
    with PtyProgram(argv, columns=100, rows=24, env={**account.environment()}, cwd=account.folder) as program:
        assert program.exit_code(20) == 0
        assert b"\rreading: 33" in bytes(program.stream)
        assert "reading: 33" not in program.text() and "7 tickets: 7 new" in program.text()
    assert sys.executable == LAMPBOARD[0]


def test_imports_are_listed_undone_and_brought_back(account: Account) -> None:
    bring(account)
    (listed,) = account.document("--desk", "log", "imports", "--json")
    assert (listed["n"], listed["tickets"], listed["rows"], listed["state"]) == (1, 7, 33, "stands")
    told = account.done("--desk", "log", "imports", "undo", "1")
    assert told.startswith("import 1 is undone: 7 tickets and ")
    assert account.document("--desk", "log", "queue", "--view", "all", "--json") == []
    assert "; undone, 7 tickets archived\n" in account.done("--desk", "log", "imports")
    again = bring(account)
    assert "known tickets are those of import 1, which was undone; lampboard imports redo 1 brings them back" in again
    assert account.done("--desk", "log", "imports", "redo", "1").startswith("import 1 stands again: 7 tickets and ")
    assert len(account.document("--desk", "log", "queue", "--view", "all", "--json")) == 7


def test_what_somebody_worked_on_is_named_before_an_import_is_undone(account: Account) -> None:
    bring(account)
    account.done("--desk", "log", "ticket", "note", "T-6", "Called them back")
    told = account.refused("--desk", "log", "imports", "undo", "1")
    assert told == ("somebody worked on tickets of import 1 since: T-6, 1 in all; --leave-worked-on undoes the others")
    assert "  left, because somebody worked on it since: 1 ticket\n" in account.done(
        "--desk", "log", "imports", "undo", "1", "--leave-worked-on"
    )


def test_the_figures_of_an_import_are_counted_from_the_desk(account: Account) -> None:
    report = json.loads(bring(account, "--json"))
    account.done("--desk", "log", "ticket", "stage", "T-7", "active")
    (figures,) = account.document("--desk", "log", "report", "import-figures", "--json")
    assert (figures["mapping"], figures["imports"], figures["changes"]) == ("service-desk-log", [1], report["taken"])
    same = ("tickets", "stages", "reopens", "reopened_tickets", "sla_told", "sla_made", "sla_made_percent", "companies")
    assert {name: figures[name] for name in same} == {name: report[name] for name in same}
    told = account.done("--desk", "log", "report", "import-figures")
    assert "  2 reopens in 1 ticket\n" in told


def test_an_import_as_of_a_time_tells_it(account: Account) -> None:
    told = bring(account, "--as-of", "2024-03-07T00:00")
    assert "\n  as of 2024-03-07T00:00:00Z: " in told and " rows of later were passed over\n" in told
    (listed,) = account.document("--desk", "log", "imports", "--json")
    assert listed["as_of"] == "2024-03-07T00:00:00Z"
    assert (
        account.refused("--desk", "log", "import", "service-desk-log", str(SERVICE_DESK), "--as-of", "tomorrow")
        == "tomorrow is no time; write it as 2016-04-15T00:00, with Z or +02:00 where that is meant"
    )


def test_a_dry_run_onto_a_desk_that_is_there_says_what_is_new_changed_and_rejected(account: Account) -> None:
    bring(account)
    header, *lines = SERVICE_DESK.read_text().splitlines(keepends=True)
    changed = [line for line in lines if not (line.startswith("INC9000001") and ",Closed," in line)]
    new = [line.replace("INC9000007", "INC9000008") for line in lines if line.startswith("INC9000007")]
    source = account.folder / "later.csv"
    source.write_text("".join([header, *changed, *new, "INC9000009,few\n"]))
    told = bring(account, "--dry-run", source=source)
    assert "  8 tickets: 1 new, 6 on the desk already\n" in told
    assert "  1 known ticket differing in this source, left alone: INC9000001\n" in told
    assert "    T-1 (INC9000001) differs in changed_at, stage, -1 entries\n" in told
    assert "  sample of what would be rejected, line 38: unreadable: 2 cells instead of 36\n" in told
    assert "  sample INC9000001: " in told
    assert told.endswith("  nothing was written\n")


def test_ctrl_c_stops_an_import_and_the_desk_is_as_it_was(account: Account) -> None:
    bring(account)
    header, *lines = SERVICE_DESK.read_text().splitlines(keepends=True)
    source = account.folder / "long.csv"
    rows = (line.replace("INC9", f"INC{copy:04d}9") for copy in range(1_500) for line in lines)
    source.write_text("".join([header, *rows]))
    argv = [*LAMPBOARD, "--desk", "log", "import", "service-desk-log", str(source)]
    with PtyProgram(argv, columns=100, rows=24, env={**account.environment()}, cwd=account.folder) as program:
        program.wait_for("building", timeout=30)
        program.press("ctrl+c")
        assert program.exit_code(30) == 130
        assert "lampboard: stopped; nothing half done is kept" in program.text()
    assert len(account.document("--desk", "log", "imports", "--json")) == 1
    assert len(account.document("--desk", "log", "queue", "--view", "all", "--json")) == 7
