"""Grades of contracts from the command line: a text that is checked, and contracts that take it over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Account

DESK = ("--desk", "trial")
EDIT = (*DESK, "config", "edit", "grade", "PLATINUM", "--yes", "--file", "-")
PLATINUM = """
title = "Platinum"
policy = "Gold 24/7"
calendar = "Gold Europe/Warsaw"
included_units = 80
unit = "hour"
coverage = ["printers", { what = "scanners", clause = "3.2" }]
exclusions = ["toner"]
"""


@pytest.fixture
def account(tmp_path: Path) -> Account:
    person = Account(tmp_path)
    person.demo()
    person.done(*DESK, "company", "new", "--name", "Gama")
    person.done(*EDIT, told=PLATINUM)
    return person


def new(*more: str) -> tuple[str, ...]:
    named = ("--number", "G-1", "--company", "Gama", "--valid-from", "2026-01-01", "--grade", "platinum")
    return (*DESK, "contract", "new", *named, *more)


def newest(account: Account) -> dict[str, Any]:
    version: dict[str, Any] = account.document(*DESK, "contract", "show", "G-1")["versions"][0]
    return version


def test_a_grade_is_written_shown_and_listed_like_other_documents(account: Account) -> None:
    shown = account.done(*DESK, "config", "show", "grade", "platinum")
    assert [line for line in shown.splitlines() if " = " in line] == [
        'title = "Platinum"',
        'policy = "Gold 24/7"',
        'calendar = "Gold Europe/Warsaw"',
        "included_units = 80",
        'unit = "hour"',
        'coverage = ["printers", { clause = "3.2", what = "scanners" }]',
        'exclusions = ["toner"]',
    ]
    assert "grade    PLATINUM" in account.done(*DESK, "config", "list")
    told = account.done(*EDIT, told=PLATINUM.replace("80", "90"))
    assert "-included_units = 80" in told and "what was signed stays as it is" in told
    assert "grade PLATINUM has version 2" in told


def test_a_grade_that_names_no_policy_of_the_desk_is_refused(account: Account) -> None:
    for text, why in (
        ('policy = "Tin"', "policy: there is no policy called Tin on this desk"),
        ('coverage = "all"', "coverage must be a list of words, or of objects with what and perhaps a clause"),
        ('polcy = "Gold"', "there is no field polcy; did you mean policy?"),
    ):
        run = account.run(*EDIT, told=text)
        assert (run.returncode, why in run.stderr) == (2, True), run.stderr


def test_a_new_contract_is_filled_from_its_grade_and_what_is_typed_wins(account: Account) -> None:
    told = account.done(*new("--coverage", "servers", "--exclusions", "", "--included-units", "0"))
    assert told.splitlines() == ["contract G-1", "from grade platinum: policy, calendar, unit"]
    version = newest(account)
    assert (version["policy"]["name"], version["calendar"]["name"]) == ("Gold 24/7", "Gold Europe/Warsaw")
    assert (version["included_units"], version["unit"]) == (0, "hour")
    assert (version["coverage"], version["exclusions"]) == ('["servers"]', "")


def test_another_version_with_a_grade_is_filled_by_it_and_one_without_is_like_the_one_before(account: Account) -> None:
    account.done(*new("--exclusions", ""))
    account.done(*EDIT, told=PLATINUM.replace("80", "90"))
    again = (*DESK, "contract", "edit", "G-1", "--new-version", "--valid-from")
    account.done(*again, "2027-01-01")
    assert (newest(account)["included_units"], newest(account)["exclusions"]) == (80, "")
    told = account.done(*again, "2028-01-01", "--grade", "PLATINUM")
    assert "from grade PLATINUM: policy, calendar, units included, unit, covers, covers not" in told
    assert (newest(account)["included_units"], newest(account)["exclusions"]) == (90, '["toner"]')
    account.done(*again, "2029-01-01", "--grade", "tin")
    assert (newest(account)["grade"], newest(account)["included_units"]) == ("tin", 90)


def test_changing_the_grade_of_a_version_that_is_there_fills_nothing(account: Account) -> None:
    account.done(*DESK, "contract", "new", "--number", "G-1", "--company", "Gama", "--valid-from", "2026-01-01")
    account.done(*DESK, "contract", "edit", "G-1", "--grade", "PLATINUM")
    assert (newest(account)["grade"], newest(account)["policy"], newest(account)["included_units"]) == (
        "PLATINUM",
        None,
        None,
    )
