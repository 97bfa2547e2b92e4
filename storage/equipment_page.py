"""The equipment of a ticket: what it is, what it has been through, and what it is a part of."""

from __future__ import annotations

import sqlite3
from typing import Any

from core.clock import Instant
from core.coverage import clauses, covers
from core.equipment_shown import EquipmentShown, NoEquipment, Relative, Repair
from core.faults import is_same_again, mean_seconds_between
from core.ids import EntityId
from core.pages import EquipmentPage

LONGEST_TEXT = 200
"""Characters of a repair's text that are read: a line of the list shows no more."""
PARTS_READ = 50

OF_TICKET = (
    "SELECT t.equipment, t.company, t.fault_code, t.opened_at, COALESCE(c.name, ''), e.company,"
    " COALESCE(NULLIF(e.inventory_number, ''), e.serial, ''), e.serial, COALESCE(m.maker, ''), COALESCE(m.name, ''),"
    " COALESCE(m.category, ''), COALESCE(s.name, ''), e.place, COALESCE(s.zone, ''), e.commissioned_at,"
    " e.warranty_until, e.parent, e.derived_by, COALESCE(v.grade, ''), COALESCE(v.coverage, ''),"
    " COALESCE(v.exclusions, '') FROM ticket t LEFT JOIN company c ON c.id = t.company"
    " LEFT JOIN equipment e ON e.id = t.equipment LEFT JOIN model m ON m.id = e.model LEFT JOIN site s ON s.id = e.site"
    " LEFT JOIN contract_version v ON v.id = t.contract_version WHERE t.id = ?"
)
HISTORY = (
    "SELECT t.id, t.number, t.opened_at, t.request_type, t.fault_code, substr(t.subject, 1, ?2), COALESCE(("
    f"SELECT substr(e.text, 1, {LONGEST_TEXT}) FROM entry e WHERE e.ticket = t.id AND e.kind IN ('part', 'work')"
    " AND e.hidden = 0 ORDER BY e.at DESC, e.id DESC LIMIT 1), ''), t.queue_rank < 4"
    " FROM ticket t WHERE t.equipment = ?1 AND t.archived = 0 ORDER BY t.opened_at DESC, t.id DESC LIMIT ?3"
)
COUNTS = (
    "SELECT count(*), COALESCE(sum(request_type = 'fault'), 0), min(opened_at) FILTER (WHERE request_type = 'fault'),"
    " max(opened_at) FILTER (WHERE request_type = 'fault') FROM ticket WHERE equipment = ? AND archived = 0"
)
FAMILY = (
    "SELECT e.id = ?3, COALESCE(NULLIF(e.inventory_number, ''), e.serial), COALESCE(m.maker || ' ' || m.name, ''),"
    " e.place FROM equipment e LEFT JOIN model m ON m.id = e.model"
    " WHERE e.archived = 0 AND e.company = ?1 AND (e.parent = ?2 OR e.id = ?3)"
)
EQUIPMENT_COUNT = "SELECT count(*) FROM equipment WHERE company = ? AND archived = 0"


def equipment_page(connection: sqlite3.Connection, request: EquipmentPage) -> EquipmentShown | NoEquipment | None:
    """What the ticket is about; None for an unknown ticket."""
    found = connection.execute(OF_TICKET, (request.ticket,)).fetchone()
    if found is None:
        return None
    equipment, company, fault_code, opened_at, company_name, owner = found[:6]
    if owner is None:
        (count,) = connection.execute(EQUIPMENT_COUNT, (company,)).fetchone()
        return NoEquipment(request.ticket, company_name, count)
    name, serial, maker, model, category, site, place, zone, commissioned, warranty, parent, derived = found[6:18]
    grade, coverage, exclusions = found[18:]
    in_all, faults, first_at, last_at = connection.execute(COUNTS, (equipment,)).fetchone()
    above, parts = _family(connection, owner, equipment, parent)
    return EquipmentShown(
        ticket=request.ticket,
        fault_code=fault_code,
        name=name,
        serial=serial,
        maker=maker,
        model=model,
        category=category,
        site=site,
        place=place,
        zone=zone,
        commissioned_at=commissioned,
        warranty_until=warranty,
        grade=grade,
        is_covered=covers(category, clauses(coverage), clauses(exclusions)),
        history=_history(connection, request, equipment, fault_code, opened_at),
        history_in_all=in_all,
        faults=faults,
        mean_seconds_between=mean_seconds_between(faults, first_at, last_at),
        parent=above,
        parts=tuple(parts[:PARTS_READ]),
        parts_in_all=len(parts),
        derived_by=derived,
    )


def _history(
    connection: sqlite3.Connection, request: EquipmentPage, equipment: EntityId, fault_code: str, opened_at: Instant
) -> tuple[Repair, ...]:
    rows = connection.execute(HISTORY, (equipment, LONGEST_TEXT, request.history))
    return tuple(
        Repair(
            id_, number, at, kind, code, subject, done, bool(is_open), is_same_again(code, at, fault_code, opened_at)
        )
        for id_, number, at, kind, code, subject, done, is_open in rows
    )


def _family(
    connection: sqlite3.Connection, company: EntityId, equipment: EntityId, parent: EntityId | None
) -> tuple[Relative | None, list[Relative]]:
    above: Relative | None = None
    parts: list[Relative] = []
    rows: list[tuple[Any, ...]] = connection.execute(FAMILY, (company, equipment, parent)).fetchall()
    for is_parent, name, model, place in rows:
        relative = Relative(name, model.strip(), place)
        if is_parent:
            above = relative
        else:
            parts.append(relative)
    return above, sorted(parts)
