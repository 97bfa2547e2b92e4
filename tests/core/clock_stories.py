"""Random histories of tickets: moves, waits, messages, changes of priority, policy and hours, under random terms."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.clock_facts import ClockFacts, NamedVersion, in_order
from core.clock_runs import ANSWERED, ASKED, KINDS, OPENED, POLICY, PRIORITY, STAGE, Cause, ClockEvent, Hours, Retarget
from core.policy import Policy, read_policy
from core.stages import STAGES, WAITING
from tests.core.calendars import told

HOUR, DAY = 3_600, 86_400
PARTIES = ("customer", "vendor", "contractor", "part", "us")
CALENDAR_NAMES = (NamedVersion("Łódź", 1), NamedVersion("Łódź", 2), NamedVersion("Łódź", 3))


def random_policy(rng: Random, plain: bool = False) -> dict[str, Any]:
    """A document; `plain` has no clock that begins anew and no stages."""
    body: dict[str, Any] = {
        "name": f"policy {rng.randrange(100)}",
        "first_response_seconds": {str(priority): rng.randrange(0, 8 * HOUR) for priority in (1, 2, 3)},
        "update_seconds": {"1": HOUR, "2": rng.randrange(HOUR, 9 * HOUR)},
        "resolution_seconds": {str(priority): rng.randrange(0, 40 * HOUR) for priority in (1, 2, 3, 4)},
        "pause_applies_to": rng.sample(KINDS, rng.randrange(4)),
    }
    if rng.random() < 0.2:
        body["resolution_days"] = {"2": rng.randrange(4)}
    if plain:
        return body
    if rng.random() < 0.4:
        body["count_from"] = "change"
    if rng.random() < 0.4:
        body["reopen_fresh_after_seconds"] = rng.choice((0, HOUR, DAY))
    if rng.random() < 0.6:
        body["stages"] = _random_stages(rng)
    return body


def _random_stages(rng: Random) -> list[dict[str, Any]]:
    keys = [(name, "") for name in STAGES] + [("waiting", party) for party in PARTIES]
    chosen = rng.sample(keys, rng.randrange(1, 6))
    stages = []
    for name, party in chosen:
        stage: dict[str, Any] = {"stage": name, "owner": rng.choice(("us", "customer", "contractor", "vendor"))}
        if party:
            stage["party"] = party
        if rng.random() < 0.7:
            stage["share"] = rng.choice((0, 0.1, 0.15, 0.2))
        if rng.random() < 0.4:
            stage["pauses"] = rng.sample(KINDS, rng.randrange(4))
        stages.append(stage)
    return stages


def random_hours(rng: Random, start: int) -> Hours:
    """A calendar with a site's closing days, changed up to two times while the ticket is open."""

    def calendar() -> Calendar:
        drawn = Calendar.from_document(told(rng)[0])
        if rng.random() < 0.4:
            day = start // DAY + 719_163 + rng.randrange(7)
            drawn = drawn.with_closing_days({day: "stocktaking"}, {(11, 11): "Site day"})
        return drawn

    if rng.random() < 0.5:
        return calendar()
    changes = [(Instant(start + rng.randrange(9 * DAY)), calendar()) for _ in range(rng.randrange(3))]
    return CalendarVersions(calendar(), tuple(changes))


def random_facts(seed: int, plain: bool = False) -> ClockFacts:
    """A ticket of up to twelve events around a change of the clocks, and the terms it lives under."""
    rng = Random(seed)
    start = told(rng)[1]
    hours = random_hours(rng, start)
    priority, policy = rng.choice((1, 2, 3)), read_policy(random_policy(rng, plain))
    events = [ClockEvent(Instant(start), OPENED, stage="new", source=Cause(b"\0"))]
    moments = sorted(start + rng.choice((60, HOUR, 17)) * rng.randrange(160) for _ in range(rng.randrange(12)))
    for number, moment in enumerate(moments):
        kind = rng.choice((STAGE, STAGE, STAGE, ASKED, ANSWERED, PRIORITY, POLICY))
        event = ClockEvent(Instant(moment), kind, source=Cause(bytes([number + 1]), "Anna"))
        if kind == STAGE:
            stage = STAGES[rng.choice(tuple(STAGES))]
            party = rng.choice(PARTIES) if stage.stage_class == WAITING else ""
            event = event._replace(stage_class=stage.stage_class, stage=stage.name, party=party)
        elif kind == PRIORITY:
            after = rng.choice((1, 2, 3))
            event, priority = event._replace(change=Retarget(priority, after)), after
        elif kind == POLICY:
            other = read_policy(random_policy(rng, plain))
            event, policy = event._replace(change=Retarget(policy_before=policy, policy=other)), other
        events.append(event)
    now = Instant(start + rng.randrange(12 * DAY))
    return ClockFacts(in_order(events), priority, policy, hours, now, 12, CALENDAR_NAMES, "2026b")


any_seed = st.integers(0, 1 << 40)


def paused_policy(**fields: Any) -> Policy:
    """Eight hours for priority 3 with `fields` in place of the usual ones."""
    return read_policy({"name": "Silver", "resolution_seconds": {"2": 4 * HOUR, "3": 8 * HOUR}, **fields})
