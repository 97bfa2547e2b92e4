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
