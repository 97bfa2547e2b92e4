"""`lampboard hub audit`: whether everything hangs together, on the hub and in the rows that follow from its log."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from core.text import plain
from tui.verbs.printing import say, say_json

if TYPE_CHECKING:
    from storage.auditor import Finding
    from storage.sync.joined import Joined
    from storage.sync.session import Session
    from tui.bootstrap import Seat

FOUND = 1
LONGEST_TOLD = 120

WORDS = {
    "parent_missing": "{table} {id}: its {told} {other} is not there",
    "dangling": "{table} {id}: {told} names {other}, which is not there",
    "clock_runs": "ticket {id}: {told} runs on although the ticket is closed",
    "twice": "{table} {told} is there twice: {id} and {other}; lampboard {table} merge makes them one",
    "log_broken": "the log of the hub does not fit together at {told}",
    "log_differs": "the log of the hub is another one than this desk has read, at {told}",
    "document_missing": "{table} {id}: no keeper has written it down; lampboard hub keep --once",
    "document_differs": "{table} {id}: what the keeper wrote down is not what the log says, at {told}",
    "document_unfit": "{table} {id}: what was written down cannot be read ({told})",
}


@click.command("audit")
@click.option("--all", "is_all", is_flag=True, help="Compare every document, not some thousands.")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(ctx: click.Context, is_all: bool, is_json: bool) -> None:
    """Look for what should not be: names of nothing, clocks that run on, records entered twice, a log with a crack.

    Works from a desk that has joined the hub, after a round of sync. Exit code 1 says that something was found.
    """
    from tui.verbs.hub import with_password
    from tui.verbs.seat import writing

    with writing(ctx.obj) as seat:
        found = with_password(lambda password: _audited(seat, password, is_all=is_all))
    if is_json:
        say_json([one._asdict() for one in found])
    else:
        for one in found:
            say(sentence_of(one))
        if not found:
            say("nothing was found that should not be")
    ctx.exit(FOUND if found else 0)


def _audited(seat: Seat, password: str | None, *, is_all: bool) -> list[Finding]:
    from storage.auditor import audit_rows
    from storage.engine import open_file
    from storage.sync.auditing import SAMPLE, audit_documents, audit_log
    from storage.sync.joined import joined, own_log
    from storage.sync.once import Round
    from storage.sync.session import Session

    def open_session(hub: Joined) -> Session:
        return Session(hub.url, password=password)

    Round(seat.desk, seat.clock, open_session).run()
    seat.desk.finish_rebuild(lambda progress: None)
    with closing(open_file(seat.desk.path, read_only=True)) as reading:
        hub = joined(reading)
        assert hub is not None
        found = list(audit_rows(reading))
        with closing(open_session(hub)) as session:
            for stream in session.heads(hub.epoch, own_log(reading).console).streams:
                found += audit_log(reading, session, hub, stream)
                found += audit_documents(reading, session, hub, stream, sample=None if is_all else SAMPLE)
    return found


def sentence_of(one: Finding) -> str:
    """A finding in words."""
    told = {name: plain(value, LONGEST_TOLD) for name, value in one._asdict().items()}
    return WORDS[one.check].format(**told)
