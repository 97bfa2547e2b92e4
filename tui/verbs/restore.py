"""`lampboard restore`: a desk put back from a backup or an export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.clock import instant
from storage import places
from tui.clocks import SystemClock
from tui.verbs.files_told import files_document, files_in_words
from tui.verbs.opening import Refusal
from tui.verbs.printing import iso, say, say_json
from tui.verbs.ticket_told import whole
from tui.verbs.watching import watched
from tui.words import ngettext

if TYPE_CHECKING:
    from storage.safekeeping.newer_work import NewerWork
    from storage.safekeeping.restore import Restored

PUT_IN_PLACE = "--yes puts the file in its place and keeps the other beside"


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Also where the desk has work that the file has not.")
@click.option("--json", "is_json", is_flag=True, help="What came of it, as JSON.")
@click.pass_obj
def command(desk: str, file: Path, yes: bool, is_json: bool) -> None:
    """Put the desk back from FILE, a backup or an export, plain or gzipped.

    FILE is looked through first. Files of tickets come from it, or from the folder `attachments` beside it. The file
    that was the desk is kept beside. Another name with --desk makes a desk of its own of it, to look around.
    """
    from storage.safekeeping.restore import WouldLose, restore

    try:
        with watched("reading", "rows or pages") as tell:
            restored = restore(places.desk_path(desk), file, SystemClock(), is_sure=yes, tell=tell)
    except WouldLose as error:
        raise Refusal(_why_not(desk, file, error.lost)) from error
    if is_json:
        say_json(_document(restored))
        return
    for line in in_words(desk, restored):
        say(line)


def _why_not(desk: str, file: Path, lost: NewerWork) -> str:
    if lost.unreadable:
        return (
            f"the desk {desk} cannot be read ({lost.unreadable}), so nobody can tell what it has that"
            f" {whole(file.name)} has not; nothing was changed, {PUT_IN_PLACE}"
        )
    unsent = ""
    if lost.unsent:
        unsent = f"; {lost.unsent:,} of them no hub has: lampboard sync sends them first"
    return (
        f"the desk {desk} has {_counted(lost)} that {whole(file.name)} has not{unsent};"
        f" nothing was changed, {PUT_IN_PLACE}"
    )


def _counted(lost: NewerWork) -> str:
    told = []
    if lost.operations:
        of = ngettext("{count:,} operation", "{count:,} operations", lost.operations).format(count=lost.operations)
        told.append(f"{of} (the newest of {iso(instant(lost.newest_ms))})")
    if lost.tickets:
        told.append(ngettext("{count:,} ticket", "{count:,} tickets", lost.tickets).format(count=lost.tickets))
    if lost.drafts:
        told.append(
            ngettext("{count:,} unfinished text", "{count:,} unfinished texts", lost.drafts).format(count=lost.drafts)
        )
    return " and ".join(told)


def _document(restored: Restored) -> dict[str, object]:
    lost, now = restored.lost, restored.now
    return {
        "tickets": now.tickets,
        "operations": now.operations,
        "newest_at": iso(instant(now.newest_ms)),
        "kept_as": str(restored.before) if restored.before else None,
        "only_there": {
            "operations": lost.operations,
            "unsent": lost.unsent,
            "tickets": lost.tickets,
            "drafts": lost.drafts,
            "unreadable": lost.unreadable or None,
        },
        "waiting_replies": restored.waiting,
        "hub": restored.hub or None,
        "files": files_document(restored.files),
    }


def in_words(desk: str, restored: Restored) -> Iterator[str]:
    """What came of it, as lines: what is there now, what is only in the file that was kept, files, mail, the hub."""
    now, lost = restored.now, restored.lost
    yield (
        f"the desk {desk} is as it was at {iso(instant(now.newest_ms))}: {now.tickets:,} tickets,"
        f" {now.operations:,} operations"
    )
    kept = whole(str(restored.before))
    if restored.before is not None:
        only = f"; in it alone: {_counted(lost)}" if lost and not lost.unreadable else ""
        yield f"  what was there is kept as {kept}{only}"
    yield from files_in_words(restored.files, "beside the desk")
    if lost.unsent:
        told = ngettext("{count:,} operation in it was", "{count:,} operations in it were", lost.unsent)
        yield (
            f"  {told.format(count=lost.unsent)} never sent; lampboard --desk unsent restore {kept} makes a desk of it,"
            " and lampboard --desk unsent sync sends that"
        )
    if restored.waiting:
        told = ngettext("{count:,} reply", "{count:,} replies", restored.waiting).format(count=restored.waiting)
        yield f"  {told} waited for the mail command then and may have left since: not sent again unless you do it"
    if restored.hub:
        yield (
            f"  it has joined {whole(restored.hub)}: the next sync brings what the hub has; where more was sent from"
            " here than it knows of, it goes on as a console of its own (docs/sync-recovery.md)"
        )
