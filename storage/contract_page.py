"""The contract of a ticket: what it covers, what of its units is used in the present period, what is paid."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import Instant
from core.clock_state import RUNNING
from core.contract_shown import ContractShown, NoContract, UnitsShown
from core.coverage import MONTH, clauses, units_period, units_used
from core.ids import EntityId
from core.pages import ContractPage
from core.sla import Clock
from storage.standing import ticket_clocks
from storage.ticket_page import load_ticket

TOLD = (
    "c.id, COALESCE(c.name, ''), COALESCE(s.zone, ''), v.contract, COALESCE(k.number, ''), v.grade,"
    " v.valid_from, v.valid_until, v.coverage, v.exclusions, v.included_units, v.unit, v.rates, v.annual_value,"
    " v.currency, v.paid_until, v.derived_by"
)
OF_TICKET = (
    f"SELECT {TOLD} FROM ticket t LEFT JOIN company c ON c.id = t.company"
    " LEFT JOIN site s ON s.id = t.site LEFT JOIN contract_version v ON v.id = t.contract_version"
    " LEFT JOIN contract k ON k.id = v.contract WHERE t.id = ?"
)
WORK = (
    # Work is written on tickets that changed no earlier; a ticket's last change is in its row.
    "SELECT e.data FROM contract_version v JOIN ticket t ON t.contract_version = v.id AND t.changed_at >= ?1"
    " JOIN entry e ON e.ticket = t.id AND e.at >= ?1 AND e.at < ?2"
    " WHERE v.contract = ?3 AND t.opened_at < ?2 AND t.archived = 0"
    " AND e.kind = 'work' AND e.hidden = 0"
)
NEWEST = (
    "SELECT k.number, v.valid_until FROM contract k JOIN contract_version v ON v.contract = k.id"
    " WHERE k.company = ? AND k.archived = 0 AND v.archived = 0 ORDER BY v.valid_from DESC LIMIT 1"
)
MANAGER = "SELECT p.name FROM company c JOIN person p ON p.id = c.account_manager WHERE c.id = ?"


def contract_page(connection: sqlite3.Connection, request: ContractPage) -> ContractShown | NoContract | None:
    """What was promised for the ticket; None for an unknown one."""
    found = connection.execute(OF_TICKET, (request.ticket,)).fetchone()
    if found is None:
        return None
    company, company_name, _zone_name, contract = found[:4]
    if contract is None:
        return without_contract(connection, request.ticket, company, company_name)
    return contract_told(connection, request.ticket, found, request.now, *_clocks(connection, request))


def contract_told(
    connection: sqlite3.Connection,
    ticket: EntityId,
    row: tuple[Any, ...],
    now: Instant,
    clocks: tuple[Clock, ...],
    used_by_now: tuple[int, ...],
) -> ContractShown:
    """The contract in `row` (the columns of `TOLD`), with the clocks it promises and what each has used."""
    _company, company_name, zone, contract, number, grade, since, until = row[:8]
    coverage, exclusions, included, unit, rates, value, currency, paid, derived = row[8:]
    units = None
    if included is not None:
        period = units_period(rates)
        begins, ends = month_of(now, zone) if period == MONTH else (since, until)
        bound = (begins, now + 1 if ends is None else ends, contract)
        used = units_used((data for (data,) in connection.execute(WORK, bound)), unit)
        units = UnitsShown(included, unit, period, begins, ends, used)
    return ContractShown(
        ticket=ticket,
        number=number,
        grade=grade,
        company_name=company_name,
        valid_from=since,
        valid_until=until,
        coverage=clauses(coverage),
        exclusions=clauses(exclusions),
        clocks=clocks,
        used=used_by_now,
        units=units,
        annual_value=value,
        currency=currency,
        paid_until=paid,
        zone=zone,
        derived_by=derived,
    )


def _clocks(connection: sqlite3.Connection, request: ContractPage) -> tuple[tuple[Clock, ...], tuple[int, ...]]:
    """The clocks of the ticket and the open seconds each has used by now."""
    clocks, terms = ticket_clocks(connection, load_ticket(connection, request.ticket)[0])
    hours = terms.hours
    return clocks, tuple(
        clock.run.used_by(request.now, hours)
        if clock.state == RUNNING and clock.run is not None and hours is not None
        else clock.used
        for clock in clocks
    )


def without_contract(
    connection: sqlite3.Connection, ticket: EntityId, company: EntityId | None, name: str
) -> NoContract:
    """That nothing is promised, with what the company had last and who looks after it."""
    newest: tuple[Any, ...] = connection.execute(NEWEST, (company,)).fetchone() or ("", None)
    (manager,) = connection.execute(MANAGER, (company,)).fetchone() or ("",)
    return NoContract(ticket, name, newest[0], newest[1], manager)


def month_of(at: Instant, zone_name: str) -> tuple[Instant, Instant]:
    """First instants of the calendar month of `at` and of the next one, where the site is."""
    zone = _zone(zone_name)
    first = datetime.fromtimestamp(at, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Instant(int(first.timestamp())), Instant(int(following.timestamp()))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        # An imported site may name any zone.
        return ZoneInfo("UTC")
