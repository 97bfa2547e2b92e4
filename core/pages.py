"""What the screen asks for and what it gets: requests and pages of rows, ready to be shown, never whole tables.

Named tuples, because the first frame waits for these classes: a frozen dataclass takes eight times as long to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.queue import View

if TYPE_CHECKING:
    from core.caller_shown import PastProblem
    from core.context import AlsoAsked
    from core.ledger import Ledger
    from core.restatements import Restatement
    from core.stage_clocks import Attribution, StageClock
    from core.timeline import Entry
    from core.warning_levels import Warned
    from core.what_if import Outcome, Supposition

FORWARD, BACKWARD = "forward", "backward"


class QueueRow(NamedTuple):
    """An excerpt of a ticket for a list. `queue_rank` and `queue_key` say what its lamp shows (core/queue.py).

    `warnings` are the instants at which its clock warns, in order and parted by blanks.
    """

    id: EntityId
    number: str
    subject: str
    company: EntityId | None
    company_name: str
    stage: str
    stage_class: int
    priority: int
    owner: EntityId | None
    owner_name: str
    queue_rank: int
    queue_key: int
    sla_state: int
    sla_missed: bool
    is_repeat: bool
    reporter_count: int
    opened_at: Instant
    warnings: str = ""
    contact_name: str = ""
    site_name: str = ""
    equipment_name: str = ""
    key: tuple[Any, ...] = ()


class QueuePage(NamedTuple):
    """A window of the queue: `limit` rows after (or before) the row with sort key `anchor`.

    Without an anchor: from the top, or with `BACKWARD` from the end. The rows come in the order of the list. `now` is
    what the times of a filter are compared with.
    """

    view: View
    anchor: tuple[Any, ...] | None = None
    direction: str = FORWARD
    limit: int = 200
    now: Instant = Instant(0)


class CompanyTickets(NamedTuple):
    """A window of every ticket of one company, newest first."""

    company: EntityId
    anchor: tuple[Any, ...] | None = None
    direction: str = FORWARD
    limit: int = 200


class Rows(NamedTuple):
    """Rows in list order; `at_start` and `at_end` tell whether the list begins or ends with them."""

    rows: tuple[QueueRow, ...]
    at_start: bool
    at_end: bool


class RowsById(NamedTuple):
    """Asks for the excerpts of these tickets, in any order; what is gone is left out."""

    tickets: tuple[EntityId, ...]


class QueueCounts(NamedTuple):
    """Asks how many rows a view has and how many lamps are lit at `now`."""

    view: View
    now: Instant


class Counts(NamedTuple):
    """How many tickets a view lists; of its open ones, how many are breached and how many due within 30 minutes.

    `is_at_least` when there are more than `total`, which were not all counted.
    """

    total: int
    breached: int
    due: int
    is_at_least: bool = False


class Owed(NamedTuple):
    """Asks what a person still owes at `now`: OwedCounts."""

    person: EntityId | None
    now: Instant


class OwedCounts(NamedTuple):
    """Replies that the mail command did not take, without those taken back; promised calls whose time has come."""

    failed_mail: int
    calls_due: int


class CallBacksDue(NamedTuple):
    """Asks for the calls a person promised, and overdue ones of colleagues: CallBackDue (core/context.py)."""

    person: EntityId
    now: Instant
    limit: int = 100


class CallsOn(NamedTuple):
    """Asks which of these tickets have a call promised that stands: a dict of the soonest instant of each."""

    tickets: tuple[EntityId, ...]


class TicketPage(NamedTuple):
    """Asks for one ticket with everything its pane shows.

    What was said of its promises is compared with how they stand at `now`, or at its last change.
    """

    ticket: EntityId
    entries: int = 300
    now: Instant | None = None


class ContactLine(NamedTuple):
    """A person at the company: name, role, number and what they may do."""

    id: EntityId
    name: str
    role: str
    phone: str
    email: str
    may_order: bool
    may_approve: bool
    order_limit: int | None
    currency: str
    language: str = ""
    best_hours: str = ""
    notes: str = ""


class TicketShown(NamedTuple):
    """One ticket as its pane shows it; entries newest first, `hidden` ones left out.

    `tried` are the steps already taken (core/context.py), `earlier` the latest problems of its equipment, or of its
    company where no equipment is named.
    `restated` when today's facts contradict what the entries announce of its promises.
    """

    row: QueueRow
    request_type: str
    channel: str
    category: str
    fault_code: str
    resolution_code: str
    waiting_cause: str
    waiting_party: str
    waiting_until: Instant | None
    changed_at: Instant
    closed_at: Instant | None
    derived_by: str
    caller: ContactLine | None
    site: str
    zone: str
    equipment: str
    contract: str
    grade: str
    clocks: tuple[Any, ...]
    aliases: tuple[str, ...]
    entries: tuple[Entry, ...]
    entries_in_all: int
    names: dict[EntityId, str]
    call_backs: tuple[tuple[Instant, str, str], ...] = ()
    restated: bool = False
    contract_version: EntityId | None = None
    tried: tuple[Entry, ...] = ()
    also_asked: tuple[AlsoAsked, ...] = ()
    earlier: tuple[PastProblem, ...] = ()


class CompanyPage(NamedTuple):
    """Asks for what stands above the list of a company's tickets."""

    company: EntityId
    now: Instant


