"""`lampboard login` and `lampboard sync`: a desk joins a hub, sends what was done on it and reads what others did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from core.text import plain
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, say, say_json
from tui.verbs.sync_rebuild import make_now, rebuild, say_made

if TYPE_CHECKING:
    from storage.hub.connecting import HubError
    from storage.sync.joined import Joined
    from storage.sync.once import Report
    from storage.sync.session import Session, Welcome
    from tui.bootstrap import Seat


@click.command("login")
@click.argument("url")
@click.option("--keep-password", is_flag=True, help="Keep the password in this account's keyring.")
@click.pass_obj
def login(desk: str, url: str, keep_password: bool) -> None:
    """Join the hub at URL, as postgresql://name@host/database. Nothing is sent before lampboard sync."""
    from storage.hub.connecting import HubError, is_certain
    from storage.sync.joined import stands
    from tui.verbs.hub import with_password
    from tui.verbs.seat import writing

    with writing(desk) as seat:
        if seat.is_demo:
            raise HubError("hub.demo_desk")
        welcome = with_password(lambda password: _join(seat, url, password, is_kept=keep_password))
        unsent = stands(seat.desk.path).last_n
        is_long_read = with_password(lambda password: _is_long_read(seat, url, password, welcome))
    if is_long_read:
        # Nobody waits for a long log where a keeper has written down what became of it.
        say_made(with_password(lambda password: make_now(desk, None, password)))
    if not is_certain(url):
        complain("the line to this hub is not verified: others on it may read along; use sslmode=verify-full")
    say(f"this desk has joined as {plain(welcome.login, 63)}")
    if welcome.person != seat.person.id:
        say("the hub knows you already from another desk; with the first sync you sit here as that colleague")
    say(f"{unsent} operations will be sent; lampboard sync --once does it")


@click.group("sync", invoke_without_command=True)
@click.option("--once", is_flag=True, help="One round, then end.")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, once: bool, is_json: bool) -> None:
    """Send what was done on this desk, read what others did, and say what became of it."""
    if context.invoked_subcommand is not None:
        return
    if not once:
        raise Refusal("sync runs one round at a time for now; say lampboard sync --once")
    from storage.sync.once import Round
    from tui.verbs.hub import with_password
    from tui.verbs.seat import writing

    with writing(context.obj) as seat:

        def run(password: str | None) -> Report:
            return Round(seat.desk, seat.clock, lambda hub: _session(hub, password), _tell_wait).run()

        report = with_password(run)
        seat.desk.finish_rebuild(lambda told: None)
        document = _document(report)
    if is_json:
        say_json(document)
    else:
        _say_report(document)


command.add_command(rebuild)


def _join(seat: Seat, url: str, password: str | None, *, is_kept: bool) -> Welcome:
    from storage.hub.connecting import keep_password
    from storage.sync.joining import join_hub
    from storage.sync.session import Session

    session = Session(url, password=password)
    try:
        welcome = join_hub(seat.desk, seat.clock, session, url, seat.person.id)
    finally:
        session.close()
    if is_kept and password is not None and not keep_password(url, password):
        complain("there is no keyring here that could keep the password; it is asked for each time")
    return welcome


def _is_long_read(seat: Seat, url: str, password: str | None, welcome: Welcome) -> bool:
    from contextlib import closing

    from storage.sync.new_file import is_worth_documents
    from storage.sync.session import Session

    with closing(Session(url, password=password)) as session:
        return is_worth_documents(seat.desk.path, session, welcome.epoch)


def _session(hub: Joined, password: str | None) -> Session:
    from storage.sync.session import Session

    return Session(hub.url, password=password)


def _tell_wait(error: HubError, seconds: float) -> None:
    from tui.presenters.sentences import why_not

    complain(f"{why_not(error)}: again in {seconds:.1f} s")


def _document(report: Report) -> dict[str, Any]:
    from tui.presenters.recovery_words import notice_text

    return {
        "sent": report.sent,
        "received": report.received,
        "refused": [{"n": n, "reason": reason} for n, reason in sorted(report.refused.items())],
        "set_aside": report.set_aside,
        "unsent": report.unsent,
        "retries": report.retries,
        "awaited": report.awaited,
        "history": None if report.history is None else report.history._asdict(),
        "notices": [notice_text(notice) for notice in report.notices],
        "streams": report.heads,
        "state": report.state,
    }


def _say_report(document: dict[str, Any]) -> None:
    from tui.presenters.hub_words import REASONS
    from tui.words import _

    for sentence in document["notices"]:
        say(sentence)
    say(f"sent {document['sent']}, received {document['received']}, refused {len(document['refused'])}")
    for one in document["refused"]:
        reason = _(REASONS[one["reason"]]) if one["reason"] in REASONS else plain(one["reason"], 80)
        say(f"  operation {one['n']} was refused: {reason}; it is kept here and no longer counts")
    if document["set_aside"]:
        say(f"{document['set_aside']} operations could not be read and are set aside; a newer Lampboard may read them")
    if document["awaited"]:
        say(f"{document['awaited']} operations of colleagues are missing on the hub until their desks next sync")
    if document["history"]:
        say(f"{document['history']['done']} of {document['history']['total']} older tickets are here; the rest follows")
    if document["unsent"]:
        say(f"{document['unsent']} operations are still to be sent")
