"""`run_import`: a source, read by its mapping, onto a desk; all of it or nothing.

Reading and building take as long as they take and let everybody else write; what they put on the desk no read can see
(storage/importers/coming.py). The last transaction makes it visible at once. Whatever ends an import before that is
swept: here, or where the process was killed by the next import or console.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from core.clock import Clock, Instant
from core.ids import EntityId, IdMaker
from storage.caller_index import refresh
from storage.engine import explain, open_file
from storage.importers.as_of import NOT_KNOWN_THEN, AsOf, instant_of
from storage.importers.build import BuiltTicket, TicketBuilder
from storage.importers.check_row import Rejected, RowCheck
from storage.importers.coming import UNDONE, WAIT_MILLISECONDS, Turn, roll_back, sweep
from storage.importers.failed import ImportFailed
from storage.importers.mapping import Mapping
from storage.importers.mapping_file import in_zone, load_mapping
from storage.importers.readers import SourceRecords
from storage.importers.records import MetRecords
from storage.importers.rejects import RejectFile
from storage.importers.repeat import report_of_before
from storage.importers.report import BUILDING, READING, ImportReport, Pace, Progress
from storage.importers.source_file import Reading, Record, SourceFile, Take
from storage.importers.staging import Staging, temporary_failed
from storage.importers.write import DeskWriter

ROWS_AT_ONCE = 1_000
TICKETS_AT_ONCE = 500
SAMPLES = 5
REASONS_COUNTED = 50
AS_USUAL = Reading()
FINDING_SECONDS = 0.02


def run_import(
    path_of_desk: Path,
    mapping: str | Path,
    source: Path,
    *,
    author: EntityId,
    clock: Clock,
    new_id: IdMaker,
    dry_run: bool = False,
    as_of: str | None = None,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    reading: Reading = AS_USUAL,
) -> ImportReport:
    """Take every row of `source` that fits `mapping`, a shipped name or a TOML file; a dry run only tells the figures.

    With `as_of`, a time in ISO 8601, what came later is left out (storage/importers/as_of.py). Raises ImportFailed when
    mapping or source cannot be used and StoreError when the desk cannot; then nothing of it stands on the desk. The
    same source by the same mapping once more is recognised before it is read; a dry run always reads. Rows that cannot
    be taken go to `rejects`, by default a file beside the desk's; a dry run writes them only when the path is given.
    `reading` says how much is taken of a source with faults.
    """
    rules = in_zone(load_mapping(mapping), reading.zone)
    with SourceFile(source, reading.unpack_limit) as file:
        rejects_path = rejects or (None if dry_run else path_of_desk.parent / f"{source.name}.rejects.csv")
        _check_not_in_the_way(rejects_path, (path_of_desk, source))
        instant = None if as_of is None else instant_of(as_of, rules)
        with _opened(path_of_desk, dry_run=dry_run) as connection:
            run = _Run(connection, rules, file, RejectFile(rejects_path, rules.source.encoding), instant, progress)
            run.report.is_dry_run = dry_run
            if not dry_run and (known := run.known_already(path_of_desk)) is not None:
                return known
            run.read(reading.take)
            run.build(path_of_desk, author, clock, new_id)
            run.write(path_of_desk)
            return run.report


@contextmanager
def _opened(path: Path, *, dry_run: bool) -> Iterator[sqlite3.Connection]:
    """The desk's file; but for a dry run nobody else imports meanwhile, and what is left of an import goes."""
    if dry_run:
        with closing(open_file(path, read_only=True)) as connection:
            yield connection
        return
    turn = Turn(path)
    with closing(open_file(path)) as connection:
        turn.take()
        try:
            _prepare(connection, path)
            yield connection
        except BaseException:
            _sweep_own(connection)
            raise
        finally:
            turn.leave()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute(f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}")
        # A power cut may take the last moments back, never a part of an import; it can be run again.
        connection.execute("PRAGMA synchronous = NORMAL")
        sweep(connection)
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error


