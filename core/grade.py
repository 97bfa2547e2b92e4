"""A grade of contracts: what a contract of that grade usually promises, and how a new version takes it over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from core.calendar_document import malformed
from core.errors import DomainError
from core.record_fields import PROMISED, field_of
from core.text import storable

CONTRACT_VERSION = "contract_version"
NAMED = ("policy", "calendar")
"""Fields that name another document."""

CLAUSES = ("coverage", "exclusions")
GRADE_FIELDS = ["title", *PROMISED]
CLAUSE_FIELDS = frozenset(("what", "clause"))
LONGEST_TITLE = 60
LONGEST_NAME = 120


def check_grade(body: Mapping[str, Any]) -> None:
    """Raise the DomainError that names the field which keeps `body` from being a grade.

    Whatever passes fits into a contract version; that the documents it names are there is asked of the desk.
    """
    for name in body:
        if name not in GRADE_FIELDS:
            near = get_close_matches(name, GRADE_FIELDS, 1)
            raise DomainError("terms.unknown_field", field=name, known=near or GRADE_FIELDS)
    for name, most in (("title", LONGEST_TITLE), *((name, LONGEST_NAME) for name in NAMED), ("unit", _most("unit"))):
        told = body.get(name, "")
        if not isinstance(told, str) or len(told) > most or not _is_kept(told):
            raise malformed(name, f"a text of at most {most} characters")
    units = body.get("included_units", 0)
    greatest = int(_greatest("included_units"))
    if isinstance(units, bool) or not isinstance(units, int) or not 0 <= units <= greatest:
        raise malformed("included_units", f"a whole number from 0 to {greatest}")
    for name in CLAUSES:
        _check_clauses(name, body.get(name, []))


def promised(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a checked grade says of a contract version, as in payloads; documents are still named by name."""
    told = {name: body[name] for name in PROMISED if body.get(name) not in (None, "", [])}
    return told | {name: _clauses_text(told[name]) for name in CLAUSES if name in told}


def taken_over(said: Mapping[str, Any], grade: Mapping[str, Any]) -> dict[str, Any]:
    """What a version takes from `promised` of its grade: only fields that `said` does not name, not even as empty."""
    taken = {name: value for name, value in grade.items() if name not in said}
    if "unit" in said and (said["unit"] or None) != grade.get("unit"):
        # Forty hours are not forty visits.
        taken.pop("included_units", None)
    return taken


def _most(name: str) -> int:
    field = field_of(CONTRACT_VERSION, name)
    assert field is not None
    return field.most


def _greatest(name: str) -> float:
    field = field_of(CONTRACT_VERSION, name)
    assert field is not None
    return field.greatest


def _is_kept(text: str) -> bool:
    return storable(text)[1] == 0


def _check_clauses(name: str, told: object) -> None:
    if not isinstance(told, list | tuple):
        raise malformed(name, "a list of words, or of objects with what and perhaps a clause")
    for place, one in enumerate(told):
        clause = {"what": one} if isinstance(one, str) else one
        is_one = isinstance(clause, Mapping) and clause.keys() <= CLAUSE_FIELDS
        texts = [clause.get("what"), clause.get("clause", "")] if is_one and isinstance(clause, Mapping) else [None]
        if not all(isinstance(text, str) and _is_kept(text) for text in texts) or not str(texts[0]).strip():
            raise malformed(f"{name}[{place}]", "words, or an object with what and perhaps a clause")
    if len(_clauses_text(told)) > _most(name):
        raise malformed(name, f"a list of at most {_most(name)} characters")


def _clauses_text(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
