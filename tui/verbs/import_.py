"""`lampboard import`: bring in another desk's log by a mapping."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.clock import Clock
from core.errors import DomainError
from core.ids import EntityId, IdMaker
from storage import places
from storage.sitting import open_sitting
from tui.clocks import ClockFrom, SystemClock
from tui.verbs.making import make_desk, owner_of_this_machine, system_random, unfinished
from tui.verbs.printing import complain, counted, say, say_json

if TYPE_CHECKING:
    from storage.importers.report import ImportReport, Progress

REASONS_TOLD = 10
CHANGED_TOLD = 10


@click.command("import")
@click.argument("mapping")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would come; write nothing.")
@click.option("--rejects", type=click.Path(path_type=Path), metavar="FILE", help="Where rows go that cannot be taken.")
@click.option("--json", "is_json", is_flag=True, help="The report as JSON.")
@click.pass_obj
def command(desk: str, mapping: str, source: Path, dry_run: bool, rejects: Path | None, is_json: bool) -> None:
    """Bring the log SOURCE (CSV, also gzipped) onto the desk.

    MAPPING is service-desk-log, help-desk-log, or a TOML file that says what the columns mean. A desk that is not
    there yet is made first. Rows already on the desk are not taken twice.
    """
    path = places.desk_path(desk)
    if path.exists():
        report = _onto_existing(path, mapping, source, dry_run, rejects)
    else:
        report = _onto_new(desk, path, mapping, source, dry_run, rejects)
    if is_json:
        say_json(report.to_document())
        return
    for line in in_words(report):
        say(line)


def _onto_existing(path: Path, mapping: str, source: Path, dry_run: bool, rejects: Path | None) -> ImportReport:
    sitting = open_sitting(path)
    sitting.close()
    clock: Clock = ClockFrom(sitting.now * 1000) if sitting.is_demo else SystemClock()
    return bring_in(path, mapping, source, EntityId(sitting.person), clock, dry_run=dry_run, rejects=rejects)


def _onto_new(desk: str, path: Path, mapping: str, source: Path, dry_run: bool, rejects: Path | None) -> ImportReport:
    owner, clock = owner_of_this_machine(), SystemClock()
    with unfinished(path, is_kept=not dry_run) as building:
        author = make_desk(building, desk, owner, clock, IdMaker(clock.now_ms, system_random))
        report = bring_in(building, mapping, source, author, clock, dry_run=dry_run, rejects=rejects)
    if not dry_run:
        complain(f"made the desk {desk} for {owner.name}, zone {owner.zone}")
    return report


def bring_in(
    path: Path,
    mapping: str,
    source: Path,
    author: EntityId,
    clock: Clock,
    *,
    dry_run: bool = False,
    rejects: Path | None = None,
) -> ImportReport:
    """Run the import with a line of progress where somebody watches."""
    from storage.importers.run import run_import
    from storage.text_index import index_file

    watch = ProgressLine() if sys.stderr.isatty() else None
    try:
        report = run_import(
            path,
            mapping,
            source,
            author=author,
            clock=clock,
            new_id=IdMaker(clock.now_ms, system_random),
            dry_run=dry_run,
            rejects=rejects,
            progress=watch,
        )
        if not dry_run:
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

    def end(self) -> None:
        """Leave a clean line behind."""
        if self._is_shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def in_words(report: ImportReport) -> Iterator[str]:
    """The report as lines."""
    from tui.verbs.ticket_told import whole

    would = "would be " if report.is_dry_run else ""
    title = f"{whole(report.source)} by {whole(report.mapping)}"
    if report.is_known_source:
        yield f"{title}: this source is on the desk already with its {report.rows_read:,} rows; nothing was read"
        yield f"  {report.known_tickets:,} tickets known, nothing new"
        return
    yield f"{title}: {report.rows_read:,} rows read in {report.seconds:.1f} s"
    flagged = f", {report.taken_with_flag:,} of them with a remark" if report.taken_with_flag else ""
    yield f"  {report.taken:,} rows {would}taken{flagged}, {report.rejected:,} rejected"
    yield f"  {report.tickets:,} tickets: {report.new_tickets:,} new, {report.known_tickets:,} on the desk already"
    if report.reopens:
        yield f"  {counted(report.reopens, 'reopen')} in {counted(report.reopened_tickets, 'ticket')}"
    if report.changed_tickets:
        keys = ", ".join(whole(key) for key in report.changed_keys[:CHANGED_TOLD])
        yield f"  {report.changed_tickets:,} known tickets differ in this source and were left as they are: {keys}"
    yield (
        f"  {report.companies:,} companies, {report.sites:,} sites, {report.contacts:,} contacts, "
        f"{report.people:,} people, {report.teams:,} teams, {report.equipment:,} equipment"
    )
    if report.replaced_characters:
        yield f"  {report.replaced_characters:,} characters that cannot be stored were replaced"
    yield from _reasons("remarks", report.flags)
    yield from _reasons("rejected because", report.reject_reasons)
    for sample in report.samples:
        key, subject, stage = (whole(str(sample[name])) for name in ("key", "subject", "stage"))
        yield f"  sample {key}: {subject} ({stage}, priority {sample['priority']}, {sample['entries']} entries)"
    if report.rejects_path:
        yield f"  rows that could not be taken are in {whole(report.rejects_path)}"
    if report.attribution:
        yield f"  source: {whole(report.attribution)}; licence: {whole(report.licence)}"
    if report.is_dry_run:
        yield "  nothing was written"


def _reasons(title: str, counts: dict[str, int]) -> Iterator[str]:
    from tui.verbs.ticket_told import whole

    for reason, count in sorted(counts.items(), key=lambda item: -item[1])[:REASONS_TOLD]:
        yield f"  {title}: {whole(reason)} ({count:,})"
