"""Whose number it was: people who were taken off the desk, for a number that nobody there has."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from core.phones import dialled, may_be_same
from storage.caller_index import numbers_as_written

_ARCHIVED = """
    SELECT k.name, k.phone, k.phone_digits, k.other_phones,
        COALESCE((SELECT c.name FROM affiliation a JOIN company c ON c.id = a.company WHERE a.contact = k.id
                  ORDER BY a.archived, a.until IS NOT NULL, a.since DESC LIMIT 1), '')
    FROM contact k WHERE k.archived = 1 AND NOT EXISTS (SELECT 1 FROM merged_record m WHERE m.record = k.id)
    ORDER BY k.id DESC
"""


class GoneCaller(NamedTuple):
    """A name, and the company where they were last, empty without one."""

    name: str
    company: str


def gone_caller(connection: sqlite3.Connection, number: str) -> GoneCaller | None:
    """The newest archived contact with a number, however it is written; None when there is none."""
    wanted = dialled(number)
    for name, phone, digits, others, company in connection.execute(_ARCHIVED) if wanted else ():
        known = [dialled(one) for one in numbers_as_written(phone, digits, others)]
        if any(may_be_same(wanted, one) for one in known):
            return GoneCaller(name, company)
    return None
