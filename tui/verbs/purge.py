"""`lampboard purge`: erase what the desk knows of one person outside, after showing what that is."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import Refused
from core.personal_marks import PURGED_NAME, Marks
from core.phones import looks_like_number
from core.record_shown import FindRecords
from core.text import plain
from storage import places
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, say, say_json

if TYPE_CHECKING:
    from storage.purging.purge import Foreseen, Purged
    from storage.purging.subject import Subject
    from tui.bootstrap import Seat

STILL_THERE = 1
TOLD = 120


@click.command("purge")
@click.argument("person", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--finish", "is_finish", is_flag=True, help="Make the file clean after a purge that was cut off.")
@click.option("--json", "is_json", is_flag=True, help="As JSON; without --yes only what would be erased.")
@click.pass_context
def command(ctx: click.Context, person: str | None, yes: bool, is_finish: bool, is_json: bool) -> None:
    """Erase one person of a customer for good: records, log, texts, drafts, indexes, raw lines of imports.

    PERSON is a part of the name, a number, a mail address or an id. Tickets stay readable: "a purged person". There is
    no undo. Exit code 1 says that something was left; see docs/purge.md.
    """
    from storage.purging.purge import finish

    path = places.desk_path(ctx.obj)
    if is_finish:
        _tell_finished(list(finish(path)), is_json)
        return
    if not person or not person.strip():
        raise Refusal("say who is to be erased: a name, a number, a mail address or an id")
    seat, subject, foreseen = _looked_at(ctx.obj, path, person.strip())
    if is_json and not yes:
        say_json(_foreseen_document(subject, foreseen))
        return
    if not is_json:
        _tell_foreseen(subject, foreseen)
    if not yes and not _is_sure():
        complain("nothing was erased")
        return
    from storage.purging.purge import purge
    from tui.clocks import system_ids

    done = purge(path, seat.clock, system_ids(seat.clock), seat.person.id, subject, places.state_folder())
    _tell_done(done, is_json)
    ctx.exit(STILL_THERE if done.found else 0)


def _looked_at(desk: str, path: Path, person: str) -> tuple[Seat, Subject, Foreseen]:
    from storage.engine import open_file
    from storage.purging.purge import check_may_purge, foresee
    from storage.purging.subject import subject_of, subject_without_record
    from tui.verbs.records import PRESENT_OR_ARCHIVED, the_record
    from tui.verbs.seat import writing

    with writing(desk) as seat:
        marks, contact = _marks_alone(person), None
        # A number or an address may be nobody's record, and yet stand in texts.
        if not marks or seat.desk.page_now(FindRecords("contact", person, None, 1, with_archived=True)):
            shown = the_record(seat.desk.page_now, "contact", person, among=PRESENT_OR_ARCHIVED)
            if shown.name == PURGED_NAME:
                raise Refused("purge.purged_already")
            contact = shown.id
    with closing(open_file(path, read_only=True)) as reading:
        check_may_purge(reading)
        subject = subject_without_record(marks) if contact is None else subject_of(reading, contact)
        foreseen = foresee(reading, path, subject, places.state_folder())
    if not foreseen.places:
        raise Refused("purge.nothing", told=person)
    return seat, subject, foreseen


def _marks_alone(person: str) -> Marks:
    """The number or address that was typed, which may be nobody's on the desk."""
    if "@" in person and " " not in person:
        return Marks(addresses=(person,))
    return Marks(numbers=(person,)) if looks_like_number(person) else Marks()


def _is_sure() -> bool:
    if not sys.stdin.isatty():
        raise Refusal("nobody can be asked here; add --yes to erase it")
    return click.confirm("Erase all of it? There is no undo", default=False, err=True)


def _tell_foreseen(subject: Subject, foreseen: Foreseen) -> None:
    known = (*subject.own.names, *subject.own.addresses, *subject.own.numbers)
    if known:
        say(f"erased wherever it stands: {', '.join(plain(one, TOLD) for one in known)}")
    shared = (*subject.shared.names, *subject.shared.addresses, *subject.shared.numbers)
    if shared:
        told = ", ".join(plain(one, TOLD) for one in shared)
        say(f"erased only in what is about this person, as others are called so too: {told}")
    count = len(subject.contacts)
    say(f"{count} record{'s' * (count != 1)} of the person, {len(subject.tickets)} tickets, which stay as such")
    for table, rows in sorted(foreseen.places.items()):
        say(f"  {rows:7} {'in the log' if table == 'operation' else f'in {table}'}")
    for one in (*foreseen.old_files, *foreseen.reports):
        say(f"  the file {plain(str(one), TOLD)} is deleted")
    if foreseen.left_hub:
        say(f"the hub {plain(foreseen.left_hub, TOLD)}, which this desk has left, keeps what it was sent")


def _tell_done(done: Purged, is_json: bool) -> None:
    if is_json:
        say_json(
            {
                "places": done.places,
                "removed": [str(one) for one in done.removed],
                "found": [str(one) for one in done.found],
            }
        )
        return
    say(f"erased in {sum(done.places.values())} places; the file was written anew")
    for one in done.found:
        complain(f"something of it still stands in {one}; look at that file, it is none that purge may change")


def _tell_finished(removed: list[Path], is_json: bool) -> None:
    if is_json:
        say_json({"removed": [str(one) for one in removed]})
        return
    say("the file was written anew; nothing of what was erased is left in it")


def _foreseen_document(subject: Subject, foreseen: Foreseen) -> dict[str, Any]:
    return {
        "contacts": [one.hex() for one in subject.contacts],
        "tickets": len(subject.tickets),
        "own": subject.own._asdict(),
        "shared": subject.shared._asdict(),
        "places": foreseen.places,
        "old_files": [str(one) for one in foreseen.old_files],
        "reports": [str(one) for one in foreseen.reports],
        "left_hub": foreseen.left_hub or None,
    }
