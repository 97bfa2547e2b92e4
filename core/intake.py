"""A call while it is taken: what is known of it, what is still asked, what is likely. Nothing is asked twice.

A draft is a value: every answer makes another one, and each can be kept as text at any moment.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from core.clock import Instant
from core.finding import CallerHit
from core.ids import EntityId
from core.pages import QueueRow
from core.phones import looks_like_number, read_number
from core.text import fold

WHO, NAME, NUMBER, COMPANY, PLACE, SYMPTOM = "who", "name", "number", "company", "place", "symptom"
"""The questions of a call in their order; of an unknown caller name, number and company are asked as far as needed."""

USUAL_PRIORITY = 3
RECENT_SECONDS = 90 * 86_400
OF_THE_CALLER = 3
"""What the caller reported counts as much as so many reports of colleagues."""
LEAST_ALIKE = 0.12
"""Below this share of common letter groups two texts speak of different things."""

SHOWN, WAITS = "shown", "waits"
"""What the console that a number rang in answered."""

_IDS = ("contact", "company", "site", "equipment", "ticket")


@dataclass(frozen=True, slots=True)
class CallDraft:
    """`typed` is what stands in the field of the present question, `asked` what was typed to find the caller.

    `passed` are questions that were answered with nothing. `rung_for` is the console that an exchange rang, as hex;
    `gone_name` of `gone_company` had the number that rang, and was taken off the desk.
    """

    id: EntityId
    started_at: Instant
    typed: str = ""
    asked: str = ""
    contact: EntityId | None = None
    contact_name: str = ""
    company: EntityId | None = None
    company_name: str = ""
    number: str = ""
    is_unknown: bool = False
    passed: tuple[str, ...] = ()
    site: EntityId | None = None
    site_name: str = ""
    equipment: EntityId | None = None
    equipment_name: str = ""
    ticket: EntityId | None = None
    ticket_number: str = ""
    is_placed: bool = False
    symptom: str = ""
    priority: int | None = None
    rung_for: str = ""
    rung_answer: str = ""
    gone_name: str = ""
    gone_company: str = ""

    @property
    def is_blank(self) -> bool:
        """True when nothing would be lost by forgetting it."""
        return not (self.typed or self.asked or self.has_caller or self.symptom or self.number)

    @property
    def has_caller(self) -> bool:
        """True once somebody or some company stands for the call."""
        return bool(self.contact or self.company or self.contact_name or self.company_name)

    @property
    def called(self) -> str:
        """Who calls, in the words that are known: name and company, else number, else what was typed."""
        names = ", ".join(name for name in (self.contact_name, self.company_name) if name)
        return names or self.number or self.typed.strip() or self.asked.strip()

    @property
    def subject(self) -> str:
        """The first line of the symptom that says something."""
        return next((line.strip() for line in self.symptom.splitlines() if line.strip()), "")

    # Answers.

    def typing(self, text: str) -> CallDraft:
        """Other text in the field of the present question."""
        return replace(self, symptom=text) if question_of(self) == SYMPTOM else replace(self, typed=text)

    def known(self, hit: CallerHit) -> CallDraft:
        """The caller was found; a piece of equipment that was searched for is what the call is about."""
        is_number = looks_like_number(self.typed)
        return replace(
            self,
            asked=self.typed,
            typed="",
            contact=hit.contact,
            contact_name=hit.contact_name if hit.contact is not None else "",
            company=hit.company,
            company_name=hit.company_name,
            number=self.number or hit.phone or (read_number(self.typed).written if is_number else ""),
            equipment=hit.equipment,
            equipment_name=hit.equipment_name if hit.equipment is not None else "",
            is_unknown=hit.company is None,
            ticket=None,
            ticket_number="",
            is_placed=False,
        )

    def unknown(self) -> CallDraft:
        """Nobody known calls: what was typed is their number or their name."""
        told = " ".join(self.typed.split())
        begun = replace(
            self,
            asked=self.typed,
            typed="",
            is_unknown=True,
            contact=None,
            contact_name="",
            company=None,
            company_name="",
        )
        begun = replace(begun, equipment=None, equipment_name="", site=None, site_name="", passed=(), is_placed=False)
        if looks_like_number(told):
            return replace(begun, number=read_number(told).written)
        return replace(begun, contact_name=told)

    def answered(self, question: str) -> CallDraft:
        """What is typed answers `question`; nothing typed passes it."""
        told = " ".join(self.typed.split())
        if not told:
            return replace(self, typed="", passed=(*self.passed, question))
        if question == NAME:
            return replace(self, typed="", contact_name=told)
        if question == NUMBER:
            return replace(self, typed="", number=told)
        assert question == COMPANY
        return replace(self, typed="", company_name=told)

    def at_company(self, company: EntityId, name: str) -> CallDraft:
        """An unknown caller of a company that is known."""
        return replace(self, typed="", company=company, company_name=name)

    def on_ticket(self, ticket: EntityId, number: str) -> CallDraft:
        """The call belongs to an open ticket."""
        return replace(self, ticket=ticket, ticket_number=number, is_placed=True)

    def about(self, equipment: EntityId | None, name: str = "", site: tuple[EntityId, str] | None = None) -> CallDraft:
        """The call is about a piece of equipment, or about none of those known; where it stands is known with it."""
        placed = replace(self, ticket=None, ticket_number="", equipment=equipment, equipment_name=name, is_placed=True)
        return placed if site is None else replace(placed, site=site[0], site_name=site[1])

    def urgent(self, priority: int | None) -> CallDraft:
        """With a priority of its own, or with None that of the contract."""
        return replace(self, priority=priority)

    def back(self) -> CallDraft:
        """To the question before; what was answered there stands in its field again."""
        question = question_of(self)
        if question == SYMPTOM:
            return replace(self, is_placed=False, ticket=None, ticket_number="")
        if question == PLACE and self.is_unknown:
            passed = tuple(one for one in self.passed if one != COMPANY)
            return replace(self, typed=self.company_name, company=None, company_name="", passed=passed)
        if question == WHO:
            return self
        kept = replace(self, typed=self.asked, contact=None, contact_name="", company=None, company_name="", number="")
        kept = replace(kept, site=None, site_name="", equipment=None, equipment_name="")
        return replace(kept, is_unknown=False, passed=(), is_placed=False)

    # As text.

    def to_text(self) -> str:
        """The draft as JSON; ids as hex, what says nothing left out."""
        document: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value not in ("", None, False, ()) and field.name != "id":
                document[field.name] = value.hex() if isinstance(value, bytes) else value
        return json.dumps(document, ensure_ascii=False, sort_keys=True)


def draft_of(call: EntityId, text: str) -> CallDraft:
    """The draft that `to_text` told; what cannot be read becomes its symptom, so that no letter is lost."""
    try:
        told = json.loads(text)
        if not isinstance(told, dict):
            return CallDraft(call, Instant(0), symptom=text)
        known = {name: told[name] for name in _FIELDS if name in told}
        for name in _IDS:
            if known.get(name) is not None:
                known[name] = EntityId(bytes.fromhex(known[name]))
        known["passed"] = tuple(known.get("passed", ()))
        return CallDraft(call, Instant(int(known.pop("started_at", 0))), **known)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return CallDraft(call, Instant(0), symptom=text)


_FIELDS = tuple(field.name for field in fields(CallDraft) if field.name != "id")


def missing(draft: CallDraft) -> tuple[str, ...]:
    """The questions that are still open, in their order; what is known is not asked."""
    found = []
    if draft.is_unknown:
        known = {NAME: draft.contact_name, NUMBER: draft.number, COMPANY: draft.company_name}
        found += [question for question, told in known.items() if not told and question not in draft.passed]
    elif draft.company is None:
        found.append(WHO)
    if not draft.is_placed:
        found.append(PLACE)
    if not draft.symptom.strip():
        found.append(SYMPTOM)
    return tuple(found)


def question_of(draft: CallDraft) -> str:
    """The question whose field has the keys: the first open one, at the end the symptom."""
    return next((question for question in missing(draft) if question != SYMPTOM), SYMPTOM)


class OpenHere(NamedTuple):
    """An open ticket of the caller's company: what it is about, and whether this caller reported it."""

    row: QueueRow
    equipment: EntityId | None
    is_of_caller: bool


