"""What the screen shows, in plain SQL: windows by keyset, excerpts for lists, one ticket whole.

Every query here has an index that fits; the predicates of partial indexes are literals.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from core.ids import EntityId
from core.pages import (
    BACKWARD,
    CallBacksDue,
    CallDrafts,
    CallerHit,
    CallerPage,
    CallsOn,
    ClockPage,
    ClockShown,
    CompanyPage,
    CompanyShown,
    CompanyTickets,
    ContractLine,
    ContractPage,
    ContractsOf,
    Counts,
    DraftLeft,
    DraftOf,
    DraftsLeft,
    EquipmentPage,
    FilterValues,
    FindCallers,
    FindCompanies,
    FindContacts,
    FindInList,
    FindRecords,
    FindTickets,
    FoundInList,
    KeptCall,
    LastCallers,
    NameLine,
    NewestTicket,
    Owed,
    OwedCounts,
    PastFaults,
    People,
    PersonLine,
    QueueCounts,
    QueuePage,
    QueueRow,
    RecordPage,
    Request,
    Rows,
    RowsById,
    SavedViews,
    Search,
    SearchResult,
    TicketPage,
    TicketShown,
)
from core.queue import DUE_SOON_SECONDS, EVERYTHING, TEAM, View
from core.text import LAST_SIGN, fold
from storage.queue_sql import EXCERPT, EXCERPT_JOINS, SORT_COLUMNS, listed_from, scope_condition

if TYPE_CHECKING:
    from core.caller_shown import CallerShown, PastProblem
    from core.context import CallBackDue
    from core.contract_shown import ContractShown, NoContract
    from core.equipment_shown import EquipmentShown, NoEquipment
    from core.record_shown import RecordLine, RecordShown
    from core.saved_view import SavedView

MOST_BOUND = 500
"""Ids bound in one statement; SQLite's own limit is far above, its plan gets no better."""


def answer(connection: sqlite3.Connection, request: Request) -> Any:
    """The page that `request` asks for."""
    return _READS[type(request)](connection, request)


class Listed(NamedTuple):
    """A list as SQL: its sort columns, what its rows must meet, whether it is turned round, and where they are."""

    columns: tuple[str, ...]
    condition: str
    values: list[Any]
    is_reversed: bool
    table: str
    with_place: bool = False

    @property
    def keys(self) -> str:
        """The columns of a row's key."""
        return ", ".join(f"t.{column}" for column in self.columns)

    def is_descending(self, direction: str) -> bool:
        """Whether keys fall in that direction of the list."""
        return self.is_reversed != (direction == BACKWARD)

    def beyond(self, anchor: tuple[Any, ...] | None, direction: str) -> tuple[str, list[Any]]:
        """What rows after the anchor (or before it) meet, and the values bound."""
        if anchor is None:
            return self.condition, list(self.values)
        comparison = "<" if self.is_descending(direction) else ">"
        marks = ", ".join("?" * len(self.columns))
        return f"{self.condition} AND ({self.keys}) {comparison} ({marks})", [*self.values, *anchor]

    def order(self, direction: str) -> str:
        """The order in that direction."""
        turn = "DESC" if self.is_descending(direction) else "ASC"
        return ", ".join(f"t.{column} {turn}" for column in self.columns)

    @property
    def source(self) -> tuple[str, str]:
        """The columns of an excerpt, and the tables that they are in."""
        more, joins = _place_columns() if self.with_place else ("", "")
        return EXCERPT + more, f"{self.table}{EXCERPT_JOINS}{joins}"


def listed(connection: sqlite3.Connection, request: QueuePage | CompanyTickets) -> Listed:
    """The list that a window is asked of; QueryError for a filter that cannot be read."""
    if isinstance(request, CompanyTickets):
        condition = "t.company = ? AND t.archived = 0"
        return Listed(("opened_at", "id"), condition, [request.company], True, "ticket t", True)
    view = request.view
    if view.filter:
        from storage.filtered_queue import narrowed

        table, condition, values, _is_short = narrowed(connection, view, request.now)
    else:
        condition, values = _scope(view)
        table = listed_from(view.scope, view.sort)
    return Listed(SORT_COLUMNS[view.sort], condition, values, view.is_reversed, table)


def queue_page(connection: sqlite3.Connection, request: QueuePage | CompanyTickets) -> Rows:
    """A window of the queue in the order of its view, or of a company's tickets, newest first, with who and where."""
    rows = listed(connection, request)
    where, bound = rows.beyond(request.anchor, request.direction)
    excerpt, source = rows.source
    order = rows.order(request.direction)
    query = f"SELECT {excerpt}, {rows.keys} FROM {source} WHERE {where} ORDER BY {order} LIMIT ?"
    found = connection.execute(query, [*bound, request.limit + 1]).fetchall()
    is_last = len(found) <= request.limit
    page = [queue_row(row, rows.with_place) for row in found[: request.limit]]
    if request.direction == BACKWARD:
        page.reverse()
        return Rows(tuple(page), is_last, request.anchor is None)
    return Rows(tuple(page), request.anchor is None, is_last)


