"""A policy's document, checked with an error that names the field: what people write is looked at here only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

from core.business_days import DAY_RULES
from core.calendar_document import malformed
from core.policy import FIRST_RESPONSE, FROM_CHANGE, FROM_START, KINDS, OWNERS, RESOLUTION
from core.queue import PRIORITIES
from core.stages import CLOSED, OPEN, STAGES, WAITING, WAITING_PARTIES

MOST_SECONDS = 10 * 366 * 86_400
"""Ten years: no longer promise is meant, and every calendar finds its end."""
MOST_DAYS = 1_000

CLASS_NAMES = {OPEN: "open", WAITING: "waiting", CLOSED: "closed"}
TARGETS = {f"{kind}_seconds": MOST_SECONDS for kind in KINDS} | {
    f"{kind}_days": MOST_DAYS for kind in (FIRST_RESPONSE, RESOLUTION)
}
FIELDS = (
    *("name", *TARGETS, "day_rule", "end_of_day", "pause_applies_to"),
    *("count_from", "reopen_fresh_after_seconds", "warnings", "stages"),
)
STAGE_FIELDS = ("stage", "party", "class", "owner", "calendar", "share", "pauses")
WARNING_FIELDS = ("clock", "fraction", "seconds_before")


def check_policy(body: object) -> Mapping[str, Any]:
    """`body`, if every field of it can be used."""
    if not isinstance(body, Mapping):
        raise malformed("", "an object with targets by priority")
    _known(body, FIELDS, "")
    if not isinstance(body.get("name", ""), str):
        raise malformed("name", "a text")
    for key, most in TARGETS.items():
        _check_targets(body.get(key), key, most)
    _one_of(body.get("day_rule"), "day_rule", DAY_RULES)
    if not isinstance(body.get("end_of_day", False), bool):
        raise malformed("end_of_day", "true or false")
    if "pause_applies_to" in body:
        _check_clocks(body["pause_applies_to"], "pause_applies_to")
    _one_of(body.get("count_from"), "count_from", (FROM_START, FROM_CHANGE))
    _whole(body.get("reopen_fresh_after_seconds"), "reopen_fresh_after_seconds", MOST_SECONDS)
    for place, level in enumerate(_listed(body.get("warnings"), "warnings")):
        _check_warning(level, f"warnings[{place}]")
    _check_stages(_listed(body.get("stages"), "stages"))
    return body


def _known(body: Mapping[str, Any], names: Collection[str], field: str) -> None:
    for name in body:
        if name not in names:
            raise malformed(f"{field}.{name}".lstrip("."), "left out; known are " + ", ".join(names))


def _check_targets(value: object, field: str, most: int) -> None:
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise malformed(field, "an object of amounts by priority")
    for priority, amount in value.items():
        if str(priority) not in map(str, PRIORITIES):
            raise malformed(f"{field}.{priority}", "one of the priorities " + ", ".join(map(str, PRIORITIES)))
        if amount is None:
            raise malformed(f"{field}.{priority}", f"a whole number from 0 to {most}, or left out")
        _whole(amount, f"{field}.{priority}", most)


def _whole(value: object, field: str, most: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise malformed(field, f"a whole number from 0 to {most}")


def _one_of(value: object, field: str, names: Sequence[str]) -> None:
    if value is not None and (not isinstance(value, str) or value not in names):
        raise malformed(field, "one of " + ", ".join(names))


def _check_clocks(value: object, field: str) -> None:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) and name in KINDS for name in value):
        raise malformed(field, "a list out of " + ", ".join(KINDS))


def _listed(value: object, field: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise malformed(field, "a list")
    return value


def _share(value: object, field: str) -> Fraction:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value) or not 0 <= value <= 1:
        raise malformed(field, "a share from 0 to 1")
    return Fraction(str(value))


def _check_warning(level: object, field: str) -> None:
    if not isinstance(level, Mapping):
        raise malformed(field, "an object with clock and fraction or seconds_before")
    _known(level, WARNING_FIELDS, field)
    if level.get("clock") is None:
        raise malformed(f"{field}.clock", "one of " + ", ".join(KINDS))
    _one_of(level["clock"], f"{field}.clock", KINDS)
    if (level.get("fraction") is None) == (level.get("seconds_before") is None):
        raise malformed(field, "one of fraction and seconds_before")
    if level.get("fraction") is not None:
        _share(level["fraction"], f"{field}.fraction")
    _whole(level.get("seconds_before"), f"{field}.seconds_before", MOST_SECONDS)


def _check_stages(stages: Sequence[Any]) -> None:
    seen: set[tuple[str, str]] = set()
    whole = Fraction(0)
    for place, stage in enumerate(stages):
        field = f"stages[{place}]"
        if not isinstance(stage, Mapping):
            raise malformed(field, "an object with stage, owner and share")
        _known(stage, STAGE_FIELDS, field)
        _check_stage(stage, field)
        key = (stage["stage"], stage.get("party") or "")
        if key in seen:
            raise malformed(field, "a stage and party that no other line has")
        seen.add(key)
        if stage.get("share") is not None:
            whole += _share(stage["share"], f"{field}.share")
        if whole > 1:
            raise malformed(f"{field}.share", "so small that all shares are no more than 1")


def _check_stage(stage: Mapping[str, Any], field: str) -> None:
    if stage.get("stage") is None:
        raise malformed(f"{field}.stage", "one of " + ", ".join(STAGES))
    _one_of(stage["stage"], f"{field}.stage", tuple(STAGES))
    stage_class = STAGES[stage["stage"]].stage_class
    told_class = stage.get("class")
    if told_class is not None and told_class != CLASS_NAMES[stage_class]:
        raise malformed(f"{field}.class", f"{CLASS_NAMES[stage_class]}, the class of {stage['stage']}")
    if stage.get("party") is not None and stage_class != WAITING:
        raise malformed(f"{field}.party", "left out; only a wait has a party")
    _one_of(stage.get("party"), f"{field}.party", WAITING_PARTIES)
    _one_of(stage.get("owner"), f"{field}.owner", OWNERS)
    if stage.get("calendar") is not None and not isinstance(stage["calendar"], str):
        raise malformed(f"{field}.calendar", "the name of a calendar")
    if stage.get("pauses") is not None:
        _check_clocks(stage["pauses"], f"{field}.pauses")
