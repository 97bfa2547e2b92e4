"""Random cases of every kind over random calendars, so close together that moments meet."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.core.calendars import told

HOUR, DAY = 3_600, 86_400
RULES = ("same-time-then-open", "same-time-clamped-to-close", "end-of-working-day", "open-then-same-time")
STATUSES = ("new", "work", "pending", "vendor", "resolved", "closed")
METRICS = ("first_response", "update", "resolution")
Case = dict[str, Any]


def calendar_in_minutes(rng: Random) -> tuple[dict[str, Any], int]:
    """A calendar that opens, with every boundary on a whole minute, and an instant worth a look."""
    while True:
        document, start = told(rng)
        # Monrovia's clocks were half a minute off.
        if document["tz"] != "Africa/Monrovia" and (document.get("always") or any(document["weekly"].values())):
            return _without_seconds(document), start


def _without_seconds(document: dict[str, Any]) -> dict[str, Any]:
    whole = deepcopy(document)
    for name in ("weekly", "exceptions", "breaks"):
        for of_day in whole.get(name, {}).values():
            of_day[:] = [[clock[:5] for clock in pair] for pair in of_day]
    closures = [[at[:17] + "00" + at[19:] for at in pair] for pair in whole.get("closures", ())]
    return {**whole, "closures": closures}


def instants(rng: Random, start: int, count: int = 14) -> list[str]:
    """Some moments of a few days; cases draw from them, so that equal ones are frequent."""
    moments = [start + 60 * rng.randrange(4 * 1440) for _ in range(count)]
    return [_iso(rng, at + (rng.randrange(60) if rng.random() < 0.4 else 0)) for at in moments]


def _iso(rng: Random, at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", rng.choice(("Z", "+00:00")))


def case(rng: Random, at: list[str]) -> Case:
    """A case about the calendar `one` (and `two`)."""
    kind = rng.choice(("add", "add_days", "add_days", "between", "remaining", "is_open", "intervals", *("clock",) * 8))
    told_case = {"kind": kind, "calendar": "one", **_fields(kind, rng, at)}
    if kind in ("add", "between") and rng.random() < 0.6:
        told_case["pauses"] = [sorted(rng.sample(at, 2)) for _ in range(rng.randint(1, 3))]
    if kind in ("add", "add_days") and rng.random() < 0.5:
        told_case["direction"] = rng.choice(("forward", "backward"))
    return told_case


def _fields(kind: str, rng: Random, at: list[str]) -> Case:
    if kind == "add":
        return {"start": rng.choice(at), "seconds": rng.choice((0, 1, 60, _amount(rng)))}
    if kind == "add_days":
        return {"start": rng.choice(at), "days": rng.choice((0, 1, 1, 2, 3)), "rule": rng.choice(RULES)}
    if kind == "between":
        changes = [{"at": rng.choice(at), "calendar": rng.choice(("one", "two"))} for _ in range(rng.randrange(3))]
        return {"from": rng.choice(at), "to": rng.choice(at), "calendar_changes": changes}
    if kind == "remaining":
        return {"deadline": rng.choice(at), "now": rng.choice(at)}
    if kind == "is_open":
        return {"at": rng.choice(at)}
    if kind == "intervals":
        return {"from": rng.choice(at), **rng.choice(({"limit": rng.randrange(6)}, {"to": rng.choice(at)}))}
    return _clock(rng, at)


def _clock(rng: Random, at: list[str]) -> Case:
    moments = sorted(rng.choice(at) for _ in range(rng.randint(1, 8)))
    events = [{"at": moments[0], "type": "created", "status": rng.choice(STATUSES), "priority": rng.choice("12")}]
    events += [{"at": moment, **_event(rng)} for moment in moments[1:]]
    if rng.random() < 0.3:
        rng.shuffle(events)
    later = [moment for moment in at if datetime.fromisoformat(moment) >= datetime.fromisoformat(moments[0])]
    now = {"now": rng.choice(later)} if rng.random() < 0.5 else {}
    return {"policy": {**_targets(rng), **_rules(rng)}, "events": events, **now}


def _event(rng: Random) -> Case:
    kind = rng.choice(("status", "status", "status", *("customer_reply",) * 2, "agent_reply", "priority", "policy"))
    if kind == "status":
        return {"type": kind, "to": rng.choice(STATUSES)}
    if kind == "priority":
        return {"type": kind, "to": rng.choice("123")}
    if kind == "policy":
        return {"type": kind, "to": rng.choice((_targets(rng), _rules(rng), _targets(rng) | _rules(rng)))}
    return {"type": kind}


def _targets(rng: Random) -> Case:
    fields: Case = {}
    for metric in METRICS:
        if rng.random() < 0.25 and metric != "update":
            fields[f"{metric}_days"] = rng.randrange(3)
        elif rng.random() < 0.8:
            fields[f"{metric}_seconds"] = rng.choice((None, 0, 1, HOUR, _amount(rng)))
    if rng.random() < 0.4:
        fields["day_rule"] = rng.choice(RULES)
    if rng.random() < 0.2:
        fields["end_of_day"] = rng.choice((True, False))
    return fields


def _rules(rng: Random) -> Case:
    fields: Case = {}
    if rng.random() < 0.8:
        fields["pause_statuses"] = rng.choice((["pending"], ["pending", "vendor"], ["vendor", "resolved"], []))
    if rng.random() < 0.8:
        fields["closed_statuses"] = rng.choice((["closed", "resolved"], ["closed"], []))
    if rng.random() < 0.5:
        fields["pause_applies_to"] = rng.sample(METRICS, rng.randrange(4))
    if rng.random() < 0.4:
        fields["by_priority"] = {priority: _targets(rng) for priority in rng.sample("12", rng.randrange(3))}
    if rng.random() < 0.6:
        fields["warnings"] = [{"metric": rng.choice(METRICS), **_offset(rng)} for _ in range(rng.randrange(3))]
    return fields


def _offset(rng: Random) -> Case:
    if rng.random() < 0.3:
        return {"offset_days": rng.randint(-2, 2)}
    return {"offset_seconds": rng.choice((0, -HOUR, HOUR, rng.randint(-HOUR, HOUR)))}


def _amount(rng: Random) -> int:
    return rng.choice((60, 900, 1800, HOUR)) * rng.randint(1, 24) + rng.choice((0, 0, rng.randrange(60)))