def _scope(view: View) -> tuple[str, list[Any]]:
    return scope_condition(view.scope, view.person, view.team)


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


def queue_row(row: tuple[Any, ...], with_place: bool = False) -> QueueRow:
    """The excerpt in a row of `EXCERPT`, perhaps with a place, and its key in the list."""
    place = row[18:21] if with_place else ("", "", "")
    key = row[21:] if with_place else row[18:]
    # By place, not by name: a list makes hundreds of these, and naming twenty-two fields costs as much as the query.
    texts = (*row[:4], row[4] or "", *row[5:9], row[9] or "")
    return QueueRow._make((*texts, *row[10:13], bool(row[13]), bool(row[14]), *row[15:18], *place, key))


def rows_by_id(connection: sqlite3.Connection, request: RowsById) -> tuple[QueueRow, ...]:
    """Excerpts of the tickets named, without their place in a list."""
    rows: list[QueueRow] = []
    for start in range(0, len(request.tickets), MOST_BOUND):
        part = request.tickets[start : start + MOST_BOUND]
        marks = ", ".join("?" * len(part))
        query = f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id IN ({marks}) AND t.archived = 0"
        rows += [queue_row(row) for row in connection.execute(query, part)]
    return tuple(rows)


def queue_counts(connection: sqlite3.Connection, request: QueueCounts) -> Counts:
    """How many rows the view has; breached and due among its open ones."""
    if request.view.filter:
        from storage.filtered_queue import filtered_counts

        return filtered_counts(connection, request.view, request.now)
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


def owed(connection: sqlite3.Connection, request: Owed) -> OwedCounts:
    """Failed replies that were neither sent again nor taken back; promised calls that stand and are due."""
    query = (
        "SELECT (SELECT count(*) FROM entry WHERE delivery = 'failed' AND person = ?1 AND hidden = 0),"
        " (SELECT count(*) FROM call_back INDEXED BY call_back_standing WHERE is_dropped = 0 AND person = ?1"
        " AND due_at <= ?2)"
    )
    return OwedCounts(*connection.execute(query, (request.person, request.now)).fetchone())


def queue_row_of(connection: sqlite3.Connection, ticket: EntityId) -> QueueRow | None:
    """A ticket as an excerpt, None when there is none."""
    query = f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id = ?"
    found = connection.execute(query, (ticket,)).fetchone()
    return None if found is None else queue_row(found)


# Pages of one record are imported when they are asked for: the first frame shows a list and waits for nothing else.


def _ticket_page(connection: sqlite3.Connection, request: TicketPage) -> TicketShown | None:
    from storage.ticket_page import ticket_page

    row = queue_row_of(connection, request.ticket)
    return None if row is None else ticket_page(connection, request, row)


def _clock_page(connection: sqlite3.Connection, request: ClockPage) -> ClockShown | None:
    from storage.clock_page import clock_page

    row = queue_row_of(connection, request.ticket)
    return None if row is None else clock_page(connection, request, row)


def _company_page(connection: sqlite3.Connection, request: CompanyPage) -> CompanyShown | None:
    from storage.company_page import company_page

    return company_page(connection, request)


def _contracts_of(connection: sqlite3.Connection, request: ContractsOf) -> tuple[ContractLine, ...]:
    from storage.company_page import contracts_of

    return contracts_of(connection, request)


def _contract_page(connection: sqlite3.Connection, request: ContractPage) -> ContractShown | NoContract | None:
    from storage.contract_page import contract_page

    return contract_page(connection, request)


def _equipment_page(connection: sqlite3.Connection, request: EquipmentPage) -> EquipmentShown | NoEquipment | None:
    from storage.equipment_page import equipment_page

    return equipment_page(connection, request)


def _find_in_list(connection: sqlite3.Connection, request: FindInList) -> FoundInList:
    from storage.find_in_list import find_in_list

    return find_in_list(connection, request)


def _saved_views(connection: sqlite3.Connection, request: SavedViews) -> tuple[SavedView, ...]:
    from storage.saved_views import saved_views

    return saved_views(connection, request)


def _filter_values(connection: sqlite3.Connection, request: FilterValues) -> tuple[str, ...]:
    from storage.filter_values import filter_values

    return filter_values(connection, request)


def _record_page(connection: sqlite3.Connection, request: RecordPage) -> RecordShown | None:
    from storage.record_page import record_page

    return record_page(connection, request)


def _find_records(connection: sqlite3.Connection, request: FindRecords) -> tuple[RecordLine, ...]:
    from storage.record_page import find_records

    return find_records(connection, request)


def _find_callers(connection: sqlite3.Connection, request: FindCallers) -> tuple[CallerHit, ...]:
    from storage.callers import find_callers

    return find_callers(connection, request)


NEWEST_OF = {
    "company": "SELECT id FROM ticket WHERE company = ? AND archived = 0 ORDER BY opened_at DESC, id DESC LIMIT 1",
    "equipment": "SELECT id FROM ticket WHERE equipment = ? AND archived = 0 ORDER BY opened_at DESC, id DESC LIMIT 1",
    "contact": "SELECT t.id FROM ticket_reporter r JOIN ticket t ON t.id = r.ticket WHERE r.contact = ?"
    " AND t.archived = 0 ORDER BY t.opened_at DESC, t.id DESC LIMIT 1",
}


