"""What the screen shows, in plain SQL: windows by keyset, excerpts for lists, one ticket whole.

Every query here has an index that fits; the predicates of partial indexes are literals.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from core.clock import Instant
from core.ids import EntityId
from core.pages import (
    BACKWARD,
    CompanyPage,
    CompanyShown,
    CompanyTickets,
    ContactLine,
    Counts,
    DraftOf,
    FailedReplies,
    FindCompanies,
    FindContacts,
    FindTickets,
    NameLine,
    People,
    PersonLine,
    QueueCounts,
    QueuePage,
    QueueRow,
    Request,
    Rows,
    RowsById,
    TicketPage,
    TicketShown,
)
from core.queue import DUE_SOON_SECONDS, EVERYTHING, TEAM, View
from core.text import fold
from storage.queue_sql import EXCERPT, EXCERPT_JOINS, SORT_COLUMNS, scope_condition

MOST_BOUND = 500
"""Ids bound in one statement; SQLite's own limit is far above, its plan gets no better."""


def answer(connection: sqlite3.Connection, request: Request) -> Any:
    """The page that `request` asks for."""
    return _READS[type(request)](connection, request)


def queue_page(connection: sqlite3.Connection, request: QueuePage) -> Rows:
    """A window of the queue in the order of its view."""
    condition, values = _scope(request.view)
    columns = SORT_COLUMNS[request.view.sort]
    return _window(connection, columns, condition, values, request, request.view.is_reversed)


def company_tickets(connection: sqlite3.Connection, request: CompanyTickets) -> Rows:
    """A window of a company's tickets, newest first, with who, where and on what."""
    columns = ("opened_at", "id")
    rows = _window(connection, columns, "t.company = ? AND t.archived = 0", [request.company], request, True, True)
    return rows


def _scope(view: View) -> tuple[str, list[Any]]:
    return scope_condition(view.scope, view.person, view.team)


def _window(
    connection: sqlite3.Connection,
    columns: tuple[str, ...],
    condition: str,
    values: list[Any],
    request: QueuePage | CompanyTickets,
    is_reversed: bool,
    with_place: bool = False,
) -> Rows:
    backward = request.direction == BACKWARD
    descending = is_reversed != backward
    keys = ", ".join(f"t.{column}" for column in columns)
    where, bound = condition, list(values)
    if request.anchor is not None:
        comparison = "<" if descending else ">"
        where += f" AND ({keys}) {comparison} ({', '.join('?' * len(columns))})"
        bound += request.anchor
    order = ", ".join(f"t.{column} {'DESC' if descending else 'ASC'}" for column in columns)
    more, joins = _place_columns() if with_place else ("", "")
    query = f"SELECT {EXCERPT}{more}, {keys} FROM ticket t{EXCERPT_JOINS}{joins} WHERE {where} ORDER BY {order} LIMIT ?"
    found = connection.execute(query, [*bound, request.limit + 1]).fetchall()
    is_last = len(found) <= request.limit
    rows = [_queue_row(row, with_place) for row in found[: request.limit]]
    if backward:
        rows.reverse()
        return Rows(tuple(rows), is_last, request.anchor is None)
    return Rows(tuple(rows), request.anchor is None, is_last)


def _place_columns() -> tuple[str, str]:
    more = (
        ", COALESCE(k.name, ''), COALESCE(s.name, ''),"
        " COALESCE(NULLIF(e.inventory_number, ''), e.serial, '') AS equipment_name"
    )
    joins = (
        " LEFT JOIN ticket_reporter r ON r.ticket = t.id AND r.place = 0 LEFT JOIN contact k ON k.id = r.contact"
        " LEFT JOIN site s ON s.id = t.site LEFT JOIN equipment e ON e.id = t.equipment"
    )
    return more, joins


def _queue_row(row: tuple[Any, ...], with_place: bool = False) -> QueueRow:
    place = row[17:20] if with_place else ("", "", "")
    key = row[20:] if with_place else row[17:]
    # By place, not by name: a list makes hundreds of these, and naming twenty-one fields costs as much as the query.
    texts = (*row[:4], row[4] or "", *row[5:9], row[9] or "")
    return QueueRow._make((*texts, *row[10:13], bool(row[13]), bool(row[14]), *row[15:17], *place, key))


def rows_by_id(connection: sqlite3.Connection, request: RowsById) -> tuple[QueueRow, ...]:
    """Excerpts of the tickets named, without their place in a list."""
    rows: list[QueueRow] = []
    for start in range(0, len(request.tickets), MOST_BOUND):
        part = request.tickets[start : start + MOST_BOUND]
        marks = ", ".join("?" * len(part))
        query = f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id IN ({marks})"
        rows += [_queue_row(row) for row in connection.execute(query, part)]
    return tuple(rows)