class ContractsOf(NamedTuple):
    """Asks for the contracts of a company in force at a time, each in its newest version; and for one version more."""

    company: EntityId
    at: Instant
    also: EntityId | None = None


class ContractLine(NamedTuple):
    """A contract to choose: the id of its version, and when that ends (None: never)."""

    version: EntityId
    number: str
    grade: str
    until: Instant | None


class RepeatGroup(NamedTuple):
    """The same fault on the same equipment within thirty days: its ticket numbers newest first."""

    fault_code: str
    equipment: str
    place: str
    numbers: tuple[str, ...]
    is_open: bool
    last_at: Instant


class YearLine(NamedTuple):
    """Tickets opened in each month of a year, January first, and what became of them."""

    year: int
    months: tuple[int, ...]
    missed: int
    repeats: int

    @property
    def total(self) -> int:
        """All tickets of the year."""
        return sum(self.months)


class CompanyShown(NamedTuple):
    """A company as its pane shows it."""

    id: EntityId
    name: str
    kind: str
    tier: str
    grade: str
    contract: str
    site_count: int
    equipment_count: int
    annual_value: int | None
    currency: str
    contract_until: Instant | None
    open_count: int
    ticket_count: int
    years: tuple[YearLine, ...]
    repeats: tuple[RepeatGroup, ...]
    contacts: tuple[ContactLine, ...]
    derived_by: str


class People(NamedTuple):
    """Asks for the colleagues a ticket may be given to; without counts nobody's open tickets are counted."""

    with_counts: bool = True


class PersonLine(NamedTuple):
    """A colleague in a picker: how many open tickets are already theirs."""

    id: EntityId
    name: str
    team: EntityId | None
    team_name: str
    open_count: int
    skills: tuple[str, ...] = ()


class FindTickets(NamedTuple):
    """Asks for tickets by the beginning of a number or an imported key (for the palette and the verbs)."""

    text: str
    limit: int = 20


class FindCompanies(NamedTuple):
    """Asks for companies by name: the one called exactly so, else those whose folded name holds the text."""

    text: str
    limit: int = 20


class FindContacts(NamedTuple):
    """The same for the people of one company."""

    company: EntityId
    text: str
    limit: int = 20


class FindInList(NamedTuple):
    """Asks for the first row that holds every word, among the `most` rows of a list after the anchor in `rows`."""

    rows: QueuePage | CompanyTickets
    words: str
    most: int = 5_000


class FoundInList(NamedTuple):
    """The row found, and how many rows lie from the anchor to it, itself counted; without one, where to go on.

    `goes_on` is the key of the last row looked at, None at the end of the list.
    """

    row: QueueRow | None
    passed: int
    goes_on: tuple[Any, ...] | None = None


class SavedViews(NamedTuple):
    """Asks for the views that the desk keeps for everybody and for a person, as they stand at `now`."""

    person: EntityId | None
    now: Instant


class FilterValues(NamedTuple):
    """Asks for what the desk has in a field of a filter: those that begin with the text, then those that hold it.

    `with_archived` counts people who are off the desk, too: they may own tickets.
    """

    field: str
    typed: str
    limit: int = 12
    with_archived: bool = False


class RecordPage(NamedTuple):
    """Asks for one record of master data whole: RecordShown (core/record_shown.py), None for an unknown one."""

    entity: str
    record: EntityId


class FindRecords(NamedTuple):
    """Asks for records of an entity to choose from, by a part of a name, number or serial; perhaps of one company.

    Answered by at most `limit` RecordLines (core/record_shown.py), the best first.
    """

    entity: str
    text: str
    company: EntityId | None = None
    limit: int = 20
    with_archived: bool = False


class NameLine(NamedTuple):
    """A record by name, for choosing."""

    id: EntityId
    name: str


class FindCallers(NamedTuple):
    """Asks who is calling: part of a number, serial, name or contract number, or a mistyped name; several all hit."""

    text: str
    limit: int = 9


class CallerHit(NamedTuple):
    """A record that may be meant; `kind` is contact, company, equipment or contract.

    `matched` is the text in which the hit was found, as written: a number, a serial, a name. Empty where nothing fits.
    """

    kind: str
    contact: EntityId | None
    contact_name: str
    role: str
    phone: str
    company: EntityId | None
    company_name: str
    site_name: str
    equipment: EntityId | None
    equipment_name: str
    contract_number: str
    matched: str


