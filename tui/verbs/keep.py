"""`lampboard hub keep`: this desk writes down for all others what it folded, and sends their mail."""

from __future__ import annotations

import json
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tui.verbs.printing import complain, finish, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.clock import Clock
    from storage.hub.connecting import HubError
    from storage.outbox import Outbox, WaitingReply
    from storage.sync.joined import Joined
    from storage.sync.keeper_session import KeeperSession
    from storage.sync.keeping import Keeper, Kept
    from tui.bootstrap import Seat


@click.command("keep")
@click.option("--once", is_flag=True, help="One look, then end: for cron.")
@click.option("--rebuild-reports", is_flag=True, help="Make the reporting tables anew from the beginning.")
@click.option("--json", "is_json", is_flag=True, help="A line of JSON for each look that did something.")
@click.pass_obj
def command(desk: str, once: bool, rebuild_reports: bool, is_json: bool) -> None:
    """Keep the hub that this desk has joined: documents for new consoles, reporting tables, outgoing mail.

    The desk is one of its own (lampboard --desk NAME), its login has the right keep. One keeper is at work at a time;
    others wait and take over. Mail goes to mail_command of settings.toml, from here for all consoles.
    """
    from tui.verbs.hub import with_password
    from tui.verbs.seat import writing

    with writing(desk) as seat:
        if not seat.settings.mail_command:
            complain("no mail command is set in settings.toml: replies wait until a keeper that has one is at work")
        with_password(lambda password: _keep(seat, password, once, rebuild_reports, is_json))


def _keep(seat: Seat, password: str | None, once: bool, rebuild_reports: bool, is_json: bool) -> None:
    from storage.sync.keeper_session import KeeperSession
    from storage.sync.keeping import Keeper

    def open_session(hub: Joined) -> KeeperSession:
        return KeeperSession(hub.url, password=password)

    teller = _Teller(is_json=is_json, is_once=once)
    keeper = Keeper(seat.desk, seat.clock, open_session, _mail(seat), _tell_wait)
    try:
        if once:
            teller.hear(keeper.look(is_rebuilding=rebuild_reports))
        else:
            stopping = threading.Event()
            with _ended_by_signals(keeper, stopping):
                keeper.run(stopping, teller.hear, is_rebuilding=rebuild_reports)
    finally:
        keeper.close()


def _mail(seat: Seat) -> Callable[[Clock, Callable[[WaitingReply], bool]], Outbox] | None:
    from storage.outbox import Outbox

    settings, desk = seat.settings, seat.desk
    if not settings.mail_command or seat.is_demo:
        return None
    return lambda clock, holds: Outbox(desk, desk.path, clock, settings.mail_command, settings.mail_from, holds=holds)


@contextmanager
def _ended_by_signals(keeper: Keeper, stopping: threading.Event) -> Iterator[None]:
    """SIGTERM and ctrl+c let what is being done end, and a second one does not."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]

    def restore() -> None:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)

    def end(_number: int, _frame: object) -> None:
        restore()
        keeper.end_soon()
        # On another thread: this one may be holding the event's own lock.
        threading.Thread(target=stopping.set).start()

    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        restore()


def _tell_wait(error: HubError, seconds: float) -> None:
    from tui.presenters.sentences import why_not

    complain(f"{why_not(error)}: again in {seconds:.0f} s")


class _Teller:
    """Says what looks did; that it is another keeper's turn is said once, and a look at nothing new is not told."""

    def __init__(self, *, is_json: bool, is_once: bool) -> None:
        self._is_json = is_json
        self._is_once = is_once
        self._other: bytes | None = None

    def hear(self, kept: Kept) -> None:
        """Tell one look."""
        is_turn_new = kept.other != self._other
        self._other = kept.other
        if not (self._is_once or is_turn_new or kept.documents or kept.rows or kept.mails):
            return
        if self._is_json:
            say(json.dumps(_document(kept)))
        elif kept.other is not None:
            console = uuid.UUID(bytes=kept.other)
            say(f"console {console} keeps this hub for {kept.seconds_left:.0f} s more at least; this one follows along")
        else:
            aside = f", {kept.unwritable} records could not be written down" if kept.unwritable else ""
            say(f"wrote {kept.documents} documents and {kept.rows} rows for reports, {_mails(kept.mails)}{aside}")
        finish()


def _mails(count: int) -> str:
    return "1 reply sent" if count == 1 else f"{count} replies sent"


def _document(kept: Kept) -> dict[str, Any]:
    return {
        "keeper": None if kept.other is None else kept.other.hex(),
        "documents": kept.documents,
        "rows": kept.rows,
        "mails": kept.mails,
        "unwritable": kept.unwritable,
        "streams": kept.sync.heads if kept.sync else {},
    }
