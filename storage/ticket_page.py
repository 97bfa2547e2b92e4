"""One ticket whole: its facts, people, clocks and timeline."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from core.caller_shown import PastProblem
from core.clock import Instant
from core.context import steps_tried
from core.delivery import BY_KEEPER, HANDING, QUEUED
from core.ids import EntityId
from core.operations.operation import FORMER_NUMBER
from core.pages import TicketPage
from core.ticket import Ticket
from core.ticket_shown import ContactLine, TicketShown
from core.timeline import Entry
from storage.company_page import contact_line
from storage.context import also_asked
from storage.lists import queue_row_of
from storage.past_faults import problems
from storage.rows import ENTRY_COLUMNS, entry_of, ticket_of
from storage.standing import ticket_clocks

EARLIER_SHOWN = 5
ANNOUNCED = "sla.announced"


def load_ticket(connection: sqlite3.Connection, ticket: EntityId) -> tuple[Ticket, dict[str, Any]]:
    """A ticket that is there, with its row."""
    cursor = connection.execute("SELECT * FROM ticket WHERE id = ?", (ticket,))
    row = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    reporters = connection.execute("SELECT contact FROM ticket_reporter WHERE ticket = ? ORDER BY place", (ticket,))
    return ticket_of(row, tuple(reporter for (reporter,) in reporters)), row


def contract_called(
    connection: sqlite3.Connection, contract_version: EntityId | None
) -> tuple[EntityId | None, str, str]:
    """A contract, its number and its grade; None and empty without one."""
    found: tuple[EntityId, str, str] | None = connection.execute(
        "SELECT k.id, k.number, v.grade FROM contract_version v JOIN contract k ON k.id = v.contract WHERE v.id = ?",
        (contract_version,),
    ).fetchone()
    return found or (None, "", "")


def ticket_page(connection: sqlite3.Connection, request: TicketPage) -> TicketShown | None:
    """One ticket with its timeline (newest first), caller, site, equipment, contract and clocks."""
    excerpt = queue_row_of(connection, request.ticket)
    if excerpt is None:
        return None
    ticket, row = load_ticket(connection, request.ticket)
    entries = connection.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE ticket = ? AND hidden = 0 ORDER BY at DESC, id DESC LIMIT ?",
        (request.ticket, request.entries),
    ).fetchall()
    (in_all,) = connection.execute(
        "SELECT count(*) FROM entry WHERE ticket = ? AND hidden = 0", (request.ticket,)
    ).fetchone()
    shown = tuple(_beside_a_hub(connection, entry_of(entry)) for entry in entries)
    site = connection.execute("SELECT name, zone FROM site WHERE id = ?", (ticket.site,)).fetchone() or (
        "",
        "",
    )
    contract, contract_number, grade = contract_called(connection, ticket.contract_version)
    return TicketShown(
        row=excerpt,
        request_type=ticket.request_type,
        channel=ticket.channel,
        category=ticket.category,
        fault_code=ticket.fault_code,
        resolution_code=ticket.resolution_code,
        waiting_cause=row["waiting_cause"],
        waiting_party=row["waiting_party"],
        waiting_until=row["waiting_until"],
        changed_at=ticket.changed_at,
        closed_at=ticket.closed_at,
        derived_by=ticket.derived_by,
        caller=_contact_line(connection, ticket.reporters[0], ticket.company) if ticket.reporters else None,
        site=site[0],
        zone=site[1],
        equipment=_equipment_name(connection, ticket.equipment),
        contract=contract_number,
        grade=grade,
        clocks=ticket_clocks(connection, ticket)[0],
        aliases=_aliases(connection, request.ticket),
        entries=shown,
        entries_in_all=in_all,
        names=_names(connection, shown),
        call_backs=tuple(_call_backs(connection, request.ticket)),
        restated=any(entry.code == ANNOUNCED for entry in shown)
        and _is_restated(connection, ticket, request.now or ticket.changed_at),
        contract_version=ticket.contract_version,
        tried=steps_tried(shown),
        also_asked=also_asked(connection, ticket),
        earlier=_earlier(connection, ticket),
        site_id=ticket.site,
        equipment_id=ticket.equipment,
        contract_id=contract,
        open_conflicts=_open_conflicts(connection, request.ticket),
    )


def _beside_a_hub(connection: sqlite3.Connection, entry: Entry) -> Entry:
    """The entry, and of a reply on its way whether the keeper of a hub is to send it."""
    if entry.delivery not in (QUEUED, HANDING) or connection.execute("SELECT 1 FROM hub").fetchone() is None:
        return entry
    return replace(entry, data={**entry.data, BY_KEEPER: True})


def _open_conflicts(connection: sqlite3.Connection, ticket: EntityId) -> int:
    query = "SELECT count(*) FROM conflict WHERE record = ? AND is_open = 1"
    (count,) = connection.execute(query, (ticket,)).fetchone()
    return int(count)


def _earlier(connection: sqlite3.Connection, ticket: Ticket) -> tuple[PastProblem, ...]:
    about = ("t.equipment", ticket.equipment) if ticket.equipment else ("t.company", ticket.company)
    condition = f"{about[0]} = ? AND t.archived = 0 AND (t.opened_at, t.id) < (?, ?)"
    return problems(connection, condition, (about[1], ticket.opened_at, ticket.id), EARLIER_SHOWN)


def _is_restated(connection: sqlite3.Connection, ticket: Ticket, now: Instant) -> bool:
    """True when what was said of the ticket's promises is contradicted by what is known now."""
    from core.restatements import restated
    from storage.clock_facts import announcements, clock_facts

    facts = clock_facts(connection, ticket, now)
    return facts is not None and bool(restated(announcements(connection, ticket), facts))


