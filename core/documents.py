"""Calendars, policies, views and grades as people write them: what each must be to become a version in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from core.calendar_document import malformed, read_calendar
from core.errors import DomainError
from core.policy import read_policy

CALENDAR, POLICY, VIEW, GRADE = "calendar", "policy", "view", "grade"
DOCUMENT_KINDS = (CALENDAR, POLICY, VIEW, GRADE)
TERMS = (CALENDAR, POLICY)
"""Documents that contracts name and clocks count by."""

FIRST_NUMBER = 1
"""The number of a document's body as first created, which is in force from ever."""

CALENDAR_FIELDS = [
    "name",
    "tz",
    "weekly",
    "always",
    "holidays",
    "holidays_yearly",
    "names",
    "exceptions",
    "breaks",
    "closures",
    "second_resolution",
]


def check_document(kind: str, body: Mapping[str, Any]) -> None:
    """Raise the DomainError that names the field which keeps `body` from being a document of `kind`."""
    if kind == CALENDAR:
        _check_calendar(body)
    elif kind == POLICY:
        read_policy(body)
    elif kind == GRADE:
        from core.grade import check_grade

        check_grade(body)
    else:
        from core.saved_view import check_view

        check_view(body)


def body_of(text: str) -> dict[str, Any]:
    """The document in a stored body; DomainError when it is no JSON object."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise malformed("body", "a JSON object") from error
    if not isinstance(body, dict):
        raise malformed("body", "a JSON object")
    return body


def _check_calendar(body: Mapping[str, Any]) -> None:
    for name in body:
        if name not in CALENDAR_FIELDS:
            raise _unknown_field(name, CALENDAR_FIELDS)
    for field, start, end in _shifts(body):
        if start == end:
            # Read as a whole day; who writes it mostly meant something else, and the whole day has a plainer form.
            raise DomainError("terms.shift_empty", field=field, time=str(start))
    calendar = read_calendar(body)
    _check_names(body.get("names"))
    if calendar.never_opens:
        raise DomainError("terms.never_open", field="weekly")


def _shifts(body: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    for part in ("weekly", "exceptions", "breaks"):
        by_day = body.get(part)
        for day, shifts in by_day.items() if isinstance(by_day, Mapping) else ():
            for place, pair in enumerate(shifts if isinstance(shifts, list | tuple) else ()):
                if isinstance(pair, list | tuple) and len(pair) == 2:
                    yield f"{part}.{day}[{place}]", pair[0], pair[1]


def _check_names(names: object) -> None:
    if names is None:
        return
    if not isinstance(names, Mapping):
        raise malformed("names", "an object of dates and the names of their holidays")
    for day, name in names.items():
        if not isinstance(name, str):
            raise malformed(f"names.{day}", "the name of a holiday")


def _unknown_field(name: str, known: list[str]) -> DomainError:
    near = get_close_matches(name, known, 1)
    return DomainError("terms.unknown_field", field=name, known=near or known)
