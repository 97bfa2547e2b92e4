"""`lampboard demo`: a made-up service firm, the same for one seed and one moment."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from core.clock import instant
from storage import places
from tui.clocks import ClockFrom, SystemClock
from tui.verbs.opening import Refusal, open_console

MOST_TICKETS = 1_000_000


@click.command("demo")
@click.option("--tickets", type=click.IntRange(50, MOST_TICKETS), default=2000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another firm.")
@click.option("--now", metavar="TIME", help="The moment of the demo world, as 2026-11-24T14:32+00:00.")
@click.option("--fresh", is_flag=True, help="Throw the old demo desk away and make it anew.")
@click.option("--no-open", is_flag=True, help="Make the desk, do not open the console.")
def command(tickets: int, seed: int, now: str | None, fresh: bool, no_open: bool) -> None:
    """Open the console on a made-up service firm, to look around. Everything in it is invented."""
    name = places.DEMO_DESK if (tickets, seed, now) == (2000, 1, None) else f"{places.DEMO_DESK}-{tickets}-{seed}"
    path = places.desk_path(name)
    if path.exists() and (fresh or now):
        for leftover in path.parent.glob(path.name + "*"):
            leftover.unlink()
    if not path.exists():
        make_demo(path, name, tickets, seed, _moment(now))
    if not no_open:
        click.get_current_context().exit(open_console(path))
    click.echo(f"the demo desk is at {path}; open it with: lampboard --desk {name}", err=True)


def _moment(text: str | None) -> int:
    if text is None:
        return SystemClock().now_ms()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(f"{text!r} is no time; write it as 2026-11-24T14:32+00:00") from error
    if moment.tzinfo is None:
        raise Refusal(f"{text!r} has no zone; add it, as in 2026-11-24T14:32+00:00")
    return int(moment.timestamp() * 1000)


def make_demo(path: Path, name: str, tickets: int, seed: int, now_ms: int) -> None:
    """Make a demo desk under another name and rename it when it is whole; a full disk is left as it was found."""
    import random
    import sqlite3

    from core.ids import IdMaker
    from storage.demo.world import fill
    from storage.engine import explain
    from storage.new_desk import create_desk
    from tui.verbs.making import unfinished

    clock = ClockFrom(now_ms)
    new_id = IdMaker(lambda: now_ms, random.Random(seed).randbytes)  # noqa: S311 a made-up world, not a secret
    show = _progress if sys.stderr.isatty() and tickets > 5000 else None
    with unfinished(path) as building:
        connection = create_desk(building, name, clock, new_id, is_demo=True)
        try:
            fill(connection, tickets=tickets, seed=seed, now=instant(now_ms), progress=show)
        except sqlite3.DatabaseError as error:
            raise explain(error, path) from error
        finally:
            connection.close()


def _progress(done: int, of: int) -> None:
    click.echo(f"\rmaking the demo world: {done:,} of {of:,} tickets", nl=done >= of, err=True)
