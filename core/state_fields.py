"""Fields of the things that a state is made of, between their types and plain values that anybody may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.ids import EntityId

ID, MAYBE_ID, IDS, TEXT, WHOLE, MAYBE_WHOLE, FLAG, FACTS, ANY = (
    "id",
    "maybe_id",
    "ids",
    "text",
    "whole",
    "maybe_whole",
    "flag",
    "facts",
    "any",
)
Kinds = Mapping[str, str]

TICKET_KINDS: Kinds = {
    "id": ID,
    "number": TEXT,
    "subject": TEXT,
    "company": MAYBE_ID,
    "opened_at": WHOLE,
    "changed_at": WHOLE,
    "stage": TEXT,
    "stage_class": WHOLE,
    "priority": WHOLE,
    "owner": MAYBE_ID,
    "team": MAYBE_ID,
    "site": MAYBE_ID,
    "equipment": MAYBE_ID,
    "contract_version": MAYBE_ID,
    "reporters": IDS,
    "request_type": TEXT,
    "channel": TEXT,
    "category": TEXT,
    "fault_code": TEXT,
    "cause_code": TEXT,
    "resolution_code": TEXT,
    "closed_at": MAYBE_WHOLE,
    "derived_by": TEXT,
    "archived": FLAG,
    "extra": TEXT,
}
WAITING_KINDS: Kinds = {"cause": TEXT, "party": TEXT, "until": MAYBE_WHOLE}
ENTRY_KINDS: Kinds = {
    "id": ID,
    "at": WHOLE,
    "kind": TEXT,
    "direction": TEXT,
    "person": MAYBE_ID,
    "contact": MAYBE_ID,
    "text": TEXT,
    "code": TEXT,
    "data": FACTS,
    "delivery": TEXT,
    "hidden": FLAG,
    "derived_by": TEXT,
}
CALL_BACK_KINDS: Kinds = {
    "id": ID,
    "contact": MAYBE_ID,
    "number": TEXT,
    "due_at": WHOLE,
    "person": ID,
    "note": TEXT,
    "is_dropped": FLAG,
}
STAMP_KINDS: Kinds = {"console": ID, "n": WHOLE, "hlc": WHOLE, "author": ID, "eff": WHOLE, "seq": WHOLE, "seen": WHOLE}
SIDE_KINDS: Kinds = {"console": ID, "n": WHOLE, "seq": WHOLE, "author": ID, "at": WHOLE, "value": ANY}
CONFLICT_KINDS: Kinds = {
    "id": ID,
    "kind": TEXT,
    "entity": TEXT,
    "record": ID,
    "field": TEXT,
    "before": ANY,
    "rule": TEXT,
}
WHOLE_MOST = 2**63 - 1


def told(thing: Any, kinds: Kinds) -> dict[str, Any]:
    """Those fields as plain values, ids as hex."""
    return {name: _plain(getattr(thing, name)) for name in kinds}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def read(plain: Any, kinds: Kinds) -> dict[str, Any]:
    """The fields that `told` made plain; ValueError or TypeError unless they are those and no others."""
    check_names(plain, set(kinds))
    return {name: READERS[kind](plain[name]) for name, kind in kinds.items()}


def check_names(plain: Any, names: set[str]) -> None:
    """ValueError unless these are the names of an object's fields."""
    if type(plain) is not dict or plain.keys() != names:
        raise ValueError("it has other fields than a document has")


def the_list(value: Any) -> list[Any]:
    """A list that is one."""
    if type(value) is not list:
        raise ValueError("it has no list where one belongs")
    return value


def the_id(value: Any) -> EntityId:
    """An id as it is written, and in no other way."""
    one = bytes.fromhex(value)
    if len(one) != 16 or one.hex() != value:
        raise ValueError("it has an id that is none")
    return EntityId(one)


def the_whole(value: Any) -> int:
    """A whole number that a column takes."""
    if type(value) is not int or not -WHOLE_MOST <= value <= WHOLE_MOST:
        raise ValueError("it has no whole number where one belongs")
    return value


def the_text(value: Any) -> str:
    """A text that is one."""
    if type(value) is not str:
        raise ValueError("it has no text where one belongs")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("it has no yes or no where one belongs")
    return value


def _facts(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError("it has no facts where they belong")
    return value


READERS: dict[str, Callable[[Any], Any]] = {
    ID: the_id,
    MAYBE_ID: lambda value: None if value is None else the_id(value),
    IDS: lambda value: tuple(the_id(one) for one in the_list(value)),
    TEXT: the_text,
    WHOLE: the_whole,
    MAYBE_WHOLE: lambda value: None if value is None else the_whole(value),
    FLAG: _flag,
    FACTS: _facts,
    ANY: lambda value: value,
}