def _contact_line(connection: sqlite3.Connection, contact: EntityId, company: EntityId | None) -> ContactLine | None:
    found = connection.execute(
        "SELECT k.id, k.name, COALESCE(a.role, ''), k.phone, k.email, COALESCE(a.may_order, 0),"
        " COALESCE(a.may_approve, 0), a.order_limit, COALESCE(a.currency, ''), k.language, k.best_hours, k.notes"
        " FROM contact k"
        " LEFT JOIN affiliation a ON a.contact = k.id AND a.company = ? WHERE k.id = ? LIMIT 1",
        (company, contact),
    ).fetchone()
    return None if found is None else contact_line(found)


def _equipment_name(connection: sqlite3.Connection, equipment: EntityId | None) -> str:
    found = connection.execute(
        "SELECT COALESCE(NULLIF(e.inventory_number, ''), e.serial), COALESCE(m.maker, ''), COALESCE(m.name, ''),"
        " e.place FROM equipment e LEFT JOIN model m ON m.id = e.model WHERE e.id = ?",
        (equipment,),
    ).fetchone()
    if found is None:
        return ""
    number, maker, name, place = found
    told = " ".join(part for part in (number, maker, name) if part)
    return f"{told}, {place}" if place else told


def _aliases(connection: sqlite3.Connection, ticket: EntityId) -> tuple[str, ...]:
    rows = connection.execute("SELECT namespace, key FROM external_id WHERE id = ?", (ticket,))
    return tuple(key if namespace == FORMER_NUMBER else f"{namespace}:{key}" for namespace, key in rows)


def _names(connection: sqlite3.Connection, entries: tuple[Any, ...]) -> dict[EntityId, str]:
    """The names of everybody these entries mention, also as owners in what the system says."""
    mentioned: set[bytes] = set()
    for entry in entries:
        mentioned.update(person for person in (entry.person, entry.contact) if person)
        for field in ("owner", "was_owner", "contact"):
            if entry.data.get(field):
                mentioned.add(bytes.fromhex(entry.data[field]))
    wanted = list(mentioned)
    marks = ", ".join("?" * len(wanted))
    of_people = f"SELECT id, name FROM person WHERE id IN ({marks})"
    query = f"{of_people} UNION ALL SELECT id, name FROM contact WHERE id IN ({marks})"
    return dict(connection.execute(query, wanted + wanted).fetchall())


def _call_backs(connection: sqlite3.Connection, ticket: EntityId) -> list[tuple[Instant, str, str]]:
    return connection.execute(
        "SELECT b.due_at, COALESCE(k.name, ''), b.number FROM call_back b LEFT JOIN contact k ON k.id = b.contact"
        " WHERE b.ticket = ? AND b.is_dropped = 0 ORDER BY b.due_at",
        (ticket,),
    ).fetchall()