def queue_counts(connection: sqlite3.Connection, request: QueueCounts) -> Counts:
    """How many rows the view has; breached and due among its open ones."""
    condition, values = _scope(request.view)
    total = _total(connection, request.view, condition, values)
    lit = f"SELECT count(*) FROM ticket t WHERE {condition} AND t.queue_rank = 0 AND t.queue_key"
    (breached,) = connection.execute(f"{lit} < ?", [*values, request.now]).fetchone()
    due = f"{lit} >= ? AND t.queue_key < ?"
    (due_soon,) = connection.execute(due, [*values, request.now, request.now + DUE_SOON_SECONDS]).fetchone()
    return Counts(total, breached, due_soon)


def _total(connection: sqlite3.Connection, view: View, condition: str, values: list[Any]) -> int:
    if view.scope == EVERYTHING:
        return _count_everything(connection)
    # Named, because for a team the planner would rather skip through the index of owners: ten times slower.
    index = " INDEXED BY ticket_by_urgency" if view.scope == TEAM else ""
    (count,) = connection.execute(f"SELECT count(*) FROM ticket t{index} WHERE {condition}", values).fetchone()
    return int(count)


def _count_everything(connection: sqlite3.Connection) -> int:
    # Tickets are archived, never deleted, so row ids have no holes; counting a million rows would take 20 ms each time.
    (known,) = connection.execute("SELECT COALESCE(max(rowid), 0) FROM ticket").fetchone()
    (archived,) = connection.execute("SELECT count(*) FROM ticket WHERE queue_rank = 5").fetchone()
    return int(known - archived)


def failed_replies(connection: sqlite3.Connection, request: FailedReplies) -> int:
    """How many replies of the person failed and were neither sent again nor taken back."""
    query = "SELECT count(*) FROM entry WHERE delivery = 'failed' AND person = ? AND hidden = 0"
    (count,) = connection.execute(query, (request.person,)).fetchone()
    return int(count)


def ticket_page(connection: sqlite3.Connection, request: TicketPage) -> TicketShown | None:
    """One ticket with its timeline (newest first), caller, site, equipment, contract and clocks."""
    # Not at the top: the first frame shows a list and waits for nothing else.
    from storage.rows import ENTRY_COLUMNS, entry_of, ticket_of
    from storage.standing import CLOCK_ENTRIES, ticket_clocks
    from storage.terms import terms_of

    cursor = connection.execute("SELECT * FROM ticket WHERE id = ?", (request.ticket,))
    raw = cursor.fetchone()
    if raw is None:
        return None
    row = dict(zip((column[0] for column in cursor.description), raw, strict=True))
    excerpt = connection.execute(
        f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id = ?", (request.ticket,)
    ).fetchone()
    reporters = connection.execute(
        "SELECT contact FROM ticket_reporter WHERE ticket = ? ORDER BY place", (request.ticket,)
    ).fetchall()
    ticket = ticket_of(row, tuple(reporter for (reporter,) in reporters))
    entries = connection.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE ticket = ? AND hidden = 0 ORDER BY at DESC, id DESC LIMIT ?",
        (request.ticket, request.entries),
    ).fetchall()
    (in_all,) = connection.execute(
        "SELECT count(*) FROM entry WHERE ticket = ? AND hidden = 0", (request.ticket,)
    ).fetchone()
    shown = tuple(entry_of(entry) for entry in entries)
    events = connection.execute(CLOCK_ENTRIES, (request.ticket,)).fetchall()
    site = connection.execute("SELECT name, zone FROM site WHERE id = ?", (ticket.site,)).fetchone() or (
        "",
        "",
    )
    contract, grade = connection.execute(
        "SELECT k.number, v.grade FROM contract_version v JOIN contract k ON k.id = v.contract WHERE v.id = ?",
        (ticket.contract_version,),
    ).fetchone() or ("", "")
    return TicketShown(
        row=_queue_row(excerpt),
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
        contract=contract,
        grade=grade,
        clocks=ticket_clocks(ticket, events, terms_of(connection, ticket)),
        aliases=_aliases(connection, request.ticket),
        entries=shown,
        entries_in_all=in_all,
        names=_names(connection, shown),
        call_backs=tuple(_call_backs(connection, request.ticket)),
    )


