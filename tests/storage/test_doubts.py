"""A record entered a second time: found by its name or number however it is written, told, and kept."""

from __future__ import annotations

from typing import Any

import pytest

from core.commands import ArchiveRecord, ChangeRecord
from core.errors import Refused
from core.ids import EntityId
from core.ports import Applied
from tests.storage.desk_story import Story


def doubts(applied: Applied) -> list[str]:
    return [code for code, _facts in applied.title.facts.get("doubts", ())]


def enter(story: Story, entity: str, **fields: Any) -> EntityId:
    return story.act(story.record(entity, **fields)).touched[0]


def at_company(story: Story, name: str, company: EntityId) -> Applied:
    contact = story.record("contact", name=name)
    return story.act(contact, story.record("affiliation", contact=contact.record, company=company))


def test_a_company_of_the_same_name_is_told_however_it_is_written(story: Story) -> None:
    enter(story, "company", name="Huta Łąki, Oddział")
    assert doubts(story.act(story.record("company", name="HUTA laki oddzial"))) == ["company.same_name"]
    assert doubts(story.act(story.record("company", name="Huta Łąki"))) == []


def test_an_archived_company_is_nobody_s_namesake(story: Story) -> None:
    story.act(ArchiveRecord("company", enter(story, "company", name="Huta")))
    assert doubts(story.act(story.record("company", name="Huta"))) == []


def test_a_contract_number_is_told_at_whatever_company_it_is(story: Story) -> None:
    enter(story, "contract", number="K-2001", company=story.company)
    other = enter(story, "company", name="Other")
    applied = story.act(story.record("contract", number="k 2001", company=other))
    ((code, facts),) = applied.title.facts["doubts"]
    assert (code, facts["number"], facts["field"]) == ("contract.same_number", "K-2001", "number")
    with story.look() as seen:
        (name,) = seen.execute("SELECT name FROM company WHERE id = ?", (story.company,)).fetchone()
    assert facts["company"] == name


def test_a_serial_is_told_at_the_same_model_and_not_at_another(story: Story) -> None:
    laser, inkjet = enter(story, "model", name="Laser"), enter(story, "model", name="Inkjet")
    enter(story, "equipment", serial="SN-15", model=laser, company=story.company)
    piece = story.record("equipment", serial="sn15", model=inkjet, company=story.company)
    assert doubts(story.act(piece)) == []
    assert piece.record is not None
    applied = story.act(ChangeRecord("equipment", piece.record, {"model": laser.hex()}))
    assert doubts(applied) == ["equipment.same_serial"]


def test_an_inventory_number_that_is_the_serial_of_another_piece_is_no_doubt(story: Story) -> None:
    enter(story, "equipment", inventory_number="15", company=story.company)
    assert doubts(story.act(story.record("equipment", serial="15", company=story.company))) == []


def test_two_people_of_one_name_are_told_at_one_company_only(story: Story) -> None:
    other = enter(story, "company", name="Other")
    at_company(story, "Olo Wilk", story.company)
    assert doubts(at_company(story, "Olo Wilk", other)) == []
    assert doubts(at_company(story, "OLO WILK", story.company)) == ["contact.same_name"]


def test_a_contact_that_gets_a_colleague_s_name_is_told(story: Story) -> None:
    at_company(story, "Olo Wilk", story.company)
    ola = at_company(story, "Ola Wilk", story.company).touched[0]
    assert doubts(story.act(ChangeRecord("contact", ola, {"name": "Olo Wilk"}))) == ["contact.same_name"]


def test_who_can_be_asked_reads_the_doubt_before_anything_is_written(story: Story) -> None:
    enter(story, "company", name="Huta")
    wish = story.record("company", name="huta")._replace(accepted=())
    with pytest.raises(Refused, match=r"company.same_name"):
        story.act(wish)
    applied = story.act(wish._replace(accepted=("company.same_name",)))
    assert doubts(applied) == []
    with story.look() as seen:
        assert seen.execute("SELECT count(*) FROM company WHERE name IN ('Huta', 'huta')").fetchone() == (2,)
