"""Questions about deadlines at the command line: answered one by one, compared, and never ended by a bad one."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.core.spoilt import document as good_and_spoilt
from tests.support.command_line import Account

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