def likely_duplicates(open_here: Iterable[OpenHere], equipment: EntityId | None) -> tuple[OpenHere, ...]:
    """The open tickets this call may be about, the likeliest first; they come in the order of their risk."""
    return tuple(sorted(open_here, key=lambda one: equipment is None or one.equipment != equipment))


class Use(NamedTuple):
    """A ticket about a piece of equipment: when it was opened, and whether this caller reported it."""

    equipment: EntityId
    opened_at: Instant
    is_of_caller: bool


def likely_equipment(uses: Iterable[Use], now: Instant) -> tuple[EntityId, ...]:
    """Pieces as a call is likely to be about them: lately most reported, by this caller above all."""
    weight: Counter[EntityId] = Counter()
    latest: dict[EntityId, Instant] = {}
    for use in uses:
        of_whom = OF_THE_CALLER if use.is_of_caller else 1
        weight[use.equipment] += of_whom if now - use.opened_at <= RECENT_SECONDS else 0
        latest[use.equipment] = max(use.opened_at, latest.get(use.equipment, use.opened_at))
    return tuple(sorted(latest, key=lambda one: (-weight[one], -latest[one], one)))


def suggested_priority(promised: Sequence[int]) -> int:
    """The priority a ticket gets when nobody says one, of those for which the contract promises something."""
    if not promised or USUAL_PRIORITY in promised:
        return USUAL_PRIORITY
    return min(promised, key=lambda priority: (abs(priority - USUAL_PRIORITY), priority))


def letter_groups(text: str) -> frozenset[str]:
    """Every three letters of `text` as it is searched for: what two texts have in common in any script."""
    folded = f" {' '.join(fold(text[:2000]).split())} "
    return frozenset(folded[at : at + 3] for at in range(len(folded) - 2)) if folded.strip() else frozenset()


def alike(typed: frozenset[str], past: frozenset[str]) -> float:
    """How much of what is typed stands in a past text: 0 to 1."""
    return len(typed & past) / len(typed) if typed else 0.0
