"""Where a contract version takes over what its grade promises, and what a grade must name to be saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.clock import Instant
from core.documents import GRADE, body_of, check_document
from core.errors import Refused
from core.grade import NAMED, promised, taken_over
from core.handlers.plan import Desk
from core.ids import EntityId
from core.record_fields import PROMISED

AMOUNT = frozenset(("included_units", "unit"))


def check_named(body: Mapping[str, Any], desk: Desk) -> None:
    """Refused, with the field, for a policy or calendar that is not on the desk under the name a grade gives it."""
    for kind in NAMED:
        if body.get(kind):
            _named(kind, body[kind], desk, "grade.names_unknown", {})


def check_new_grade(fields: Mapping[str, Any], desk: Desk) -> None:
    """Refused for a name that another grade has: a contract says it by name alone."""
    name = str(fields.get("name", ""))
    if desk.documents_called(GRADE, name):
        raise Refused("grade.name_taken", name=name)
    body = body_of(fields.get("body", ""))
    check_document(GRADE, body)
    check_named(body, desk)


def with_grade(
    fields: Mapping[str, Any], carried: Mapping[str, Any], desk: Desk
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of a new contract version with what its grade promises, and the names of those that came from there.

    What stands in `fields` wins, also where it is empty; then the grade in force when the version begins; then
    `carried`. A grade without a document is a word and promises nothing.
    """
    taken = _taken(fields, desk)
    if taken.keys() & AMOUNT:
        # Hours of the grade and a unit of before would be a promise that nobody made.
        carried = {name: value for name, value in carried.items() if name not in AMOUNT}
    whole = {**carried, **taken, **fields}
    told = {name: value for name, value in whole.items() if name not in PROMISED or value not in (None, "")}
    return told, tuple(name for name in PROMISED if name in taken)


def _taken(fields: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    grade, begins = str(fields.get("grade") or "").strip(), fields.get("valid_from")
    found = desk.documents_called(GRADE, grade) if grade and isinstance(begins, int) else ()
    if not found:
        return {}
    body = body_of(desk.body_in_force(GRADE, found[0], Instant(int(begins or 0))))
    check_document(GRADE, body)
    taken = taken_over(fields, promised(body))
    for kind in NAMED:
        if kind in taken:
            taken[kind] = _named(kind, taken[kind], desk, "grade.names_gone", {"grade": grade}).hex()
    return taken


def _named(kind: str, name: str, desk: Desk, code: str, facts: dict[str, Any]) -> EntityId:
    found = desk.documents_called(kind, name)
    if len(found) == 1:
        return found[0]
    facts = {**facts, "field": kind, "refers_to": kind, "name": name}
    raise Refused("grade.names_several" if found else code, **facts, count=len(found))
