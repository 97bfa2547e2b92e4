"""What a person may ask of the desk: plain wishes, checked and turned into operations by `core/handlers`.

Named tuples like the pages, because keys cannot be answered before these classes exist.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from core.clock import Instant
from core.ids import EntityId


class AssignTicket(NamedTuple):
    """Give `ticket` to `owner` (None: to nobody). `seen_owner` is who held it when the person decided."""

    ticket: EntityId
    owner: EntityId | None
    seen_owner: EntityId | None


class MoveStage(NamedTuple):
    """Move `ticket` to `stage`; waiting needs a cause and a party."""

    ticket: EntityId
    stage: str
    cause: str = ""
    party: str = ""
    until: Instant | None = None
    resolution_code: str = ""


class SetPriority(NamedTuple):
    """Set the priority of `ticket`, 1 to 4."""

    ticket: EntityId
    priority: int


class PostEntry(NamedTuple):
    """Write `text` on `ticket`: kind `note` stays inside, kind `message` goes to `contact`.

    A `call` is what the customer said; with `said_at` it is what the customer was told in a call at that time.
    """

    ticket: EntityId
    kind: str
    text: str
    contact: EntityId | None = None
    said_at: Instant | None = None


class PlanCallBack(NamedTuple):
    """Promise to telephone `contact` at `number` on `due_at`."""

    ticket: EntityId
    due_at: Instant
    number: str
    contact: EntityId | None = None
    note: str = ""


class DropCallBack(NamedTuple):
    """The promise to telephone, as it was made, no longer stands."""

    ticket: EntityId
    call_back: EntityId
    due_at: Instant
    number: str
    contact: EntityId | None = None
    note: str = ""


class OpenTicket(NamedTuple):
    """Open a ticket for `company`; what is not said is taken from the contract and the person at the keys."""

    subject: str
    company: EntityId | None
    priority: int | None = None
    site: EntityId | None = None
    equipment: EntityId | None = None
    reporters: tuple[EntityId, ...] = ()
    request_type: str = "fault"
    channel: str = "phone"
    text: str = ""
    is_taken: bool = False


class AddRecord(NamedTuple):
    """Add a record of master data; `fields` as in the entity's dataclass, ids as hex; `record` is its id if given.

    `carried` is what another contract version says where neither `fields` nor the grade do. `accepted` are the codes
    of doubts that the person has read and passed; None: nobody can be asked, so they are told once it is done.
    """

    entity: str
    fields: dict[str, Any]
    record: EntityId | None = None
    carried: dict[str, Any] = {}  # noqa: RUF012 never changed
    accepted: tuple[str, ...] | None = None


class ChangeRecord(NamedTuple):
    """Give fields of a record other values; `seen` is what they said when the person decided, where that is known.

    Fields and `accepted` as in `AddRecord`. A field that somebody else changed meanwhile is refused, one left out is
    left alone.
    """

    entity: str
    record: EntityId
    changes: dict[str, Any]
    seen: dict[str, Any] = {}  # noqa: RUF012 never changed
    accepted: tuple[str, ...] | None = None


class ArchiveRecord(NamedTuple):
    """Take a record off the desk, or bring it back."""

    entity: str
    record: EntityId
    archived: bool = True


class MergeRecords(NamedTuple):
    """`record` and `into` are the same thing, entered twice: from now on both are `into`."""

    entity: str
    record: EntityId
    into: EntityId


class ChangeDocument(NamedTuple):
    """Another version of a calendar or policy: `body` (JSON text) in force from `valid_from` (None: from now) on.

    `seen_number` is the newest version's number when the person decided.
    """

    kind: str
    document: EntityId
    body: str
    seen_number: int
    valid_from: Instant | None = None
    note: str = ""


class ChangeEquipment(NamedTuple):
    """`ticket` is about `equipment` (None: about none) of its company; its site is where that stands."""

    ticket: EntityId
    equipment: EntityId | None


class RetargetTicket(NamedTuple):
    """Put `ticket` under `contract_version` (None: under none) and its policy as it stands now."""

    ticket: EntityId
    contract_version: EntityId | None


class RecordDelivery(NamedTuple):
    """What became of the reply `entry` on `ticket` when the mail command ran."""

    ticket: EntityId
    entry: EntityId
    delivery: str
    reason: str = ""


class SendAgain(NamedTuple):
    """Give the reply `entry` to the mail command again; `seen_*` is what its delivery was when the person decided."""

    ticket: EntityId
    entry: EntityId
    seen_delivery: str
    seen_reason: str = ""


class SaveCall(NamedTuple):
    """A call that was taken: another entry on the open `ticket`, or a ticket of its own, assigned to whom took it.

    Without `contact` a name or number, and without `company` a name, comes onto the desk with it. `call` names the
    act, so that it is saved only once. `accepted` are the codes of doubts that the person has read and passed.
    """

    call: EntityId
    started_at: Instant
    symptom: str
    ticket: EntityId | None = None
    contact: EntityId | None = None
    contact_name: str = ""
    number: str = ""
    company: EntityId | None = None
    company_name: str = ""
    site: EntityId | None = None
    equipment: EntityId | None = None
    priority: int | None = None
    accepted: tuple[str, ...] = ()
    is_new_there: bool = False
    """The caller is not known at that company yet."""


class AddAttachment(NamedTuple):
    """The file with the SHA-256 `digest` (hex) belongs to `ticket`; `media_type` is what its content says."""

    ticket: EntityId
    name: str
    size: int
    media_type: str
    digest: str


class RemoveAttachment(NamedTuple):
    """The file that came to `ticket` with the line `entry` no longer belongs to it; `is_erased`: its bytes go too."""

    ticket: EntityId
    entry: EntityId
    name: str
    is_erased: bool = False


class NumberTicket(NamedTuple):
    """Give `ticket`, which was opened while no number was to be had, one that the hub leased."""

    ticket: EntityId


class SettleConflict(NamedTuple):
    """Say of a conflict that it is well as it stands; with `takes_other` the other one's wish is done first."""

    conflict: EntityId
    takes_other: bool


class Together(NamedTuple):
    """Several wishes as one act: all of them happen or none, and one undo takes all back."""

    commands: tuple[Command, ...]


class Undo(NamedTuple):
    """Take back the last act of the person at the keys."""


class Redo(NamedTuple):
    """Do again what was last taken back."""


Command = (
    AssignTicket
    | MoveStage
    | SetPriority
    | PostEntry
    | PlanCallBack
    | DropCallBack
    | OpenTicket
    | AddRecord
    | ChangeRecord
    | ArchiveRecord
    | MergeRecords
    | ChangeDocument
    | RetargetTicket
    | ChangeEquipment
    | RecordDelivery
    | SendAgain
    | SaveCall
    | AddAttachment
    | RemoveAttachment
    | NumberTicket
    | SettleConflict
    | Together
    | Undo
    | Redo
)
