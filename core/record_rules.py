"""What a record of master data may say: each rule names the field it is about, so that the cursor can go there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from core import record_fields as kinds
from core.codes import COUNTRIES, CURRENCIES, LANGUAGES
from core.errors import DomainError, Refused
from core.ids import EntityId
from core.operations.operation import from_hex
from core.phones import is_number, same_number
from core.record_fields import FIELDS, LABELS, Field, field_of
from core.text import plain
from core.wall_clock import zone

PARENTS_LOOKED_UP = 100
"""A chain of parents longer than this is taken for a circle."""

BEGIN_AND_END = {
    "affiliation": ("since", "until"),
    "contract_version": ("valid_from", "valid_until"),
    "equipment": ("commissioned_at", "warranty_until"),
}
SAME_COMPANY = {"equipment": {"site": "equipment.site_of_another", "parent": "equipment.parent_of_another"}}


class Problem(NamedTuple):
    """Why a field cannot stay as it is; `facts` fill the sentence."""

    code: str
    field: str
    facts: dict[str, Any]


class Period(NamedTuple):
    """From when to when a contract version holds; without an end for ever."""

    version: EntityId
    valid_from: int
    valid_until: int | None


class Records(Protocol):
    """The records that rules look things up in."""

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        """The fields of a record, as in payloads; None when there is none."""

    def periods_of(self, contract: EntityId) -> Iterable[Period]:
        """The versions of a contract that are on the desk."""


def check_record(
    entity: str, record: EntityId | None, fields: Mapping[str, Any], changed: Iterable[str], records: Records
) -> None:
    """Raise Refused for the first problem of the changed fields in form order; `problems` in its facts has all."""
    found = list(_first_of_each_field(problems_of(entity, record, fields, changed, records)))
    if found:
        first = found[0]
        told = [[problem.code, problem.field] for problem in found]
        raise Refused(first.code, **{"entity": entity, "field": first.field, **first.facts}, problems=told)


def _first_of_each_field(found: Iterable[Problem]) -> Iterator[Problem]:
    known: set[str] = set()
    for problem in found:
        if problem.field not in known:
            known.add(problem.field)
            yield problem


def problems_of(
    entity: str, record: EntityId | None, fields: Mapping[str, Any], changed: Iterable[str], records: Records
) -> Iterator[Problem]:
    """Everything that is wrong with the changed fields: what stood there before is not held against anybody."""
    of_interest = set(changed)
    for field in FIELDS.get(entity, ()):
        value = fields.get(field.name)
        if field.name in of_interest:
            yield from field_problems(field, value)
            yield from _reference_problems(entity, field, value, fields, records)
    yield from _together(entity, record, fields, of_interest, records)


def field_problems(field: Field, value: Any) -> Iterator[Problem]:
    """What is wrong with a value by itself."""
    if value is None or value == "" or value == []:
        if field.is_required:
            yield Problem("record.field_missing", field.name, {})
        return
    check = _CHECKS.get(field.kind)
    if isinstance(value, str) and not value.strip() and field.is_required:
        yield Problem("record.field_missing", field.name, {})
    elif isinstance(value, str | list) and _length(value) > field.most:
        yield Problem("record.text_too_long", field.name, {"most": field.most, "length": _length(value)})
    elif check is not None:
        yield from check(field, value)


def _length(value: str | list[Any]) -> int:
    """Signs of a text, or of all texts of a list as they are typed."""
    return len(value) if isinstance(value, str) else sum(len(str(part)) + 2 for part in value)


def _phone(field: Field, value: Any) -> Iterator[Problem]:
    if not is_number(str(value)):
        yield Problem("contact.no_phone_number", field.name, {"number": plain(str(value), 60)})


def _phones(field: Field, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem("record.malformed", field.name, {})
        return
    for number in value:
        yield from _phone(field, number)
    for place, number in enumerate(value):
        if any(same_number(number, earlier) for earlier in value[:place]):
            yield Problem("contact.number_twice", field.name, {"number": plain(str(number), 60)})


def _email(field: Field, value: Any) -> Iterator[Problem]:
    name, at, domain = str(value).rpartition("@")
    if not (at and name and domain) or any(sign.isspace() or not sign.isprintable() for sign in str(value)):
        yield Problem("contact.no_mail_address", field.name, {"address": plain(str(value), 60)})


def _choice(field: Field, value: Any) -> Iterator[Problem]:
    if value not in field.options:
        yield Problem("record.no_such_choice", field.name, {"value": plain(str(value), 40), "known": field.options})


def _number(field: Field, value: Any) -> Iterator[Problem]:
    is_whole = field.kind in (kinds.MONEY, kinds.NUMBER)
    if isinstance(value, bool) or not isinstance(value, int if is_whole else int | float):
        yield Problem("record.no_number", field.name, {"value": plain(str(value), 40)})
    elif not field.least <= value <= field.greatest:
        yield Problem("record.number_out_of_range", field.name, {"least": field.least, "greatest": field.greatest})


def _day(field: Field, value: Any) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**11:
        yield Problem("record.no_day", field.name, {"value": plain(str(value), 40)})


def _flag(field: Field, value: Any) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem("record.no_flag", field.name, {"value": plain(str(value), 40)})


def _words(field: Field, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        yield Problem("record.malformed", field.name, {})


def _clauses(field: Field, value: Any) -> Iterator[Problem]:
    try:
        told = json.loads(value)
    except (ValueError, TypeError, RecursionError):
        told = None
    if not isinstance(told, list | dict):
        yield Problem("record.malformed", field.name, {})


def _zone(field: Field, value: Any) -> Iterator[Problem]:
    try:
        zone(str(value))
    except DomainError:
        yield Problem("record.unknown_zone", field.name, {"value": plain(str(value), 60)})


def _code(field: Field, value: Any) -> Iterator[Problem]:
    known = {kinds.COUNTRY: COUNTRIES, kinds.CURRENCY: CURRENCIES, kinds.LANGUAGE: LANGUAGES}[field.kind]
    if value not in known:
        yield Problem(f"record.unknown_{field.kind}", field.name, {"value": plain(str(value), 40)})


_CHECKS = {
    kinds.PHONE: _phone,
    kinds.PHONES: _phones,
    kinds.EMAIL: _email,
    kinds.CHOICE: _choice,
    kinds.MONEY: _number,
    kinds.NUMBER: _number,
    kinds.REAL: _number,
    kinds.DAY: _day,
    kinds.FLAG: _flag,
    kinds.WORDS: _words,
    kinds.CLAUSES: _clauses,
    kinds.ZONE: _zone,
    kinds.COUNTRY: _code,
    kinds.CURRENCY: _code,
    kinds.LANGUAGE: _code,
}


def _reference_problems(
    entity: str, field: Field, value: Any, fields: Mapping[str, Any], records: Records
) -> Iterator[Problem]:
    if field.kind != kinds.REFERENCE or not value:
        return
    named = _named(field.refers_to, value, records)
    if named is None:
        yield Problem("record.unknown_reference", field.name, {"refers_to": field.refers_to})
        return
    if named.get("archived") and not named.get("merged_into"):
        name = record_name(field.refers_to, named)
        yield Problem("record.reference_archived", field.name, {"refers_to": field.refers_to, "name": name})
        return
    code = SAME_COMPANY.get(entity, {}).get(field.name)
    if code and named.get("company") != _led_on("company", fields.get("company"), records):
        yield Problem(code, field.name, {"name": record_name(field.refers_to, named)})


def _named(entity: str, value: Any, records: Records) -> dict[str, Any] | None:
    try:
        record = from_hex(value)
    except (TypeError, ValueError):
        return None
    return records.record(entity, record) if record else None


def _led_on(entity: str, value: Any, records: Records) -> Any:
    """What a reference names now: a form may have been opened before its record was merged."""
    named = _named(entity, value, records) if value else None
    return (named or {}).get("merged_into") or value


def _together(
    entity: str, record: EntityId | None, fields: Mapping[str, Any], changed: set[str], records: Records
) -> Iterator[Problem]:
    """Rules about more than one field."""
    if "parent" in changed and record is not None and fields.get("parent"):
        chain = circle(entity, record, fields, records)
        if chain:
            yield Problem("record.parent_cycle", "parent", {"chain": " > ".join(chain)})
    for begin, end in (BEGIN_AND_END.get(entity, ("", "")),):
        since, until = fields.get(begin), fields.get(end)
        if {begin, end} & changed and isinstance(since, int) and isinstance(until, int) and until <= since:
            yield Problem("record.ends_before_it_begins", end if end in changed else begin, {})
    if entity == "contact" and {"phone", "other_phones"} & changed:
        others = fields.get("other_phones") or []
        if fields.get("phone") and any(same_number(fields["phone"], other) for other in others):
            at = "other_phones" if "other_phones" in changed else "phone"
            yield Problem("contact.number_twice", at, {"number": plain(str(fields["phone"]), 60)})
    for money in ("annual_value", "order_limit"):
        if money in changed and fields.get(money) and not fields.get("currency"):
            yield Problem("record.currency_missing", "currency", {})
    is_numbered = fields.get("serial") or fields.get("inventory_number")
    if entity == "equipment" and {"serial", "inventory_number"} & changed and not is_numbered:
        yield Problem("equipment.without_number", "serial", {})
    if entity == "equipment" and "company" in changed and record is not None:
        yield from _left_behind(fields, changed, records)
    if entity == "contract_version" and {"valid_from", "valid_until"} & changed:
        yield from _same_beginning(record, fields, records)


def _left_behind(fields: Mapping[str, Any], changed: set[str], records: Records) -> Iterator[Problem]:
    """Equipment that goes to another company goes to a site there."""
    for name, code in SAME_COMPANY["equipment"].items():
        field = field_of("equipment", name)
        if name not in changed and fields.get(name) and field is not None:
            named = _named(field.refers_to, fields[name], records)
            if named is not None and named.get("company") != _led_on("company", fields.get("company"), records):
                yield Problem(code, name, {"name": record_name(field.refers_to, named)})


def circle(entity: str, record: EntityId, fields: Mapping[str, Any], records: Records) -> list[str]:
    """The names from a record over its parents back to itself; empty when they lead elsewhere."""
    names, above = [record_name(entity, fields)], fields.get("parent")
    for _step in range(PARENTS_LOOKED_UP):
        if not above:
            return []
        if above == record.hex():
            return [*names, names[0]]
        found = _named(entity, above, records)
        if found is None:
            return []
        names.append(record_name(entity, found))
        above = found.get("parent")
    return names


def _same_beginning(record: EntityId | None, fields: Mapping[str, Any], records: Records) -> Iterator[Problem]:
    contract, since = from_hex(fields.get("contract")), fields.get("valid_from")
    if contract is None:
        return
    # A version takes over from the one before it where it begins; of two that begin together none could.
    for other in records.periods_of(contract):
        if other.version != record and other.valid_from == since:
            yield Problem("contract.version_begins_then", "valid_from", {"from": other.valid_from})
            return


def numbers_of(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Every number of a contact, the first one first."""
    first = (fields["phone"],) if fields.get("phone") else ()
    return (*first, *(fields.get("other_phones") or ()))


def record_name(entity: str, fields: Mapping[str, Any]) -> str:
    """What a record is called in a sentence."""
    told = fields.get(LABELS.get(entity, "name")) or fields.get("serial") or ""
    return plain(str(told), 120)
