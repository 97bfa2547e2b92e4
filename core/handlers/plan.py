"""What a handler answers: the operations of one act, its name for undo, and what handlers may ask the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from core.clock import Instant
from core.ids import EntityId
from core.operations.operation import Operation
from core.people import Person
from core.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.clock_facts import ClockFacts
    from core.conflicts import Conflict
    from core.record_doubts import Namesake
    from core.record_rules import Period


class Step(NamedTuple):
    """One operation on one entity."""

    entity_id: EntityId
    operation: Operation


class Title(NamedTuple):
    """What an act is called: a code that the screen words, and the facts for its sentence."""

    code: str
    facts: dict[str, Any] = {}  # noqa: RUF012 never changed: facts are copied where they are told


class Plan(NamedTuple):
    """The steps of one act in order; an act that is not `reversible` stays out of undo and says why."""

    title: Title
    steps: tuple[Step, ...]
    reversible: bool = True


class CallerStands(NamedTuple):
    """How the people and things of a call stand while it is saved: taken off the desk, elsewhere, or unknown.

    `promised` are the priorities for which the company's contract promises something.
    """

    contact_is_gone: bool = False
    contact_is_elsewhere: bool = False
    company_is_gone: bool = False
    equipment_is_gone: bool = False
    promised: tuple[int, ...] = ()


class Desk(Protocol):
    """What a handler may ask while it decides; answers come from inside the transaction that will write."""

    now: Instant
    author: EntityId

    def ticket(self, ticket: EntityId) -> Ticket:
        """The ticket as it stands; NotFound when there is none."""

    def person(self, person: EntityId) -> Person:
        """A colleague; NotFound when there is none."""

    def contract_version_for(self, company: EntityId | None, at: Instant) -> EntityId | None:
        """The version of the company's contract in force, None without one."""

    def company_of_contract(self, version: EntityId) -> EntityId:
        """Whose contract a contract version belongs to; NotFound when there is none."""

    def terms_pinned_at(self, ticket: Ticket) -> Instant:
        """The instant whose policy version holds for the ticket: its opening, or its last retargeting."""

    def clock_facts(self, ticket: Ticket) -> ClockFacts | None:
        """What the clocks of the ticket are computed from now; None where nothing was promised."""

    def conflict(self, conflict: EntityId) -> Conflict:
        """What two people did without knowing of each other; NotFound when there is none of that id."""

    def open_conflicts(self, record: EntityId) -> Sequence[Conflict]:
        """What waits to be settled about a record."""

    def document(self, kind: str, document: EntityId) -> tuple[str, int]:
        """Name and highest version number of a calendar or policy; NotFound when there is none."""

    def documents_called(self, kind: str, name: str) -> Sequence[EntityId]:
        """Documents on the desk with exactly this name or this id in hex, else those with the same folded name."""

    def body_in_force(self, kind: str, document: EntityId, at: Instant) -> str:
        """The body, as JSON text, of a document's version in force at an instant."""

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        """The fields of a record of master data as this act leaves it, as in payloads; None when there is none."""

    def expect(self, entity: str, record: EntityId, fields: dict[str, Any]) -> None:
        """Told by a handler what this act is about to write: a later wish of the same act may refer to it."""

    def periods_of(self, contract: EntityId) -> Iterable[Period]:
        """The versions of a contract that are on the desk."""

    def contacts_with_number(self, number: str) -> Iterable[tuple[EntityId, str]]:
        """Contacts on the desk who are called at a number, however it is written, by id and name."""

    def namesakes(self, entity: str, called: str, company: EntityId | None = None) -> Iterable[Namesake]:
        """Companies and contacts (of `company`) of that name, equipment of that serial, contracts of that number."""

    def companies_of(self, contact: EntityId) -> Iterable[EntityId]:
        """Where a contact is now."""

    def affiliations_twice(self, entity: str, record: EntityId, into: EntityId) -> Iterable[EntityId]:
        """Affiliations that would stand twice once two contacts or companies are merged: those of `record`."""

    def caller_stands(
        self, contact: EntityId | None, company: EntityId | None, equipment: EntityId | None, site: EntityId | None
    ) -> CallerStands:
        """How those named in a call stand now."""

    def saved_call(self, call: EntityId) -> str | None:
        """The number of the ticket that a call was saved on already, None when it was not saved."""

    def new_id(self) -> EntityId:
        """A fresh id."""

    def next_ticket_number(self) -> str:
        """A number no ticket of this desk has."""

    @property
    def has_mail_command(self) -> bool:
        """True when outgoing mail has somewhere to go."""

    @property
    def has_keeper(self) -> bool:
        """True when the keeper of a hub is the one to send it."""
