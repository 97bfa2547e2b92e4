"""Cases that people and programs get wrong: one or two things in a good document left out, doubled or replaced."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from tests.core.calendars import told
from tests.core.random_cases import case, instants

DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]

WRONG: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 10**12, -(10**12), 10**300, 1.5, -0.0, float("nan"), float("inf"), 1e308, "", " ", "x",
    "\ud800", "\x1b[31m", "\x00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00",
    "2026-11-24", "2026-11-24T08:00:00", "2026-11-24T24:00:00Z", "1899-01-01T00:00:00Z", "2299-12-31T00:00:00Z",
    "24:00", "24:01", "-1:00", "99", "08:00:60", "Europe", "../../etc/passwd", "Factory", "utc", "/etc/localtime",
    [], [[]], [None], [[None, None]], ["a", "b"], [1, 2], {}, {"mon": []}, {"": {}}, {"x": {"y": 1}}, DEEP,
    [["2000-01-01T00:00:00Z", "9999-01-01T00:00:00Z"]], [["0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"]],
    "one", "created", "policy", "forward", "clock", "a" * 10_000,
)  # fmt: skip


def document(rng: Random, cases: int) -> dict[str, Any]:
    """Calendars and cases, each spoilt in its own way."""
    calendars: dict[str, Any] = {}
    told_cases: list[Any] = []
    for place in range(cases):
        calendar, start = told(rng)
        one = case(rng, instants(rng, start))
        name = f"calendar {place}"
        one = {"id": f"case {place}", **one, "calendar": name}
        for change in one.get("calendar_changes", ()):
            change["calendar"] = name
        calendars[name] = spoilt(rng, calendar) if rng.random() < 0.2 else calendar
        told_cases.append(spoilt(rng, one) if rng.random() < 0.7 else one)
    return {"calendars": calendars, "cases": told_cases}


def spoilt(rng: Random, good: Any) -> Any:
    """A copy of `good` with one or two places wrong."""
    bad = deepcopy(good)
    for _ in range(rng.randint(1, 2)):
        places = list(_places(bad))
        if not places:
            return rng.choice(WRONG)
        holder, key = rng.choice(places)
        wish = rng.random()
        if wish < 0.2:
            del holder[key]
        elif wish < 0.3 and isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        elif wish < 0.4 and isinstance(holder, dict):
            holder[f"{key}"] = rng.choice(list(holder.values()))
        else:
            holder[key] = deepcopy(rng.choice(WRONG))
    return bad


def _places(value: Any, depth: int = 0) -> Any:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        if depth < 6:
            yield from _places(value[key], depth + 1)
