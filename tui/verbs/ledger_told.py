"""A ticket's clocks explained, as JSON: durations in seconds, times in UTC."""

from __future__ import annotations

from typing import Any

from core.clock_facts import Promise
from core.clock_shown import ClockShown, Supposed
from core.ledger import Ledger, Span
from tui.presenters.supposition_words import supposition_words
from tui.verbs.printing import hexed, iso
from tui.verbs.ticket_told import CLOCK_STATES


def document(page: ClockShown) -> dict[str, Any]:
    """Everything `sla explain` tells."""
    used = page.used
    return {
        "id": hexed(page.row.id),
        "number": page.row.number,
        "priority": page.row.priority,
        "contract": page.contract,
        "clocks": [_ledger(page, ledger) for ledger in page.ledgers],
        "stages": [
            {
                "stage": one.stage,
                "party": one.party,
                "owner": one.owner,
                "share_seconds": one.target,
                "used_seconds": one.used,
                "over_seconds": one.over,
                "is_running": one.is_running,
            }
            for one in page.stages
        ],
        "counted_by_owner": used.counted_by_owner if used else {},
        "breach_by_owner": used.breach_by_owner if used else {},
        "restated": [
            {
                "clock": one.announcement.clock,
                "said_at": iso(one.announcement.at),
                "said_breached": one.announcement.breached,
                "is_breached": one.breached,
                "said_used_seconds": one.announcement.used_seconds,
                "used_seconds": one.used_seconds,
            }
            for one in page.restated
        ],
        "what_if": [_supposed(one) for one in page.supposed],
    }


def _ledger(page: ClockShown, ledger: Ledger) -> dict[str, Any]:
    spans = [*ledger.spans, *([ledger.coming] if ledger.coming else [])]
    return {
        **_promise(ledger.promise),
        "as_of": iso(ledger.now),
        "policy": {"name": ledger.policy.name, "version": ledger.policy.version},
        "calendars": [{"name": one.name, "version": one.version} for one in ledger.calendars],
        "tzdata": ledger.zone_data,
        "spans": [_span(span, ledger) for span in spans],
        "changes": [
            {"at": iso(one.at), "due_before": iso(one.before), "due_after": iso(one.after)} for one in ledger.changes
        ],
        "warnings": [
            {
                "fraction": None if one.level.fraction is None else float(one.level.fraction),
                "seconds_before": one.level.seconds_before,
                "at": iso(one.at),
            }
            for one in page.warned
            if one.level.clock == ledger.clock
        ],
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "clock": promise.clock,
        "state": CLOCK_STATES[promise.state],
        "started_at": iso(promise.started_at),
        "target_seconds": promise.target,
        "used_seconds": promise.used,
        "left_seconds": promise.left,
        "breached_by_seconds": promise.breached_by,
        "due_at": iso(promise.due_at),
        "deadline_at": iso(promise.deadline_at),
        "ended_at": iso(promise.ended_at),
    }


def _span(span: Span, ledger: Ledger) -> dict[str, Any]:
    cause, name, event = span.why
    source = event.source if event is not None else None
    return {
        "from": iso(span.from_at),
        "until": iso(span.until_at),
        "seconds": span.seconds,
        "counted_seconds": span.counted,
        "total_seconds": span.total,
        "cause": cause,
        "name": name,
        "event": None
        if event is None
        else {
            "kind": event.kind,
            "stage": event.stage,
            "party": event.party,
            "entry_id": hexed(source.entry) if source and source.entry else None,
            "person": source.person if source else "",
            "words": source.words if source else "",
        },
        "calendar_version": ledger.calendars[span.version].version if ledger.calendars else None,
    }


def _supposed(one: Supposed) -> dict[str, Any]:
    return {
        "supposed": supposition_words(one, "UTC"),
        "clocks": [_promise(promise) for promise in one.outcome.promises],
    }
