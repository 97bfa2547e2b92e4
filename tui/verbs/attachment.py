"""`lampboard attachment`: files of a ticket, kept beside the desk under their hash and never run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from core.attachments import PROGRAMS, Attached, safe_name, standing
from core.clock import Instant
from core.commands import AddAttachment, RemoveAttachment
from core.errors import DomainError, Refused
from core.pages import TicketPage
from core.text import plain
from storage import places
from storage.sitting import open_sitting
from tui.presenters.ticket_page import file_size
from tui.presenters.times import date_time
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, fit, iso, say, say_json
from tui.verbs.seat import perform, the_ticket, writing

EVERY_ENTRY = 1_000_000
OPENING_SECONDS = 10
as_json = click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex, times in UTC.")


@click.group("attachment")
def command() -> None:
    """Files of a ticket. WHICH is a number of the list, a name, or the beginning of a hash."""


@command.command("add")
@click.argument("ticket")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="What it is called on the ticket; else the name of the file.")
@as_json
@click.pass_obj
def add(desk: str, ticket: str, file: Path, name: str | None, is_json: bool) -> None:
    """Attach FILE to TICKET: its bytes are copied, the original is no longer needed."""
    from storage.attachments import take_in

    called = safe_name(name if name is not None else file.name)
    with writing(desk) as seat:
        row = the_ticket(seat.desk.page_now, ticket)
        taken = take_in(seat.desk.path, file)
        applied = perform(seat, AddAttachment(row.id, called, taken.size, taken.media_type, taken.digest))
        stands_beside_a_hub = _has_hub(seat.desk.path)
    if is_json:
        told = {"name": called, "size": taken.size, "type": taken.media_type, "hash": taken.digest}
        say_json({"done": applied.title.code, "number": row.number, **told})
        return
    say(f"{plain(row.number)}: {plain(called)}, {file_size(taken.size)}, {taken.media_type}")
    if stands_beside_a_hub:
        complain("the line in the ticket travels to the other consoles, the file itself stays on this machine")


@command.command("list")
@click.argument("ticket")
@as_json
@click.pass_obj
def list_(desk: str, ticket: str, is_json: bool) -> None:
    """List the files of TICKET, the oldest first."""
    from storage.attachments import folder_of

    path = places.desk_path(desk)
    sitting = open_sitting(path)
    try:
        row = the_ticket(sitting.page, ticket)
        files = standing(sitting.page(TicketPage(row.id, EVERY_ENTRY, Instant(sitting.now))).entries)
    finally:
        sitting.close()
    here = {one.digest: (folder_of(path) / one.digest).is_file() for one in files}
    if is_json:
        say_json([_document(one, here[one.digest]) for one in files])
        return
    for number, one in enumerate(files, 1):
        at = date_time(one.at, Instant(sitting.now), sitting.zone)
        mark = "" if here[one.digest] else "  (not on this machine)"
        line = (
            f"{number:3} {fit(one.name, 40)} {file_size(one.size):>9} {fit(one.media_type, 26)} {at} {one.digest[:8]}"
        )
        say(line + mark)
    if not files:
        complain(f"{plain(row.number)} has no files; lampboard attachment add {plain(row.number)} FILE attaches one")


@command.command("save")
@click.argument("ticket")
@click.argument("which")
@click.argument("to", type=click.Path(path_type=Path), required=False)
@as_json
@click.pass_obj
def save(desk: str, ticket: str, which: str, to: Path | None, is_json: bool) -> None:
    """Save a file of TICKET as TO (a name or a folder; here under its own name if it is left out)."""
    from storage import attachments

    path = places.desk_path(desk)
    wanted = _wanted(path, ticket, which)
    name = safe_name(wanted.name)
    target = Path(name) if to is None else to / name if to.is_dir() else to
    _told_where(lambda: attachments.save(path, wanted.digest, target), wanted)
    if is_json:
        say_json({"saved": str(target), **_document(wanted, True)})
        return
    say(f"saved as {plain(str(target))}, {file_size(wanted.size)}, {plain(wanted.media_type)}")


@command.command("open")
@click.argument("ticket")
@click.argument("which")
@as_json
@click.pass_obj
def open_(desk: str, ticket: str, which: str, is_json: bool) -> None:
    """Hand a copy of a file of TICKET to open_command of settings.toml; programs are never handed over."""
    from storage.attachments import copy_to_open
    from tui.bootstrap import read_settings

    path = places.desk_path(desk)
    wanted = _wanted(path, ticket, which)
    opener = read_settings().open_command
    if not opener:
        raise Refused("attachment.no_command", name=wanted.name)
    if shutil.which(opener[0]) is None:
        raise Refused("attachment.no_program", program=opener[0])
    if wanted.media_type in PROGRAMS:
        raise Refused("attachment.is_a_program", name=wanted.name, type=wanted.media_type)
    copy = _told_where(lambda: copy_to_open(path, wanted.digest, wanted.name, wanted.media_type), wanted)
    argv = [part.replace("{path}", str(copy)) for part in opener]
    if argv == list(opener):
        argv.append(str(copy))
    _run(argv)
    if is_json:
        say_json({"handed_to": opener[0], **_document(wanted, True)})
        return
    say(f"{plain(wanted.name)} was handed to {plain(opener[0])}")


@command.command("remove")
@click.argument("ticket")
@click.argument("which")
@click.option("--erase", is_flag=True, help="Delete the bytes as well; there is no undo.")
@as_json
@click.pass_obj
def remove(desk: str, ticket: str, which: str, erase: bool, is_json: bool) -> None:
    """Take a file off TICKET; undo on the screen puts it back."""
    from storage import attachments
    from storage.engine import open_file

    path = places.desk_path(desk)
    wanted = _wanted(path, ticket, which)
    with writing(desk) as seat:
        row = the_ticket(seat.desk.page_now, ticket)
        applied = perform(seat, RemoveAttachment(row.id, wanted.entry, wanted.name, erase))
    is_gone = False
    if erase:
        with closing(open_file(path, read_only=True)) as reading:
            is_gone = attachments.erase(path, reading, wanted.digest)
    if is_json:
        told = {"name": wanted.name, "hash": wanted.digest, "is_erased": is_gone}
        say_json({"done": applied.title.code, "number": row.number, **told})
        return
    say(f"{plain(row.number)}: {plain(wanted.name)} was taken off")
    if erase:
        say("its bytes are erased" if is_gone else "its bytes stay: another line of a ticket names the same file")


def _run(argv: list[str]) -> None:
    """Begin the program and see whether it fails at once; one that stays open is left to the person."""
    try:
        process = subprocess.Popen(  # noqa: S603 the person's own command, and a path
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise Refused("attachment.no_program", program=argv[0]) from error
    try:
        code = process.wait(OPENING_SECONDS)
    except subprocess.TimeoutExpired:
        return
    if code:
        raise Refused("attachment.program_failed", program=argv[0], ended=code)


def _wanted(path: Path, ticket: str, which: str) -> Attached:
    sitting = open_sitting(path)
    try:
        row = the_ticket(sitting.page, ticket)
        files = standing(sitting.page(TicketPage(row.id, EVERY_ENTRY, Instant(sitting.now))).entries)
    finally:
        sitting.close()
    if which.isdecimal() and which.isascii() and len(which) < 8 and 1 <= int(which) <= len(files):
        return files[int(which) - 1]
    found = [one for one in files if one.name == which] or [
        one for one in files if len(which) >= 4 and one.digest.startswith(which.lower())
    ]
    if len({one.digest for one in found}) == 1:
        return found[-1]
    if found:
        raise Refusal(f"{row.number} has {len(found)} files called {which!r}; name one by its number in the list")
    raise Refusal(f"{row.number} has no file {which!r}; lampboard attachment list {row.number} shows them")


def _told_where(job: Callable[[], Any], wanted: Attached) -> Any:
    """Run it; a refusal is told with the name of the file."""
    try:
        return job()
    except DomainError as error:
        error.facts.setdefault("name", wanted.name)
        raise


def _has_hub(path: Path) -> bool:
    from storage.sync.joined import stands

    return stands(path).hub is not None


def _document(one: Attached, is_here: bool) -> dict[str, Any]:
    return {
        "entry": one.entry.hex(),
        "name": one.name,
        "size": one.size,
        "type": one.media_type,
        "hash": one.digest,
        "at": iso(one.at),
        "is_here": is_here,
    }
