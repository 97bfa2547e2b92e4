"""`lampboard imports`: which logs came onto the desk; taking one back as a whole, and bringing it back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from storage import places
from tui.verbs.printing import complain, counted, iso, say, say_json

if TYPE_CHECKING:
    from storage.importers.undoing import Undone


@click.group("imports", invoke_without_command=True)
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, is_json: bool) -> None:
    """List the imports of the desk, newest first; undo or redo one, sweep what one left that broke off."""
    if context.invoked_subcommand is not None:
        return
    from storage.engine import open_file
    from storage.importers.figures import listed_imports

    with closing(open_file(places.desk_path(context.obj), read_only=True)) as connection:
        found = listed_imports(connection)
    if is_json:
        say_json([{**one, "at": iso(one["at"]), "as_of": iso(one["as_of"])} for one in found])
        return
    if not found:
        say("nothing was imported onto this desk yet")
    for one in found:
        say(_line(one))


@command.command("undo")
@click.argument("n", type=int)
@click.option("--leave-worked-on", is_flag=True, help="Leave tickets on which somebody worked since, undo the others.")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_obj
def undo(desk: str, n: int, leave_worked_on: bool, is_json: bool) -> None:
    """Take import N back: its tickets, and the records that nothing needs without them.

    All of it is archived by ordinary acts, also at a hub's other consoles; `imports redo N` brings it back.
    """
    from storage.importers.undoing import undo_import

    def work(seat: Any, watch: Callable[[int, int], None] | None, new_id: Any) -> Undone:
        return undo_import(
            seat.desk.path,
            seat.desk.write,
            n,
            author=seat.person.id,
            clock=seat.clock,
            new_id=new_id,
            leave_worked_on=leave_worked_on,
            watch=watch,
        )

    done = _worked(desk, "taking back", work)
    if is_json:
        say_json({"n": n, **done._asdict()})
        return
    say(f"import {n} is undone: {_told(done)} archived")
    if done.left_tickets:
        say(f"  left, because somebody worked on it since: {counted(done.left_tickets, 'ticket')}")
    if done.left_records:
        say(f"  left, because something on the desk still needs it: {counted(done.left_records, 'record')}")
    say(f"  lampboard imports redo {n} brings it back")


@command.command("redo")
@click.argument("n", type=int)
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_obj
def redo(desk: str, n: int, is_json: bool) -> None:
    """Bring back import N, which was undone; what a person archived by hand stays archived."""
    from storage.importers.undoing import redo_import

    def work(seat: Any, watch: Callable[[int, int], None] | None, new_id: Any) -> Undone:
        return redo_import(
            seat.desk.path, seat.desk.write, n, author=seat.person.id, clock=seat.clock, new_id=new_id, watch=watch
        )

    done = _worked(desk, "bringing back", work)
    if is_json:
        say_json({"n": n, "tickets": done.tickets, "records": done.records})
        return
    say(f"import {n} stands again: {_told(done)}")


@command.command("sweep")
@click.pass_obj
def sweep(desk: str) -> None:
    """Remove what an import left that was killed; the next import or console does it too."""
    from storage.importers.coming import sweep_file

    if sweep_file(places.desk_path(desk)):
        say("nothing of an unfinished import is on the desk")
    else:
        complain("an import onto this desk is running; nothing was swept")


def _worked(desk: str, what: str, work: Callable[[Any, Callable[[int, int], None] | None, Any], Undone]) -> Undone:
    """Sit down, work, and tell how far it is where somebody watches."""
    from tui.verbs.seat import fresh_ids, writing

    with writing(desk) as seat, _watched(what) as watch:
        return work(seat, watch, fresh_ids(seat))


def _told(done: Undone) -> str:
    return f"{counted(done.tickets, 'ticket')} and {counted(done.records, 'record')}"


@contextmanager
def _watched(what: str) -> Iterator[Callable[[int, int], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda done, total: click.echo(f"\r{what}: {done:,} of {total:,}\x1b[K", nl=False, err=True)
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def _line(one: dict[str, Any]) -> str:
    from tui.verbs.ticket_told import whole

    rows = "" if one["rows"] is None else f" from {counted(one['rows'], 'row')}"
    as_of = "" if one["as_of"] is None else f", as of {iso(one['as_of'])}"
    state = one["state"]
    if state == "undone":
        state = f"undone, {counted(one['undone_tickets'], 'ticket')} archived"
    title = f"{whole(one['source'])} by {whole(one['mapping'])}"
    return f"{one['n']}  {iso(one['at'])}  {title}{as_of}: {counted(one['tickets'], 'ticket')}{rows}; {state}"
