"""Which tickets a demo world has: when each was opened, by whom, about which machine, and how it stands now."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from core.clock import Instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.queue import BREACHED, DUE, DUE_LATER_SECONDS, DUE_SOON_SECONDS, KEPT, NO_PROMISE, ON_TIME, SOON, WAITS
from core.queue import lamp as lamp_of
from core.sla import ClockEvent, every_clock, standing
from core.stages import WAITING
from storage.demo.firms import Cast, Firm, Version
from storage.demo.grades import DAY, HOUR
from storage.demo.names import CATEGORIES
from storage.demo.stories import Story, all_stories, stories_about

NO_UNIT = -1
SHARE_WITHOUT_UNIT = 0.11
OPEN_SHARES = ((BREACHED, 0.024), (DUE, 0.033), (SOON, 0.05), (WAITS, 0.15), (KEPT, 0.04), (NO_PROMISE, 0.06))
"""How the open tickets of a believable morning stand; the rest is on time."""
ATTEMPTS = 80
PRUNE_EVERY = 50_000


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """How far an open ticket has come: answered and waiting since when, or not yet."""

    answered_at: int | None
    waits_since: int | None


@dataclass(slots=True)
class Plan:
    """The tickets in order of opening, column by column; `open_plans` by place in that order."""

    opened_at: array[int]
    firm: array[int]
    unit: array[int]
    story: array[int]
    is_repeat: bytearray
    open_plans: dict[int, OpenPlan]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An open ticket that was found to stand as wanted."""

    opened_at: int
    firm: int
    unit: int
    story: Story
    plan: OpenPlan


