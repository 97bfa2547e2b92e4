"""What the firm promises in its three grades: policies and working hours."""

from __future__ import annotations

from typing import Any

from core.sla import Policy

HOUR, DAY = 3_600, 86_400

GRADES = ("gold", "silver", "bronze")


def _hours(**by_priority: float) -> dict[str, int]:
    return {name[1:]: int(hours * HOUR) for name, hours in by_priority.items()}


STAGES: list[dict[str, Any]] = [
    {"stage": "new", "owner": "us", "share": 0.1},
    {"stage": "active", "owner": "us", "share": 0.4},
    {"stage": "on_site", "owner": "us", "share": 0.25},
    {"stage": "waiting", "party": "customer", "owner": "customer"},
    {"stage": "waiting", "party": "vendor", "owner": "vendor", "share": 0.1},
    {"stage": "waiting", "party": "part", "owner": "vendor", "share": 0.1},
    {"stage": "waiting", "party": "contractor", "owner": "contractor", "share": 0.05},
]
"""Whose time each stage is, and its share of the resolution target; what a customer takes is on nobody's account."""

WARNINGS: list[dict[str, Any]] = [
    {"clock": "first_response", "fraction": 0.5},
    {"clock": "resolution", "fraction": 0.5},
    {"clock": "resolution", "fraction": 0.8},
]

POLICY_BODIES: dict[str, dict[str, Any]] = {
    "gold": {
        "name": "Gold 24/7",
        "first_response_seconds": _hours(p1=0.5, p2=1, p3=2, p4=4),
        "resolution_seconds": _hours(p1=4, p2=8, p3=30, p4=96),
        "pause_applies_to": ["resolution"],
        "stages": STAGES,
        "warnings": WARNINGS,
    },
    "silver": {
        "name": "Silver",
        "first_response_seconds": _hours(p1=1, p2=2, p3=4, p4=8),
        "resolution_seconds": _hours(p1=8, p2=16, p3=36, p4=72),
        "pause_applies_to": ["resolution"],
        "stages": STAGES,
        "warnings": WARNINGS,
    },
    "bronze": {
        "name": "Bronze",
        "first_response_seconds": _hours(p1=2, p2=4, p3=8, p4=16),
        "resolution_seconds": _hours(p1=8, p2=16, p3=40),
        "pause_applies_to": ["resolution"],
    },
}
"""Targets in seconds of open time; bronze promises an answer to a wish of priority 4, not a date."""

HOURS_INCLUDED = {"gold": 40, "silver": 20, "bronze": 8}

GRADE_BODIES: dict[str, dict[str, Any]] = {
    grade: {
        "title": grade.capitalize(),
        "policy": POLICY_BODIES[grade]["name"],
        "included_units": HOURS_INCLUDED[grade],
        "unit": "hour",
    }
    for grade in GRADES
}
"""What a new contract of a grade takes over; its calendar is that of the customer's zone, so no grade names one."""

POLICIES = {grade: Policy.from_document(body) for grade, body in POLICY_BODIES.items()}


def calendar_body(grade: str, zone: str) -> dict[str, Any]:
    """The working hours of `grade` at customers in `zone`."""
    if grade == "gold":
        return {"tz": zone, "always": True}
    names, span = ("mon tue wed thu fri sat", ["07:00", "19:00"])
    if grade == "bronze":
        names, span = ("mon tue wed thu fri", ["08:00", "16:00"])
    return {"tz": zone, "weekly": {name: [span] for name in names.split()}}