def _sweep_own(connection: sqlite3.Connection) -> None:
    """Where the disk has no room even for that, the next import or console does it."""
    with suppress(sqlite3.DatabaseError):
        roll_back(connection)
        sweep(connection)


def _check_not_in_the_way(rejects: Path | None, precious: tuple[Path, ...]) -> None:
    if rejects is None:
        return
    for path in precious:
        if rejects.exists() and path.exists() and rejects.samefile(path):
            raise ImportFailed("import.rejects_in_the_way", path=str(rejects))


@contextmanager
def _temporary_room() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise temporary_failed(error) from error


class _Run:
    """One import from the first line to the last row."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        mapping: Mapping,
        file: SourceFile,
        rejects: RejectFile,
        as_of: Instant | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._connection = connection
        self._mapping = mapping
        self._file = file
        self._rejects = rejects
        self._as_of: AsOf | None = None
        self._keys: dict[str, int] = {}
        self._pace = Pace(progress, file.bytes_total)
        self._first_reject: dict[str, object] | None = None
        self.report = ImportReport(
            mapping=mapping.name,
            source=file.path.name,
            digest=file.digest,
            attribution=mapping.attribution,
            licence=mapping.licence,
            is_dry_run=False,
            as_of=as_of,
            sla_rule=mapping.sla.model_dump() if mapping.sla.column else {},
            mapping_digest=mapping.digest,
        )
        with _temporary_room():
            self._staging = Staging(connection)

    def known_already(self, path_of_desk: Path) -> ImportReport | None:
        """The report of the same source with the same mapping, or None when it has to be read."""
        known = report_of_before(self._connection, self._mapping, self.report, path_of_desk)
        if known is not None:
            known.seconds = round(self._pace.seconds, 3)
        return known

    def read(self, take: Take) -> None:
        """Every row of the file into staging or to the rejects."""
        records = SourceRecords(self._file, self._mapping, take)
        self._check = RowCheck(self._mapping, records.places)
        if self.report.as_of is not None:
            self._as_of = AsOf(Instant(self.report.as_of), self._mapping, self._check.column)
        self.report.replaced_characters += records.replaced_in_header
        try:
            with _temporary_room():
                self._staging.begin()
                self._read_rows(records)
                self._staging.end()
        finally:
            self._rejects.close()
        records.check_columns()
        self.report.amounts = self._check.amounts.to_document()
        self.report.rejects_path = str(self._rejects.path) if self._rejects.is_written else ""
        if take == "whole" and self._first_reject is not None:
            raise ImportFailed("import.not_whole", path=str(self._file.path), **self._first_reject)

    def _read_rows(self, records: Iterable[Record]) -> None:
        report, file, tickets, as_of = self.report, self._file, self._keys, self._as_of
        is_ticket = self._mapping.source.row == "ticket"
        for record in records:
            report.rows_read += 1
            report.replaced_characters += record.replaced
            try:
                row = self._check.take(record)
                if is_ticket and row.key in tickets:
                    raise Rejected("ticket key stands twice", "", row.key)
            except Rejected as rejected:
                self._reject(record, rejected)
                continue
            if as_of is not None and as_of.is_later(row):
                report.rows_read -= 1
                report.rows_later += 1
                continue
            report.taken += 1
            self._check.amounts.add(row.cells)
            for flag in row.flags:
                report.flag(flag)
            ordinal = tickets.setdefault(row.key, len(tickets) + 1)
            self._staging.add_row(ordinal, row, record.raw)
            if report.rows_read % ROWS_AT_ONCE == 0:
                part = file.bytes_read / max(1, file.bytes_total)
                self._pace.at(READING, report.rows_read, part, file.bytes_read)
        self._staging.end_rows()
        self._pace.at(READING, report.rows_read, 1.0)

    def _reject(self, record: Record, rejected: Rejected) -> None:
        report = self.report
        report.rejected += 1
        if self._first_reject is None:
            self._first_reject = {"line": record.line, "reason": str(rejected)}
        if rejected.reason in report.reject_reasons or len(report.reject_reasons) < REASONS_COUNTED:
            report.reject_reasons[rejected.reason] = report.reject_reasons.get(rejected.reason, 0) + 1
        if report.is_dry_run and len(report.reject_samples) < SAMPLES:
            report.reject_samples.append({"line": record.line, "reason": str(rejected)})
        self._rejects.add(record.line, str(rejected), record.raw)

    def build(self, path_of_desk: Path, author: EntityId, clock: Clock, new_id: IdMaker) -> None:
        """Every ticket from its rows: onto the desk where no read can see it, or ready for the last transaction."""
        try:
            self._writer = DeskWriter(
                self._staging, self._mapping, self.report, self._pace, author=author, clock=clock, new_id=new_id
            )
            self._writer.begin(iter(self._keys))
            self._build()
        except sqlite3.DatabaseError as error:
            raise explain(error, path_of_desk) from error

    def _build(self) -> None:
        report, writer = self.report, self._writer
        records = MetRecords(self._mapping, self._check.column)
        builder = TicketBuilder(self._mapping, self._check.column, records, report)
        for ordinal, rows in self._staging.tickets():
            if self._as_of is not None and self._as_of.hide(rows):
                report.flag(NOT_KNOWN_THEN)
            built = builder.build(rows)
            if report.is_dry_run and len(report.samples) < SAMPLES:
                report.samples.append(_sample(built))
            writer.add_ticket(ordinal, built, records.company_names.get(built.ticket["company"], ""))
            if report.tickets % TICKETS_AT_ONCE == 0:
                self._pace.at(BUILDING, report.tickets, report.changes / max(1, report.taken))
        writer.add_records(records)
        self._count_records(records)
        if report.tickets > report.new_tickets:
            query = "SELECT max(n) FROM main.import_batch WHERE state = ? AND mapping = ?"
            (report.undone_batch,) = self._connection.execute(query, (UNDONE, report.mapping)).fetchone()
        self._pace.at(BUILDING, report.tickets, 1.0)

    def _count_records(self, records: MetRecords) -> None:
        report = self.report
        report.companies = records.count("company")
        report.sites = records.count("site")
        report.contacts = records.count("contact")
        report.people = records.count("person")
        report.teams = records.count("team")
        report.equipment = records.count("equipment")
        report.models = records.count("model")
        report.contracts = records.count("contract")

    def write(self, path_of_desk: Path) -> None:
        """What is ready to the desk, at once; in a dry run nothing."""
        try:
            self._writer.write()
            if self.report.batch is not None:
                self._settle()
        except sqlite3.DatabaseError as error:
            raise explain(error, path_of_desk) from error
        self.report.seconds = round(self._pace.seconds, 3)

    def _settle(self) -> None:
        # Everything stands: a busy reader, or ctrl+c, may keep the log file long and the statistics old, no more.
        with suppress(sqlite3.OperationalError, KeyboardInterrupt):
            self._find_by_records()
            self._connection.execute("PRAGMA analysis_limit = 1000")
            self._connection.execute("ANALYZE main")
            self._connection.execute("PRAGMA main.wal_checkpoint(PASSIVE)")
            # What is left is little; others are not to wait until those who read are done.
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")

    def _find_by_records(self) -> None:
        """Look-ups read the new records themselves until this is done."""
        is_left = True
        while is_left:
            self._connection.execute("BEGIN IMMEDIATE")
            is_left = refresh(self._connection, FINDING_SECONDS)
            self._connection.execute("COMMIT")


def _sample(built: BuiltTicket) -> dict[str, object]:
    shown = ("subject", "stage", "priority", "opened_at", "closed_at")
    return {"key": built.key, **{name: built.ticket[name] for name in shown}, "entries": len(built.rows)}
