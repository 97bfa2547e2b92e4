"""`lampboard sync`: what was done on a desk goes to its hub and what others did comes in, once or until ctrl+c."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from core.errors import DomainError
from core.text import plain
from tui.verbs.conflicts import conflicts, settle
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, counted, finish, iso, say, say_json
from tui.verbs.sync_log import drop, log, resend
from tui.verbs.sync_rebuild import rebuild

if TYPE_CHECKING:
    from storage.hub.connecting import HubError
    from storage.sync.joined import Joined
    from storage.sync.once import Report
    from storage.sync.session import Session
    from tui.bootstrap import Seat

PROGRESS_FROM = 2000
"""Operations: fewer are sent before anybody wonders."""
PROGRESS_SECONDS = 2.0


@click.group("sync", invoke_without_command=True)
@click.option("--once", is_flag=True, help="One round, then end.")
@click.option("--json", "is_json", is_flag=True, help="As JSON; without --once one object a line.")
@click.pass_context
def command(context: click.Context, once: bool, is_json: bool) -> None:
    """Send what was done on this desk and read what others did, until ctrl+c; a line for each round that did something.

    An open console does this by itself.
    """
    if context.invoked_subcommand is not None:
        return
    from storage.hub.connecting import HubError
    from tui.verbs.hub import with_password
    from tui.verbs.seat import writing

    with writing(context.obj) as seat:
        if once:
            waits = Waits()
            try:
                report = with_password(lambda password: whole_round(seat, password, waits=waits))
            except HubError as error:
                raise waits.end(error) from error
            seat.desk.finish_rebuild(lambda told: None)
            document = _document(report)
            if is_json:
                say_json(document)
            else:
                _say_report(document)
        else:
            with_password(lambda password: _keep_syncing(seat, password, is_json=is_json))


command.add_command(log)
command.add_command(conflicts)
command.add_command(settle)
command.add_command(resend)
command.add_command(drop)
command.add_command(rebuild)


def whole_round(seat: Seat, password: str | None, *, tries: int | None = None, waits: Waits | None = None) -> Report:
    """A round that a person waits for, with its progress where it takes long."""
    from storage.sync.once import TRIES, Round

    progress = _Progress(seat)
    opens = opener(password)
    return Round(seat.desk, seat.clock, opens, (waits or Waits()).tell, tries or TRIES, on_step=progress.step).run()


def opener(password: str | None) -> Any:
    """How a round calls the hub."""
    from storage.sync.session import Session

    def open_session(hub: Joined) -> Session:
        return Session(hub.url, password=password)

    return open_session


class _Progress:
    """Says now and then how far a long round is."""

    def __init__(self, seat: Seat) -> None:
        from storage.sync.joined import stands

        stood = stands(seat.desk.path)
        self._to_send = stood.last_n - (stood.hub.sent_n if stood.hub is not None else 0)
        self._told_at = time.monotonic()

    def step(self, report: Report) -> None:
        if time.monotonic() - self._told_at < PROGRESS_SECONDS or self._to_send + report.received < PROGRESS_FROM:
            return
        self._told_at = time.monotonic()
        complain(f"received {report.received}, sent {report.sent} of {self._to_send}")


def _keep_syncing(seat: Seat, password: str | None, *, is_json: bool) -> None:
    from storage.sync.beside import Beside
    from storage.sync.once import AT_ONCE

    told = _Told(is_json=is_json)
    try:
        told.hear(whole_round(seat, password))
    except DomainError as error:
        # A line that is down comes back; what only a person can mend is said and ends this.
        if not getattr(error, "is_passing", False):
            raise
        told.hear(error)
    beside = Beside(seat.desk, seat.clock, opener(password), told.hear, pace=AT_ONCE)
    with suppress(KeyboardInterrupt):
        beside.run()


class _Told:
    """A line for each round that did something, and one for errors that are the same in a row."""

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self._last_error = ""

    def hear(self, told: Report | DomainError) -> None:
        from tui.presenters.sentences import why_not

        now = int(time.time())
        if isinstance(told, DomainError):
            if told.code == self._last_error:
                return
            self._last_error = told.code
            self._say({"at": iso(now), "error": told.code, "told": why_not(told)}, why_not(told))
        elif told.did_something or self._last_error:
            self._last_error = ""
            from tui.presenters.recovery_words import notice_text
            from tui.presenters.sync_told import round_told

            document = {name: value for name, value in _document(told).items() if name not in ("state", "retries")}
            found = [notice_text(one) for one in told.notices]
            done = round_told(told.sent, told.received, len(told.refused))
            self._say({"at": iso(now), **document}, *found, done)

    def _say(self, document: dict[str, Any], *sentences: str) -> None:
        if self._is_json:
            say_json(document, indent=None)
        else:
            for sentence in sentences:
                say(f"{time.strftime('%H:%M:%S')} {plain(sentence, 400)}")
        finish()


class Waits:
    """Says why a round is tried again, each reason once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, error: HubError, _seconds: float) -> None:
        """Before a wait."""
        from tui.presenters.sentences import why_not

        reason = why_not(error)
        if reason not in self._told:
            self._told.add(reason)
            complain(f"{reason} (going on by itself)")

    def end(self, error: HubError) -> HubError | Refusal:
        """What is left to say of the error that ended it all."""
        from tui.presenters.sentences import why_not

        return Refusal("given up for now; nothing is lost") if why_not(error) in self._told else error


def _document(report: Report) -> dict[str, Any]:
    from tui.presenters.recovery_words import notice_text

    return {
        "sent": report.sent,
        "received": report.received,
        "refused": [{"n": n, "reason": reason} for n, reason in sorted(report.refused.items())],
        "set_aside": report.set_aside,
        "unsent": report.unsent,
        "read_only": report.is_held,
        "retries": report.retries,
        "awaited": report.awaited,
        "history": None if report.history is None else report.history._asdict(),
        "notices": [notice_text(notice) for notice in report.notices],
        "streams": report.heads,
        "state": report.state,
    }


def _say_report(document: dict[str, Any]) -> None:
    from tui.presenters.sync_told import reason_told, round_told

    for sentence in document["notices"]:
        say(sentence)
    say(round_told(document["sent"], document["received"], len(document["refused"])))
    for one in document["refused"]:
        say(f"  operation {one['n']} was refused: {reason_told(one['reason'])}; it is kept here and no longer counts")
    if document["refused"]:
        say("  lampboard sync log --refused shows all of it; sync resend N sends it again, sync drop N gives it up")
    if document["set_aside"]:
        aside = counted(document["set_aside"], "operation")
        say(f"{aside} could not be read; a newer Lampboard may read what is set aside")
    if document["awaited"]:
        awaited = counted(document["awaited"], "operation")
        say(f"{awaited} of colleagues will be missing on the hub until their desks next sync")
    if document["history"]:
        say(f"{document['history']['done']} of {document['history']['total']} older tickets are here; the rest follows")
    if document["read_only"]:
        say(f"{counted(document['unsent'], 'operation')} will stay on this desk until you may write")
    elif document["unsent"]:
        say(f"still to be sent: {counted(document['unsent'], 'operation')}")
