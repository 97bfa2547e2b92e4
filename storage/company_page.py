"""The company-wide page: everyone at a company, its years month by month, and what keeps coming back."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from core.company_shown import CompanyShown, ContractLine, ContractsOf, RepeatGroup, YearLine
from core.equipment import REPEAT_WITHIN_SECONDS
from core.ids import EntityId
from core.pages import CompanyPage
from core.ticket_shown import ContactLine

YEARS_SHOWN = 3
CONTACTS_SHOWN = 50
REPEATS_SHOWN = 20
REPEATS_LOOKED_THROUGH = 2_000


def company_page(connection: sqlite3.Connection, request: CompanyPage) -> CompanyShown | None:
    """What stands above the list of a company's tickets; None for an unknown company."""
    company = request.company
    found = connection.execute(
        "SELECT name, kind, tier, annual_value, currency, derived_by FROM company WHERE id = ?", (company,)
    ).fetchone()
    if found is None:
        return None
    name, kind, tier, annual_value, currency, derived_by = found
    counts = connection.execute(
        "SELECT (SELECT count(*) FROM site WHERE company = ?1 AND archived = 0),"
        " (SELECT count(*) FROM equipment WHERE company = ?1 AND archived = 0),"
        " (SELECT count(*) FROM ticket WHERE company = ?1 AND queue_rank < 4),"
        " (SELECT count(*) FROM ticket WHERE company = ?1 AND archived = 0)",
        (company,),
    ).fetchone()
    grade, contract, until = connection.execute(
        "SELECT v.grade, k.number, v.valid_until FROM contract k JOIN contract_version v ON v.contract = k.id"
        " WHERE k.company = ? AND k.archived = 0 AND v.valid_from <= ? ORDER BY v.valid_from DESC LIMIT 1",
        (company, request.now),
    ).fetchone() or ("", "", None)
    return CompanyShown(
        id=company,
        name=name,
        kind=kind,
        tier=tier,
        grade=grade,
        contract=contract,
        site_count=counts[0],
        equipment_count=counts[1],
        annual_value=annual_value,
        currency=currency,
        contract_until=until,
        open_count=counts[2],
        ticket_count=counts[3],
        years=_years(connection, company, request.now),
        repeats=_repeats(connection, company),
        contacts=_contacts(connection, company),
        derived_by=derived_by,
    )


def contracts_of(connection: sqlite3.Connection, request: ContractsOf) -> tuple[ContractLine, ...]:
    """The contracts of a company in force at a time by number, the newest version of each first."""
    rows = connection.execute(
        "SELECT k.id, v.id, k.number, v.grade, v.valid_until FROM contract k JOIN contract_version v"
        " ON v.contract = k.id WHERE k.company = ? AND k.archived = 0 AND v.archived = 0 AND (v.id = ?"
        " OR v.valid_from <= ? AND (v.valid_until IS NULL OR v.valid_until > ?))"
        " ORDER BY k.number, k.id, v.valid_from DESC, v.id",
        (request.company, request.also, request.at, request.at),
    )
    found: list[ContractLine] = []
    known: set[bytes] = set()
    for contract, *line in rows:
        told = ContractLine(*line)
        if told.version == request.also or contract not in known:
            found.append(told)
        known.add(contract)
    return tuple(found)


def _years(connection: sqlite3.Connection, company: EntityId, now: int) -> tuple[YearLine, ...]:
    newest = datetime.fromtimestamp(now, UTC).year
    since = int(datetime(newest - YEARS_SHOWN + 1, 1, 1, tzinfo=UTC).timestamp())
    rows = connection.execute(
        "SELECT strftime('%Y', opened_at, 'unixepoch'), strftime('%m', opened_at, 'unixepoch'), count(*),"
        " sum(sla_missed), sum(is_repeat) FROM ticket"
        " WHERE company = ? AND opened_at >= ? AND archived = 0 GROUP BY 1, 2",
        (company, since),
    ).fetchall()
    if not rows:
        # An imported log may end years before today; its own last years are what there is to see.
        (last,) = connection.execute(
            "SELECT max(opened_at) FROM ticket WHERE company = ? AND archived = 0", (company,)
        ).fetchone()
        return () if last is None or last >= since else _years(connection, company, last)
    lines: dict[int, tuple[list[int], int, int]] = {}
    for year, month, count, missed, repeats in rows:
        months, missed_before, repeats_before = lines.get(int(year), ([0] * 12, 0, 0))
        months[int(month) - 1] = count
        lines[int(year)] = (months, missed_before + missed, repeats_before + repeats)
    return tuple(YearLine(year, tuple(lines[year][0]), *lines[year][1:]) for year in sorted(lines, reverse=True))


def _repeats(connection: sqlite3.Connection, company: EntityId) -> tuple[RepeatGroup, ...]:
    """Groups of the same fault on the same equipment, each ticket within thirty days of the next; newest first."""
    rows = connection.execute(
        "SELECT t.equipment, t.fault_code, t.number, t.opened_at, t.queue_rank < 4,"
        " COALESCE(NULLIF(e.inventory_number, ''), e.serial, ''), COALESCE(e.place, '')"
        " FROM ticket t LEFT JOIN equipment e ON e.id = t.equipment"
        " WHERE t.company = ? AND t.archived = 0 AND t.is_repeat > 0 ORDER BY t.opened_at DESC, t.id DESC LIMIT ?",
        (company, REPEATS_LOOKED_THROUGH),
    ).fetchall()
    groups: list[list[Any]] = []
    latest: dict[tuple[bytes, str], list[Any]] = {}
    for equipment, fault_code, number, opened_at, is_open, name, place in rows:
        group = latest.get((equipment, fault_code))
        if group is not None and group[3] - opened_at <= REPEAT_WITHIN_SECONDS:
            group[0].append(number)
            group[3] = opened_at
            group[4] = group[4] or is_open
            continue
        group = [[number], fault_code, (name, place), opened_at, bool(is_open), opened_at]
        latest[equipment, fault_code] = group
        groups.append(group)
    return tuple(
        RepeatGroup(group[1], group[2][0], group[2][1], tuple(group[0]), group[4], group[5])
        for group in groups[:REPEATS_SHOWN]
        if len(group[0]) > 1
    )


def _contacts(connection: sqlite3.Connection, company: EntityId) -> tuple[ContactLine, ...]:
    rows = connection.execute(
        "SELECT k.id, k.name, a.role, k.phone, k.email, a.may_order, a.may_approve, a.order_limit, a.currency"
        " FROM affiliation a JOIN contact k ON k.id = a.contact WHERE a.company = ? AND k.archived = 0"
        " ORDER BY a.may_approve DESC, a.may_order DESC, k.name LIMIT ?",
        (company, CONTACTS_SHOWN),
    ).fetchall()
    return tuple(contact_line(row) for row in rows)


def contact_line(row: tuple[Any, ...]) -> ContactLine:
    """A contact as selected: id, name, role, phone, email, may order, may approve, order limit, currency.

    Where they were selected too: language, best hours, notes.
    """
    contact, name, role, phone, email, may_order, may_approve, *others = row
    return ContactLine(contact, name, role, phone, email, bool(may_order), bool(may_approve), *others)
