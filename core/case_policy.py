"""A policy as a case tells it: targets by priority, statuses that pause or close, warnings; replaced field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.business_days import DAY_RULES, END_OF_DAY, USUAL_RULE
from core.calendar_document import malformed
from core.clock_runs import FIRST_RESPONSE, KINDS, RESOLUTION, UPDATE, Target
from core.stages import CLOSED, OPEN, WAITING

METRICS = KINDS
_UNITS = {FIRST_RESPONSE: ("seconds", "days"), UPDATE: ("seconds",), RESOLUTION: ("seconds", "days")}


@dataclass(frozen=True, slots=True)
class WarningLevel:
    """One level: `seconds` open or `days` from the deadline (negative: before it), or a `fraction` of the target."""

    metric: str
    seconds: int | None = None
    days: int | None = None
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """What is in force: the fields of a policy document as they were written and checked."""

    body: Mapping[str, Any]

    @staticmethod
    def read(body: object, field: str = "policy") -> CasePolicy:
        """A policy whose every field can be used; a DomainError names the one that cannot."""
        if not isinstance(body, Mapping):
            raise malformed(field, "an object")
        policy = CasePolicy(body)
        _check_targets(body, field)
        by_priority = body.get("by_priority")
        if by_priority is not None:
            if not isinstance(by_priority, Mapping):
                raise malformed(f"{field}.by_priority", "an object of priorities")
            for priority, targets in by_priority.items():
                if not isinstance(targets, Mapping):
                    raise malformed(f"{field}.by_priority.{priority}", "an object of targets")
                _check_targets(targets, f"{field}.by_priority.{priority}")
        for name in ("pause_statuses", "closed_statuses", "pause_applies_to"):
            _check_names(body.get(name), f"{field}.{name}", METRICS if name == "pause_applies_to" else None)
        _check_warnings(body.get("warnings"), f"{field}.warnings")
        return policy

    def replaced(self, fields: object, field: str) -> CasePolicy:
        """This policy with `fields` in place of its own; a target in another unit goes before the one it replaces."""
        if not isinstance(fields, Mapping):
            raise malformed(field, "an object of fields")
        return CasePolicy.read(_merged(self.body, fields), field)

    def target(self, metric: str, priority: object) -> Target | None:
        """What is promised of `metric` at a priority."""
        by_priority = self.body.get("by_priority") or {}
        body = _merged(self.body, by_priority.get(str(priority)) or {})
        days = body.get(f"{metric}_days")
        if days is not None:
            return Target(days=days, rule=END_OF_DAY if body.get("end_of_day") else body.get("day_rule") or USUAL_RULE)
        seconds = body.get(f"{metric}_seconds")
        return None if seconds is None else Target(seconds)

    def stage_class(self, status: object) -> int:
        """Whether a status is at work, waits or is closed."""
        if status in (self.body.get("closed_statuses") or ()):
            return CLOSED
        return WAITING if status in (self.body.get("pause_statuses") or ()) else OPEN

    @property
    def pauses(self) -> tuple[str, ...]:
        """The metrics that a pausing status stops; all of them unless the policy says which."""
        told = self.body.get("pause_applies_to")
        return METRICS if told is None else tuple(told)

    @property
    def warnings(self) -> list[WarningLevel]:
        """The levels in the order of the policy."""
        return [
            WarningLevel(one["metric"], one.get("offset_seconds"), one.get("offset_days"), one.get("fraction"))
            for one in self.body.get("warnings") or ()
        ]


def _merged(body: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**body, **fields}
    for metric, units in _UNITS.items():
        told = [unit for unit in units if fields.get(f"{metric}_{unit}") is not None]
        if len(told) == 1:
            merged.update({f"{metric}_{unit}": None for unit in units if unit not in told})
    return merged


def _check_targets(body: Mapping[str, Any], field: str) -> None:
    for metric, units in _UNITS.items():
        for unit in units:
            value = body.get(f"{metric}_{unit}")
            if value is not None and (not _is_whole(value) or value < 0):
                raise malformed(f"{field}.{metric}_{unit}", "a whole number, 0 or more, or null")
    rule = body.get("day_rule")
    if rule is not None and rule not in DAY_RULES:
        raise malformed(f"{field}.day_rule", "one of " + ", ".join(DAY_RULES))


def _check_names(value: object, field: str, known: tuple[str, ...] | None) -> None:
    if value is None:
        return
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise malformed(field, "a list of names")
    if known is not None and not set(value) <= set(known):
        raise malformed(field, "a list out of " + ", ".join(known))


def _check_warnings(value: object, field: str) -> None:
    if value is None:
        return
    if not isinstance(value, list | tuple):
        raise malformed(field, "a list of warnings")
    for place, warning in enumerate(value):
        here = f"{field}[{place}]"
        if not isinstance(warning, Mapping) or warning.get("metric") not in METRICS:
            raise malformed(f"{here}.metric", "one of " + ", ".join(METRICS))
        amounts = [warning.get("offset_seconds"), warning.get("offset_days")]
        fraction = warning.get("fraction")
        if sum(amount is not None for amount in (*amounts, fraction)) != 1:
            raise malformed(here, "one of offset_seconds, offset_days and fraction")
        if not all(amount is None or _is_whole(amount) for amount in amounts):
            raise malformed(here, "an offset in whole seconds or days")
        if fraction is not None and (not isinstance(fraction, int | float) or not 0 <= fraction <= 1):
            raise malformed(f"{here}.fraction", "a fraction from 0 to 1")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