class Search(NamedTuple):
    """Asks for tickets and equipment that hold a text: all its words, anywhere, in any script; newest first.

    `before` is what the last answer gave as `following`, for the next page.
    """

    text: str
    limit: int = 50
    before: tuple[int, int] | None = None


class SearchHit(NamedTuple):
    """A ticket that holds the text: where it stands in `excerpt`, and in which entry (None: number or subject).

    `is_near` when a word was only one slip from what is there.
    """

    row: QueueRow
    excerpt: str
    at: int
    length: int
    entry: EntityId | None
    is_near: bool = False


class SearchResult(NamedTuple):
    """Hits newest first, those with a slip after the others; `following` is None when there are no more.

    `waiting` tells how many tickets are not in the index yet and were not looked at; 0 when the answer is whole.
    """

    hits: tuple[SearchHit, ...]
    equipment: tuple[CallerHit, ...]
    following: tuple[int, int] | None
    waiting: int = 0


class NewestTicket(NamedTuple):
    """Asks for the excerpt of the newest ticket of a `company`, a `contact` or a piece of `equipment`, or None."""

    kind: str
    id: EntityId


class ClockPage(NamedTuple):
    """Asks why the deadlines of a ticket are where they are, and where they were if `supposing` were so, in turns."""

    ticket: EntityId
    now: Instant
    supposing: tuple[tuple[Supposition | PolicyCalled, ...], ...] = ()


class PolicyCalled(NamedTuple):
    """A supposition: under the policy of this name, as it stands now."""

    name: str


class Supposed(NamedTuple):
    """What was supposed and what would come of it."""

    suppositions: tuple[Supposition | PolicyCalled, ...]
    outcome: Outcome


class ClockShown(NamedTuple):
    """A ticket's clocks explained; no ledger where nothing was promised.

    `supposed` begins with what was asked, then the other priorities and policies of the desk.
    """

    row: QueueRow
    contract: str
    ledgers: tuple[Ledger, ...]
    warned: tuple[Warned, ...]
    stages: tuple[StageClock, ...]
    used: Attribution | None
    restated: tuple[Restatement, ...]
    supposed: tuple[Supposed, ...]


class Several(NamedTuple):
    """Asks for several pages, answered in their order; one that cannot be read is the DomainError in its place."""

    requests: tuple[Any, ...]


class ContractPage(NamedTuple):
    """Asks for the contract of a ticket: ContractShown or NoContract (core/contract_shown.py), None for no ticket."""

    ticket: EntityId
    now: Instant


class EquipmentPage(NamedTuple):
    """Asks for the equipment of a ticket: EquipmentShown or NoEquipment (core/equipment_shown.py), or None."""

    ticket: EntityId
    history: int = 50


class CallerPage(NamedTuple):
    """Asks for what one wants to see while somebody of a company calls (core/caller_shown.py), None for no company.

    Promises are told as if a ticket were opened `now` at `site`.
    """

    contact: EntityId | None
    company: EntityId
    now: Instant
    site: EntityId | None = None


class PastFaults(NamedTuple):
    """Asks for past tickets that a new fault may be like: of the equipment, then of its model, else of the company."""

    company: EntityId
    equipment: EntityId | None
    limit: int = 120


class CallDrafts(NamedTuple):
    """Asks for the calls that a person has not yet saved, in the order in which they began."""

    person: EntityId | None


class LastCallers(NamedTuple):
    """Asks for those whose calls were saved last on this desk, newest first."""

    limit: int = 5


class KeptCall(NamedTuple):
    """A call that is not saved, as the text of its draft (core/intake.py)."""

    call: EntityId
    body: str


class DraftsLeft(NamedTuple):
    """Asks for everything a person left unfinished but calls: DraftLeft."""

    person: EntityId


class DraftLeft(NamedTuple):
    """An unfinished `message` or `note` on the ticket `number`, or a form (`form.` and the entity)."""

    kind: str
    about: EntityId
    number: str
    body: str


class DraftOf(NamedTuple):
    """Asks for the text a person left unfinished."""

    person: EntityId
    kind: str
    about: EntityId


Request = (
    QueuePage
    | CompanyTickets
    | RowsById
    | QueueCounts
    | Owed
    | CallBacksDue
    | CallsOn
    | TicketPage
    | CompanyPage
    | ContractsOf
    | ClockPage
    | Several
    | ContractPage
    | EquipmentPage
    | People
    | FindTickets
    | FindCompanies
    | FindContacts
    | FindInList
    | FilterValues
    | SavedViews
    | RecordPage
    | FindRecords
    | FindCallers
    | Search
    | NewestTicket
    | CallerPage
    | PastFaults
    | CallDrafts
    | LastCallers
    | DraftOf
    | DraftsLeft
)
