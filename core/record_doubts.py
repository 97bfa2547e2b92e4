"""What a record may say and probably should not: it, or its number, seems to be on the desk already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from core.errors import Refused
from core.ids import EntityId
from core.operations.operation import from_hex
from core.record_rules import numbers_of, record_name
from core.text import plain

LONGEST_TOLD = 60


class Doubt(NamedTuple):
    """Why a field may be a mistake; `facts` fill the sentence."""

    code: str
    field: str
    facts: dict[str, Any]


class Namesake(NamedTuple):
    """A record on the desk that is called the same; `company` is a name, `model` an id in hex."""

    id: EntityId
    name: str
    company: str = ""
    model: str = ""


class KnownRecords(Protocol):
    """The records that a new one may be the same as."""

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        """The fields of a record, as in payloads; None when there is none."""

    def contacts_with_number(self, number: str) -> Iterable[tuple[EntityId, str]]:
        """Contacts on the desk who are called at a number, however it is written, by id and name."""

    def namesakes(self, entity: str, called: str, company: EntityId | None = None) -> Iterable[Namesake]:
        """Companies and contacts (of `company`) of that name, equipment of that serial, contracts of that number.

        Case, diacritics, blanks and punctuation do not count.
        """

    def companies_of(self, contact: EntityId) -> Iterable[EntityId]:
        """Where a contact is now."""


def check_doubts(doubts: Iterable[Doubt], accepted: Iterable[str], entity: str) -> None:
    """Raise Refused for the first doubt that the person has not read yet."""
    for doubt in doubts:
        if doubt.code not in accepted:
            raise Refused(doubt.code, entity=entity, field=doubt.field, **doubt.facts)


def doubts_of(
    entity: str, record: EntityId, fields: Mapping[str, Any], changed: Iterable[str], records: KnownRecords
) -> Iterator[Doubt]:
    """Everything doubtful about the changed fields of a record that says `fields`."""
    of_interest = set(changed)
    if entity == "company" and "name" in of_interest:
        for other in _others(records.namesakes("company", _text(fields, "name")), record):
            yield Doubt("company.same_name", "name", {"name": other.name})
            return
    elif entity == "contract" and "number" in of_interest:
        for other in _others(records.namesakes("contract", _text(fields, "number")), record):
            yield Doubt("contract.same_number", "number", {"number": other.name, "company": other.company})
            return
    elif entity == "equipment" and {"serial", "model"} & of_interest:
        yield from _same_serial(record, fields, of_interest, records)
    elif entity == "contact":
        if "name" in of_interest:
            yield from _same_contact(record, _text(fields, "name"), records.companies_of(record), records)
        yield from _shared_numbers(record, fields, of_interest, records)
    elif entity == "affiliation" and "company" in of_interest:
        contact, company = from_hex(fields.get("contact")), from_hex(fields.get("company"))
        if contact is not None and company is not None:
            name = record_name("contact", records.record("contact", contact) or {})
            yield from _same_contact(contact, name, (company,), records)


def _same_serial(
    record: EntityId, fields: Mapping[str, Any], changed: set[str], records: KnownRecords
) -> Iterator[Doubt]:
    """Makers count for themselves, so the same serial of another model is nothing odd; an unknown model may be any."""
    model = fields.get("model")
    for other in _others(records.namesakes("equipment", _text(fields, "serial")), record):
        if not model or not other.model or other.model == model:
            at = "serial" if "serial" in changed else "model"
            yield Doubt("equipment.same_serial", at, {"serial": other.name, "company": other.company})
            return


def _same_contact(
    contact: EntityId, name: str, companies: Iterable[EntityId], records: KnownRecords
) -> Iterator[Doubt]:
    for company in companies:
        for other in _others(records.namesakes("contact", name, company), contact):
            yield Doubt("contact.same_name", "name", {"name": other.name, "company": other.company})
            return


def _shared_numbers(
    record: EntityId, fields: Mapping[str, Any], changed: set[str], records: KnownRecords
) -> Iterator[Doubt]:
    """Each number at which others are called too, with one of their names."""
    if not {"phone", "other_phones"} & changed:
        return
    for number in numbers_of(fields):
        others = [name for other, name in records.contacts_with_number(number) if other != record]
        if others:
            at = "phone" if number == fields.get("phone") else "other_phones"
            told = {"number": plain(number, LONGEST_TOLD), "name": plain(others[0], LONGEST_TOLD)}
            yield Doubt("contact.number_shared", at, told)


def _others(namesakes: Iterable[Namesake], record: EntityId) -> Iterator[Namesake]:
    for other in namesakes:
        if other.id != record:
            yield other._replace(name=plain(other.name, LONGEST_TOLD), company=plain(other.company, LONGEST_TOLD))


def _text(fields: Mapping[str, Any], name: str) -> str:
    return str(fields.get(name) or "")
