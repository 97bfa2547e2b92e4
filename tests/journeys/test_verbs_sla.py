"""Questions about deadlines at the command line: answered one by one, compared, and never ended by a bad one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Account

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
    assert lines[-1] == "19 cases, all as expected"
    assert ["add", "-", "4", "0"] in [line.split() for line in lines]


def test_an_answer_that_differs_is_named_with_its_field_and_the_exit_code_is_one(account: Account) -> None:
    document = json.loads(CASES.read_text(encoding="utf-8"))
    document["cases"][0]["expect_recommended"] = {"at": "2026-11-24T13:00:01+01:00"}
    path = written(account, document)
    answer = account.run("sla", "check", path)
    assert answer.returncode == 1 and "a break and lunch are not worked through: at\n" in answer.stdout
    as_json = account.run("sla", "check", path, "--json")
    assert json.loads(as_json.stdout) == {"cases": 19, "differ": {"a break and lunch are not worked through": ["at"]}}


@pytest.mark.parametrize("told", ["{", "[]", '{"cases": 3}', "\ufeff"])
def test_a_file_that_holds_no_cases_is_refused_with_a_sentence(account: Account, told: str) -> None:
    assert account.refused("sla", "eval", told=told)


def test_the_answers_are_the_same_bytes_in_another_local_zone(account: Account) -> None:
    there = [account.run("sla", "eval", str(CASES), env={"TZ": zone}).stdout for zone in ("Asia/Tokyo", "UTC")]
    assert there[0] == there[1] and there[0]
