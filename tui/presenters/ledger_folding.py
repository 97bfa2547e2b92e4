"""Long ledgers: runs of similar days told in one line each; what they counted and their sums stay exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.closed_reasons import CLOSED
from core.ledger import OPEN_HOURS, Span
from tui.presenters.times import local

MOST_SPANS = 60
"""A ledger with more of them is folded."""
A_NIGHT, A_WEEKEND = 24 * 3600, 4 * 86_400
"""Closed times shorter than this are folded, the longer ones only where the shorter ones were not enough."""


class Row(NamedTuple):
    """A span as told; of a folded one `days` says on how many dates its shifts began."""

    span: Span
    days: int = 0


def rows_of(spans: Sequence[Span], zone: str) -> list[Row]:
    """The spans as rows: one each, or folded by weeks, or from one thing worth telling to the next."""
    rows = [Row(span) for span in spans]
    for gap in (A_NIGHT, A_WEEKEND):
        if len(rows) > MOST_SPANS:
            rows = _folded(spans, gap, zone)
    return rows


def _folded(spans: Sequence[Span], gap: int, zone: str) -> list[Row]:
    rows: list[Row] = []
    place = 0
    while place < len(spans):
        end = _end_of_run(spans, place, gap)
        rows.append(_as_one(spans[place:end], zone) if end > place + 1 else Row(spans[place]))
        place = end
    return rows


def _end_of_run(spans: Sequence[Span], start: int, gap: int) -> int:
    """Behind the last shift that belongs to the same line as the span at `start`."""
    end = start + 1
    if spans[start].why.cause != OPEN_HOURS:
        return end
    while end + 1 < len(spans):
        closed, shift = spans[end], spans[end + 1]
        is_usual = closed.why.cause == CLOSED and closed.seconds < gap
        goes_on = shift.why.cause == OPEN_HOURS and shift.why.event is None and shift.version == spans[start].version
        if not (is_usual and goes_on):
            break
        end += 2
    return end


def _as_one(spans: Sequence[Span], zone: str) -> Row:
    first, last = spans[0], spans[-1]
    days = {local(span.from_at, zone).date() for span in spans if span.why.cause == OPEN_HOURS}
    counted = sum(span.counted for span in spans)
    return Row(first._replace(until_at=last.until_at, counted=counted, total=last.total), len(days))
