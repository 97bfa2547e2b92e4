"""What is looked for and what was found: tickets by number, names, callers, words in a list, full text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.ids import EntityId

if TYPE_CHECKING:
    from core.pages import CompanyTickets, QueuePage, QueueRow


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


class NameLine(NamedTuple):
    """A record by name, for choosing."""

    id: EntityId
    name: str


class NewestTicket(NamedTuple):
    """Asks for the excerpt of the newest ticket of a `company` or a piece of `equipment`, or None."""

    kind: str
    id: EntityId


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


class FilterValues(NamedTuple):
    """Asks for what the desk has in a field of a filter: those that begin with the text, then those that hold it.

    `with_archived` counts people who are off the desk, too: they may own tickets.
    """

    field: str
    typed: str
    limit: int = 12
    with_archived: bool = False


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
    contract: EntityId | None = None


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
