"""`lampboard import`: bring in another desk's log by a mapping."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

import click

from core.clock import Clock
from core.errors import DomainError
from core.ids import EntityId, IdMaker
from storage import places
from storage.importers.source_file import Reading, Take
from storage.sitting import open_sitting
from tui.clocks import ClockFrom, SystemClock
from tui.verbs.import_options import byte_size, show_sketch
from tui.verbs.making import make_desk, owner_of_this_machine, system_random, unfinished
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, iso, say, say_json
from tui.verbs.ticket_told import whole

if TYPE_CHECKING:
    from storage.importers.report import ImportReport, Progress


@click.command("import")
@click.argument("mapping", required=False)
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option("--sketch", type=click.Path(path_type=Path), metavar="SOURCE", help="Propose a mapping for a file.")
@click.option("--dry-run", is_flag=True, help="Only tell what would come; write nothing.")
@click.option("--as-of", metavar="TIME", help="Only what was known then: 2016-04-15T00:00, in the mapping's zone.")
@click.option("--rejects", type=click.Path(path_type=Path), metavar="FILE", help="Where rows go that cannot be taken.")
@click.option(
    "--take",
    type=click.Choice(get_args(Take)),
    default="rows",
    help="rows: all that can be taken. whole: nothing if a row cannot. rest: also what stands before a break.",
)
@click.option("--zone", help="The zone of the source's wall clock, where the mapping asks for it.")
@click.option("--unpack-limit", callback=byte_size, metavar="SIZE", help="How large a gzip file may be inside, as 8G.")
@click.option("--json", "is_json", is_flag=True, help="The report as JSON.")
@click.pass_obj
def command(
    desk: str,
    mapping: str | None,
    source: Path | None,
    sketch: Path | None,
    dry_run: bool,
    as_of: str | None,
    rejects: Path | None,
    take: Take,
    zone: str | None,
    unpack_limit: int | None,
    is_json: bool,
) -> None:
    """Bring the log SOURCE (CSV, TSV, JSON lines or XES, also gzipped) onto the desk.

    MAPPING is a shipped one such as service-desk-log, or a TOML file that says what the columns mean. A desk that is
    not there yet is made first. Rows already on the desk are not taken twice. A stopped import leaves nothing and is
    run again; `lampboard imports` lists what came, and undoes it.
    """
    _refuse_an_export(source, sketch, mapping)
    if sketch is not None and mapping is None:
        show_sketch(sketch, unpack_limit, is_json=is_json)
        return
    if mapping is None or source is None or sketch is not None:
        raise click.UsageError("import needs MAPPING and SOURCE, or --sketch SOURCE alone")
    path, reading = places.desk_path(desk), Reading(take, unpack_limit, zone)
    wish = Wish(mapping, source, dry_run, as_of, rejects, reading)
    report = _onto_existing(path, wish) if path.exists() else _onto_new(desk, path, wish)
    if is_json:
        say_json({**report.to_document(), "as_of": iso(report.as_of)})
        return
    from tui.verbs.import_told import in_words

    for line in in_words(report):
        say(line)


def _refuse_an_export(*given: Path | str | None) -> None:
    """What a Lampboard wrote is put back as it was, not read by a mapping."""
    from storage.safekeeping.export_file import is_export

    for file in given:
        if file is not None and is_export(Path(file)):
            raise Refusal(
                f"{whole(str(file))} is an export of Lampboard; lampboard --desk NAME restore {whole(str(file))}"
                " makes a desk of it"
            )


class Wish(NamedTuple):
    """What is to be imported, and how."""

    mapping: str
    source: Path
    dry_run: bool = False
    as_of: str | None = None
    rejects: Path | None = None
    reading: Reading = Reading()


def _onto_existing(path: Path, wish: Wish) -> ImportReport:
    sitting = open_sitting(path)
    sitting.close()
    clock: Clock = ClockFrom(sitting.now * 1000) if sitting.is_demo else SystemClock()
    return bring_in(path, wish, EntityId(sitting.person), clock)


def _onto_new(desk: str, path: Path, wish: Wish) -> ImportReport:
    owner, clock = owner_of_this_machine(), SystemClock()
    with unfinished(path, is_kept=not wish.dry_run) as building:
        author = make_desk(building, desk, owner, clock, IdMaker(clock.now_ms, system_random))
        report = bring_in(building, wish, author, clock)
    if not wish.dry_run:
        complain(f"made the desk {desk} for {owner.name}, zone {owner.zone}")
    return report


def bring_in(path: Path, wish: Wish, author: EntityId, clock: Clock) -> ImportReport:
    """Run the import with a line of progress where somebody watches."""
    from storage.importers.run import run_import
    from storage.text_index import index_file

    watch = ProgressLine() if sys.stderr.isatty() else None
    try:
        report = run_import(
            path,
            wish.mapping,
            wish.source,
            author=author,
            clock=clock,
            new_id=IdMaker(clock.now_ms, system_random),
            dry_run=wish.dry_run,
            as_of=wish.as_of,
            rejects=wish.rejects,
            progress=watch,
            reading=wish.reading,
        )
        if not wish.dry_run:
            if watch is not None:
                watch.note("making texts findable")
            # The import stands; what is not in the index yet goes there in a console's idle moments.
            with suppress(KeyboardInterrupt):
                index_file(path)
        return report
    except DomainError as error:
        if error.code == "import.mapping_broken":
            error.facts["line"] = error.facts.get("line") or "?"
            error.facts["field"] = error.facts.get("field") or "the file as a whole"
        raise
    finally:
        if watch is not None:
            watch.end()


class ProgressLine:
    """One line on standard error that is written over: phase, rows, rows a second, time left."""

    def __init__(self) -> None:
        self._phase, self._began, self._is_shown = "", 0.0, False

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.phase != self._phase:
            self._phase, self._began = progress.phase, now
        seconds = now - self._began
        rate = f", {progress.rows / seconds:,.0f} a second" if seconds >= 0.5 else ""
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
        click.echo(f"\r{progress.phase}: {progress.rows:,}{rate}{left}\x1b[K", nl=False, err=True)
        self._is_shown = True

    def note(self, what: str) -> None:
        """What comes after the import, of which nothing is counted."""
        click.echo(f"\r{what}\x1b[K", nl=False, err=True)
        self._is_shown = True

    def end(self) -> None:
        """Leave a clean line behind."""
        if self._is_shown:
            click.echo("\r\x1b[K", nl=False, err=True)
