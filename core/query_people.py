"""Names of people in a filter: one that nobody has is a slip, not a list without tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.query_fields import nearest
from core.query_tree import IS, Choice
from core.text import fold

OWNER = "owner"
"""The field that people are asked for by."""
EVERYBODY = 100_000


class PersonAsked(NamedTuple):
    """A person that a filter names, and at which of its characters, counted from 0."""

    field: str
    choice: Choice
    column: int
    length: int


def unknown_person(asked: Iterable[PersonAsked], names: Iterable[str]) -> tuple[PersonAsked, tuple[str, ...]] | None:
    """The first one whom none of `names` fits, with the names like that first; None when all are known."""
    known = tuple(dict.fromkeys(names))
    folded = [fold(name) for name in known]
    for one in asked:
        wanted = fold(one.choice.value)
        if not any(wanted == name if one.choice.how == IS else wanted in name for name in folded):
            return one, nearest(one.choice.value, known)
    return None
