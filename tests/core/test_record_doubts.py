"""What seems to be on the desk already is told, and never refused to somebody who has read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from core.errors import Refused
from core.ids import EntityId
from core.record_doubts import Namesake, check_doubts, doubts_of

HERE, EWA, JAN, PRINTER, CONTRACT = (EntityId(bytes([n] * 16)) for n in range(1, 6))
LASER, INKJET = "aa" * 16, "bb" * 16


class Shelf:
    """One company with Ewa, a laser printer and a contract."""

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        return {("contact", EWA): {"name": "Ewa"}, ("contact", JAN): {"name": "ewa"}}.get((entity, record))

    def contacts_with_number(self, number: str) -> Iterable[tuple[EntityId, str]]:
        return ((EWA, "Ewa"),) if number == "112 113" else ()

    def namesakes(self, entity: str, called: str, company: EntityId | None = None) -> Iterable[Namesake]:
        shelf = {
            ("company", "here"): Namesake(HERE, "Here"),
            ("contact", "ewa"): Namesake(EWA, "Ewa", "Here"),
            ("contract", "k-1"): Namesake(CONTRACT, "K-1", "Here"),
            ("equipment", "s-1"): Namesake(PRINTER, "S-1", "Here", LASER),
        }
        found = shelf.get((entity, called.lower()))
        return (found,) if found is not None and (entity != "contact" or company == HERE) else ()

    def companies_of(self, contact: EntityId) -> Iterable[EntityId]:
        return (HERE,) if contact == JAN else ()


def told(entity: str, record: EntityId = JAN, **fields: Any) -> list[tuple[str, str]]:
    """Codes and fields of all doubts about a record that says this."""
    return [(doubt.code, doubt.field) for doubt in doubts_of(entity, record, fields, fields, Shelf())]


@pytest.mark.parametrize(
    ("entity", "fields", "doubt"),
    [
        ("company", {"name": "HERE"}, ("company.same_name", "name")),
        ("contract", {"number": "k-1"}, ("contract.same_number", "number")),
        ("equipment", {"serial": "s-1", "model": LASER}, ("equipment.same_serial", "serial")),
        ("equipment", {"serial": "s-1"}, ("equipment.same_serial", "serial")),
        ("contact", {"name": "ewa"}, ("contact.same_name", "name")),
        ("contact", {"phone": "112 113"}, ("contact.number_shared", "phone")),
        ("contact", {"other_phones": ["112 113"]}, ("contact.number_shared", "other_phones")),
        ("affiliation", {"contact": JAN.hex(), "company": HERE.hex()}, ("contact.same_name", "name")),
    ],
)
def test_what_is_there_already_is_told_at_its_field(
    entity: str, fields: dict[str, Any], doubt: tuple[str, str]
) -> None:
    assert told(entity, **fields) == [doubt]


@pytest.mark.parametrize(
    ("entity", "record", "fields"),
    [
        ("company", HERE, {"name": "HERE"}),
        ("company", JAN, {"name": "There"}),
        ("equipment", JAN, {"serial": "s-1", "model": INKJET}),
        ("contact", EWA, {"name": "Ewa", "phone": "112 113"}),
        ("affiliation", JAN, {"contact": EWA.hex(), "company": HERE.hex()}),
        ("affiliation", JAN, {"contact": JAN.hex(), "company": EWA.hex()}),
        ("affiliation", JAN, {"role": "boss"}),
    ],
)
def test_the_record_itself_and_what_only_looks_alike_is_no_doubt(
    entity: str, record: EntityId, fields: dict[str, Any]
) -> None:
    assert told(entity, record, **fields) == []


def test_a_doubt_that_was_read_is_passed_and_the_next_one_is_told() -> None:
    fields = {"name": "ewa", "phone": "112 113"}
    doubts = list(doubts_of("contact", JAN, fields, fields, Shelf()))
    with pytest.raises(Refused, match=r"contact.number_shared"):
        check_doubts(doubts, ("contact.same_name",), "contact")
    check_doubts(doubts, ("contact.same_name", "contact.number_shared"), "contact")