def _company_page(connection: sqlite3.Connection, request: CompanyPage) -> CompanyShown | None:
    from storage.company_page import company_page

    return company_page(connection, request)


def _contact_line(connection: sqlite3.Connection, contact: EntityId, company: EntityId | None) -> ContactLine | None:
    from storage.company_page import contact_line

    found = connection.execute(
        "SELECT k.id, k.name, COALESCE(a.role, ''), k.phone, k.email, COALESCE(a.may_order, 0),"
        " COALESCE(a.may_approve, 0), a.order_limit, COALESCE(a.currency, '') FROM contact k"
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
    return tuple(f"{namespace}:{key}" for namespace, key in rows)


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


def people(connection: sqlite3.Connection, request: People) -> tuple[PersonLine, ...]:
    """Colleagues by name, each with the open tickets that are theirs."""
    rows = connection.execute(
        "SELECT p.id, p.name, p.team, COALESCE(m.name, ''), p.skills,"
        " (SELECT count(*) FROM ticket t WHERE t.owner = p.id AND t.queue_rank < 4)"
        " FROM person p LEFT JOIN team m ON m.id = p.team WHERE p.archived = 0 ORDER BY p.name"
    )
    return tuple(
        PersonLine(id_, name, team, team_name, open_count, tuple(json.loads(skills or "[]")))
        for id_, name, team, team_name, skills, open_count in rows
    )


def find_tickets(connection: sqlite3.Connection, request: FindTickets) -> tuple[QueueRow, ...]:
    """Tickets whose number begins with the text, or whose imported key (`KEY` or `NAMESPACE:KEY`) is the text."""
    text = request.text.strip()
    namespace, _colon, key = text.partition(":")
    end = text + "\U0010ffff"
    query = (
        f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id IN ("
        " SELECT id FROM (SELECT id FROM ticket WHERE number >= ? AND number < ? LIMIT ?)"
        " UNION SELECT id FROM external_id WHERE entity = 'ticket' AND key = ?"
        " UNION SELECT id FROM external_id WHERE namespace = ? AND key = ? AND entity = 'ticket') LIMIT ?"
    )
    rows = connection.execute(query, (text, end, request.limit, text, namespace, key, request.limit)).fetchall()
    return tuple(_queue_row(row) for row in rows)


def find_companies(connection: sqlite3.Connection, request: FindCompanies) -> tuple[NameLine, ...]:
    """Companies by name, by index where the name is written out."""
    exact = connection.execute(
        "SELECT id, name FROM company WHERE name = ? AND archived = 0 LIMIT ?", (request.text.strip(), request.limit)
    ).fetchall()
    rows = exact or connection.execute("SELECT id, name FROM company WHERE archived = 0 ORDER BY name")
    return _by_name(rows, request.text, request.limit)


def find_contacts(connection: sqlite3.Connection, request: FindContacts) -> tuple[NameLine, ...]:
    """People of a company by name."""
    rows = connection.execute(
        "SELECT DISTINCT k.id, k.name FROM affiliation a JOIN contact k ON k.id = a.contact"
        " WHERE a.company = ? AND k.archived = 0 AND a.archived = 0 ORDER BY k.name",
        (request.company,),
    )
    return _by_name(rows, request.text, request.limit)


def _by_name(rows: Iterable[tuple[EntityId, str]], text: str, limit: int) -> tuple[NameLine, ...]:
    """Those called exactly so, else those with the same folded name, else those whose folded name holds the text."""
    wanted = fold(text.strip())
    found = [(fold(name), NameLine(id_, name)) for id_, name in rows]
    exact = [line for _folded, line in found if line.name == text.strip()]
    same = [line for folded, line in found if folded == wanted]
    part = [line for folded, line in found if wanted in folded]
    return tuple((exact or same or part)[:limit])


def draft_of(connection: sqlite3.Connection, request: DraftOf) -> str:
    """The unfinished text, or an empty one."""
    row = connection.execute(
        "SELECT body FROM draft WHERE person = ? AND kind = ? AND about = ?",
        (request.person, request.kind, request.about),
    ).fetchone()
    return row[0] if row else ""


_READS: dict[type, Callable[[sqlite3.Connection, Any], Any]] = {
    QueuePage: queue_page,
    CompanyTickets: company_tickets,
    RowsById: rows_by_id,
    QueueCounts: queue_counts,
    FailedReplies: failed_replies,
    TicketPage: ticket_page,
    CompanyPage: _company_page,
    People: people,
    FindTickets: find_tickets,
    FindCompanies: find_companies,
    FindContacts: find_contacts,
    DraftOf: draft_of,
}
