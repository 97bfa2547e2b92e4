"""What a contract covers, in words, and how many of its included units are used up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

HOUR = "hour"
MONTH, TERM = "month", "contract"
"""The time for which units are included: a calendar month, or as long as the contract version holds."""


class UnitsUsed(NamedTuple):
    """Units used in a period; hours come from minutes told with the work, `untimed` counts work without them."""

    used: float
    entries: int
    untimed: int


def clauses(document: str) -> tuple[str, ...]:
    """The words of a coverage document: a list of words, or of objects with `what` and perhaps a `clause` number.

    What is none of these is left out, because an imported contract may say anything here.
    """
    told = _parsed(document)
    found = (_words(one) for one in (told if isinstance(told, list) else [told]))
    return tuple(words for words in found if words)


def units_period(rates: str) -> str:
    """`contract` where the rates document says `{"period": "contract"}`, else a month."""
    told = _parsed(rates)
    return TERM if isinstance(told, dict) and told.get("period") == TERM else MONTH


def covers(category: str, coverage: Iterable[str], exclusions: Iterable[str]) -> bool | None:
    """Whether a category of equipment is covered; an exclusion wins, None where the contract says nothing of it."""
    wanted = _folded(category)
    if not wanted:
        return None
    if wanted in map(_folded, exclusions):
        return False
    return True if wanted in map(_folded, coverage) else None


def units_used(works: Iterable[str], unit: str) -> UnitsUsed:
    """What work entries, given by their facts as JSON text, use of the included units.

    Hours are the sum of `minutes`; of any other unit every entry uses `units`, or one.
    """
    used, entries, untimed = 0.0, 0, 0
    for text in works:
        told = _parsed(text)
        facts = told if isinstance(told, dict) else {}
        entries += 1
        amount = _amount(facts.get("minutes" if unit == HOUR else "units"))
        if amount is not None:
            used += amount / 60 if unit == HOUR else amount
        elif unit == HOUR:
            untimed += 1
        else:
            used += 1
    return UnitsUsed(used, entries, untimed)


def _amount(told: object) -> float | None:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < 1e9:
        return None
    return float(told)


def _words(told: object) -> str:
    if isinstance(told, dict):
        parts = (str(told.get(field, "")) for field in ("clause", "what"))
        return " ".join(part for part in parts if part)
    return told if isinstance(told, str) else ""


def _folded(category: str) -> str:
    return category.casefold().replace("_", " ").strip()


def _parsed(document: str) -> Any:
    if not document:
        return ()
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return document if document[:1] not in "[{" else ()
