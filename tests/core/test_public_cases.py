"""Working time as other projects' tests and users expect it; the cases lie beside the checkout or are skipped."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.calendar import Calendar
from core.clock import Instant

SAMPLES = Path(os.environ.get("LAMPBOARD_SAMPLES") or Path(__file__).resolve().parents[3] / "shared")
CASES = SAMPLES / "sla-cases" / "public_cases.json"
KNOWN = {"tz", "weekly", "always"}
"""What our calendars can say so far: no holidays, exceptions or breaks."""


def _cases() -> list[Any]:
    if not CASES.exists():
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=f"no sample data at {CASES.parent.name}"))]
    told = json.loads(CASES.read_text(encoding="utf-8"))
    return [
        pytest.param(case, told["calendars"][case["calendar"]], id=case["id"])
        for case in told["cases"]
        if case["kind"] in ("add", "between")
        and case["conforms"]
        and set(told["calendars"][case["calendar"]]) <= KNOWN
        and not case.get("pauses")
        and not case.get("calendar_changes")
        and case.get("direction", "forward") == "forward"
    ]


def _instant(text: str) -> Instant:
    return Instant(int(datetime.fromisoformat(text).timestamp()))


@pytest.mark.parametrize(("case", "calendar"), _cases())
def test_working_time_is_what_others_found_right(case: dict[str, Any], calendar: dict[str, Any]) -> None:
    ours = Calendar.from_document(calendar)
    if case["kind"] == "add":
        assert ours.add(_instant(case["start"]), case["seconds"]) == _instant(case["expect"]["at"])
    else:
        assert ours.between(_instant(case["from"]), _instant(case["to"])) == case["expect"]["seconds"]
