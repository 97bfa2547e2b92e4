"""Questions about deadlines at the command line: answered one by one, compared, and never ended by a bad one."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.core.spoilt import document as good_and_spoilt
from tests.support.command_line import LAMPBOARD, Account

ZONES = files("tzdata.zoneinfo").joinpath("tzdata.zi").read_text(encoding="utf-8").split(maxsplit=3)[2]
"""The release that the pinned tables tell of themselves."""
CASES = Path(__file__).parents[1] / "core" / "cases.json"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def written(account: Account, document: Any) -> str:
    path = account.folder / "cases.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_every_case_of_a_file_or_of_standard_input_is_answered_by_its_id(account: Account) -> None:
    told = CASES.read_text(encoding="utf-8")
    answers = json.loads(account.done("sla", "eval", str(CASES)))
    assert list(answers) == [case["id"] for case in json.loads(told)["cases"]]
    assert answers["used up at closing is due at closing"] == {"at": "2026-11-20T15:30:00+00:00"}
    assert json.loads(account.done("sla", "eval", told=told)) == answers


def test_a_case_that_cannot_be_answered_says_which_field_and_the_others_are_answered(account: Account) -> None:
    document = json.loads(CASES.read_text(encoding="utf-8"))
    document["calendars"]["night"]["tz"] = "Europe/Nowhere"
    answers = json.loads(account.done("sla", "eval", written(account, document)))
    spoilt = {name: answer["error"] for name, answer in answers.items() if "error" in answer}
    assert set(spoilt) == {case["id"] for case in document["cases"] if case["calendar"] == "night"}
    assert {error["field"] for error in spoilt.values()} == {"calendar.tz"}
    assert all("Europe/Nowhere" in error["message"] for error in spoilt.values())


def test_answers_as_expected_are_counted_by_kind_and_source(account: Account) -> None:
    lines = account.done("sla", "check", str(CASES)).splitlines()
    assert lines[0].split() == ["kind", "source", "cases", "differ"]
    assert lines[-1] == f"19 cases, all as expected; time zones of {ZONES}"
    assert ["add", "-", "4", "0"] in [line.split() for line in lines]


def test_an_answer_that_differs_is_named_with_its_field_and_the_exit_code_is_one(account: Account) -> None:
    document = json.loads(CASES.read_text(encoding="utf-8"))
    document["cases"][0]["expect_recommended"] = {"at": "2026-11-24T13:00:01+01:00"}
    path = written(account, document)
    answer = account.run("sla", "check", path)
    assert answer.returncode == 1 and "a break and lunch are not worked through: at\n" in answer.stdout
    as_json = account.run("sla", "check", path, "--json")
    assert json.loads(as_json.stdout) == {
        "cases": 19,
        "differ": {"a break and lunch are not worked through": ["at"]},
        "tzdata": ZONES,
    }


@pytest.mark.parametrize(
    "told",
    ["{", "[]", '{"cases": 3}', "\ufeff", "", "[" * 5_000, "null", '{"cases": [], "calendars": 7}', "9" * 5_000],
    ids=["cut off", "a list", "a number of cases", "a mark", "nothing", "depths", "null", "a calendar", "a number"],
)
def test_a_file_that_holds_no_cases_is_refused_with_a_sentence(account: Account, told: str) -> None:
    assert account.refused("sla", "eval", told=told)


def test_the_answers_are_the_same_bytes_in_another_local_zone(account: Account) -> None:
    drawn = written(account, good_and_spoilt(Random(12), 60))
    for path in (str(CASES), drawn):
        here = account.run("sla", "eval", path).stdout
        for number, zone in enumerate(("Asia/Tokyo", "America/St_Johns", "Australia/Lord_Howe", "Nowhere/At_All")):
            there = account.run("sla", "eval", path, env={"TZ": zone, "PYTHONHASHSEED": str(number)})
            assert there.returncode == 0 and there.stdout == here != ""


def test_the_zones_of_the_machine_are_not_asked(account: Account) -> None:
    zones = account.folder / "zones" / "Europe"
    zones.mkdir(parents=True)
    # A Warsaw without summer time.
    (zones / "Warsaw").write_bytes(files("tzdata.zoneinfo").joinpath("UTC").read_bytes())
    here = account.run("sla", "eval", str(CASES)).stdout
    assert account.run("sla", "eval", str(CASES), env={"PYTHONTZPATH": str(zones.parent)}).stdout == here != ""


def test_two_cases_of_one_id_are_both_answered(account: Account) -> None:
    document = json.loads(CASES.read_text(encoding="utf-8"))
    first, second = document["cases"][:2]
    document["cases"] = [first, {**second, "id": first["id"]}, {**second, "id": "cases[1]"}, 7]
    answers = json.loads(account.done("sla", "eval", written(account, document)))
    assert list(answers) == [first["id"], "cases[1]'", "cases[1]", "cases[3]"]
    assert answers["cases[1]'"] == answers["cases[1]"] and answers["cases[3]"]["error"]["field"] == "case"


def test_whatever_is_wrong_in_a_file_the_answer_is_json_and_names_a_field(account: Account) -> None:
    document = good_and_spoilt(Random(3), 300)
    answers = json.loads(account.done("sla", "eval", written(account, document)))
    assert len(answers) == len(document["cases"])
    errors = [answer["error"] for answer in answers.values() if "error" in answer]
    assert 100 < len(errors) < 280
    assert all(error["field"] and error["message"] for error in errors)


@pytest.mark.parametrize("told", ['{"calendars": {}, "cases": []}', '{"cases": []}'])
def test_a_file_without_a_case_has_no_answers(account: Account, told: str) -> None:
    assert json.loads(account.done("sla", "eval", told=told)) == {}


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Account:
    person = Account(tmp_path_factory.mktemp("firm"))
    person.demo()
    return person


DESK = ("--desk", "trial")


def some_tickets(firm: Account, count: int = 4) -> list[str]:
    listed = firm.document(*DESK, "queue", "--view", "all", "--limit", "200")
    return [row["number"] for row in listed[:: len(listed) // count]][:count]


def test_the_spans_of_a_ticket_reach_without_a_gap_from_its_start_to_now_and_add_up(firm: Account) -> None:
    told = 0
    for number in some_tickets(firm):
        for clock in firm.document(*DESK, "sla", "explain", number)["clocks"]:
            spans = [span for span in clock["spans"] if span["cause"] != "to_come"]
            ends = [span["until"] for span in spans]
            assert [clock["started_at"], *ends] == [*(span["from"] for span in spans), clock["as_of"]]
            assert sum(span["counted_seconds"] for span in spans) == clock["used_seconds"]
            assert [span["total_seconds"] for span in spans][-1:] == [clock["used_seconds"]]
            told += len(spans)
    assert told > 10


def test_the_due_time_is_the_one_that_the_ticket_shows(firm: Account) -> None:
    for number in some_tickets(firm):
        explained = firm.document(*DESK, "sla", "explain", number)["clocks"]
        shown = {clock["kind"]: clock for clock in firm.document(*DESK, "ticket", "show", number)["clocks"]}
        for clock in explained:
            assert clock["due_at"] == shown[clock["clock"]]["due_at"]
            assert clock["state"] == shown[clock["clock"]]["state"]


def test_a_deadline_is_explained_as_text_for_a_mail(firm: Account) -> None:
    number = some_tickets(firm)[0]
    told = firm.done(*DESK, "sla", "explain", number.lower())
    for word in (f"{number} first response, P", f"{number} resolution, P", "Counted", "= counted of", "WHAT IF"):
        assert word in told
    assert max(map(len, told.splitlines())) <= 100


def test_what_is_supposed_comes_first_and_changes_nothing(firm: Account) -> None:
    number = some_tickets(firm)[0]
    before = firm.document(*DESK, "sla", "explain", number)
    supposed = ("--if", "priority 4, closed 2027-01-04 12:00", "--if", "policy bronze")
    after = json.loads(firm.done(*DESK, "sla", "explain", number, *supposed, "--json"))
    assert [one["supposed"] for one in after["what_if"][:2]] == ["priority P4, closed Mon 04.01 11:00", "policy Bronze"]
    assert after["clocks"][0]["used_seconds"] >= before["clocks"][0]["used_seconds"]
    resolution = next(one for one in after["what_if"][0]["clocks"] if one["clock"] == "resolution")
    assert resolution["ended_at"] == "2027-01-04T11:00:00Z"
    assert firm.document(*DESK, "ticket", "show", number)["priority"] == before["priority"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("T-999999",), "T-999999"),
        (("T-999999", "--json"), "T-999999"),
        (("{number}", "--if", "policy Platinum"), "no policy Platinum here; there are Bronze, Gold 24/7, Silver"),
        (("{number}", "--if", "banana"), "try priority 1, policy NAME"),
        (("{number}", "--if", ""), "try priority 1, policy NAME"),
        (("{number}", "--if", "closed 1999-01-01"), "the ticket was not open then"),
    ],
    ids=["no ticket", "no ticket as JSON", "no policy", "nonsense", "nothing", "before the opening"],
)
def test_what_cannot_be_explained_is_refused_in_one_sentence(
    firm: Account, arguments: tuple[str, ...], told: str
) -> None:
    number = some_tickets(firm, 1)[0]
    assert told in firm.refused(*DESK, "sla", "explain", *(one.format(number=number) for one in arguments))


def test_without_a_desk_nothing_is_explained(account: Account) -> None:
    assert "there is no desk at" in account.refused("--desk", "nowhere", "sla", "explain", "T-1")


def test_a_reader_that_leaves_early_is_no_error(firm: Account) -> None:
    number = some_tickets(firm, 1)[0]
    command = f'"{LAMPBOARD[0]}" -m tui --desk trial sla explain {number} | head -n 1'
    answer = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=firm.environment(), capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert answer.stdout.startswith(number) and answer.stderr == ""