def open_count(tickets: int) -> int:
    """How many tickets are open: 214 of 2,000, some 27,500 of a million; the share shrinks with the years kept."""
    by_size: float = 214 * (tickets / 2_000) ** 0.7814
    return min(round(by_size), tickets // 3)


def plan_tickets(cast: Cast, rng: Random, tickets: int, since: int, now: Instant) -> Plan:
    """Decide every ticket of the world."""
    waiting_room = _OpenTickets(cast, rng, now).wanted(open_count(tickets))
    waiting_room.sort(key=lambda one: one.opened_at)
    times = _closed_times(cast, rng, tickets - len(waiting_room), since, now)
    planned = heapq.merge(
        _closed(cast, rng, times, waiting_room),
        ((one.opened_at, one.firm, one.unit, one.story.number, one.plan) for one in waiting_room),
        key=lambda row: row[0],
    )
    plan = Plan(array("q"), array("i"), array("i"), array("i"), bytearray(tickets), {})
    for place, (opened_at, firm, unit, story, open_plan) in enumerate(planned):
        plan.opened_at.append(opened_at)
        plan.firm.append(firm)
        plan.unit.append(unit)
        plan.story.append(story)
        if open_plan is not None:
            plan.open_plans[place] = open_plan
    _mark_repeats(plan)
    return plan


def _mark_repeats(plan: Plan) -> None:
    """Every ticket with the same fault on the same unit within thirty days before or after is a repeat."""
    stories = all_stories()
    latest: dict[tuple[int, int, str], int] = {}
    for place, opened_at in enumerate(plan.opened_at):
        fault_code = stories[plan.story[place]].fault_code
        if plan.unit[place] == NO_UNIT or not fault_code:
            continue
        key = (plan.firm[place], plan.unit[place], fault_code)
        before = latest.get(key)
        if before is not None and opened_at - plan.opened_at[before] <= REPEAT_WITHIN_SECONDS:
            plan.is_repeat[before] = plan.is_repeat[place] = 1
        latest[key] = place
        if place % PRUNE_EVERY == 0:
            oldest = opened_at - REPEAT_WITHIN_SECONDS
            latest = {key: at for key, at in latest.items() if plan.opened_at[at] >= oldest}


def _pick(cast: Cast, rng: Random, firm_number: int) -> tuple[int, Story]:
    """A machine of the firm and a story about it, or a matter without a machine."""
    firm = cast.firms[firm_number]
    if rng.random() < SHARE_WITHOUT_UNIT:
        unit, category = NO_UNIT, "none"
    else:
        unit = int(rng.random() * len(firm.units))
        category = CATEGORIES[firm.units[unit][2]].name
    told = stories_about(firm.land.language, category)
    return unit, told[int(rng.random() * len(told))]


def _closed_times(cast: Cast, rng: Random, count: int, since: int, now: int) -> array[int]:
    """When closed tickets were opened, rising: mostly in working hours, a little more every month, few on Sundays."""
    latest = now - 3 * HOUR
    days = max(1, (latest - since) // DAY)
    times = array("q")
    while len(times) < count:
        day = since // DAY + int(rng.random() ** 0.85 * days)
        weekday = (day + 3) % 7
        if weekday >= 5 and rng.random() < (0.75 if weekday == 5 else 0.88):
            continue
        # The sum of two draws peaks at noon; customers sit mostly between UTC and UTC+7.
        hour = 3.5 + (rng.random() + rng.random()) * 7.0 if rng.random() < 0.9 else rng.random() * 24
        at = day * DAY + int(hour * HOUR)
        if since <= at <= latest:
            times.append(at)
    return array("q", sorted(times))


Row = tuple[int, int, int, int, OpenPlan | None]


def _closed(cast: Cast, rng: Random, times: array[int], still_open: list[_Wanted]) -> Iterator[Row]:
    """Closed tickets in order; some are the earlier or the later half of a fault that came back."""
    planned: list[tuple[int, int, int, int, int]] = []
    taken: dict[tuple[int, int, str], list[int]] = {}
    for one in still_open:
        if one.unit != NO_UNIT and one.story.fault_code:
            taken.setdefault((one.firm, one.unit, one.story.fault_code), []).append(one.opened_at)
            if rng.random() < 0.09:
                for days_before in rng.sample(range(2, 26), rng.choice((1, 1, 2))):
                    at = one.opened_at - days_before * DAY
                    heapq.heappush(planned, (at, one.firm, one.unit, one.story.number, one.opened_at))
    latest: dict[tuple[int, int, str], int] = {}
    stories = all_stories()
    for place, at in enumerate(times):
        row = _due_repeat(planned, at)
        if row is None:
            row = _unlike_others(cast, rng, at, latest, taken)
            if row[1] != NO_UNIT and stories[row[2]].fault_code and rng.random() < 0.03:
                _come_back(rng, planned, at, row)
        firm, unit, story = row
        latest[firm, unit, stories[story].fault_code] = at
        if place % PRUNE_EVERY == 0:
            latest = {key: when for key, when in latest.items() if when >= at - REPEAT_WITHIN_SECONDS}
        yield at, firm, unit, story, None


def _due_repeat(planned: list[tuple[int, int, int, int, int]], at: int) -> tuple[int, int, int] | None:
    while planned and planned[0][0] <= at:
        _, firm, unit, story, until = heapq.heappop(planned)
        if at < until:
            return firm, unit, story
    return None


def _come_back(rng: Random, planned: list[tuple[int, int, int, int, int]], at: int, row: tuple[int, int, int]) -> None:
    """Plan one to three returns of the fault, each within thirty days of the one before."""
    before = at
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        again = before + rng.randrange(2, 24) * DAY
        heapq.heappush(planned, (again, *row, before + REPEAT_WITHIN_SECONDS))
        before = again


def _unlike_others(
    cast: Cast,
    rng: Random,
    at: int,
    latest: dict[tuple[int, int, str], int],
    taken: dict[tuple[int, int, str], list[int]],
) -> tuple[int, int, int]:
    """A ticket that repeats no other by accident, as far as a few tries can tell."""
    for _ in range(12):
        firm = cast.firm_at(rng.random())
        unit, story = _pick(cast, rng, firm)
        key = (firm, unit, story.fault_code)
        if unit == NO_UNIT or not story.fault_code:
            break
        before = latest.get(key)
        if before is not None and at - before <= REPEAT_WITHIN_SECONDS:
            continue
        if all(abs(other - at) > REPEAT_WITHIN_SECONDS for other in taken.get(key, ())):
            break
    return firm, unit, story.number


class _OpenTickets:
    """Finds open tickets whose clocks really stand as a believable queue wants them to."""

    def __init__(self, cast: Cast, rng: Random, now: Instant) -> None:
        self._cast = cast
        self._rng = rng
        self._now = now
        covered = [firm.version_at(now) is not None for firm in cast.firms]
        self._uncovered = [number for number, is_covered in enumerate(covered) if not is_covered]
        self._taken: set[tuple[int, int, str]] = set()
        self._quarters: set[tuple[int, int]] = set()

    def wanted(self, count: int) -> list[_Wanted]:
        """`count` open tickets; a lamp that no customer can show at this hour becomes one that is on time."""
        lamps = [lamp for lamp, share in OPEN_SHARES for _ in range(max(1, round(share * count)))][:count]
        lamps += [ON_TIME] * (count - len(lamps))
        found = []
        for lamp in lamps:
            one = self._one(lamp) or self._one(ON_TIME) or self._one(NO_PROMISE)
            if one is not None:
                self._quarters.add((one.firm, one.opened_at // 900))
                self._taken.add((one.firm, one.unit, one.story.fault_code))
                found.append(one)
        return found

    def _one(self, lamp: str) -> _Wanted | None:
        for _ in range(ATTEMPTS):
            number = self._customer(lamp)
            if number is None:
                return None
            unit, story = _pick(self._cast, self._rng, number)
            if unit != NO_UNIT and (number, unit, story.fault_code) in self._taken:
                continue
            firm = self._cast.firms[number]
            if lamp == NO_PROMISE:
                opened_at = self._now - int((0.02 + self._rng.random() ** 2 * 12) * DAY)
                plan = self._progress(opened_at, None, story, self._rng.random() < 0.7)
                if firm.version_at(opened_at) is None:
                    return _Wanted(opened_at, number, unit, story, plan)
                continue
            version = firm.version_at(self._now)
            assert version is not None
            found = self._try(lamp, firm, version, story)
            if found is not None and (number, found[0] // 900) not in self._quarters:
                return _Wanted(found[0], number, unit, story, found[1])
        return None

    def _customer(self, lamp: str) -> int | None:
        if lamp == NO_PROMISE:
            return self._rng.choice(self._uncovered) if self._uncovered else None
        for _ in range(ATTEMPTS):
            number = self._cast.firm_at(self._rng.random())
            if self._cast.firms[number].version_at(self._now) is not None:
                return number
        return None

    def _try(self, lamp: str, firm: Firm, version: Version, story: Story) -> tuple[int, OpenPlan] | None:
        """An opening that gives `lamp` with this contract and story, or None."""
        rng, hours = self._rng, version.hours
        is_answered = lamp in (WAITS, KEPT) or rng.random() < {ON_TIME: 0.85}.get(lamp, 0.5)
        targets = version.policy.resolution if is_answered else version.policy.first_response
        target = (targets or {}).get(story.priority)
        left = {
            BREACHED: -60 - int(rng.random() ** 2 * 50 * 60),
            DUE: rng.randrange(60, DUE_SOON_SECONDS - 30),
            SOON: rng.randrange(DUE_SOON_SECONDS + 60, DUE_LATER_SECONDS - 60),
        }.get(lamp)
        if lamp == KEPT:
            opened_at = self._now - int((0.2 + rng.random() * 9) * DAY)
        elif target is None:
            return None
        elif left is not None:
            opened_at = hours.back(Instant(self._now + left), target) or 0
        elif lamp == WAITS:
            opened_at = self._now - int((0.25 + rng.random() ** 2 * 24) * DAY)
        else:
            opened_at = hours.back(self._now, int(target * (0.02 + rng.random() * 0.9))) or 0
        if opened_at > self._now - 120 or firm.version_at(opened_at) is not version:
            return None
        if lamp != BREACHED and not 6 <= (opened_at + firm.utc_offset) % DAY // HOUR < 21 and rng.random() < 0.8:
            return None
        plan = self._progress(opened_at, version, story, is_answered, lamp == WAITS)
        return (opened_at, plan) if self._stands(lamp, opened_at, version, story, plan) else None

    def _progress(
        self, opened_at: int, version: Version | None, story: Story, is_answered: bool, waits: bool = False
    ) -> OpenPlan:
        rng = self._rng
        if not is_answered:
            return OpenPlan(None, None)
        answered_at = opened_at + 60 + int(rng.random() * HOUR)
        if version is not None:
            target = (version.policy.first_response or {})[story.priority]
            met = version.hours.add(Instant(opened_at), int(target * (0.1 + rng.random() * 0.8)))
            answered_at = int(met or answered_at)
        answered_at = min(answered_at, self._now - 60)
        if not waits:
            return OpenPlan(answered_at, None)
        since = answered_at + int((0.05 + rng.random() * 0.6) * (self._now - answered_at))
        return OpenPlan(answered_at, since)

    def _stands(self, lamp: str, opened_at: int, version: Version, story: Story, plan: OpenPlan) -> bool:
        events = [ClockEvent(Instant(opened_at), "opened")]
        if plan.answered_at is not None:
            events.append(ClockEvent(Instant(plan.answered_at), "answered"))
        if plan.waits_since is not None:
            events.append(ClockEvent(Instant(plan.waits_since), "stage", WAITING))
        stands = standing(every_clock(events, story.priority, version.policy, version.hours))
        shown = lamp_of(stands.state, stands.late_after, stands.seconds_left, self._now)
        return shown.level == lamp and (not stands.missed or lamp == BREACHED)
