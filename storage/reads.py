"""Who answers a request of the screen: each reader is imported when it is first asked.

The first frame shows a list and waits for nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.requests import Request

Reader = Callable[[sqlite3.Connection, Any], Any]

READERS = {
    "QueuePage": ("storage.lists", "queue_page"),
    "CompanyTickets": ("storage.lists", "queue_page"),
    "RowsById": ("storage.lists", "rows_by_id"),
    "QueueCounts": ("storage.lists", "queue_counts"),
    "Owed": ("storage.lists", "owed"),
    "CallDrafts": ("storage.lists", "call_drafts"),
    "People": ("storage.lists", "people"),
    "TicketPage": ("storage.ticket_page", "ticket_page"),
    "ClockPage": ("storage.clock_page", "clock_page"),
    "CompanyPage": ("storage.company_page", "company_page"),
    "ContractsOf": ("storage.company_page", "contracts_of"),
    "ContractPage": ("storage.contract_page", "contract_page"),
    "EquipmentPage": ("storage.equipment_page", "equipment_page"),
    "CallerPage": ("storage.caller_page", "caller_page"),
    "LastCallers": ("storage.last_callers", "last_callers"),
    "PastFaults": ("storage.past_faults", "past_faults"),
    "CallsOn": ("storage.context", "calls_on"),
    "CallBacksDue": ("storage.context", "call_backs_due"),
    "DraftOf": ("storage.drafts_left", "draft_of"),
    "DraftsLeft": ("storage.drafts_left", "drafts_left"),
    "FindTickets": ("storage.by_name", "find_tickets"),
    "FindCompanies": ("storage.by_name", "find_companies"),
    "FindContacts": ("storage.by_name", "find_contacts"),
    "FindInList": ("storage.find_in_list", "find_in_list"),
    "FindCallers": ("storage.callers", "find_callers"),
    "FilterValues": ("storage.filter_values", "filter_values"),
    "Search": ("storage.search", "search"),
    "NewestTicket": ("storage.by_name", "newest_ticket"),
    "RecordPage": ("storage.record_page", "record_page"),
    "FindRecords": ("storage.record_page", "find_records"),
    "SyncStands": ("storage.sync.standing_beside", "sync_stands"),
    "SavedViews": ("storage.saved_views", "saved_views"),
    "ReviewPage": ("storage.review_page", "review_page"),
    "ConflictBeside": ("storage.review_page", "conflict_beside"),
}
"""The module and function for each request, by the name of its class (core/requests.py)."""

_known: dict[type, Reader] = {}


def answer(connection: sqlite3.Connection, request: Request) -> Any:
    """The page that `request` asks for."""
    kind = type(request)
    reader = _known.get(kind)
    if reader is None:
        module, function = READERS[kind.__name__]
        reader = _known[kind] = getattr(import_module(module), function)
    return reader(connection, request)
