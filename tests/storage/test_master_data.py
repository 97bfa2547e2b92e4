"""Master data on the desk: changed field by field, archived, merged, taken apart, and never more than the log says."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

import pytest

from core.clock import Instant
from core.commands import (
    AddRecord,
    ArchiveRecord,
    ChangeRecord,
    MergeRecords,
    OpenTicket,
    SetPriority,
    Undo,
)
from core.errors import ChangedMeanwhile, Refused
from core.fold import fold
from core.ids import EntityId
from core.operations.operation import State
from core.operations.record_added import FIELDS
from core.pages import CompanyPage, CompanyTickets
from core.record_shown import FindRecords, RecordPage
from storage.desk import OpenDesk
from storage.engine import open_file
from storage.master_rows import load_record
from storage.merging import kept_record
from tests.storage.desk_story import WAIT_SECONDS, Story, envelopes
from tests.support.fixed import ids_from

NUMBER = "+48 600 555 017"


def add(story: Story, entity: str, **fields: Any) -> EntityId:
    return story.act(story.record(entity, **fields)).touched[0]


def kept(story: Story, entity: str, record: EntityId) -> dict[str, Any]:
    with story.look() as seen:
        fields = load_record(seen, entity, record)
    assert fields is not None
    return fields


def refused(story: Story, command: Any, code: str) -> dict[str, Any]:
    with pytest.raises((Refused, ChangedMeanwhile)) as error:
        story.act(command)
    assert error.value.code == code
    return error.value.facts


def check_records(connection: sqlite3.Connection) -> int:
    """How many records there are; AssertionError unless every row is what the log makes of it, merges followed."""
    count = 0
    log: dict[bytes, list[Any]] = {}
    for envelope, _hash in envelopes(connection):
        log.setdefault(envelope.id, []).append(envelope)
    for entity in sorted(FIELDS):
        for (record,) in connection.execute(f"SELECT id FROM {entity}").fetchall():
            folded = fold(State(), log[record]).known_records[record]
            row = load_record(connection, entity, record)
            assert row is not None
            for field, said in folded.items():
                followed = said
                if isinstance(row[field], str) and said and len(said) == 32 and field not in ("id", "merged_into"):
                    followed = kept_record(connection, bytes.fromhex(said)).hex()
                empty: tuple[Any, ...] = (None, "", [], False)
                assert row[field] == followed or (row[field] in empty and followed in empty), (entity, field)
            count += 1
    return count


# Changing.


def test_two_consoles_that_edit_different_fields_of_a_record_both_win(story: Story) -> None:
    story.act(ChangeRecord("contact", story.caller, {"best_hours": "after 14:00"}, {"best_hours": ""}))
    seen = {"phone": "+48 22 555 01 02", "best_hours": ""}
    story.act(ChangeRecord("contact", story.caller, {"phone": NUMBER}, seen), author=story.boris)
    contact = kept(story, "contact", story.caller)
    assert (contact["phone"], contact["best_hours"]) == (NUMBER, "after 14:00")


def test_the_second_to_change_a_field_learns_what_it_says_now_and_loses_nothing(story: Story) -> None:
    seen = {"phone": "+48 22 555 01 02"}
    story.act(ChangeRecord("contact", story.caller, {"phone": NUMBER}, seen))
    wish = ChangeRecord("contact", story.caller, {"phone": "112 113"}, seen)
    facts = refused(story, wish, "record.changed_meanwhile")
    assert (facts["fields"], facts["now"]) == (["phone"], {"phone": NUMBER})
    story.act(wish._replace(seen={"phone": NUMBER}))
    assert kept(story, "contact", story.caller)["phone"] == "112 113"


def test_a_changed_number_is_found_by_its_digits(story: Story) -> None:
    story.act(ChangeRecord("contact", story.caller, {"phone": "0600-555 (017)"}))
    assert kept(story, "contact", story.caller)["phone_digits"] == "0600555017"


def test_undo_of_a_change_leaves_the_fields_that_others_changed_since(story: Story) -> None:
    story.act(ChangeRecord("contact", story.caller, {"phone": NUMBER}))
    story.act(ChangeRecord("contact", story.caller, {"notes": "loud"}), author=story.boris)
    story.act(Undo())
    contact = kept(story, "contact", story.caller)
    assert (contact["phone"], contact["notes"]) == ("+48 22 555 01 02", "loud")


def test_undo_does_not_take_back_what_somebody_else_wrote_over_it(story: Story) -> None:
    story.act(ChangeRecord("contact", story.caller, {"phone": NUMBER}))
    story.act(ChangeRecord("contact", story.caller, {"phone": "112 113"}), author=story.boris)
    refused(story, Undo(), "record.changed_since")
    assert kept(story, "contact", story.caller)["phone"] == "112 113"


def test_undo_of_adding_a_record_keeps_what_others_wrote_into_it(story: Story) -> None:
    site = add(story, "site", name="Hall 3", company=story.company)
    story.act(ChangeRecord("site", site, {"address": "Łódź, 12"}), author=story.boris)
    story.act(Undo())
    told = kept(story, "site", site)
    assert (told["archived"], told["address"]) == (True, "Łódź, 12")


def test_an_operation_on_a_record_names_for_each_field_who_set_it_last(story: Story) -> None:
    story.act(ChangeRecord("contact", story.caller, {"notes": "loud"}))
    story.act(ChangeRecord("contact", story.caller, {"notes": "very loud", "name": "Ewa Lis", "language": "pl"}))
    with story.look() as seen:
        added, first, second = [envelope for envelope, _hash in envelopes(seen, story.caller)]
    assert json.loads(first.base) == {"notes": None}
    assert json.loads(second.base) == {"language": None, "name": added.n, "notes": first.n}


def test_a_renamed_company_stands_in_the_lists_under_its_new_name(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(ChangeRecord("company", story.company, {"name": "Ątelier"}))
    with story.look() as seen:
        assert seen.execute("SELECT company_sort FROM ticket WHERE id = ?", (ticket,)).fetchone() == ("atelier",)


def test_a_contact_changes_company_while_the_call_runs(story: Story) -> None:
    old = add(story, "affiliation", contact=story.caller, company=story.company, role="boss")
    firm = add(story, "company", name="Nowa")
    ticket = story.open_ticket()
    now = story.clock.now_ms() // 1000
    moved = {"contact": story.caller.hex(), "company": firm.hex(), "since": now}
    story.act(ChangeRecord("affiliation", old, {"until": now}), AddRecord("affiliation", moved))
    story.act(SetPriority(ticket, 1))
    with story.look() as seen:
        reporter = seen.execute("SELECT contact FROM ticket_reporter WHERE ticket = ?", (ticket,)).fetchone()
        where = seen.execute("SELECT company, until IS NULL FROM affiliation ORDER BY since").fetchall()
    assert reporter == (story.caller,)
    assert set(where) == {(story.company, 0), (firm, 1)}


# Rules that need the desk.


def test_companies_cannot_be_parts_of_each_other_in_a_circle(story: Story) -> None:
    middle = add(story, "company", name="Middle", parent=story.company)
    small = add(story, "company", name="Small", parent=middle)
    facts = refused(story, ChangeRecord("company", story.company, {"parent": small.hex()}), "record.parent_cycle")
    assert (facts["field"], facts["chain"]) == ("parent", "Zakłady Łąki > Small > Middle > Zakłady Łąki")


def test_equipment_cannot_be_a_part_of_itself(story: Story) -> None:
    crane = add(story, "equipment", serial="C-1", company=story.company)
    facts = refused(story, ChangeRecord("equipment", crane, {"parent": crane.hex()}), "record.parent_cycle")
    assert facts["chain"] == "C-1 > C-1"


def test_equipment_stands_at_a_site_of_its_own_company(story: Story) -> None:
    other = add(story, "company", name="Other")
    site = add(story, "site", name="Far hall", company=other)
    wish = AddRecord("equipment", {"serial": "A-1", "company": story.company.hex(), "site": site.hex()})
    assert refused(story, wish, "equipment.site_of_another")["field"] == "site"


def test_equipment_that_goes_to_another_company_leaves_its_site(story: Story) -> None:
    site = add(story, "site", name="Hall", company=story.company)
    printer = add(story, "equipment", serial="A-1", company=story.company, site=site)
    other = add(story, "company", name="Other")
    wish = ChangeRecord("equipment", printer, {"company": other.hex()})
    assert refused(story, wish, "equipment.site_of_another")["field"] == "site"
    story.act(wish._replace(changes={"company": other.hex(), "site": None}))
    assert kept(story, "equipment", printer)["site"] is None


def test_a_version_of_a_contract_takes_over_where_it_begins_but_no_two_begin_together(story: Story) -> None:
    contract = add(story, "contract", number="K-2", company=story.company)
    add(story, "contract_version", contract=contract, valid_from=1000)
    add(story, "contract_version", contract=contract, valid_from=2000)
    wish = AddRecord("contract_version", {"contract": contract.hex(), "valid_from": 2000, "valid_until": 3000})
    facts = refused(story, wish, "contract.version_begins_then")
    assert (facts["field"], facts["from"]) == ("valid_from", 2000)


def test_what_does_not_exist_or_was_archived_cannot_be_named(story: Story) -> None:
    site = {"name": "Hall", "company": story.company.hex()}
    wish = AddRecord("site", {**site, "territory": bytes(16).hex()})
    assert refused(story, wish, "record.unknown_reference")["field"] == "territory"
    north = add(story, "territory", name="North")
    story.act(ArchiveRecord("territory", north))
    wish = AddRecord("site", {**site, "territory": north.hex()})
    assert refused(story, wish, "record.reference_archived")["name"] == "North"


def test_a_number_that_is_somebody_elses_too_is_told_and_kept(story: Story) -> None:
    applied = story.act(AddRecord("contact", {"name": "Jan", "phone": "0048 22 555-01-02"}))
    facts = {"entity": "contact", "field": "phone", "number": "0048 22 555-01-02", "name": "Ewa"}
    assert applied.title.facts["doubts"] == [["contact.number_shared", facts]]
    applied = story.act(ChangeRecord("contact", applied.touched[0], {"phone": NUMBER}))
    assert "doubts" not in applied.title.facts


def test_a_caller_nobody_knows_their_company_and_their_ticket_are_one_act(story: Story) -> None:
    company, contact = story.new_id(), story.new_id()
    applied = story.act(
        AddRecord("company", {"name": "Nowa Huta"}, company),
        AddRecord("contact", {"name": "Jan", "phone": NUMBER}, contact),
        AddRecord("affiliation", {"contact": contact.hex(), "company": company.hex(), "role": "boss"}),
        OpenTicket("Lift stuck", company, reporters=(contact,)),
    )
    assert applied.title.code == "ticket.opened"
    story.act(Undo())
    assert kept(story, "company", company)["archived"]
    assert kept(story, "contact", contact)["archived"]
    with story.look() as seen:
        assert seen.execute("SELECT archived FROM ticket").fetchall() == [(1,)]


# Archiving.


def test_an_archived_record_is_offered_nowhere_and_comes_back(story: Story) -> None:
    site = add(story, "site", name="Hall 3", company=story.company)
    story.act(ArchiveRecord("site", site))
    assert story.desk.page_now(FindRecords("site", "hall")) == ()
    assert [line.id for line in story.desk.page_now(FindRecords("site", "hall", with_archived=True))] == [site]
    story.act(ArchiveRecord("site", site, archived=False))
    assert [line.id for line in story.desk.page_now(FindRecords("site", "hall"))] == [site]


def test_whoever_sits_here_is_not_archived(story: Story) -> None:
    refused(story, ArchiveRecord("person", story.anna), "person.sits_here")


# Merging.


def two_companies(story: Story) -> EntityId:
    """The customer once more, with a site, a contract, a daughter, a contact and a ticket of its own."""
    twin = add(story, "company", name="ZAKLADY LAKI")
    add(story, "site", name="Hall", company=twin)
    add(story, "contract", number="K-9", company=twin)
    add(story, "company", name="Daughter", parent=twin)
    add(story, "affiliation", contact=story.caller, company=twin, role="boss")
    story.open_ticket("Of the first")
    story.act(OpenTicket("Of the twin", twin))
    return twin


def named_companies(story: Story) -> dict[str, set[Any]]:
    queries = {
        "site": "SELECT company FROM site",
        "contract": "SELECT company FROM contract",
        "daughter": "SELECT parent FROM company WHERE name = 'Daughter'",
        "affiliation": "SELECT company FROM affiliation WHERE archived = 0",
        "ticket": "SELECT company FROM ticket",
        "sort": "SELECT company_sort FROM ticket",
    }
    with story.look() as seen:
        return {name: {row[0] for row in seen.execute(query)} for name, query in queries.items()}


def test_all_that_belonged_to_a_merged_company_belongs_to_the_kept_one(story: Story) -> None:
    twin = two_companies(story)
    story.act(MergeRecords("company", twin, story.company))
    told = named_companies(story)
    assert told.pop("sort") == {"zaklady laki"}
    assert set.union(*told.values()) == {story.company}
    page = story.desk.page_now(CompanyPage(story.company, Instant(story.clock.now_ms() // 1000)))
    assert page.ticket_count == 2
    assert len(story.desk.page_now(CompanyTickets(story.company)).rows) == 2


def test_a_merge_is_taken_back_with_every_reference_as_it_was(story: Story) -> None:
    twin = two_companies(story)
    before = named_companies(story)
    story.act(MergeRecords("company", twin, story.company))
    story.act(Undo())
    assert named_companies(story) == before
    with story.look() as seen:
        assert seen.execute("SELECT count(*) FROM moved_reference").fetchone() == (0,)
        assert seen.execute("SELECT count(*) FROM merged_record").fetchone() == (0,)


def test_what_comes_late_and_names_the_merged_company_lands_on_the_kept_one(story: Story) -> None:
    twin = two_companies(story)
    story.act(MergeRecords("company", twin, story.company))
    # As another console does that has not heard of it.
    ticket = story.act(OpenTicket("Late", twin)).touched[0]
    story.act(SetPriority(ticket, 1))
    with story.look() as seen:
        whose = "SELECT company, company_sort FROM ticket WHERE id = ?"
        assert seen.execute(whose, (ticket,)).fetchone() == (story.company, "zaklady laki")
        assert fold(State(), (one for one, _hash in envelopes(seen, ticket))).the_ticket().company == twin
    story.act(Undo())
    story.act(Undo())
    story.act(Undo())
    with story.look() as seen:
        assert seen.execute(whose, (ticket,)).fetchone() == (twin, "zaklady laki")


def test_merges_in_a_row_are_taken_apart_in_any_order(story: Story) -> None:
    first = add(story, "company", name="First")
    second = add(story, "company", name="Second")
    third = add(story, "company", name="Third")
    tickets = [story.act(OpenTicket("Lift", company)).touched[0] for company in (first, second, third)]
    story.act(MergeRecords("company", first, second))
    story.act(MergeRecords("company", second, third), author=story.boris)
    whose = "SELECT company FROM ticket WHERE id = ?"
    with story.look() as seen:
        assert [seen.execute(whose, (ticket,)).fetchone()[0] for ticket in tickets] == [third] * 3
    story.act(Undo())
    with story.look() as seen:
        assert [seen.execute(whose, (ticket,)).fetchone()[0] for ticket in tickets] == [first, third, third]
    story.act(Undo(), author=story.boris)
    with story.look() as seen:
        assert [seen.execute(whose, (ticket,)).fetchone()[0] for ticket in tickets] == [first, second, third]


def test_the_kept_contact_has_every_number_and_stands_once_at_the_company(story: Story) -> None:
    twin = add(story, "contact", name="Ewa L.", phone=NUMBER, other_phones=["022 555 01 02"], best_hours="noon")
    for contact in (story.caller, twin):
        add(story, "affiliation", contact=contact, company=story.company, role="boss")
    ticket = story.act(OpenTicket("Lift", story.company, reporters=(story.caller, twin))).touched[0]
    story.act(MergeRecords("contact", twin, story.caller))
    ewa = kept(story, "contact", story.caller)
    assert (ewa["phone"], ewa["other_phones"]) == ("+48 22 555 01 02", [NUMBER, "022 555 01 02"])
    assert ewa["best_hours"] == "noon"
    with story.look() as seen:
        there = seen.execute("SELECT contact FROM affiliation WHERE archived = 0").fetchall()
        reporters = seen.execute("SELECT contact FROM ticket_reporter WHERE ticket = ?", (ticket,)).fetchall()
    assert (there, reporters) == ([(story.caller,)], [(story.caller,), (story.caller,)])
    story.act(Undo())
    with story.look() as seen:
        named = seen.execute("SELECT contact FROM ticket_reporter WHERE ticket = ? ORDER BY place", (ticket,))
        assert named.fetchall() == [(story.caller,), (twin,)]


def test_parts_of_one_thing_and_things_of_two_companies_are_not_the_same(story: Story) -> None:
    daughter = add(story, "company", name="Daughter", parent=story.company)
    for one, other in ((daughter, story.company), (story.company, daughter)):
        refused(story, MergeRecords("company", one, other), "record.merge_with_parent")
    refused(story, MergeRecords("company", daughter, daughter), "record.merge_with_itself")
    here = add(story, "site", name="Hall", company=story.company)
    there = add(story, "site", name="Hall", company=daughter)
    refused(story, MergeRecords("site", here, there), "record.merge_across_companies")


def test_a_merged_record_is_not_written_into_and_says_what_it_is_now(story: Story) -> None:
    twin = add(story, "company", name="Twin")
    story.act(MergeRecords("company", twin, story.company))
    facts = refused(story, ChangeRecord("company", twin, {"tier": "A"}), "record.merged_meanwhile")
    assert facts["into"] == "Zakłady Łąki"
    assert story.desk.page_now(RecordPage("company", twin)).merged_into == "Zakłady Łąki"


def test_contracts_that_hold_at_once_are_not_merged(story: Story) -> None:
    first, second = (add(story, "contract", number=number, company=story.company) for number in ("K-2", "K-3"))
    for contract in (first, second):
        add(story, "contract_version", contract=contract, valid_from=0)
    refused(story, MergeRecords("contract", second, first), "contract.merge_overlaps")


def test_after_many_acts_every_record_is_what_the_log_makes_of_it(story: Story) -> None:
    twin = two_companies(story)
    story.act(MergeRecords("company", twin, story.company))
    story.act(ChangeRecord("contact", story.caller, {"other_phones": [NUMBER], "notes": "loud"}))
    story.act(Undo())
    story.act(ArchiveRecord("contact", story.caller))
    add(story, "affiliation", contact=add(story, "contact", name="Jan"), company=twin)
    with story.look() as seen:
        assert check_records(seen) > 12


def test_two_consoles_merge_each_into_the_other_and_nothing_goes_round_for_ever(story: Story) -> None:
    twin = add(story, "company", name="Twin")
    story.act(MergeRecords("company", twin, story.company))
    with sqlite3.connect(story.path) as other:
        # As it would come from a console that merged the other way round.
        other.execute("INSERT INTO merged_record VALUES (?, 'company', ?)", (story.company, twin))
        assert kept_record(other, twin) == twin
        assert kept_record(other, story.company) == story.company


# Many.


def test_a_company_of_a_hundred_thousand_people_is_searched_without_waiting(story: Story) -> None:
    count = 100_000
    story.desk.close()
    connection = open_file(story.path)
    connection.execute("BEGIN")
    names = [f"Person {place:06d} Żółć" for place in range(count)]
    ids = [place.to_bytes(16, "big") for place in range(1, count + 1)]
    connection.executemany("INSERT INTO contact (id, name) VALUES (?, ?)", zip(ids, names, strict=True))
    connection.executemany(
        "INSERT INTO affiliation (id, contact, company) VALUES (?, ?, ?)", ((one, one, story.company) for one in ids)
    )
    connection.execute("COMMIT")
    connection.close()
    story.desk = OpenDesk(story.path, story.clock, ids_from(2, story.clock))
    for text, expected in (("077123", 1), ("person", 20), ("zolc", 20), ("", 20), ("nobody at all", 0)):
        begun = time.perf_counter()
        found = story.desk.page_now(FindRecords("contact", text, story.company))
        took = time.perf_counter() - begun
        assert took < 1.0, (text, took)
        assert len(found) == expected, text


def test_a_change_is_on_the_desk_of_another_console_at_once(story: Story) -> None:
    other = OpenDesk(story.path, story.clock, ids_from(5, story.clock))
    story.act(ChangeRecord("company", story.company, {"tier": "A"}))
    assert other.page_now(RecordPage("company", story.company)).fields["tier"] == "A"
    other.submit(ChangeRecord("company", story.company, {"tier": "B"}, {"tier": "A"}), story.boris).result(WAIT_SECONDS)
    with pytest.raises(ChangedMeanwhile):
        story.act(ChangeRecord("company", story.company, {"tier": "C"}, {"tier": "A"}))
    other.close()


def test_several_records_of_one_form_are_saved_as_one_act(story: Story) -> None:
    role = add(story, "affiliation", contact=story.caller, company=story.company)
    applied = story.act(
        ChangeRecord("contact", story.caller, {"notes": "loud"}), ChangeRecord("affiliation", role, {"role": "boss"})
    )
    assert (applied.title.code, applied.title.facts["name"]) == ("record.changed", "Ewa")
    story.act(Undo())
    assert kept(story, "affiliation", role)["role"] == ""
