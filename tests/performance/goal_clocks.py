"""Goal 12: deadlines through laid-out hours, beside a walk from day to day that asks the zone for each opening.

Forty calendars in five zones with lunch and holidays; starts over four years, drawn from one seed. The walk and the
table must agree on twenty thousand of them, or the goal is missed whatever the times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant
from core.clock_facts import ClockFacts
from core.clock_runs import ClockEvent
from core.ledger import ledger
from core.policy import RESOLUTION
from core.sla import Policy, every_clock
from core.stages import OPEN, WAITING
from tests.performance.figures import Figure, missed
from tests.performance.meter import median

HOUR, DAY = 3_600, 86_400
ZONES = ("Europe/Warsaw", "Europe/London", "Asia/Almaty", "Asia/Bangkok", "America/New_York")
HOLIDAYS = ("01-01", "05-01", "05-03", "08-15", "11-01", "11-11", "12-25", "12-26")
CALENDARS, CHECKED, OPEN_TICKETS, SLICE, LEDGERS = 40, 20_000, 27_500, 1_000, 500
POLICY = Policy("", {3: HOUR}, {3: 40 * HOUR}, update={3: 2 * HOUR})

Wish = tuple[int, Instant, int]
"""Number of a calendar, start, seconds of open time."""


def measure(rounds: int) -> list[Figure]:
    """A deadline, the deadlines of all open tickets, and three clocks of a ticket with five events."""
    documents = [_document(number) for number in range(CALENDARS)]
    calendars = [Calendar.from_document(document) for document in documents]
    wishes = list(_wishes())
    stories = [_story(start) for _number, start, _seconds in wishes[:CHECKED]]
    if [calendars[number].add(start, seconds) for number, start, seconds in wishes[:CHECKED]] != [
        _walked(documents[number], start, seconds) for number, start, seconds in wishes[:CHECKED]
    ]:
        return [missed(12, "the table and the walk disagree", 3.0, "us")] * 5
    hours = [calendars[number] for number, _start, _seconds in wishes]

    def adding() -> None:
        for number, start, seconds in wishes:
            calendars[number].add(start, seconds)

    def in_slices() -> float:
        """The longest of the slices in which a desk goes through its open tickets."""
        return max(_seconds(partial(slice_of, place)) for place in range(0, len(wishes), SLICE))

    def slice_of(place: int) -> None:
        for number, start, seconds in wishes[place : place + SLICE]:
            calendars[number].add(start, seconds)

    def clocks() -> None:
        for story, calendar in zip(stories, hours, strict=False):
            every_clock(story, 3, POLICY, calendar)

    facts = [_long_story(start, calendars[number]) for number, start, _seconds in wishes[:LEDGERS]]

    def ledgers() -> None:
        for one in facts:
            ledger(RESOLUTION, one)

    taken: dict[str, list[float]] = {"add": [], "clocks": [], "slice": [], "ledger": []}
    for _ in range(rounds * 5):
        taken["add"].append(_seconds(adding) / len(wishes))
        taken["clocks"].append(_seconds(clocks) / len(stories))
        taken["slice"].append(in_slices())
        taken["ledger"].append(_seconds(ledgers) / LEDGERS)
    add, three = median(taken["add"]), median(taken["clocks"])
    return [
        Figure(12, "a deadline through the table", add * 1e6, 3.0, "us"),
        Figure(12, f"deadlines of {OPEN_TICKETS:,} tickets", add * 1e3 * OPEN_TICKETS, 100.0, "ms"),
        Figure(12, f"the longest slice of {SLICE:,} of them", median(taken["slice"]) * 1e3, 5.0, "ms"),
        Figure(12, "three clocks from five events, a second", 1 / three, 0.1, "/s", 1 / add, at_least=True),
        Figure(12, "one ticket's ledger, 10 days and 15 events", median(taken["ledger"]) * 1e3, 1.0, "ms"),
    ]


def _seconds(work: Callable[[], None]) -> float:
    # The processor's time: other programs of a shared machine are not the table's doing.
    began = time.process_time()
    work()
    return time.process_time() - began


def _document(number: int) -> dict[str, Any]:
    opens = 8 + number % 3
    shifts = [[f"{opens:02}:00", "12:00"], ["12:45", f"{opens + 8}:30"]]
    weekly = dict.fromkeys(DAY_NAMES[:5], shifts)
    return {"tz": ZONES[number % len(ZONES)], "weekly": weekly, "holidays_yearly": list(HOLIDAYS)}


def _wishes() -> list[Wish]:
    rng, first = Random(12), int(datetime(2023, 1, 1, tzinfo=UTC).timestamp())
    targets = (HOUR, 4 * HOUR, 8 * HOUR, 40 * HOUR)
    return [
        (rng.randrange(CALENDARS), Instant(first + rng.randrange(4 * 365 * DAY)), rng.choice(targets))
        for _ in range(OPEN_TICKETS)
    ]


def _story(start: Instant) -> list[ClockEvent]:
    """Opened, asked, answered, waited, gone on."""
    return [
        ClockEvent(start, "opened"),
        ClockEvent(Instant(start + 600), "asked"),
        ClockEvent(Instant(start + 5_000), "answered"),
        ClockEvent(Instant(start + DAY), "stage", WAITING),
        ClockEvent(Instant(start + 2 * DAY), "stage", OPEN),
    ]


def _long_story(start: Instant, calendar: Calendar) -> ClockFacts:
    """A ticket ten days old: asked, answered, waited for and taken up again, three times over."""
    events = [ClockEvent(start, "opened", stage="new")]
    for turn in range(3):
        at = start + turn * 3 * DAY
        events += [
            ClockEvent(Instant(at + 2 * HOUR), "asked"),
            ClockEvent(Instant(at + 5 * HOUR), "answered"),
            ClockEvent(Instant(at + 6 * HOUR), "stage", WAITING, stage="waiting", party="vendor"),
            ClockEvent(Instant(at + 2 * DAY), "stage", OPEN, stage="active"),
        ]
    events += [
        ClockEvent(Instant(start + 9 * DAY + HOUR), "asked"),
        ClockEvent(Instant(start + 9 * DAY + DAY), "answered"),
    ]
    return ClockFacts(tuple(events), 3, POLICY, calendar, Instant(start + 10 * DAY))


def _walked(document: dict[str, Any], start: int, seconds: int) -> int:
    zone = ZoneInfo(document["tz"])
    left, day = seconds, datetime.fromtimestamp(start, zone).date()
    while True:
        shifts = [] if f"{day:%m-%d}" in HOLIDAYS else document["weekly"].get(DAY_NAMES[day.weekday()], [])
        for shift in shifts:
            opens, closes = (int(datetime.combine(day, clock_time.fromisoformat(at), zone).timestamp()) for at in shift)
            begins = max(opens, start)
            if begins < closes:
                if closes - begins >= left:
                    return begins + left
                left -= closes - begins
        day += timedelta(days=1)
