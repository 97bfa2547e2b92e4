"""Whom a purge is about: the records of one person, the tickets they had to do with, and what they are known by."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from core.ids import EntityId
from core.personal_marks import PURGED_NAME, Marks, is_plain_word
from core.phones import dialled, may_be_same
from core.state_document import values_in
from core.text import fold
from storage.caller_index import numbers_as_written

CONTACT = "SELECT name, phone, phone_digits, email, other_phones FROM contact WHERE id = ?"
OTHERS = "SELECT id, name, phone, phone_digits, email, other_phones FROM contact WHERE archived = 0"
OTHER_NAMES = " UNION ALL ".join(f"SELECT name FROM {table}" for table in ("company", "person", "team", "site"))
TICKETS = (
    "SELECT ticket FROM ticket_reporter WHERE contact = ?1 UNION SELECT ticket FROM entry WHERE contact = ?1"
    " UNION SELECT ticket FROM call_back WHERE contact = ?1"
)
_PARTED = re.compile(r"[\s,;<>]+")


class Subject(NamedTuple):
    """`contacts` are one person, merged records among them; empty where a number or address is nobody's.

    `own` marks are erased everywhere, `shared` ones only in what is about `related` ids.
    """

    contacts: tuple[EntityId, ...]
    affiliations: frozenset[bytes]
    tickets: frozenset[bytes]
    own: Marks
    shared: Marks

    @property
    def related(self) -> frozenset[bytes]:
        """Ids of rows that are about the person."""
        return frozenset(self.contacts) | self.affiliations | self.tickets


def subject_of(connection: sqlite3.Connection, contact: EntityId) -> Subject:
    """The person behind a contact."""
    contacts = _one_person(connection, contact)
    affiliations, tickets = set(), set()
    for one in contacts:
        query = "SELECT id FROM affiliation WHERE contact = ?"
        affiliations |= {row[0] for row in connection.execute(query, (one,))}
        tickets |= {row[0] for row in connection.execute(TICKETS, (one,))}
    own, shared = _parted(connection, contacts, _known_by(connection, contacts))
    return Subject(contacts, frozenset(affiliations), frozenset(tickets), own, shared)


def subject_without_record(marks: Marks) -> Subject:
    """A number or an address that is no contact's."""
    return Subject((), frozenset(), frozenset(), marks, Marks())


def _one_person(connection: sqlite3.Connection, contact: EntityId) -> tuple[EntityId, ...]:
    """The contact and all that were merged with it."""
    pairs = connection.execute('SELECT record, "into" FROM merged_record WHERE entity = ?', ("contact",)).fetchall()
    found, size = {bytes(contact)}, 0
    while len(found) > size:
        size = len(found)
        found |= {one for pair in pairs for one in pair if found & set(pair)}
    return tuple(EntityId(one) for one in sorted(found))


def _known_by(connection: sqlite3.Connection, contacts: Iterable[EntityId]) -> Marks:
    """Every name, address and number that these contacts have or ever had."""
    names: dict[str, None] = {}
    addresses: dict[str, None] = {}
    numbers: dict[str, None] = {}
    for contact in contacts:
        for fields in _ever_said(connection, contact):
            for name, value in fields:
                if name == "name" and isinstance(value, str) and value != PURGED_NAME:
                    names[" ".join(value.split())] = None
                elif name == "email" and isinstance(value, str):
                    addresses |= dict.fromkeys(part for part in _PARTED.split(value) if "@" in part)
                elif name in ("phone", "phone_digits", "other_phones"):
                    numbers |= dict.fromkeys(_numbers_in(value))
    return Marks(*(tuple(one for one in found if one.strip()) for found in (names, addresses, numbers)))


def _numbers_in(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [one for one in value if isinstance(one, str) and dialled(one)]
    return [value] if isinstance(value, str) and dialled(value) else []


def _ever_said(connection: sqlite3.Connection, contact: EntityId) -> Iterator[Iterable[tuple[str, Any]]]:
    row = connection.execute(CONTACT, (contact,)).fetchone()
    if row is not None:
        name, phone, digits, email, others = row
        yield ("name", name), ("email", email), ("other_phones", numbers_as_written(phone, digits, others))
        yield (("phone_digits", digits),)
    for kind, payload in connection.execute("SELECT kind, payload FROM operation WHERE id = ?", (contact,)):
        document = _plain(payload)
        if kind == "record.added" and isinstance(document.get("fields"), dict):
            yield document["fields"].items()
        elif kind == "record.changed" and isinstance(document.get("changes"), dict):
            for name, change in document["changes"].items():
                yield ((name, change.get("was")), (name, change.get("now")))
    for (body,) in connection.execute("SELECT body FROM base_document WHERE id = ?", (contact,)):
        for record in values_in(body)["records"]:
            yield record["fields"].items()


def _plain(payload: bytes) -> dict[str, Any]:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _parted(connection: sqlite3.Connection, contacts: Iterable[EntityId], known: Marks) -> tuple[Marks, Marks]:
    """The marks that are this person's alone, and those that others have too or that are words like any other."""
    names, addresses, numbers = set(), set(), set()
    mine = set(contacts)
    for id_, name, phone, digits, email, others in connection.execute(OTHERS):
        if id_ in mine:
            continue
        names.add(_compared(name))
        addresses |= {part.casefold() for part in _PARTED.split(email) if "@" in part}
        numbers |= {dialled(one) for one in (*numbers_as_written(phone, digits, others), digits)} - {""}
    names |= {_compared(name) for (name,) in connection.execute(OTHER_NAMES)}
    shared = Marks(
        tuple(one for one in known.names if is_plain_word(one) or _compared(one) in names),
        tuple(one for one in known.addresses if one.casefold() in addresses),
        tuple(one for one in known.numbers if any(may_be_same(other, dialled(one)) for other in numbers)),
    )
    own = Marks(*(tuple(one for one in ones if one not in others) for ones, others in zip(known, shared, strict=True)))
    return own, shared


def _compared(name: str) -> str:
    return " ".join(fold(name).split())
