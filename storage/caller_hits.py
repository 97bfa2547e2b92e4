"""What is shown of somebody or something that was found: who, where, and the text in which it was found."""

from __future__ import annotations

import sqlite3
from typing import Any

from core.caller_words import Known, Token, compact, how_well, words_of
from core.finding import CallerHit
from core.ids import EntityId
from core.phones import dialled, may_be_same
from storage.caller_index import COMPANY, CONTRACT, EQUIPMENT, KIND_NAMES, numbers_as_written

CONTACT_COLUMNS = """
    k.name, k.phone, k.phone_digits, k.other_phones, COALESCE(a.role, ''), c.id, COALESCE(c.name, ''),
    COALESCE((SELECT CASE count(*) WHEN 1 THEN max(s.name) END
              FROM (SELECT name FROM site WHERE company = c.id AND archived = 0 LIMIT 2) s), '')
"""
_CONTACT_SHOWN = f"""
    SELECT {CONTACT_COLUMNS}
    FROM contact k LEFT JOIN affiliation a ON a.contact = k.id AND a.company = ?2 AND a.archived = 0
    LEFT JOIN company c ON c.id = ?2 AND c.archived = 0 WHERE k.id = ?1 ORDER BY a.until IS NOT NULL LIMIT 1
"""
_THING_SHOWN = {
    COMPANY: "SELECT c.id, c.name, '', '', '', '', '' FROM company c WHERE c.id = ?",
    CONTRACT: "SELECT c.id, c.name, '', k.number, '', '', '' FROM contract k JOIN company c ON c.id = k.company"
    " WHERE k.id = ? AND c.archived = 0",
    EQUIPMENT: "SELECT c.id, c.name, COALESCE(s.name, ''), '', e.serial, e.inventory_number,"
    " trim(COALESCE(m.maker, '') || ' ' || COALESCE(m.name, '')) FROM equipment e JOIN company c ON c.id = e.company"
    " LEFT JOIN site s ON s.id = e.site LEFT JOIN model m ON m.id = e.model WHERE e.id = ? AND c.archived = 0",
}


def thing_hit(connection: sqlite3.Connection, kind: int, id_: bytes, tokens: tuple[Token, ...]) -> CallerHit | None:
    """A company, contract or piece of equipment as a hit of what was typed; None when it or its company is archived."""
    row = connection.execute(_THING_SHOWN[kind], (id_,)).fetchone()
    if row is None:
        return None
    company, company_name, site_name, number, serial, inventory_number, model = row
    is_equipment = kind == EQUIPMENT
    known_by = [company_name] if kind == COMPANY else [number] if number else [serial, inventory_number]
    named = f"{model} {inventory_number or serial}".strip() if is_equipment else ""
    return CallerHit(
        kind=KIND_NAMES[kind],
        contact=None,
        contact_name="",
        role="",
        phone="",
        company=company,
        company_name=company_name,
        site_name=site_name,
        equipment=EntityId(id_) if is_equipment else None,
        equipment_name=named,
        contract_number=number,
        matched=_matched(tokens, *([known_by, []] if kind == COMPANY else [[], known_by])),
        contract=EntityId(id_) if kind == CONTRACT else None,
    )


def contact_hit(
    connection: sqlite3.Connection, contact: bytes, company: bytes, tokens: tuple[Token, ...]
) -> CallerHit | None:
    """A contact at a company as a hit; None when they are gone meanwhile."""
    row = connection.execute(_CONTACT_SHOWN, (contact, company)).fetchone()
    return None if row is None else contact_of(EntityId(contact), row, tokens)


def contact_of(contact: EntityId, row: tuple[Any, ...], tokens: tuple[Token, ...]) -> CallerHit:
    """The hit in a row of `CONTACT_COLUMNS`."""
    name, phone, digits, others, role, company, company_name, site_name = row
    numbers = numbers_as_written(phone, digits, others)
    is_it = len(tokens) == 1 and len(numbers) == 1 and bool(digits) and may_be_same(tokens[0].dialled, digits)
    return CallerHit(
        kind="contact",
        contact=contact,
        contact_name=name,
        role=role,
        phone=numbers[0] if numbers else "",
        company=company,
        company_name=company_name,
        site_name=site_name,
        equipment=None,
        equipment_name="",
        contract_number="",
        matched=numbers[0] if is_it else _matched(tokens, [name], numbers),
    )


def _matched(tokens: tuple[Token, ...], names: list[str], numbers: list[str]) -> str:
    """The text in which it was found: a number before a name, because the name is shown anyway."""
    ways = [(number, Known((), (compact(number), dialled(number)))) for number in numbers]
    ways += [(name, Known(words_of(name), ())) for name in names]
    ranks = [
        (rank, place)
        for place, (_written, known) in enumerate(ways)
        for token in tokens
        if (rank := how_well(token, known)) is not None
    ]
    return ways[min(ranks)[1]][0] if ranks else ""
