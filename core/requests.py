"""Every page that can be asked of a store, by the request that asks for it."""

from __future__ import annotations

from core.caller_shown import CallerPage, LastCallers, PastFaults
from core.clock_shown import ClockPage
from core.company_shown import ContractsOf
from core.context import CallBacksDue
from core.drafts_left import DraftOf, DraftsLeft
from core.finding import (
    FilterValues,
    FindCallers,
    FindCompanies,
    FindContacts,
    FindInList,
    FindTickets,
    NewestTicket,
    Search,
)
from core.pages import (
    CallDrafts,
    CallsOn,
    CompanyPage,
    CompanyTickets,
    ContractPage,
    EquipmentPage,
    Owed,
    People,
    QueueCounts,
    QueuePage,
    RowsById,
    Several,
    TicketPage,
)
from core.record_shown import FindRecords, RecordPage
from core.review_shown import ConflictBeside, ReviewPage
from core.saved_view import SavedViews
from core.sync_shown import SyncStands

Request = (
    QueuePage
    | CompanyTickets
    | RowsById
    | QueueCounts
    | Owed
    | CallDrafts
    | People
    | Several
    | TicketPage
    | ClockPage
    | CompanyPage
    | ContractsOf
    | ContractPage
    | EquipmentPage
    | CallerPage
    | LastCallers
    | PastFaults
    | CallBacksDue
    | CallsOn
    | DraftOf
    | DraftsLeft
    | FindTickets
    | FindCompanies
    | FindContacts
    | FindInList
    | FindCallers
    | FilterValues
    | Search
    | NewestTicket
    | RecordPage
    | FindRecords
    | SavedViews
    | ReviewPage
    | ConflictBeside
    | SyncStands
)
