"""The entries of one ticket while its rows are read, each as the text the log keeps and as the row the desk shows.

Both are written here directly, because going through a dataclass for each entry takes longer than all the rest of an
import together; `tests/storage/test_import_log.py` holds them to what the log's operations fold to.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from core.clock import Instant
from core.ids import EntityId, layout
from core.timeline import BY_SYSTEM, INTERNAL
from storage.importers.mapping import StageValue
from storage.rows import dump

CHANGED = "import.changed"
ENTRY_VARYING = ("id", "ticket", "at", "kind", "direction", "person", "text", "code", "data")
"""The columns in which imported entries differ; the others are as they are declared."""
EntryRow = tuple[Any, ...]


class Story:
    """What stands now, and what was told so far."""

    __slots__ = (
        "_id_seed",
        "_texts",
        "closed_at",
        "id",
        "owner",
        "priority",
        "reopens",
        "rows",
        "stage",
        "stage_class",
        "value",
    )

    def __init__(self, ticket: EntityId, stage: str, stage_class: int) -> None:
        self.id = ticket
        self.stage = stage
        self.stage_class = stage_class
        self.value: StageValue | None = None
        self.owner: str | None = None
        self.priority: int | None = None
        self.closed_at: Instant | None = None
        self.reopens = 0
        self.rows: list[EntryRow] = []
        self._texts: list[str] = []
        self._id_seed = sha256(ticket + b"\0")

    def opened(self, at: Instant, person: str | None, channel: str) -> None:
        """The ticket came in."""
        self._tell(at, person, "ticket.opened", _opened(channel))

    def staged(self, at: Instant, person: str | None, value: StageValue, stage_class: int) -> None:
        """It moved to the stage of `value`."""
        data = _staged(value.stage, stage_class, self.stage, value.cause, value.party)
        self._tell(at, person, "ticket.staged", data)

    def assigned(self, at: Instant, person: str | None, owner: str | None) -> None:
        """It got another owner, or none."""
        self._tell(at, person, "ticket.assigned", _assigned(owner, self.owner))
        self.owner = owner

    def prioritised(self, at: Instant, person: str | None, priority: int) -> None:
        """It got another priority."""
        self._tell(at, person, "ticket.prioritised", _prioritised(priority, self.priority))
        self.priority = priority

    def changed(self, at: Instant, person: str | None, what: str) -> None:
        """Something else changed at the source; `what` is told in the source's words."""
        self._tell(at, person, CHANGED, f'{{"what":{encode_basestring(what)}}}')

    def written(self, at: Instant, person: str | None, text: str) -> None:
        """The source holds a text; whether a customer ever read it is not known, so it stays inside."""
        entry = self._next_id(at)
        by, author = _person(person)
        self._texts.append(
            f'{{"at":{at},"direction":"{INTERNAL}","id":"{entry.hex()}","kind":"note","person":{author},'
            f'"text":{encode_basestring(text)}}}'
        )
        self.rows.append((entry, self.id, at, "note", INTERNAL, by, text, "", ""))

    def document(self) -> str:
        """All entries as canonical JSON."""
        return f"[{','.join(self._texts)}]"

    @property
    def last_at(self) -> Instant:
        """The latest time of any entry."""
        return Instant(max(row[2] for row in self.rows))

    def _tell(self, at: Instant, person: str | None, code: str, data: str) -> None:
        entry = self._next_id(at)
        by, author = _person(person)
        self._texts.append(
            f'{{"at":{at},"code":"{code}","data":{data},"direction":"{BY_SYSTEM}","id":"{entry.hex()}",'
            f'"kind":"system","person":{author}}}'
        )
        self.rows.append((entry, self.id, at, "system", BY_SYSTEM, by, "", code, data))

    def _next_id(self, at: Instant) -> EntityId:
        """Sorts equal times in the order of the source, whatever the length of the story.

        The same as `derived(at * 1000 + (n >> 12), n, ticket, n)`, with the ticket's part hashed once.
        """
        n = len(self.rows)
        digest = self._id_seed.copy()
        digest.update(n.to_bytes(4, "big"))
        return layout(at * 1000 + (n >> 12), n, digest.digest()[:8])


@lru_cache(maxsize=100_000)
def _person(person: str | None) -> tuple[bytes | None, str]:
    """The person's id as the row and as the JSON text keep it."""
    return (bytes.fromhex(person), f'"{person}"') if person else (None, "null")


@lru_cache(maxsize=1_000)
def _opened(channel: str) -> str:
    return dump({"channel": channel})


@lru_cache(maxsize=10_000)
def _staged(to: str, stage_class: int, was: str, cause: str, party: str) -> str:
    return dump({"to": to, "stage_class": stage_class, "was": was, "cause": cause, "party": party, "until": None})


@lru_cache(maxsize=10_000)
def _assigned(owner: str | None, was: str | None) -> str:
    return dump({"owner": owner, "was_owner": was})


@lru_cache(maxsize=100)
def _prioritised(priority: int, was: int | None) -> str:
    return dump({"priority": priority, "was": was})
