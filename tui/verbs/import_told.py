"""What an import did, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.verbs.printing import counted, iso
from tui.verbs.ticket_told import whole

if TYPE_CHECKING:
    from storage.importers.report import ImportReport

REASONS_TOLD = 10
CHANGED_TOLD = 10


def in_words(report: ImportReport) -> Iterator[str]:
    """The report as lines."""
    title = f"{whole(report.source)} by {whole(report.mapping)}"
    if report.is_known_source:
        yield f"{title}: this source is on the desk already with its {report.rows_read:,} rows; nothing was read"
        yield f"  {report.known_tickets:,} tickets known, nothing new"
        return
    yield f"{title}: {report.rows_read:,} rows read in {report.seconds:.1f} s"
    yield from _rows_and_tickets(report)
    yield from _changed(report)
    yield (
        f"  {report.companies:,} companies, {report.sites:,} sites, {report.contacts:,} contacts, "
        f"{report.people:,} people, {report.teams:,} teams, {report.equipment:,} equipment"
    )
    for column, sums in report.amounts.items():
        unknown = f", unknown in {sums['unknown']:,}" if sums["unknown"] else ""
        yield f"  {whole(column)}: {sums['sum']} {sums['currency']} in {sums['known']:,} rows{unknown}"
    if report.replaced_characters:
        yield f"  {report.replaced_characters:,} characters that cannot be stored were replaced"
    yield from _counts("remarks", report.flags)
    yield from _counts("moves that our workflow has not, taken as history", report.foreign_moves)
    yield from _counts("rejected because", report.reject_reasons)
    yield from _samples(report)
    if report.rejects_path:
        yield f"  rows that could not be taken are in {whole(report.rejects_path)}"
    if report.attribution:
        yield f"  source: {whole(report.attribution)}; licence: {whole(report.licence)}"
    if report.is_dry_run:
        yield "  nothing was written"
    elif report.batch is not None:
        yield f"  import {report.batch}; lampboard imports undo {report.batch} takes it back"


def _rows_and_tickets(report: ImportReport) -> Iterator[str]:
    would = "would be " if report.is_dry_run else ""
    flagged = f", {report.taken_with_flag:,} of them with a remark" if report.taken_with_flag else ""
    yield f"  {report.taken:,} rows {would}taken{flagged}, {report.rejected:,} rejected"
    if report.as_of is not None:
        yield f"  as of {iso(report.as_of)}: {report.rows_later:,} rows of later were passed over"
    yield f"  {report.tickets:,} tickets: {report.new_tickets:,} new, {report.known_tickets:,} on the desk already"
    stages = sorted(report.stages.items(), key=lambda item: -item[1])
    if stages:
        yield f"  stand: {', '.join(f'{count:,} {whole(stage)}' for stage, count in stages)}"
    if report.reopens:
        yield f"  {counted(report.reopens, 'reopen')} in {counted(report.reopened_tickets, 'ticket')}"
    percent = report.to_document()["sla_made_percent"]
    if percent is not None:
        made = f"{report.sla_made:,} of {report.sla_told:,} tickets, {percent:.2f} %"
        yield f"  SLA made by the source's own word: {made}"


def _changed(report: ImportReport) -> Iterator[str]:
    if report.changed_tickets:
        keys = ", ".join(whole(str(one["key"])) for one in report.changed[:CHANGED_TOLD])
        known = counted(report.changed_tickets, "known ticket")
        yield f"  {known} differing in this source, left alone: {keys}"
    for one in report.changed[:CHANGED_TOLD]:
        differs = ", ".join(whole(str(name)) for name in one["differs"])
        yield f"    {whole(str(one['number']))} ({whole(str(one['key']))}) differs in {differs}"
    if report.undone_batch is not None:
        n = report.undone_batch
        yield f"  known tickets are those of import {n}, which was undone; lampboard imports redo {n} brings them back"


def _samples(report: ImportReport) -> Iterator[str]:
    for sample in report.samples:
        key, subject, stage = (whole(str(sample[name])) for name in ("key", "subject", "stage"))
        yield f"  sample {key}: {subject} ({stage}, priority {sample['priority']}, {sample['entries']} entries)"
    for reject in report.reject_samples:
        yield f"  sample of what would be rejected, line {reject['line']}: {whole(str(reject['reason']))}"


def _counts(title: str, counts: dict[str, int]) -> Iterator[str]:
    for reason, count in sorted(counts.items(), key=lambda item: -item[1])[:REASONS_TOLD]:
        yield f"  {title}: {whole(reason)} ({count:,})"
