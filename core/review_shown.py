"""What people did to one thing without knowing of each other, as the page on which it is settled shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.clock import Instant
from core.conflicts import Conflict
from core.ids import EntityId
from core.pages import QueueRow

if TYPE_CHECKING:
    from core.clock_facts import Promise
    from core.restatements import Restatement


class ReviewPage(NamedTuple):
    """Asks for the open conflicts of the desk, the most urgent first, at most `most` of them: ReviewShown."""

    most: int = 200


class ConflictLine(NamedTuple):
    """An open conflict with what it is about: `row` is its ticket, `name` and `company` are what a record is called."""

    conflict: Conflict
    row: QueueRow | None
    name: str
    company: str


class ReviewShown(NamedTuple):
    """Open conflicts, the most urgent first, of `in_all`; `names` are those of people and things, by id in hex."""

    lines: tuple[ConflictLine, ...]
    in_all: int
    names: dict[str, str]


class ConflictBeside(NamedTuple):
    """Asks for what is known beside a conflict as of `now`: BesideShown, or None for no open one of that id."""

    conflict: EntityId
    now: Instant


class Merged(NamedTuple):
    """Another operation on the same record that nobody is asked about; `told` are first words, or names of fields."""

    author: EntityId
    at: Instant
    kind: str
    told: str


class BesideShown(NamedTuple):
    """What would come of each priority for the resolution, what was said of its promises and is not so, what merged.

    `merged` are the latest of `merged_in_all`, in order.
    """

    deadlines: dict[int, Promise]
    restated: tuple[Restatement, ...]
    merged: tuple[Merged, ...]
    merged_in_all: int
    names: dict[str, str]
