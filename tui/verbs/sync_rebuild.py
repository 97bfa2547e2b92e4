"""`lampboard sync rebuild`: a desk's file made anew from its hub, also where the old one is broken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from core.text import plain
from tui.verbs.printing import complain, counted, say
from tui.words import ngettext

if TYPE_CHECKING:
    from storage.sync.new_file import MadeAnew
    from storage.sync.once import Report

LONGEST_PATH = 300


@click.command("rebuild")
@click.option("--url", help="The hub, where the file no longer says which it had joined.")
@click.pass_obj
def rebuild(desk: str, url: str | None) -> None:
    """Make the desk's file anew from its hub, with what is unsent in the old one, broken or whole; that is kept beside.

    What is in use comes first. Until it is all here the old file stays as it was.
    """
    from tui.verbs.hub import with_password

    made = with_password(lambda password: make_now(desk, url, password))
    say_made(made)
    with_password(lambda password: _read_the_rest(desk, password))
    say(f"the old file is kept as {plain(str(made.before), LONGEST_PATH)}; remove it when nothing is missed")


def make_now(desk: str, url: str | None, password: str | None) -> MadeAnew:
    """Make it, with its progress on a terminal."""
    from storage import places
    from storage.sync.new_file import make_anew
    from storage.sync.session import Session
    from tui.clocks import SystemClock, system_ids

    clock = SystemClock()
    new_id = system_ids(clock)
    path = places.desk_path(desk)
    made = make_anew(path, clock, new_id, lambda hub: Session(hub, password=password), url=url, tell=_progress)
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    return made


def say_made(made: MadeAnew) -> None:
    """What came of it."""
    say(f"the desk's file is new; {counted(made.unsent, 'operation')} that only the old one had came along")
    if made.refused:
        told = ngettext(
            "{count} operation that the hub had refused came along; lampboard sync log --refused shows it",
            "{count} operations that the hub had refused came along; lampboard sync log --refused shows them",
            made.refused,
        )
        say(told.format(count=made.refused))
    if made.lost:
        complain(f"{counted(len(made.lost), 'operation')} could not be read from the old file: {_ranges(made.lost)}")
    if made.unreadable:
        complain(f"parts of the old file could not be read: {', '.join(made.unreadable)}")
    if made.unfit:
        complain(f"{made.unfit} documents of the hub could not be read; who runs it may run lampboard hub audit")


def _read_the_rest(desk: str, password: str | None) -> Report:
    """Closed tickets, round by round."""
    from storage.sync.once import Round
    from storage.sync.session import Session
    from tui.verbs.seat import writing

    with writing(desk) as seat:
        while True:
            report = Round(seat.desk, seat.clock, lambda hub: Session(hub.url, password=password)).run()
            if report.history is None:
                break
            _progress(*report.history)
        seat.desk.finish_rebuild(lambda told: None)
    return report


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {total} records")
        sys.stderr.flush()


def _ranges(numbers: tuple[int, ...]) -> str:
    """Numbers in rising order as `3, 7-9`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
