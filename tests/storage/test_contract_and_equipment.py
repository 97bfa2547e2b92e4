"""The pages of a ticket's contract and equipment: figures from a small desk whose every ticket is known."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

from core.clock import Instant
from core.clock_state import RUNNING
from core.commands import AddRecord, OpenTicket
from core.contract_shown import ContractShown, NoContract
from core.coverage import MONTH, TERM, UnitsUsed
from core.equipment_shown import EquipmentShown, NoEquipment
from core.ids import EntityId
from core.pages import ContractPage, EquipmentPage
from storage.contract_page import month_of
from storage.reads import answer
from tests.storage.desk_story import Story, look
from tests.support.fixed import NOON

NOW = Instant(NOON // 1000)
HOUR, DAY = 3600, 86_400
LATER = Instant(NOW + 300 * DAY)


def printer(story: Story, **fields: object) -> EntityId:
    """A label printer of the customer."""
    site, model, unit = (story.new_id() for _ in range(3))
    told = {"company": story.company.hex(), "model": model.hex(), "site": site.hex(), "inventory_number": "P-118"}
    story.act(
        AddRecord("site", {"company": story.company.hex(), "name": "Hall 4", "zone": "Europe/Warsaw"}, site),
        AddRecord("model", {"name": "ZT411", "maker": "Zebra", "category": "label_printer"}, model),
        AddRecord(
            "equipment", {**told, "serial": "18J204101", "place": "line 4", "warranty_until": LATER, **fields}, unit
        ),
    )
    return unit


def renewed(story: Story, **fields: object) -> None:
    """The contract as it holds from this morning on."""
    known = look(story.path).execute("SELECT contract, policy, calendar FROM contract_version").fetchone()
    terms = dict(zip(("contract", "policy", "calendar"), (one.hex() for one in known), strict=True))
    story.act(AddRecord("contract_version", {**terms, "valid_from": NOW - HOUR, "grade": "gold", **fields}))


def fault(story: Story, unit: EntityId | None, code: str = "E07") -> EntityId:
    """A ticket about the printer, opened now."""
    wish = OpenTicket(f"Error {code}", story.company, 3, equipment=unit, reporters=(story.caller,))
    ticket = story.act(wish).touched[0]
    changed(story, "UPDATE ticket SET fault_code = ? WHERE id = ?", code, ticket)
    return ticket


def changed(story: Story, statement: str, *values: object) -> None:
    """Write what only an import or another console would."""
    with sqlite3.connect(story.path) as connection:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute(statement, values)
    connection.close()


def worked(story: Story, ticket: EntityId, at: int, data: str, text: str = "Head cleaned", kind: str = "work") -> None:
    """Work on record, as an import brings it."""
    statement = "INSERT INTO entry (id, ticket, at, kind, direction, text, data) VALUES (?, ?, ?, ?, '#', ?, ?)"
    changed(story, statement, story.new_id(), ticket, at, kind, text, data)


def contract_of(story: Story, ticket: EntityId) -> ContractShown:
    page = answer(look(story.path), ContractPage(ticket, Instant(story.clock.now_ms() // 1000)))
    assert isinstance(page, ContractShown)
    return page


def equipment_of(story: Story, ticket: EntityId) -> EquipmentShown:
    page = answer(look(story.path), EquipmentPage(ticket))
    assert isinstance(page, EquipmentShown)
    return page


def test_units_used_are_the_months_work_on_all_tickets_of_the_contract(story: Story) -> None:
    renewed(story, included_units=20, unit="hour")
    first, second = story.open_ticket("One"), story.open_ticket("Two")
    worked(story, first, NOW, '{"minutes": 90}')
    worked(story, second, NOW - 3 * DAY, '{"minutes": 30}')
    worked(story, second, NOW - 40 * DAY, '{"minutes": 600}')
    worked(story, second, NOW, "")

    units = contract_of(story, first).units

    assert units is not None
    assert (units.included, units.unit, units.period, units.used) == (20, "hour", MONTH, UnitsUsed(2.0, 3, 1))


def test_units_of_the_whole_term_count_from_the_contracts_beginning(story: Story) -> None:
    renewed(story, included_units=4, unit="visit", rates='{"period": "contract"}', valid_until=LATER)
    ticket = story.open_ticket()
    worked(story, ticket, NOW, "")
    worked(story, ticket, NOW - 2 * HOUR, "")

    units = contract_of(story, ticket).units

    assert units is not None
    assert (units.period, units.since, units.until, units.used) == (TERM, NOW - HOUR, LATER, UnitsUsed(1, 1, 0))


def test_work_of_other_contracts_and_hidden_work_use_nothing(story: Story) -> None:
    ours = story.open_ticket("Under the old version of the same contract")
    renewed(story, included_units=20, unit="hour")
    ticket, free = story.open_ticket(), story.open_ticket("Outside")
    changed(story, "UPDATE ticket SET contract_version = NULL WHERE id = ?", free)
    for one in (ours, ticket, free):
        worked(story, one, NOW, '{"minutes": 60}')
    changed(story, "UPDATE entry SET hidden = 1 WHERE kind = 'work' AND ticket = ?", ticket)

    units = contract_of(story, ticket).units

    assert units is not None and units.used == UnitsUsed(1.0, 1, 0)


def test_a_contract_without_included_units_has_none_to_tell(story: Story) -> None:
    assert contract_of(story, story.open_ticket()).units is None


def test_the_share_of_a_promise_is_told_in_open_seconds_by_now(story: Story) -> None:
    ticket = story.open_ticket()
    story.clock.forward(minutes=30)
    page = contract_of(story, ticket)
    used = {clock.kind: used for clock, used in zip(page.clocks, page.used, strict=True) if clock.state == RUNNING}
    assert used == {"first_response": 1800, "resolution": 1800}

    # The office closes at 18:00: three open hours on that day, none in the night.
    story.clock.forward(hours=12)
    assert max(contract_of(story, ticket).used) == 18 * HOUR - (15 * HOUR + 32 * 60)


def test_coverage_payment_and_end_come_from_the_version_the_ticket_is_pinned_to(story: Story) -> None:
    renewed(story, coverage=json.dumps(["printers"]), exclusions=json.dumps(["cabling"]), paid_until=LATER)
    page = contract_of(story, story.open_ticket())
    assert (page.number, page.grade, page.company_name) == ("K-1", "gold", "Zakłady Łąki")
    assert (page.coverage, page.exclusions, page.paid_until) == (("printers",), ("cabling",), LATER)


def test_a_ticket_without_a_contract_names_the_companys_last_one_and_who_looks_after_it(story: Story) -> None:
    ticket = story.open_ticket()
    changed(story, "UPDATE ticket SET contract_version = NULL")
    changed(story, "UPDATE contract_version SET valid_until = ?", NOW - DAY)
    changed(story, "UPDATE company SET account_manager = ? WHERE id = ?", story.boris, story.company)
    page = answer(look(story.path), ContractPage(ticket, NOW))
    assert page == NoContract(ticket, "Zakłady Łąki", "K-1", Instant(NOW - DAY), "Boris")


def test_a_month_begins_where_the_site_is() -> None:
    new_year = Instant(int(datetime(2026, 12, 31, 23, 30, tzinfo=UTC).timestamp()))
    began, ends = month_of(new_year, "Europe/Warsaw")
    assert datetime.fromtimestamp(began, UTC) == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert datetime.fromtimestamp(ends, UTC) == datetime(2027, 1, 31, 23, 0, tzinfo=UTC)
    assert month_of(new_year, "no/such zone") == month_of(new_year, "UTC")


def test_a_history_is_newest_first_with_what_was_done_and_the_same_fault_marked(story: Story) -> None:
    unit = printer(story)
    tickets = []
    for code, days in (("E07", 60), ("E07", 20), ("E11", 10), ("E07", 0)):
        tickets.append(fault(story, unit, code))
        changed(story, "UPDATE ticket SET opened_at = ? WHERE id = ?", NOW - days * DAY, tickets[-1])
    worked(story, tickets[1], NOW - 19 * DAY, "", "Print head replaced", "part")

    page = equipment_of(story, tickets[3])

    assert [one.ticket for one in page.history] == tickets[::-1]
    assert [one.is_same for one in page.history] == [True, False, True, False]
    assert [one.done for one in page.history] == ["", "", "Print head replaced", ""]
    assert (page.history_in_all, page.faults, page.mean_seconds_between) == (4, 4, 20 * DAY)


def test_what_is_no_fault_stands_in_the_history_but_not_in_the_mean(story: Story) -> None:
    unit = printer(story)
    first, asked, last = (fault(story, unit) for _ in range(3))
    for ticket, days in ((first, 30), (asked, 15)):
        changed(story, "UPDATE ticket SET opened_at = ? WHERE id = ?", NOW - days * DAY, ticket)
    changed(story, "UPDATE ticket SET request_type = 'question' WHERE id = ?", asked)
    page = equipment_of(story, last)
    assert (page.history_in_all, page.faults, page.mean_seconds_between) == (3, 2, 30 * DAY)


def test_a_long_history_is_read_to_its_fiftieth_ticket_and_counted_whole(story: Story) -> None:
    unit = printer(story)
    ticket = fault(story, unit)
    for number in range(60):
        columns = "id, number, equipment, opened_at, changed_at, request_type"
        values = (story.new_id(), f"X-{number}", unit, NOW - number * DAY, NOW)
        changed(story, f"INSERT INTO ticket ({columns}) VALUES (?, ?, ?, ?, ?, 'fault')", *values)
    page = equipment_of(story, ticket)
    assert (len(page.history), page.history_in_all) == (50, 61)


def test_a_family_is_the_parent_and_the_parts(story: Story) -> None:
    line = printer(story, inventory_number="L-4")
    unit = printer(story, parent=line.hex())
    heads = [printer(story, parent=unit.hex(), inventory_number=f"H-{number}") for number in (2, 1)]
    page = equipment_of(story, fault(story, unit))
    assert page.parent is not None and page.parent.name == "L-4"
    assert [part.name for part in page.parts] == ["H-1", "H-2"]
    assert equipment_of(story, fault(story, heads[0])).parts == ()


def test_equipment_is_covered_when_the_tickets_contract_names_its_category(story: Story) -> None:
    unit = printer(story)
    assert equipment_of(story, fault(story, unit)).is_covered is None
    renewed(story, coverage='["label printer"]')
    page = equipment_of(story, fault(story, unit))
    assert (page.is_covered, page.grade, page.warranty_until) == (True, "gold", LATER)
    assert (page.name, page.maker, page.model, page.site, page.place) == ("P-118", "Zebra", "ZT411", "Hall 4", "line 4")


def test_a_ticket_without_equipment_says_how_many_pieces_there_are_to_choose_from(story: Story) -> None:
    printer(story)
    ticket = story.open_ticket()
    assert answer(look(story.path), EquipmentPage(ticket)) == NoEquipment(ticket, "Zakłady Łąki", 1)


def test_an_unknown_ticket_has_neither_page(story: Story) -> None:
    nobody = EntityId(bytes(16))
    assert answer(look(story.path), ContractPage(nobody, NOW)) is None
    assert answer(look(story.path), EquipmentPage(nobody)) is None
