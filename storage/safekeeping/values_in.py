"""Values of an export at the door: many of a column at once, and one by one where that finds something."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from storage.safekeeping.tables import DOCUMENTS, Column

LEAST, MOST = -(2**63), 2**63 - 1
INFINITE = frozenset(("inf", "-inf"))

_HALF = re.compile("[\ud800-\udfff]")
_DIGITS = re.compile("[0-9a-f]*")

Values = Sequence[Any]


class _Kind(NamedTuple):
    """What may stand in a column: what is told of others, the check of many at once, and what the file keeps of one."""

    wanted: str
    are_fit: Callable[[Values], bool]
    as_kept: Callable[[Any], Any] | None = None


def taken_in(table: str, column: Column, values: Values, fail: Callable[[int, str], Exception]) -> Values:
    """What the file keeps of values as JSON has them; `fail` makes the error for the place of the first unfit one."""
    kind = _kind_of(table, column)
    given = [value for value in values if value is not None] if column.may_be_null else values
    if not kind.are_fit(given):
        for place, value in enumerate(values):
            if not (column.may_be_null and value is None) and not kind.are_fit((value,)):
                raise fail(place, kind.wanted)
    keep = kind.as_kept
    return values if keep is None else [None if value is None else keep(value) for value in values]


def _kind_of(table: str, column: Column) -> _Kind:
    if (table, column.name) in DOCUMENTS:
        return DOCUMENT
    if column.kind == "BLOB":
        return BYTES
    return {"TEXT": TEXT, "INTEGER": INTEGER, "REAL": REAL}[column.kind]


def _are(values: Values, kind: type) -> bool:
    return set(map(type, values)) <= {kind}


def _are_texts(values: Values) -> bool:
    return _are(values, str) and _HALF.search("\n".join(values)) is None


def _are_integers(values: Values) -> bool:
    return _are(values, int) and (not values or LEAST <= min(values) <= max(values) <= MOST)


def _are_reals(values: Values) -> bool:
    return all(type(value) is float or (type(value) is str and value in INFINITE) for value in values)


def _are_bytes(values: Values) -> bool:
    if not _are(values, str) or any(len(value) % 2 for value in values):
        return False
    return _DIGITS.fullmatch("".join(values)) is not None


def _are_documents(values: Values) -> bool:
    texts = [value for value in values if type(value) is not dict]
    others = [value for value in values if type(value) is dict]
    if not _are_texts(texts):
        return False
    return all(set(other) == {"hex"} and _are_bytes((other["hex"],)) for other in others)


def _document(value: str | dict[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])


TEXT = _Kind("a text without half characters is wanted", _are_texts)
INTEGER = _Kind("a whole number of 64 bits is wanted", _are_integers)
REAL = _Kind("a number is wanted", _are_reals, float)
BYTES = _Kind("bytes as hex digits are wanted", _are_bytes, bytes.fromhex)
DOCUMENT = _Kind('a text, or {"hex": digits}, is wanted', _are_documents, _document)
