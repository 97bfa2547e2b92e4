"""`lampboard hub`: what the person does who runs the shared PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from core.text import plain
from tui.verbs.audit import command as audit
from tui.verbs.hub_demo import command as demo
from tui.verbs.keep import command as keep
from tui.verbs.opening import Refusal
from tui.verbs.printing import counted, say, say_json

if TYPE_CHECKING:
    from storage.hub.running import Hub

Answer = TypeVar("Answer")
URL_HELP = "The hub, as postgresql://name@host/database (default: LAMPBOARD_HUB)."
LONGEST_NAME = 63


@click.group("hub")
def command() -> None:
    """Set up, upgrade and look at a hub: a PostgreSQL database, 15 or newer, that several consoles share.

    Passwords are no part of an address: they come from PGPASSWORD, ~/.pgpass or the keyring, else they are asked for.
    """


def with_password(work: Callable[[str | None], Answer]) -> Answer:
    """Do `work`; where the hub wants a password that is nowhere kept, ask for it at the terminal and try again."""
    from storage.hub.connecting import HubError

    try:
        return work(None)
    except HubError as error:
        if error.code != "hub.login_refused" or not sys.stdin.isatty():
            raise
    return work(click.prompt("Password", hide_input=True, err=True))


def _on(url: str, work: Callable[[Hub], Answer]) -> Answer:
    from storage.hub.running import Hub

    def open_and_work(password: str | None) -> Answer:
        with Hub(url, password=password) as hub:
            return work(hub)

    return with_password(open_and_work)


@command.command("init")
@click.argument("url")
@click.option(
    "--from-local", is_flag=True, help="Bring this desk along: it joins as the URL's login and sends all it has."
)
@click.pass_obj
def init(desk: str, url: str, from_local: bool) -> None:
    """Make a hub in the empty database at URL, with a login that may make roles and schemas."""
    if from_local:
        _init_from_local(desk, url)
    else:
        _on(url, lambda hub: hub.init())
    say("the hub is ready; lampboard hub grant NAME shared write lets somebody in")


def _init_from_local(desk: str, url: str) -> None:
    from storage.hub.running import Hub
    from tui.verbs.from_local import STREAM, bring, check_seat
    from tui.verbs.seat import writing

    with writing(desk) as seat:
        check_seat(seat)

        def make_and_bring(password: str | None) -> None:
            with Hub(url, password=password) as hub:
                hub.init()
            with Hub(url, password=password) as hub:
                login = hub.login
                hub.grant(login, STREAM, "keep")
            bring(seat, url, login, password)

        with_password(make_and_bring)


@command.command("upgrade")
@click.option("--url", envvar="LAMPBOARD_HUB", required=True, help=URL_HELP)
def upgrade(url: str) -> None:
    """Bring a hub to the schema of this program; consoles may go on meanwhile."""
    before, after = _on(url, lambda hub: hub.upgrade())
    say(f"the hub has schema {after} already" if before == after else f"the hub went from schema {before} to {after}")


@command.command("status")
@click.option("--url", envvar="LAMPBOARD_HUB", required=True, help=URL_HELP)
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
def status(url: str, is_json: bool) -> None:
    """Show version, streams with who may read and write them, consoles, and what was refused."""
    told = _on(url, lambda hub: hub.status())
    if is_json:
        say_json(told)
        return
    is_old = told["revision"] != told["newest_revision"]
    say(f"PostgreSQL {told['server']}, schema {told['revision']}{', lampboard hub upgrade brings a newer' * is_old}")
    for stream in told["streams"]:
        say(f"stream {plain(stream['name'], LONGEST_NAME)}: {counted(stream['head'], 'operation')}")
        for login, rights in sorted(stream["members"].items()):
            say(f"  {plain(login, LONGEST_NAME)}: {rights}")
    for console in told["consoles"]:
        at = console["last_push_at"] or "never"
        refused = f", {console['refused']} refused" if console["refused"] else ""
        login = plain(console["login"], LONGEST_NAME)
        say(f"console {console['id']} of {login}: {counted(console['last_n'], 'operation')}, last sent {at}{refused}")


@command.command("restored")
@click.option("--url", envvar="LAMPBOARD_HUB", required=True, help=URL_HELP)
def restored(url: str) -> None:
    """Say, before anybody connects, that a hub was restored from a backup; consoles then bring back what it lost."""
    told = _on(url, lambda hub: hub.restored())
    say(f"a new epoch began after operation {told['began']}; consoles send again what came later when they next sync")
    say(f"the next ticket numbers begin at T-{told['next_number']}")


@command.command("grant")
@click.argument("person")
@click.argument("stream")
@click.argument("rights", type=click.Choice(("read", "write", "keep")))
@click.option("--url", envvar="LAMPBOARD_HUB", required=True, help=URL_HELP)
@click.option("--set-password", is_flag=True, help="Ask for the login's password, or read it from standard input.")
def grant(person: str, stream: str, rights: str, url: str, set_password: bool) -> None:
    """Let PERSON, a login, read STREAM, also write it, or also keep it; a login that is not there is made."""
    password = _new_password() if set_password else None
    is_new = _on(url, lambda hub: hub.grant(_login(person), stream, rights, password=password))
    say(f"{plain(person, LONGEST_NAME)} may {rights} {plain(stream, LONGEST_NAME)}")
    if is_new and password is None:
        say("that login is new and has no password; --set-password gives it one")


@command.command("revoke")
@click.argument("person")
@click.argument("stream")
@click.argument("rights", type=click.Choice(("read", "write", "keep")))
@click.option("--url", envvar="LAMPBOARD_HUB", required=True, help=URL_HELP)
def revoke(person: str, stream: str, rights: str, url: str) -> None:
    """Take a right back: without keep PERSON still writes, without write still reads, without read STREAM is closed."""
    _on(url, lambda hub: hub.revoke(_login(person), stream, rights))
    say(f"{plain(person, LONGEST_NAME)} may no longer {rights} {plain(stream, LONGEST_NAME)}")


def _login(name: str) -> str:
    """A name that PostgreSQL keeps whole."""
    if not name or not name.isprintable() or len(name.encode()) > LONGEST_NAME:
        raise Refusal(f"{plain(name, LONGEST_NAME)!r} is no name for a login; use at most {LONGEST_NAME} letters")
    return name


def _new_password() -> str:
    if sys.stdin.isatty():
        told: str = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
        return told
    told = sys.stdin.readline().rstrip("\n")
    if not told:
        raise Refusal("standard input holds no password")
    return told


command.add_command(keep)
command.add_command(audit)
command.add_command(demo)
