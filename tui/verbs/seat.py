"""Sitting down to write: a desk opened as on the screen, wishes through its writer, and names looked up on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.finding import FindCompanies, FindTickets, NameLine
from core.pages import QueueRow
from core.sync_shown import SyncStands
from core.text import storable
from storage import places
from tui.verbs.opening import Refusal

if TYPE_CHECKING:
    from core.commands import Command
    from core.ids import EntityId, IdMaker
    from core.ports import Applied
    from tui.bootstrap import Seat

Ask = Callable[[Any], Any]
CANDIDATES_TOLD = 8


@contextmanager
def writing(desk: str) -> Iterator[Seat]:
    """The desk called `desk`, with the person who sat there last; closed when what was asked is written."""
    from tui.bootstrap import take_seat

    seat = take_seat(places.desk_path(desk))
    try:
        yield seat
    finally:
        seat.desk.close()


def perform(seat: Seat, command: Command) -> Applied:
    """Perform a wish and wait until it is on the disk."""
    return seat.desk.submit(command, seat.person.id).result()


def the_ticket(ask: Ask, wanted: str) -> QueueRow:
    """The one ticket with that number or imported key, or Refusal with the candidates."""
    text = wanted.strip()
    found: tuple[QueueRow, ...] = ask(FindTickets(text)) if text else ()
    if not found and text:
        found = ask(FindTickets(text.upper()))
    exact = [row for row in found if row.number.upper() == text.upper()]
    if exact:
        return exact[0]
    by_key = [row for row in found if not row.number.upper().startswith(text.upper())]
    if len(by_key) == 1:
        return by_key[0]
    if by_key:
        raise Refusal(f"{wanted!r} is the key of {_listed([row.number for row in by_key])}; name one of them")
    if found:
        raise Refusal(f"there is no ticket {wanted!r}; there are {_listed([row.number for row in found])}")
    sync = ask(SyncStands())
    if sync is not None and sync.history_percent is not None:
        raise Refusal(
            f"there is no ticket {wanted!r} on this desk yet; {sync.history_percent} % of its history have come in from"
            " the hub, try again in a moment"
        )
    raise Refusal(f"there is no ticket {wanted!r} on this desk; lampboard queue --view all lists the numbers")


def the_company(ask: Ask, wanted: str) -> NameLine:
    """The one company with that name, or Refusal with the candidates."""
    found: tuple[NameLine, ...] = ask(FindCompanies(wanted)) if wanted.strip() else ()
    return _the_one(found, f"company {wanted!r}", "lampboard ticket new --new-company opens a ticket for a new one")


def the_contact(found: tuple[NameLine, ...], company: NameLine, wanted: str) -> NameLine:
    """The one person among those found at `company`, or Refusal with the candidates."""
    return _the_one(found, f"person {wanted!r} at {company.name}", "lampboard ticket new --contact adds one")


def _the_one(found: tuple[NameLine, ...], what: str, hint: str) -> NameLine:
    if len(found) == 1:
        return found[0]
    if found:
        raise Refusal(f"{what} may be {_listed([line.name for line in found])}; write the whole name")
    raise Refusal(f"there is no {what} on this desk; {hint}")


def _listed(names: list[str]) -> str:
    told = ", ".join(name[:60] for name in names[:CANDIDATES_TOLD])
    return f"{told} and others" if len(names) > CANDIDATES_TOLD else told


def fresh_id(seat: Seat) -> EntityId:
    """An id for a record that is to be named before it is added."""
    from core.ids import IdMaker
    from tui.verbs.making import system_random

    return IdMaker(seat.clock.now_ms, system_random)()


def fresh_ids(seat: Seat) -> IdMaker:
    """Ids for records that refer to each other before they are added."""
    from core.ids import IdMaker
    from tui.verbs.making import system_random

    return IdMaker(seat.clock.now_ms, system_random)


def text_of(argument: str) -> str:
    """A text as it may be kept; `-` reads it from standard input."""
    if argument != "-":
        return storable(argument)[0]
    import sys

    return storable(sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape"))[0].rstrip("\n")


def explained(error: Refused) -> Refusal | Refused:
    """A refusal whose sentence on the screen names keys, as one that names options."""
    number = error.facts.get("number")
    if error.code == "ticket.move_not_legal":
        allowed = error.facts.get("allowed")
        told = ", ".join(allowed) if isinstance(allowed, list) else ""
        return Refusal(
            f"{number} cannot go from {error.facts.get('stage')} to {error.facts.get('to')}; it can go to {told}"
        )
    if error.code == "ticket.wait_cause_missing":
        return Refusal(f"{number} needs a cause to wait for; add --cause TEXT and --party")
    return error
