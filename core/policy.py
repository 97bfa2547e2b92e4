"""What a contract promises: targets by priority, what stops a clock, whose time a stage is, and when to warn.

A policy is a document (`docs/sla.md`). `read_policy` checks what people write; `Policy.from_document` takes what was
checked before, and is the one a queue of thousands is rebuilt through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from core.business_days import END_OF_DAY, USUAL_RULE
from core.stages import CLOSED, STAGES, WAITING

FIRST_RESPONSE, UPDATE, RESOLUTION = "first_response", "update", "resolution"
KINDS = (FIRST_RESPONSE, UPDATE, RESOLUTION)

FROM_START, FROM_CHANGE = "start", "change"
"""From when on a changed target counts: from where the promise began, or from the change."""

US, CUSTOMER, CONTRACTOR, VENDOR = "us", "customer", "contractor", "vendor"
OWNERS = (US, CUSTOMER, CONTRACTOR, VENDOR)
"""Whose time a stage is."""

StageStops = Mapping[tuple[str, str], tuple[str, ...]]
"""Clocks that stand still in a stage, by its name and the party waited for ("" for any)."""


class Target(NamedTuple):
    """What was promised: seconds of open time, or working days by a rule of `core/business_days.py`."""

    seconds: int | None = None
    days: int | None = None
    rule: str = USUAL_RULE


class WarningLevel(NamedTuple):
    """When to warn of a clock: at a `fraction` of its target, or so many open seconds before it is used up."""

    clock: str
    fraction: Fraction | None = None
    seconds_before: int | None = None

    def threshold(self, target: int) -> int:
        """Open seconds used at which the level is reached."""
        if self.fraction is not None:
            return int(target * self.fraction)
        return max(0, target - (self.seconds_before or 0))


class PolicyStage(NamedTuple):
    """One stage as the policy sees it: whose time it is, by which hours, and its share of the resolution target.

    `party` narrows a waiting stage to one party. No `calendar`: the contract's; no `share`: it draws on what the
    others leave; no `pauses`: as the class of the stage has it.
    """

    stage: str
    party: str = ""
    owner: str = US
    calendar: str = ""
    share: Fraction | None = None
    pauses: tuple[str, ...] | None = None

    def budget(self, target: int) -> int | None:
        """The stage's part of a target, in whole seconds."""
        return None if self.share is None else int(target * self.share)


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets in seconds of open time by priority; `pauses` names the clocks that a waiting stage stops.

    `days` has targets in working days by clock and priority; where there is one, it goes before the seconds.
    `count_from` says from when on a changed target counts, `reopen_fresh_after` after how many open seconds a closed
    ticket that is opened again gets a resolution clock of its own (None: never).
    """

    name: str = ""
    first_response: dict[int, int] | None = None
    resolution: dict[int, int] | None = None
    pauses: tuple[str, ...] = (UPDATE, RESOLUTION)
    update: dict[int, int] | None = None
    days: dict[str, dict[int, int]] = field(default_factory=dict)
    day_rule: str = USUAL_RULE
    count_from: str = FROM_START
    reopen_fresh_after: int | None = None
    warnings: tuple[WarningLevel, ...] = ()
    stages: tuple[PolicyStage, ...] = ()
    stage_stops: StageStops = field(init=False, repr=False, compare=False)
    targets: Mapping[tuple[str, int], Target] = field(init=False, repr=False, compare=False)
    """By clock and priority, worked out once: a queue of thousands asks for them."""

    def __post_init__(self) -> None:
        in_seconds = {FIRST_RESPONSE: self.first_response, UPDATE: self.update, RESOLUTION: self.resolution}
        targets = {
            (kind, priority): Target(seconds)
            for kind, by_priority in in_seconds.items()
            for priority, seconds in (by_priority or {}).items()
        }
        for kind, by_priority in self.days.items():
            targets.update(
                {(kind, priority): Target(None, days, self.day_rule) for priority, days in by_priority.items()}
            )
        object.__setattr__(self, "targets", targets)
        stops = {(stage.stage, stage.party): stage.pauses for stage in self.stages if stage.pauses is not None}
        object.__setattr__(self, "stage_stops", stops)

    @staticmethod
    def from_document(body: Mapping[str, Any]) -> Policy:
        """From a document that `read_policy` took; keys that this desk does not know are passed over."""

        def targets(key: str) -> dict[int, int]:
            return {int(priority): int(amount) for priority, amount in (body.get(key) or {}).items()}

        in_days = {kind: targets(f"{kind}_days") for kind in (FIRST_RESPONSE, RESOLUTION)}
        return Policy(
            str(body.get("name", "")),
            targets("first_response_seconds"),
            targets("resolution_seconds"),
            tuple(body.get("pause_applies_to", (UPDATE, RESOLUTION))),
            targets("update_seconds"),
            {kind: days for kind, days in in_days.items() if days},
            END_OF_DAY if body.get("end_of_day") else str(body.get("day_rule", USUAL_RULE)),
            str(body.get("count_from") or FROM_START),
            body.get("reopen_fresh_after_seconds"),
            tuple(_level(told) for told in body.get("warnings") or ()),
            tuple(_stage(told) for told in body.get("stages") or ()),
        )

    def target(self, kind: str, priority: int) -> Target | None:
        """What is promised of a clock for `priority`."""
        return self.targets.get((kind, priority))

    def stage_of(self, stage: str, party: str) -> PolicyStage | None:
        """What the policy says of a stage; of one party before what it says of any."""
        found = None
        for one in self.stages:
            if one.stage == stage and one.party == party:
                return one
            if one.stage == stage and not one.party:
                found = one
        return found


def read_policy(body: object) -> Policy:
    """A policy whose every field can be used; a DomainError names the one that cannot."""
    from core.policy_document import check_policy

    return Policy.from_document(check_policy(body))


def owner_of(stage_class: int, party: str) -> str:
    """Whose time a stage is where the policy does not say: a wait is the party's waited for, all else ours."""
    # A part is ordered by us: whoever sees that otherwise lists the stage.
    return party if stage_class == WAITING and party in OWNERS else US


def stands_still(kind: str, stage_class: int, stage: str, party: str, pauses: tuple[str, ...], by: StageStops) -> bool:
    """Whether a clock stands still in a stage."""
    if stage_class == CLOSED:
        return True
    if by:
        named = by.get((stage, party))
        if named is None:
            named = by.get((stage, ""))
        if named is not None:
            return kind in named
    return stage_class == WAITING and kind in pauses


def _exact(number: Any) -> Fraction | None:
    # Through its decimal digits: a tenth is a tenth, so that ten of them are the whole.
    return None if number is None else Fraction(str(number))


def _level(told: Mapping[str, Any]) -> WarningLevel:
    return WarningLevel(str(told["clock"]), _exact(told.get("fraction")), told.get("seconds_before"))


def _stage(told: Mapping[str, Any]) -> PolicyStage:
    stage, party, pauses = str(told["stage"]), str(told.get("party") or ""), told.get("pauses")
    known = STAGES.get(stage)
    usual = owner_of(known.stage_class, party) if known is not None else US
    return PolicyStage(
        stage,
        party,
        str(told.get("owner") or usual),
        str(told.get("calendar") or ""),
        _exact(told.get("share")),
        None if pauses is None else tuple(pauses),
    )
