"""`lampboard hub init URL --from-local`: the desk that is there becomes the first of a hub, and its keeper."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from core.text import plain
from tui.verbs.printing import complain, counted, say
from tui.words import ngettext

if TYPE_CHECKING:
    from storage.sync.joined import Joined
    from storage.sync.session import Session
    from tui.bootstrap import Seat

STREAM = "shared"


def check_seat(seat: Seat) -> None:
    """HubError for a desk that cannot become one of several, before anything is made."""
    from storage.hub.connecting import HubError
    from storage.sync.joined import stands

    if seat.is_demo:
        raise HubError("hub.demo_desk")
    stood = stands(seat.desk.path)
    if stood.hub is not None:
        raise HubError("hub.joined_already", url=stood.hub.url)


def bring(seat: Seat, url: str, login: str, password: str | None) -> None:
    """Join the new hub at `url` as `login`, who may keep it, and send everything."""
    from storage.sync.joined import stands
    from storage.sync.joining import join_hub
    from storage.sync.once import Round
    from storage.sync.session import Session
    from tui.verbs.sync import Waits

    session = Session(url, password=password)
    try:
        join_hub(seat.desk, seat.clock, session, url, seat.person.id)
    finally:
        session.close()
    show = _progress(stands(seat.desk.path).last_n)

    def open_session(hub: Joined) -> Session:
        return Session(hub.url, password=password)

    report = Round(seat.desk, seat.clock, open_session, Waits().tell, on_step=lambda report: show(report.sent)).run()
    name, sent = plain(login, 63), counted(report.sent, "operation")
    say(f"this desk has joined as {name} and sent {sent}; {name} may keep it")
    if report.refused:
        told = ngettext(
            "{count} operation was refused; lampboard sync log --refused tells why",
            "{count} operations were refused; lampboard sync log --refused tells why",
            len(report.refused),
        )
        complain(told.format(count=len(report.refused)))


def _progress(of: int) -> Callable[[int], None]:
    def show(done: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\rsent {done:,} of {of:,} operations", nl=done >= of, err=True)

    return show
