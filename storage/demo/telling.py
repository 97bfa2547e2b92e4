"""How a demo ticket is told: its row, its timeline with the right people in it, and where its clocks stand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from random import Random

from core.clock import Instant
from core.clock_runs import ANSWERED, ASKED, OPENED, STAGE, ClockEvent
from core.delivery import HANDED
from core.ids import EntityId, layout
from core.sla import Clock, every_clock
from core.stages import CLOSED, STAGES, WAITING
from core.ticket import Ticket, Waiting
from core.timeline import BY_SYSTEM, FROM_CUSTOMER, INTERNAL, TO_CUSTOMER
from storage.demo.batch import Batch
from storage.demo.firms import DESK, EAST, EASTERN, SYSTEM_CATEGORIES, SYSTEMS, WEST, Cast, Colleague, Firm, Version
from storage.demo.grades import DAY, HOUR
from storage.demo.names import ACKNOWLEDGEMENTS, CALL_BACK_NOTES, WAITING_CAUSES
from storage.demo.plan import NO_UNIT, OpenPlan, Plan
from storage.demo.stories import Story, all_stories, places_of
from storage.rows import dump, ticket_row
from storage.standing import NO_CLOCKS, derived_columns
from storage.terms import NO_TERMS, Terms

CHANNELS = ("phone", "phone", "phone", "phone", "phone", "phone", "mail", "mail", "mail", "portal", "portal", "visit")
WITHOUT_A_DATE = 30 * HOUR
"""How much open time work takes that nobody promised a date for."""

Said = tuple[int, str, str, bytes | None, bytes | None, str, str, str, str]
"""at, kind, direction, person, contact, text, code, data, delivery."""


@lru_cache(maxsize=10_000)
def _assigned(owner: bytes, was_owner: bytes | None) -> str:
    return dump({"owner": owner.hex(), "was_owner": was_owner.hex() if was_owner else None})


@lru_cache(maxsize=200)
def _opened(channel: str) -> str:
    return dump({"channel": channel})


@lru_cache(maxsize=2_000)
def _moved(to: str, was: str, cause: str = "", party: str = "", until: int | None = None) -> str:
    return dump(
        {
            "to": to,
            "stage_class": STAGES[to].stage_class,
            "was": was,
            "cause": cause,
            "party": party,
            "until": until,
        }
    )


@lru_cache(maxsize=20)
def _worked(minutes: int) -> str:
    return dump({"minutes": minutes})


class Teller:
    """Tells the tickets of a plan one after the other into a batch; `now` ends every story."""

    def __init__(self, batch: Batch, cast: Cast, rng: Random, now: Instant, first_number: int) -> None:
        self.batch = batch
        self.cast = cast
        self.rng = rng
        self.now = now
        self._first_number = first_number
        self._teams = [cast.colleagues(number) or cast.people for number in (DESK, SYSTEMS, WEST, EAST)]

    def tell(self, plan: Plan, place: int, is_brief: bool) -> None:
        """Ticket `place` of the plan; `is_brief` leaves out who handed it to whom on the way."""
        ticket = _Told(self, plan, place)
        open_plan = plan.open_plans.get(place)
        if open_plan is not None:
            ticket.unfinished(open_plan)
        else:
            ticket.finished(is_brief)
        ticket.write(bool(plan.is_repeat[place]))

    def new_id(self, at: int, place: int, counter: int = 0) -> EntityId:
        """An id that sorts by `at` (seconds), then by `place` (below 1000) and `counter` among those of one second."""
        return layout(at * 1000 + place, counter, self.rng.randbytes(8))

    def number(self, place: int) -> str:
        """The ticket's number."""
        return f"T-{self._first_number + place}"

    def someone(self, team: int) -> Colleague:
        """A colleague of the team."""
        people = self._teams[team]
        return people[int(self.rng.random() * len(people))]


