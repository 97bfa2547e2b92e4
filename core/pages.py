"""What the lists ask for and what they get: pages of rows, ready to be shown, never whole tables.

What the first frame waits for and no more: the pages beside the lists have modules of their own (`core/requests.py`
names all requests).

Named tuples, because the first frame waits for these classes: a frozen dataclass takes eight times as long to make.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.queue import View

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


class CompanyPage(NamedTuple):
    """Asks for what stands above the list of a company's tickets."""

    company: EntityId
    now: Instant


class ContractPage(NamedTuple):
    """Asks for the contract of a ticket: ContractShown or NoContract (core/contract_shown.py), None for no ticket."""

    ticket: EntityId
    now: Instant


class EquipmentPage(NamedTuple):
    """Asks for the equipment of a ticket: EquipmentShown or NoEquipment (core/equipment_shown.py), or None."""

    ticket: EntityId
    history: int = 50


class Several(NamedTuple):
    """Asks for several pages, answered in their order; one that cannot be read is the DomainError in its place."""

    requests: tuple[Any, ...]


class CallDrafts(NamedTuple):
    """Asks for the calls that a person has not yet saved, in the order in which they began."""

    person: EntityId | None


class KeptCall(NamedTuple):
    """A call that is not saved, as the text of its draft (core/intake.py)."""

    call: EntityId
    body: str
