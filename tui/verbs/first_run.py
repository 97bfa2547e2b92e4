"""The first start without a desk: who sits here, in which team and zone, and what should lie on the desk."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.errors import DomainError
from core.ids import EntityId, IdMaker
from core.text import plain, storable
from storage import places
from storage.new_desk import Owner
from tui.clocks import SystemClock
from tui.verbs.machine import is_zone, login_name, machine_zone, zones_like
from tui.verbs.making import USUAL_TEAM, make_desk, system_random, unfinished
from tui.verbs.opening import Refusal
from tui.verbs.printing import say

DEMO, IMPORT, EMPTY = "d", "i", "e"
LONGEST_NAME = 200


def first_run(desk: str) -> Path | None:
    """Ask, make the desk, answer the file to open; nothing is made before the last question is answered."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal(
            f"there is no desk {desk!r} yet and no terminal to ask who sits at it; "
            "start lampboard in a terminal, or make one with lampboard import or lampboard demo --no-open"
        )
    click.echo(f"There is no desk {desk!r} yet. A few questions, then it opens; ctrl+c leaves without a trace.\n")
    owner = Owner(_asked("Your name", login_name()), _asked("Your team", USUAL_TEAM), _asked_zone())
    choice = _asked_choice()
    path = places.desk_path(desk)
    with unfinished(path) as building:
        clock = SystemClock()
        author = make_desk(building, desk, owner, clock, IdMaker(clock.now_ms, system_random))
        if choice == IMPORT:
            _import_log(building, author)
    if choice == DEMO:
        return _demo(desk)
    return path


def first_desk(desk: str, name: str | None, team: str | None, zone: str | None) -> None:
    """Make an empty desk for who is named; who is not is asked for at a terminal."""
    if zone is not None and not is_zone(zone):
        raise Refusal(f"there is no zone {zone!r}; {_zone_hint(zone)}")
    if name is None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Refusal(
                f"there is no desk {desk!r} yet and no terminal to ask who sits at it; say it with --name NAME,"
                " and --team NAME and --zone ZONE where the usual ones do not fit"
            )
        click.echo(f"There is no desk {desk!r} yet. A few questions, then it joins; ctrl+c leaves without a trace.\n")
        owner = Owner(
            _asked("Your name", login_name()),
            _told("--team", team) if team else _asked("Your team", USUAL_TEAM),
            zone or _asked_zone(),
        )
    else:
        owner = Owner(_told("--name", name), _told("--team", team or USUAL_TEAM), zone or machine_zone())
    with unfinished(places.desk_path(desk)) as building:
        clock = SystemClock()
        make_desk(building, desk, owner, clock, IdMaker(clock.now_ms, system_random))
    say(f"the desk {desk} is made for {owner.name}, {owner.team}, {owner.zone}")


def _told(option: str, answer: str) -> str:
    told = _name(answer)
    if not told:
        raise Refusal(f"{option}: a name needs letters")
    return told


def _name(answer: str) -> str:
    return storable(plain(answer, LONGEST_NAME))[0].strip()


def _asked(question: str, usual: str) -> str:
    while True:
        answer: str = click.prompt(question, default=usual or None)
        told = _name(answer)
        if told:
            return told
        click.echo("  a name needs letters")


def _asked_zone() -> str:
    usual = machine_zone()
    while True:
        told = plain(click.prompt("Your time zone", default=usual), LONGEST_NAME).strip()
        if is_zone(told):
            return told
        click.echo(f"  there is no zone {told!r}; {_zone_hint(told)}")


def _zone_hint(told: str) -> str:
    close = zones_like(told)
    return f"perhaps {', '.join(close)}" if close else "write it as Europe/Warsaw"


def _asked_choice() -> str:
    click.echo(
        "\nWhat should lie on the desk?\n"
        "  d  a demo: a made-up service firm to look around in; your own desk stays empty beside it\n"
        "  i  an import: the log of another desk\n"
        "  e  nothing: an empty desk for your own work"
    )
    while True:
        answer = plain(click.prompt("d, i or e", default=DEMO), 20).strip().lower()
        if answer in (DEMO, IMPORT, EMPTY):
            return answer
        click.echo("  answer d, i or e")


def _import_log(building: Path, author: EntityId) -> None:
    from storage.importers.mapping_file import SHIPPED
    from tui.presenters.sentences import why_not
    from tui.verbs.import_ import Wish, bring_in
    from tui.verbs.import_told import in_words

    click.echo(f"\nA mapping says what the columns of a log mean: {', '.join(SHIPPED)}, or a TOML file of your own.")
    while True:
        mapping = click.prompt("Mapping", default=SHIPPED[0])
        source = Path(click.prompt("File (also gzipped)")).expanduser()
        try:
            report = bring_in(building, Wish(mapping, source), author, SystemClock())
        except DomainError as error:
            if not error.code.startswith("import."):
                raise
            click.echo(f"  {why_not(error)}")
            continue
        for line in in_words(report):
            click.echo(line)
        click.prompt("Enter opens the desk", default="", show_default=False)
        return


def _demo(desk: str) -> Path:
    from tui.verbs.demo import make_demo

    path = places.desk_path(places.DEMO_DESK)
    if not path.exists():
        make_demo(path, places.DEMO_DESK, 2000, 1, SystemClock().now_ms())
    own = "lampboard" if desk == places.DEFAULT_DESK else f"lampboard --desk {desk}"
    click.echo(f"Your own desk is ready: {own} opens it. lampboard demo comes back to the demo.")
    return path