class _Told:
    """One ticket while it is being told."""

    def __init__(self, teller: Teller, plan: Plan, place: int) -> None:
        rng = teller.rng
        self.teller, self.rng, self.now = teller, rng, int(teller.now)
        self.firm: Firm = teller.cast.firms[plan.firm[place]]
        self.story: Story = all_stories()[plan.story[place]]
        self.opened_at = plan.opened_at[place]
        self.version: Version | None = self.firm.version_at(self.opened_at)
        self.id = teller.new_id(self.opened_at, 0, place & 0xFFF)
        self.number = teller.number(place)
        unit = plan.unit[place]
        if unit == NO_UNIT:
            self.unit, name, spot = None, "", int(rng.random() * 10_000)
            self.site = self.firm.sites[int(rng.random() * len(self.firm.sites))]
        else:
            self.unit, self.site, _, name, spot = self.firm.units[unit]
        self.words: dict[str, int | str] = {
            **places_of(spot),
            "n": 1 + int(rng.random() * 60),
            "unit": name,
            "code": self.story.fault_code,
        }
        contacts = self.firm.contacts
        self.contact, self.phone = contacts[int(rng.random() * len(contacts))]
        self.channel = CHANNELS[int(rng.random() * len(CHANNELS))]
        self.desk = teller.someone(DESK)
        self.engineer = teller.someone(
            SYSTEMS if self.story.category in SYSTEM_CATEGORIES else EAST if self.firm.land.country in EASTERN else WEST
        )
        self.owner: Colleague | None = None
        self.stage = "new"
        self.closed_at: int | None = None
        self.waiting: Waiting | None = None
        self.said: list[Said] = []
        self._opening()

    def _opening(self) -> None:
        self._system(self.opened_at, self.desk, "ticket.opened", _opened(self.channel))
        kind = "call" if self.channel in ("phone", "visit") else "message"
        self._customer(self.opened_at, kind, self.story.report)

    # Single lines.

    def _say(self, at: int, kind: str, direction: str, person: bytes | None, contact: bytes | None, text: str) -> None:
        delivery = HANDED if direction == TO_CUSTOMER and kind == "message" else ""
        data = _worked(15 * (1 + (self.opened_at + len(text)) % 10)) if kind == "work" else ""
        self.said.append((at, kind, direction, person, contact, text.format_map(self.words), "", data, delivery))

    def _customer(self, at: int, kind: str, text: str) -> None:
        self._say(at, kind, FROM_CUSTOMER, self.desk.id if kind == "call" else None, self.contact, text)

    def _system(self, at: int, person: Colleague, code: str, data: str) -> None:
        self.said.append((at, "system", BY_SYSTEM, person.id, None, "", code, data, ""))

    def _take(self, at: int) -> None:
        """The ticket gets its owner: the dispatcher keeps it, or an engineer is asked."""
        owner = self.engineer if self.rng.random() < 0.6 else self.desk
        self.owner = owner
        self._system(at, self.desk, "ticket.assigned", _assigned(owner.id, None))

    def _move(self, at: int, to: str) -> None:
        if to != self.stage:
            self._system(at, self.owner or self.desk, "ticket.staged", _moved(to, self.stage))
            self.stage = to

    def _wait(self, at: int) -> None:
        causes = WAITING_CAUSES[self.firm.land.language]
        cause, party = causes[int(self.rng.random() * len(causes))]
        until = (at // DAY + 1 + int(self.rng.random() * 6)) * DAY + 9 * HOUR - self.firm.utc_offset
        self.waiting = Waiting(cause, party, Instant(until))
        data = _moved("waiting", self.stage, cause, party, until)
        self._system(at, self.owner or self.desk, "ticket.staged", data)
        self.stage = "waiting"

    def _line(self, at: int, line: tuple[str, str, str]) -> None:
        """A line of the story's exchange by whoever says such lines."""
        who, kind, text = line
        if who == "customer":
            self._customer(at, kind, text)
        elif who == "engineer":
            if kind == "visit" and self.stage == "active":
                self._move(at, "on_site")
            self._say(at, kind, INTERNAL, self.engineer.id, None, text)
        elif kind == "note":
            self._say(at, kind, INTERNAL, self.desk.id, None, text)
        else:
            self._say(at, kind, TO_CUSTOMER, self.desk.id, self.contact, text)

    def _answer(self, at: int) -> int:
        """The first word to the customer at `at`; answers how many lines of the exchange that was."""
        first = self.story.exchange[0]
        if first[0] == "us" and first[1] != "note":
            self._line(at, first)
            return 1
        text = ACKNOWLEDGEMENTS[self.firm.land.language].replace("{number}", self.number)
        self._say(at, "message", TO_CUSTOMER, self.desk.id, self.contact, text)
        return 0

    def _spread(self, since: int, until: int, count: int) -> list[int]:
        """`count` instants in rising order after `since` and not after `until`."""
        room = max(0, until - since)
        spread = (since + int(self.rng.random() * room) for _ in range(count))
        return sorted(max(since, self._by_day(at)) for at in spread)

    def _by_day(self, at: int) -> int:
        """`at`, or the evening before where it is night at the customer's: work is rarely written down at three."""
        since_midnight = (at + self.firm.utc_offset) % DAY
        if since_midnight >= 6 * HOUR or self.story.priority == 1:
            return at
        return at - since_midnight - 3 * HOUR - int(self.rng.random() * 4 * HOUR)

    # Whole stories.

    def unfinished(self, plan: OpenPlan) -> None:
        """As far as an open ticket has come."""
        rng = self.rng
        if plan.answered_at is None:
            if rng.random() < 0.3 and self.now - self.opened_at > 180:
                self._take(self.opened_at + 60 + int(rng.random() * min(600, self.now - self.opened_at - 120)))
            return
        taken_at = self.opened_at + int(rng.random() * (plan.answered_at - self.opened_at))
        if rng.random() < 0.88 or plan.waits_since is not None:
            self._take(taken_at)
            self._move(taken_at, "active")
        told = self._answer(plan.answered_at)
        until = plan.waits_since or self.now - 30
        most = max(told, len(self.story.exchange) - 1)
        upto = told + int(rng.random() * (most - told + 1)) if self.owner else told
        times = self._spread(plan.answered_at, until, upto - told)
        for at, line in zip(times, self.story.exchange[told:upto], strict=True):
            self._line(at, line)
        if plan.waits_since is not None:
            self._wait(plan.waits_since)
        if rng.random() < 0.05:
            self._promise_call()

    def _promise_call(self) -> None:
        planner = self.owner or self.desk
        planned_at = max(self.said[-1][0], self.now - 30 - int(self.rng.random() * 3 * HOUR))
        due_at = self.now + int((self.rng.random() * 30 - 0.5) * HOUR)
        data = dump({"due_at": due_at, "contact": self.contact.hex(), "is_dropped": False})
        self._system(planned_at, planner, "call_back.planned", data)
        note = CALL_BACK_NOTES[self.firm.land.language]
        call_back = self.teller.new_id(planned_at, 999)
        self.teller.batch.add("call_back", call_back, self.id, self.contact, self.phone, due_at, planner.id, note)

    def finished(self, is_brief: bool) -> None:
        """From the report to the cure."""
        answered_at, resolved_at = self._kept_times()
        rng = self.rng
        if is_brief:
            self.owner = self.desk
            self._answer(answered_at)
            self._close(resolved_at, True)
            return
        taken_at = self.opened_at + int(rng.random() * (answered_at - self.opened_at))
        self._take(taken_at)
        self._move(taken_at, "active")
        told = self._answer(answered_at)
        rest = self.story.exchange[told:]
        pause = int((0.2 + rng.random() * 5) * DAY)
        waits_before = -1
        if len(rest) > 1 and rng.random() < 0.13 and resolved_at + pause < self.now - 600:
            waits_before = 1 + int(rng.random() * (len(rest) - 1))
        shift = 0
        for place, (at, line) in enumerate(zip(self._spread(answered_at, resolved_at, len(rest)), rest, strict=True)):
            if place == waits_before:
                self._wait(at)
                shift = pause
                self.waiting = None
                self._move(at + shift, "active")
            self._line(at + shift, line)
        self._close(resolved_at + shift, False)

    def _kept_times(self) -> tuple[int, int]:
        """When the customer was answered and when it was cured: mostly in time, now and then late."""
        rng, version = self.rng, self.version
        answer_share = 0.08 + rng.random() * 0.85 if rng.random() < 0.965 else 1.05 + rng.random()
        cure_share = 0.08 + rng.random() ** 1.4 * 0.87 if rng.random() < 0.955 else 1.03 + rng.random() * 0.6
        if version is None:
            answered_at = self.opened_at + int(answer_share * 5 * HOUR)
            resolved_at = answered_at + int(cure_share * 4 * DAY)
        else:
            response = (version.policy.first_response or {})[self.story.priority]
            resolution = (version.policy.resolution or {}).get(self.story.priority, WITHOUT_A_DATE)
            opened_at = Instant(self.opened_at)
            answered_at = int(version.hours.add(opened_at, int(answer_share * response)) or opened_at)
            resolved_at = int(version.hours.add(opened_at, int(cure_share * resolution)) or opened_at)
        resolved_at = max(self._by_day(resolved_at), answered_at + 10 * 60)
        latest = self.now - 300
        if resolved_at > latest:
            room = latest - self.opened_at
            answered_at = min(answered_at, self.opened_at + int(0.3 * room))
            resolved_at = self.opened_at + int((0.5 + 0.5 * rng.random()) * room)
        return answered_at, resolved_at

    def _close(self, at: int, is_brief: bool) -> None:
        engineer = self.engineer if self.owner is not self.desk else self.desk
        text = f"{self.story.cause}. {self.story.resolution}" if not is_brief else self.story.resolution
        self._say(at, "work", INTERNAL, engineer.id, None, text)
        self.closed_at = at
        later = at + int((3 + self.rng.random() * 5) * DAY)
        if later >= self.now - 60:
            self._move(at, "resolved")
            return
        if not is_brief:
            self._move(at, "resolved")
            self.closed_at = later
        self._move(self.closed_at, "closed")

    # Into the tables.

    def write(self, is_repeat: bool) -> None:
        """The ticket's row with its derived columns, its reporters and its entries."""
        teller, batch = self.teller, self.teller.batch
        self.said.sort(key=lambda one: one[0])
        for place, one in enumerate(self.said):
            at, kind, direction, person, contact, text, code, data, delivery = one
            entry = teller.new_id(at, place)
            batch.entries.append((entry, self.id, at, kind, direction, person, contact, text, code, data, delivery))
        ticket = self._ticket()
        for place, reporter in enumerate(ticket.reporters):
            batch.reporters.append((self.id, place, reporter))
        row = ticket_row(ticket)
        version = self.version
        terms = Terms(version.policy, version.hours) if version else NO_TERMS
        row.update(derived_columns(ticket, self._clocks(terms), self.firm.name, terms))
        row["is_repeat"] = int(is_repeat)
        batch.add_ticket(row)

    def _clocks(self, terms: Terms) -> tuple[Clock, ...]:
        if terms.policy is None or terms.hours is None:
            return NO_CLOCKS
        events = _clock_events(self.opened_at, self.said)
        return every_clock(events, self.story.priority, terms.policy, terms.hours)

    def _ticket(self) -> Ticket:
        story, owner = self.story, self.owner
        reporters: tuple[EntityId, ...] = (self.contact,)
        others = [contact for contact, _ in self.firm.contacts if contact != self.contact]
        if others and self.rng.random() < 0.05:
            reporters += (others[0],)
        stage = STAGES[self.stage]
        return Ticket(
            id=self.id,
            number=self.number,
            subject=story.subject.format_map(self.words),
            company=self.firm.id,
            opened_at=Instant(self.opened_at),
            changed_at=Instant(self.said[-1][0]),
            stage=stage.name,
            stage_class=stage.stage_class,
            priority=story.priority,
            owner=owner.id if owner else None,
            team=(owner or self.desk).team,
            site=self.site,
            equipment=self.unit,
            contract_version=self.version.id if self.version else None,
            reporters=reporters,
            request_type=story.request_type,
            channel=self.channel,
            category="" if story.category == "none" else story.category,
            fault_code=story.fault_code,
            resolution_code=story.resolution_code if stage.stage_class == CLOSED else "",
            waiting=self.waiting if stage.stage_class == WAITING else None,
            closed_at=None if self.closed_at is None else Instant(self.closed_at),
        )


def _clock_events(opened_at: int, said: Iterable[Said]) -> list[ClockEvent]:
    """The clock events among the lines, as `storage/clock_events.py` reads them back from their rows."""
    events = [ClockEvent(Instant(opened_at), OPENED, stage="new")]
    for at, kind, direction, _, _, _, code, data, _ in said:
        if code == "ticket.staged":
            stage_class, stage, party = _stage_in(data)
            events.append(ClockEvent(Instant(at), STAGE, stage_class, stage=stage, party=party))
        elif direction == TO_CUSTOMER and kind in ("message", "call"):
            events.append(ClockEvent(Instant(at), ANSWERED))
        elif direction == FROM_CUSTOMER and kind == "message" and at > opened_at:
            events.append(ClockEvent(Instant(at), ASKED))
    return events


@lru_cache(maxsize=2_000)
def _stage_in(data: str) -> tuple[int, str, str]:
    facts = json.loads(data)
    return int(facts["stage_class"]), facts["to"], facts["party"]
