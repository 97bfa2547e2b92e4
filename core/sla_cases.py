"""A document of calendars and cases turned into answers: any question about open time and clocks as plain data.

Instants are ISO 8601 with an offset, durations whole seconds; `docs/sla.md` tells the fields of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from core.business_days import DAY_RULES, add_days
from core.calendar import Calendar, CalendarVersions
from core.calendar_document import malformed, read_calendar, read_instant, read_spans
from core.clock import Instant
from core.errors import DomainError
from core.open_time import LATEST
from core.pauses import add_paused, back_paused, between_paused
from core.sla_clock_case import Answer, Case, clock_answer, instant_in, iso_utc

MOST_INTERVALS = 50_000
"""In one answer: a desk's shifts of half a century."""


class CaseDocument:
    """The calendars of a document, each read when a case first names it, and the answers to its cases."""

    def __init__(self, document: object) -> None:
        if not isinstance(document, Mapping):
            raise malformed("document", "an object with calendars and cases")
        calendars, cases = document.get("calendars", {}), document.get("cases")
        if not isinstance(calendars, Mapping):
            raise malformed("calendars", "an object of calendars by id")
        if not isinstance(cases, list):
            raise malformed("cases", "a list")
        self._documents = calendars
        self._read: dict[str, Calendar] = {}
        self.cases = cases

    def answer(self, case: object) -> Answer:
        """The full answer to a case in the shape of its `expect`; a DomainError names the field that spoils it."""
        if not isinstance(case, Mapping):
            raise malformed("case", "an object")
        kind = case.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise malformed("kind", "one of " + ", ".join(KINDS))
        return KINDS[kind](self, case)

    def calendar(self, name: object, field: str = "calendar") -> Calendar:
        """The calendar of an id; what is wrong in it is named below `field`."""
        if not isinstance(name, str) or name not in self._documents:
            raise malformed(field, "the id of a calendar of this document")
        if name not in self._read:
            try:
                self._read[name] = read_calendar(self._documents[name])
            except DomainError as error:
                error.facts["field"] = f"{field}.{error.facts['field']}".rstrip(".")
                raise
        return self._read[name]

    def opening(self, case: Case, near: str = "") -> Calendar:
        """The case's calendar, which must open at some time; looked for from the instant in the field `near` on."""
        calendar = self.calendar(case.get("calendar"))
        if calendar.never_opens or (near and not calendar.ever_opens(instant_in(case, near))):
            raise DomainError("terms.never_open", field="calendar.weekly")
        return calendar


def _amount(case: Case, field: str) -> int:
    value = case.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise malformed(field, "a whole number, 0 or more")
    return value


def _is_backward(case: Case) -> bool:
    direction = case.get("direction")
    if direction is None:
        return False
    if direction not in ("forward", "backward"):
        raise malformed("direction", "forward or backward")
    return bool(direction == "backward")


def _found(at: Instant | None, field: str) -> Answer:
    if at is None:
        raise DomainError("terms.too_far", field=field)
    return {"at": iso_utc(at)}


def _add(document: CaseDocument, case: Case) -> Answer:
    calendar, start, seconds = document.opening(case, "start"), instant_in(case, "start"), _amount(case, "seconds")
    pauses = read_spans(case.get("pauses"), "pauses")
    step = back_paused if _is_backward(case) else add_paused
    return _found(step(calendar, start, seconds, pauses), "seconds")


def _add_days(document: CaseDocument, case: Case) -> Answer:
    calendar, start, days = document.opening(case, "start"), instant_in(case, "start"), _amount(case, "days")
    rule = case.get("rule")
    if rule not in DAY_RULES:
        raise malformed("rule", "one of " + ", ".join(DAY_RULES))
    return _found(add_days(calendar, start, days, rule, _is_backward(case)), "days")


def _between(document: CaseDocument, case: Case) -> Answer:
    calendar = document.opening(case, "from")
    start, end = instant_in(case, "from"), instant_in(case, "to")
    pauses = read_spans(case.get("pauses"), "pauses")
    changes = tuple(_changes(document, case.get("calendar_changes")))
    hours = CalendarVersions(calendar, changes) if changes else calendar
    return {"seconds": between_paused(hours, start, end, pauses) if end > start else 0}


def _changes(document: CaseDocument, told: object) -> Iterator[tuple[Instant, Calendar]]:
    if told is None:
        return
    if not isinstance(told, list | tuple):
        raise malformed("calendar_changes", "a list of changes")
    for place, change in enumerate(told):
        field = f"calendar_changes[{place}]"
        if not isinstance(change, Mapping):
            raise malformed(field, "an object with at and calendar")
        at = read_instant(change.get("at"), f"{field}.at")
        yield at, document.calendar(change.get("calendar"), f"{field}.calendar")


def _remaining(document: CaseDocument, case: Case) -> Answer:
    calendar = document.opening(case, "now")
    return {"seconds": calendar.remaining(instant_in(case, "deadline"), instant_in(case, "now"))}


def _is_open(document: CaseDocument, case: Case) -> Answer:
    return {"open": document.calendar(case.get("calendar")).is_open(instant_in(case, "at"))}


def _intervals(document: CaseDocument, case: Case) -> Answer:
    calendar, start = document.calendar(case.get("calendar")), instant_in(case, "from")
    if case.get("limit") is None and case.get("to") is None:
        raise malformed("limit", "how many intervals, unless there is a to")
    until = None if case.get("to") is None else instant_in(case, "to")
    limit = None if case.get("limit") is None else min(_amount(case, "limit"), MOST_INTERVALS + 1)
    found = list(islice(calendar.intervals(start, until), MOST_INTERVALS + 1 if limit is None else limit))
    if len(found) > MOST_INTERVALS:
        raise malformed("to" if limit is None else "limit", f"for no more than {MOST_INTERVALS:,} intervals")
    # What does not close before the end of all tables has no end.
    return {"intervals": [[iso_utc(opens), iso_utc(closes if closes < LATEST else None)] for opens, closes in found]}


def _clock(document: CaseDocument, case: Case) -> Answer:
    return clock_answer(document.opening(case), case)


KINDS: dict[str, Callable[[CaseDocument, Case], Answer]] = {
    "add": _add,
    "add_days": _add_days,
    "between": _between,
    "remaining": _remaining,
    "is_open": _is_open,
    "intervals": _intervals,
    "clock": _clock,
}


def differences(expected: object, answer: object, where: str = "") -> list[str]:
    """The fields that `expected` tells and `answer` tells otherwise; instants are compared as instants."""
    if isinstance(expected, Mapping):
        if not isinstance(answer, Mapping):
            return [where or "answer"]
        found = []
        for name, value in expected.items():
            path = f"{where}.{name}" if where else str(name)
            found += differences(value, answer[name], path) if name in answer else [path]
        return found
    if isinstance(expected, list):
        if not isinstance(answer, list) or len(answer) != len(expected):
            return [where]
        return [
            path
            for place, value in enumerate(expected)
            for path in differences(value, answer[place], f"{where}[{place}]")
        ]
    return [] if _same(expected, answer) else [where]


def _same(expected: object, answer: object) -> bool:
    if isinstance(expected, str) and isinstance(answer, str) and expected != answer:
        try:
            return read_instant(expected, "") == read_instant(answer, "")
        except DomainError:
            return False
    return type(expected) is type(answer) and expected == answer