def newest_ticket(connection: sqlite3.Connection, request: NewestTicket) -> QueueRow | None:
    """The excerpt of the newest ticket of a record."""
    row = connection.execute(NEWEST_OF[request.kind], (request.id,)).fetchone()
    return None if row is None else queue_row_of(connection, row[0])


def _search(connection: sqlite3.Connection, request: Search) -> SearchResult:
    from storage.search import search

    return search(connection, request)


def _caller_page(connection: sqlite3.Connection, request: CallerPage) -> CallerShown | None:
    from storage.caller_page import caller_page

    return caller_page(connection, request)


def _past_faults(connection: sqlite3.Connection, request: PastFaults) -> tuple[PastProblem, ...]:
    from storage.past_faults import past_faults

    return past_faults(connection, request)


def call_drafts(connection: sqlite3.Connection, request: CallDrafts) -> tuple[KeptCall, ...]:
    """Calls that are not saved; their ids rise with the time at which they began."""
    query = "SELECT about, body FROM draft WHERE person = ? AND kind = 'call' ORDER BY about"
    return tuple(KeptCall(*row) for row in connection.execute(query, (request.person,)))


def _last_callers(connection: sqlite3.Connection, request: LastCallers) -> tuple[CallerHit, ...]:
    from storage.last_callers import last_callers

    return last_callers(connection, request)


def _calls_on(connection: sqlite3.Connection, request: CallsOn) -> dict[EntityId, int]:
    from storage.context import calls_on

    return calls_on(connection, request)


def _call_backs_due(connection: sqlite3.Connection, request: CallBacksDue) -> tuple[CallBackDue, ...]:
    from storage.context import call_backs_due

    return call_backs_due(connection, request)


OPEN_OF_PERSON = "(SELECT count(*) FROM ticket t WHERE t.owner = p.id AND t.queue_rank < 4)"


def people(connection: sqlite3.Connection, request: People) -> tuple[PersonLine, ...]:
    """Colleagues by name, each with the open tickets that are theirs."""
    rows = connection.execute(
        "SELECT p.id, p.name, p.team, COALESCE(m.name, ''), p.skills,"
        f" {OPEN_OF_PERSON if request.with_counts else 0}"
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
    end = text + LAST_SIGN
    query = (
        f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id IN ("
        " SELECT id FROM (SELECT id FROM ticket WHERE number >= ? AND number < ? LIMIT ?)"
        " UNION SELECT id FROM external_id WHERE entity = 'ticket' AND key = ?"
        " UNION SELECT id FROM external_id WHERE namespace = ? AND key = ? AND entity = 'ticket') LIMIT ?"
    )
    rows = connection.execute(query, (text, end, request.limit, text, namespace, key, request.limit)).fetchall()
    return tuple(queue_row(row) for row in rows)


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


def drafts_left(connection: sqlite3.Connection, request: DraftsLeft) -> tuple[DraftLeft, ...]:
    """Texts and forms a person left unfinished, the newest first; calls have a list of their own."""
    query = (
        "SELECT d.kind, d.about, COALESCE(t.number, ''), substr(d.body, 1, 200) FROM draft d"
        " LEFT JOIN ticket t ON t.id = d.about WHERE d.person = ? AND d.kind <> 'call'"
        " ORDER BY d.changed_at DESC, d.kind, d.about LIMIT 50"
    )
    return tuple(DraftLeft(*row) for row in connection.execute(query, (request.person,)))


def draft_of(connection: sqlite3.Connection, request: DraftOf) -> str:
    """The unfinished text, or an empty one."""
    row = connection.execute(
        "SELECT body FROM draft WHERE person = ? AND kind = ? AND about = ?",
        (request.person, request.kind, request.about),
    ).fetchone()
    return row[0] if row else ""


_READS: dict[type, Callable[[sqlite3.Connection, Any], Any]] = {
    QueuePage: queue_page,
    CompanyTickets: queue_page,
    FindInList: _find_in_list,
    RowsById: rows_by_id,
    QueueCounts: queue_counts,
    Owed: owed,
    CallBacksDue: _call_backs_due,
    CallsOn: _calls_on,
    TicketPage: _ticket_page,
    ClockPage: _clock_page,
    CompanyPage: _company_page,
    ContractsOf: _contracts_of,
    ContractPage: _contract_page,
    EquipmentPage: _equipment_page,
    People: people,
    FindTickets: find_tickets,
    FindCompanies: find_companies,
    FindContacts: find_contacts,
    FilterValues: _filter_values,
    SavedViews: _saved_views,
    RecordPage: _record_page,
    FindRecords: _find_records,
    FindCallers: _find_callers,
    Search: _search,
    NewestTicket: newest_ticket,
    CallerPage: _caller_page,
    PastFaults: _past_faults,
    CallDrafts: call_drafts,
    LastCallers: _last_callers,
    DraftOf: draft_of,
    DraftsLeft: drafts_left,
}
