"""What a person at a console may wish next, drawn from what is on the desk."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Instant
from core.commands import (
    AddRecord,
    ArchiveRecord,
    AssignTicket,
    ChangeRecord,
    Command,
    MergeRecords,
    MoveStage,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    Redo,
    SetPriority,
    SettleConflict,
    Together,
    Undo,
)
from core.ids import EntityId
from tests.storage.sync_world import Desk

WORDS = ("Printer jams", "No dial tone", "Smells burnt")
STAGES = ("new", "active", "on_site", "waiting", "resolved", "closed")
TIERS = ("gold", "silver", "")


def one_of(desk: Desk, query: str, choice: int) -> EntityId | None:
    """One of what a query finds."""
    found = [EntityId(row[0]) for row in desk.seen.execute(query)]
    return found[choice % len(found)] if found else None


def wish(desk: Desk, kind: int, choice: int) -> Command | None:
    """Anything a person may do next; None where there is nothing to do it to."""
    ticket = one_of(desk, "SELECT id FROM ticket ORDER BY id", choice)
    company = one_of(desk, "SELECT id FROM company ORDER BY id", choice >> 2)
    other = one_of(desk, "SELECT id FROM company ORDER BY id", choice >> 4)
    contact = one_of(desk, "SELECT id FROM contact ORDER BY id", choice)
    colleague = one_of(desk, "SELECT id FROM person ORDER BY id", choice >> 3)
    word = WORDS[choice % len(WORDS)]
    on_records: list[Callable[[], Command]] = [lambda: AddRecord("company", {"name": word, "kind": "customer"})]
    if company is not None and other is not None:
        on_records += [
            lambda: ChangeRecord("company", company, {"name": f"{word} {choice}"}),
            lambda: ChangeRecord("company", company, {"tier": TIERS[choice % 3]}),
            lambda: ChangeRecord("company", company, {"tier": TIERS[choice % 3], "name": f"{word} {choice}"}),
            lambda: ArchiveRecord("company", company, bool(choice & 1)),
        ]
    opening = OpenTicket(f"{word} {choice}", company, choice % 4 + 1, reporters=() if contact is None else (contact,))
    if ticket is None:
        return opening if kind % 2 else on_records[kind % len(on_records)]()
    (owner,) = desk.seen.execute("SELECT owner FROM ticket WHERE id = ?", (ticket,)).fetchone()
    at = Instant(desk.clock.now_ms() // 1000 + 3600)
    note = PostEntry(ticket, "note", f"Note {choice}")
    makers: list[Callable[[], Command]] = [
        *on_records,
        *(lambda: AssignTicket(ticket, colleague, owner), lambda: AssignTicket(ticket, None, owner)),
        *(lambda: SetPriority(ticket, choice % 4 + 1), lambda: MoveStage(ticket, STAGES[choice % 6], "part", "vendor")),
        *(lambda: MoveStage(ticket, STAGES[(choice >> 3) % 6], "part", "vendor"), lambda: opening, lambda: note),
        lambda: Together((note, SetPriority(ticket, choice % 4 + 1))),
        lambda: PlanCallBack(ticket, at, "+48 22 555 01 02", contact),
        *(Undo, Redo),
    ]
    # What two people can differ about comes twice as often as what stands in between.
    makers += makers[len(on_records) : len(on_records) + 5]
    conflict = one_of(desk, "SELECT id FROM conflict WHERE is_open = 1 ORDER BY id", choice)
    if conflict is not None:
        makers += [lambda: SettleConflict(conflict, bool(choice & 1))] * 2
    if company is not None and other is not None and kind % 5 == 0:
        makers.append(lambda: MergeRecords("company", company, other))
    return makers[kind % len(makers)]()
