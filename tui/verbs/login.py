"""`lampboard login` and `logout`: a desk joins a hub once its person saw what would be sent, or leaves it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from core.text import plain
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, counted, say
from tui.verbs.sync_rebuild import make_now, say_made

if TYPE_CHECKING:
    from core.ids import EntityId
    from storage.sync.before_sending import ToSend
    from storage.sync.session import Welcome
    from tui.bootstrap import Seat

MOST_TOLD = 10
"""Numbers and records that are told one by one; of more than these the rest is counted."""


@click.command("login")
@click.argument("url")
@click.option("--keep-password", is_flag=True, help="Keep the password in this account's keyring.")
@click.option("--yes", is_flag=True, help="Send what is on this desk without asking.")
@click.option("--name", help="Who sits at the desk, where there is none yet: it is made, empty.")
@click.option("--team", help="Their team, where the desk is made.")
@click.option("--zone", help="Their time zone, where the desk is made (default: this machine's).")
@click.pass_obj
def login(
    desk: str, url: str, keep_password: bool, yes: bool, name: str | None, team: str | None, zone: str | None
) -> None:
    """Join the hub at URL, as postgresql://name@host/database: reads it, shows what would be sent, and asks.

    Where there is no desk yet an empty one is made for --name, or for who answers at the terminal.
    """
    from storage import places
    from storage.hub.connecting import HubError, is_certain, parts_of
    from tui.verbs.hub import with_password
    from tui.verbs.seat import writing

    if not places.desk_path(desk).exists():
        from tui.verbs.first_run import first_desk

        parts_of(url)
        first_desk(desk, name, team, zone)
    with writing(desk) as seat:
        if seat.is_demo:
            raise HubError("hub.demo_desk")
        is_long_read = with_password(lambda password: _is_long_read(seat, url, password))
    if is_long_read:
        # Nobody waits for a long log where a keeper has written down what became of it.
        say_made(with_password(lambda password: make_now(desk, None, password)))
    with writing(desk) as seat:
        with_password(lambda password: _log_in(seat, url, password, is_kept=keep_password, is_sure=yes))
    if not is_certain(url):
        complain("the line to this hub is not verified: others on it may read along; use sslmode=verify-full")


def _is_long_read(seat: Seat, url: str, password: str | None) -> bool:
    from storage.sync.joining import join_hub
    from storage.sync.new_file import is_empty, is_worth_documents
    from storage.sync.session import Session

    if not is_empty(seat.desk.path):
        return False
    with closing(Session(url, password=password)) as session:
        welcome = join_hub(seat.desk, seat.clock, session, url, seat.person.id)
        return is_worth_documents(seat.desk.path, session, welcome.epoch)


def _log_in(seat: Seat, url: str, password: str | None, *, is_kept: bool, is_sure: bool) -> None:
    from storage.hub.connecting import keep_password
    from storage.sync.joined import stands
    from storage.sync.joining import join_hub
    from storage.sync.session import Session
    from tui.verbs.sync import whole_round

    with closing(Session(url, password=password)) as session:
        welcome = join_hub(seat.desk, seat.clock, session, url, seat.person.id)
    if is_kept and password is not None and not keep_password(url, password):
        complain("there is no keyring here that could keep the password; it is asked for each time")
    say(f"this desk has joined as {plain(welcome.login, 63)}")
    is_held = _read_first(seat, password)
    _say_person(seat, welcome)
    if is_held:
        _say_held(seat, is_sure=is_sure)
        return
    shown = _what_would_be_sent(seat)
    if shown.operations:
        _say_to_send(seat, shown)
        if not is_sure and not _is_agreed("Send this now? [y/N] "):
            say("nothing was sent; what others do is read. lampboard sync --once sends it when you want it")
            return
    report = whole_round(seat, password)
    say(f"sent {report.sent}, refused {len(report.refused)}; from now on an open console does this by itself")
    assert stands(seat.desk.path).hub is not None


def _read_first(seat: Seat, password: str | None) -> bool:
    """Read what others did; True where what was done here has to wait for the right to write."""
    from storage.sync.once import Round
    from tui.verbs.sync import opener

    told = Round(seat.desk, seat.clock, opener(password))
    try:
        report = told.exchange(sends=False)
    finally:
        told.hang_up()
    seat.desk.finish_rebuild(lambda progress: None)
    say(f"read {counted(report.received, 'operation')} of others")
    return report.is_held


def _say_held(seat: Seat, *, is_sure: bool) -> None:
    from core.errors import DomainError
    from storage.sync.joined import let_send
    from tui.presenters.sentences import why_not

    say(why_not(DomainError("hub.read_only")))
    if is_sure:
        seat.desk.write(let_send).result()
    else:
        say("lampboard sync --once sends it then")


def _say_person(seat: Seat, welcome: Welcome) -> None:
    if welcome.person != seat.person.id:
        say("the hub knows you already from another desk; from now on you sit here as that colleague")


def _what_would_be_sent(seat: Seat) -> ToSend:
    from storage.engine import open_file
    from storage.sync.before_sending import index_slice, to_send

    def slice_of_index() -> bool:
        done: bool = seat.desk.write_lightly(index_slice).result()
        return done

    with closing(open_file(seat.desk.path, read_only=True)) as connection:
        return to_send(connection, slice_of_index)


def _say_to_send(seat: Seat, shown: ToSend) -> None:
    from tui.presenters.sync_told import kind_told

    say(f"{counted(shown.operations, 'operation')} of this desk would be sent:")
    for kind, entity, count in shown.counts:
        say(f"  {count:>7}  {kind_told(kind, entity)}")
    if shown.renumbered:
        say(f"{len(shown.renumbered)} ticket numbers are the hub's already; found by both from now on:")
        _say_some([f"{plain(was, 40)} becomes {plain(now, 40)}" for was, now in shown.renumbered])
    if shown.twins:
        say(f"{len(shown.twins)} records may be there twice; send them and merge, or say no and merge first:")
        _say_some([f"{twin.entity} {plain(twin.name, 100)}" for twin in shown.twins])


def _say_some(lines: list[str]) -> None:
    for line in lines[:MOST_TOLD]:
        say(f"  {line}")
    if len(lines) > MOST_TOLD:
        say(f"  and {len(lines) - MOST_TOLD} more")


def _is_agreed(question: str) -> bool:
    return _answer(question) in ("y", "yes")


def _answer(question: str) -> str:
    """What a person types, small; nothing where nobody is there to type."""
    from tui.verbs.printing import finish

    finish()
    sys.stderr.write(question)
    sys.stderr.flush()
    told = sys.stdin.readline()
    if not sys.stdin.isatty():
        sys.stderr.write("\n")
    return told.strip().lower()


@click.command("logout")
@click.option("--keep", "how", flag_value="keep", help="Keep this desk as one of its own, without a hub.")
@click.option("--erase", "how", flag_value="erase", help="Delete this desk from this machine; never unsent work.")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@click.pass_obj
def logout(desk: str, how: str | None, yes: bool) -> None:
    """Leave the hub, after a last round that sends what is unsent."""
    from storage import places
    from storage.hub.connecting import HubError
    from storage.sync.joined import stands
    from storage.sync.leaving import check_nothing_is_left, erase
    from tui.verbs.seat import fresh_id, writing

    path = places.desk_path(desk)
    with writing(desk) as seat:
        hub = stands(path).hub
        if hub is None:
            raise HubError("hub.not_joined")
        chosen = how or _ask_how()
        check = _checked(seat, check_nothing_is_left)
        if not hub.is_paused:
            _last_round(seat, check)
        elif hub.sent_n or chosen == "erase":
            # Nobody has let it be sent; what never was is kept with the desk.
            check()
        if chosen == "keep":
            _leave(seat, fresh_id(seat))
            say(f"this desk is one of its own again, with all it knows; lampboard login {hub.url} joins that hub again")
            return
        if not yes and not _is_agreed(f"Erase the desk {desk} from this machine, drafts too? [y/N] "):
            say("nothing was erased; this desk is still joined")
            return
    erase(path)
    say(f"the desk {desk} is erased from this machine; the hub has all that was done on it")


def _ask_how() -> str:
    told = _answer("Keep a copy of this desk here (k), or erase it (e)? ")
    if told not in ("k", "keep", "e", "erase"):
        raise Refusal("say --keep or --erase; nothing was changed")
    return "keep" if told.startswith("k") else "erase"


def _checked(seat: Seat, check: Callable[[Any], None]) -> Callable[[], None]:
    from storage.engine import open_file

    def run() -> None:
        with closing(open_file(seat.desk.path, read_only=True)) as connection:
            check(connection)

    return run


def _last_round(seat: Seat, check: Callable[[], None]) -> None:
    """Send what is unsent; where nobody answers it is enough that nothing is."""
    from storage.hub.connecting import HubError
    from tui.presenters.sentences import why_not
    from tui.verbs.hub import with_password
    from tui.verbs.sync import whole_round

    try:
        with_password(lambda password: whole_round(seat, password, tries=2))
    except HubError as error:
        complain(why_not(error))
    check()


def _leave(seat: Seat, new_console: EntityId) -> None:
    from storage.sync.leaving import leave

    now = seat.clock.now_ms() // 1000
    seat.desk.write(lambda file: leave(file, new_console, now)).result()
