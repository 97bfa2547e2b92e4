"""Grades on a desk: contracts take over what their grade promises when they are entered, and keep it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.clock import Instant
from core.commands import AddRecord, ChangeDocument, Redo, Undo
from core.documents import GRADE
from core.errors import DomainError
from core.ids import EntityId
from core.ports import Applied
from tests.storage.desk_story import Story, check_chain

PLAIN = {"policy": "Gold", "calendar": "office", "included_units": 40, "unit": "hour", "coverage": ["printers"]}
DAY = 86_400


def makes_grade(story: Story, name: str = "GOLD", **more: object) -> EntityId:
    return story.act(AddRecord(GRADE, {"name": name, "body": json.dumps({**PLAIN, **more})})).touched[0]


def changes_grade(story: Story, grade: EntityId, valid_from: int, **more: object) -> None:
    story.act(ChangeDocument(GRADE, grade, json.dumps({**PLAIN, **more}), 1, Instant(valid_from)))


def signs(story: Story, valid_from: int, carried: dict[str, Any] | None = None, **said: Any) -> Applied:
    contract = story.new_id()
    fields = {"contract": contract.hex(), "valid_from": valid_from, **said}
    return story.act(
        AddRecord("contract", {"company": story.company.hex(), "number": "K-2"}, contract),
        AddRecord("contract_version", fields, None, carried or {}),
    )


def signed(story: Story, number: str = "K-2") -> tuple[Any, ...]:
    query = (
        "SELECT p.name, c.name, v.included_units, v.unit, v.coverage, v.exclusions FROM contract_version v"
        " JOIN contract k ON k.id = v.contract LEFT JOIN policy p ON p.id = v.policy"
        " LEFT JOIN calendar c ON c.id = v.calendar WHERE k.number = ? ORDER BY v.id"
    )
    connection = story.look()
    try:
        *_earlier, newest = connection.execute(query, (number,))
        return tuple(newest)
    finally:
        connection.close()


def refused(story: Story, wish: Any) -> tuple[str, object]:
    with pytest.raises(DomainError) as error:
        story.act(wish)
    return error.value.code, error.value.facts.get("field")


def test_a_contract_says_what_its_grade_promises(story: Story) -> None:
    makes_grade(story)
    title = signs(story, 100, grade="gold").title
    assert signed(story) == ("Gold", "Office", 40, "hour", '["printers"]', "")
    assert (title.facts["name"], title.facts["grade"], title.facts["filled"]) == (
        "K-2",
        "gold",
        ("policy", "calendar", "included_units", "unit", "coverage"),
    )


def test_what_is_typed_wins_over_the_grade(story: Story) -> None:
    makes_grade(story, exclusions=["toner"])
    signs(story, 100, grade="GOLD", included_units=0, coverage='["scales"]', exclusions=None)
    assert signed(story) == ("Gold", "Office", 0, "hour", '["scales"]', "")


def test_a_grade_that_has_no_document_is_a_word(story: Story) -> None:
    makes_grade(story)
    title = signs(story, 100, grade="platinum", unit="visit").title
    assert signed(story) == (None, None, None, "visit", "", "")
    assert "filled" not in title.facts


def test_the_version_of_the_grade_counts_that_is_in_force_when_the_contract_begins(story: Story) -> None:
    changes_grade(story, makes_grade(story), 10 * DAY, included_units=60)
    signs(story, 10 * DAY - 1, grade="GOLD")
    assert signed(story)[2] == 40
    signs(story, 10 * DAY, grade="GOLD")
    assert signed(story)[2] == 60


def test_a_later_edit_of_the_grade_changes_nothing_that_was_signed(story: Story) -> None:
    grade = makes_grade(story)
    signs(story, 100, grade="GOLD")
    before = signed(story)
    changes_grade(story, grade, 0, included_units=1, coverage=["nothing"])
    assert signed(story) == before


def test_undo_takes_the_filled_contract_off_and_redo_brings_it_back_as_it_was_signed(story: Story) -> None:
    makes_grade(story)
    signs(story, 100, grade="GOLD")
    before = signed(story)
    story.act(Undo())
    with story.look() as look:
        archived = "SELECT k.archived, v.archived FROM contract k JOIN contract_version v ON v.contract = k.id"
        assert look.execute(f"{archived} WHERE k.number = 'K-2'").fetchall() == [(1, 1)]
        story.act(Redo())
        assert look.execute(f"{archived} WHERE k.number = 'K-2'").fetchall() == [(0, 0)]
        check_chain(look)
    look.close()
    assert signed(story) == before


def test_a_grade_that_was_taken_back_fills_nothing_any_more(story: Story) -> None:
    makes_grade(story)
    story.act(Undo())
    signs(story, 100, grade="GOLD")
    assert signed(story) == (None, None, None, "", "", "")


def test_an_edit_of_a_grade_that_was_taken_back_leaves_the_one_before_in_force(story: Story) -> None:
    changes_grade(story, makes_grade(story), 0, included_units=60)
    story.act(Undo())
    signs(story, 100, grade="GOLD")
    assert signed(story)[2] == 40


def test_a_grade_names_a_policy_and_a_calendar_that_are_there(story: Story) -> None:
    wish = AddRecord(GRADE, {"name": "GOLD", "body": json.dumps({**PLAIN, "policy": "Platinum"})})
    assert refused(story, wish) == ("grade.names_unknown", "policy")
    edit = ChangeDocument(GRADE, makes_grade(story), json.dumps({**PLAIN, "calendar": "Mars"}), 1)
    assert refused(story, edit) == ("grade.names_unknown", "calendar")


def test_of_two_calendars_with_one_name_a_grade_names_the_id(story: Story) -> None:
    body = json.dumps({"tz": "UTC", "always": True})
    second = story.act(AddRecord("calendar", {"name": "Office", "body": body})).touched[0]
    wish = AddRecord(GRADE, {"name": "GOLD", "body": json.dumps(PLAIN)})
    assert refused(story, wish) == ("grade.names_several", "calendar")
    makes_grade(story, calendar=second.hex())
    signs(story, 100, grade="GOLD")
    with story.look() as look:
        query = "SELECT calendar FROM contract_version ORDER BY id DESC LIMIT 1"
        assert look.execute(query).fetchone() == (second,)
    look.close()


def test_two_grades_are_not_called_the_same(story: Story) -> None:
    makes_grade(story)
    wish = AddRecord(GRADE, {"name": "gold", "body": json.dumps(PLAIN)})
    assert refused(story, wish)[0] == "grade.name_taken"


def test_a_grade_that_names_what_is_gone_is_told_at_its_field_and_typing_another_helps(story: Story) -> None:
    story.act(AddRecord("calendar", {"name": "Night", "body": json.dumps({"tz": "UTC", "always": True})}))
    story.act(
        AddRecord(GRADE, {"name": "GOLD", "body": json.dumps({**PLAIN, "calendar": "Night"})}), author=story.boris
    )
    story.act(Undo())
    wish = AddRecord("contract_version", {"contract": contract(story), "valid_from": 100, "grade": "GOLD"})
    assert refused(story, wish) == ("grade.names_gone", "calendar")
    wish.fields["calendar"] = None
    story.act(wish)
    assert signed(story, "K-1")[:3] == ("Gold", None, 40)


def contract(story: Story) -> str:
    with story.look() as look:
        (id_,) = look.execute("SELECT id FROM contract WHERE number = 'K-1'").fetchone()
    look.close()
    return bytes(id_).hex()


def test_another_grade_wins_over_what_the_version_before_said(story: Story) -> None:
    makes_grade(story)
    carried = {"included_units": 12, "unit": "visit", "coverage": '["scales"]', "exclusions": '["toner"]'}
    signs(story, 100, carried, grade="GOLD", coverage='["servers"]')
    assert signed(story) == ("Gold", "Office", 40, "hour", '["servers"]', '["toner"]')
    signs(story, 100, carried, grade="platinum")
    assert signed(story) == (None, None, 12, "visit", '["scales"]', '["toner"]')


def test_an_amount_carried_over_is_not_given_the_unit_of_the_grade(story: Story) -> None:
    story.act(AddRecord(GRADE, {"name": "GOLD", "body": json.dumps({"unit": "hour"})}))
    signs(story, 100, {"included_units": 12, "unit": "visit"}, grade="GOLD")
    assert signed(story)[2:4] == (None, "hour")
