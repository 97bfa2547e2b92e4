"""The story of a ticket: what an entry is and in which order entries are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.clock import Instant
from core.ids import EntityId

KINDS = ("message", "note", "call", "work", "part", "visit", "score", "system")

FROM_CUSTOMER, TO_CUSTOMER, INTERNAL, BY_SYSTEM = "<", ">", "#", "="

NOT_APPLIED = "change.not_applied"
"""The code of a line of the system about what somebody wanted, not knowing of another's change, and what did not hold;
`of` in its data is the code that it would have had."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's story.

    `direction` is one of `<` `>` `#` `=`; a system entry has no `text` but a `code` (the operation's kind) and `data`
    (its facts), so that every reader sees it in the language of the screen. `delivery` is empty for what stays inside.
    """

    id: EntityId
    ticket: EntityId
    at: Instant
    kind: str
    direction: str
    person: EntityId | None = None
    contact: EntityId | None = None
    text: str = ""
    code: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    delivery: str = ""
    hidden: bool = False
    derived_by: str = ""


def told_before(entry: Entry) -> tuple[int, bytes]:
    """Sort key: by time, then by id, which every console computes alike."""
    return entry.at, entry.id
