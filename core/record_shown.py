"""A record of master data as its form and its verb show it; apart from the pages because no first frame needs it."""

from __future__ import annotations

from typing import Any, NamedTuple

from core.ids import EntityId


class RecordPage(NamedTuple):
    """Asks for one record of master data whole: RecordShown (core/record_shown.py), None for an unknown one."""

    entity: str
    record: EntityId


class FindRecords(NamedTuple):
    """Asks for records of an entity to choose from, by a part of a name, number or serial; perhaps of one company.

    Answered by at most `limit` RecordLines (core/record_shown.py), the best first.
    """

    entity: str
    text: str
    company: EntityId | None = None
    limit: int = 20
    with_archived: bool = False


class RecordShown(NamedTuple):
    """A record with the names of what it refers to, by id in hex; `parts` are those on the same form, newest first.

    `fields` are as in payloads: ids in hex, lists as lists, instants in seconds, money in minor units.
    """

    entity: str
    id: EntityId
    name: str
    fields: dict[str, Any]
    names: dict[str, str]
    archived: bool
    merged_into: str
    """What it was merged into is called; empty for a record that stands for itself."""
    parts: tuple[RecordShown, ...] = ()


class RecordLine(NamedTuple):
    """A record to choose from; `detail` tells records of one name apart."""

    id: EntityId
    name: str
    detail: str = ""
    archived: bool = False
