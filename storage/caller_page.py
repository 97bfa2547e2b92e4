"""What one wants to see while somebody calls: who they are, what is promised, what is open, what it may be about."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from core.caller_shown import CallerCard, CallerPage, CallerShown, Piece, PromiseAt
from core.clock import Instant
from core.clock_runs import OPENED, ClockEvent
from core.clock_state import NONE
from core.contract_shown import ContractShown, NoContract
from core.coverage import covers
from core.faults import is_same_again
from core.finding import NameLine
from core.ids import EntityId
from core.intake import OpenHere, Use, likely_equipment, suggested_priority
from core.queue import PRIORITIES
from core.sla import every_clock
from core.ticket import Ticket
from core.ticket_shown import ContactLine
from storage.company_page import contact_line
from storage.contract_page import TOLD, contract_told, without_contract
from storage.lists import queue_row
from storage.merging import is_any_merged, kept_record
from storage.past_faults import problems
from storage.queue_sql import EXCERPT, EXCERPT_JOINS
from storage.terms import terms_of

OPEN_SHOWN = 12
PIECES_SHOWN = 26
"""As many as there are letters to choose them by."""
PREVIOUS_SHOWN = 5
TICKETS_LOOKED_THROUGH = 120
"""Of the company, and of the caller, for what the call is likely to be about."""
SITES_SHOWN = 50
NO_TICKET = EntityId(bytes(16))
"""Stands for the ticket that is not opened yet."""

CARD = (
    # Indexes are named: by that of companies a firm of a hundred thousand people is read whole.
    "SELECT k.id, k.name, COALESCE(a.role, ''), k.phone, k.email, COALESCE(a.may_order, 0), COALESCE(a.may_approve, 0),"
    " a.order_limit, COALESCE(a.currency, ''), k.other_phones, k.language, k.best_hours, k.notes, k.archived,"
    " a.id IS NULL FROM contact k LEFT JOIN affiliation a INDEXED BY affiliation_by_contact"
    " ON a.contact = k.id AND a.company = ?2 AND a.archived = 0"
    " AND (a.until IS NULL OR a.until > ?3) WHERE k.id = ?1 ORDER BY a.may_approve DESC, a.may_order DESC LIMIT 1"
)
APPROVER = (
    "SELECT k.id, k.name, a.role, k.phone, k.email, a.may_order, a.may_approve, a.order_limit, a.currency"
    " FROM affiliation a INDEXED BY affiliation_by_approver JOIN contact k ON k.id = a.contact"
    " WHERE a.company = ?1 AND a.may_approve = 1 AND a.archived = 0 AND k.archived = 0 AND k.id <> ?2"
    " AND (a.until IS NULL OR a.until > ?3) LIMIT 1"
)
VERSION = (
    "SELECT v.id FROM contract_version v JOIN contract k ON k.id = v.contract WHERE k.company = ?1"
    " AND v.valid_from <= ?2 AND k.archived = 0 AND (v.valid_until IS NULL OR v.valid_until > ?2)"
    " ORDER BY v.valid_from DESC, v.id LIMIT 1"
)
CONTRACT = (
    f"SELECT {TOLD} FROM company c LEFT JOIN site s ON s.id = ?2 LEFT JOIN contract_version v ON v.id = ?3"
    " LEFT JOIN contract k ON k.id = v.contract WHERE c.id = ?1"
)
OPEN_HERE = (
    f"SELECT {EXCERPT}, COALESCE(NULLIF(e.inventory_number, ''), e.serial, ''), t.equipment, EXISTS (SELECT 1 FROM"
    " ticket_reporter r WHERE r.ticket = t.id AND r.contact = ?) FROM ticket t INDEXED BY ticket_open_by_company"
    f"{EXCERPT_JOINS} LEFT JOIN equipment e ON e.id = t.equipment WHERE t.company = ? AND t.queue_rank < 4"
    " ORDER BY t.queue_rank, t.queue_key, t.priority, t.id LIMIT ?"
)
OPEN_COUNT = "SELECT count(*) FROM ticket INDEXED BY ticket_open_by_company WHERE company = ? AND queue_rank < 4"
LATELY_HERE = (
    "SELECT equipment, opened_at, site FROM ticket WHERE company = ? AND archived = 0 ORDER BY opened_at DESC LIMIT ?"
)
LATELY_REPORTED = (
    "SELECT t.equipment, t.opened_at, t.site, t.company FROM (SELECT ticket FROM ticket_reporter WHERE contact = ?"
    " ORDER BY ticket DESC LIMIT ?) r JOIN ticket t ON t.id = r.ticket WHERE t.archived = 0 ORDER BY t.opened_at DESC"
)
PIECE = (
    "e.id, COALESCE(NULLIF(e.inventory_number, ''), e.serial), COALESCE(trim(m.maker || ' ' || m.name), ''), e.place,"
    " e.site, COALESCE(s.name, ''), COALESCE(m.category, '') FROM equipment e LEFT JOIN model m ON m.id = e.model"
    " LEFT JOIN site s ON s.id = e.site"
)
PIECES_CALLED = f"SELECT {PIECE} WHERE e.archived = 0 AND e.company = ? AND e.id IN"
OTHER_PIECES = f"SELECT {PIECE} WHERE e.archived = 0 AND e.company = ? LIMIT ?"
LATEST_OF_PIECE = (
    "SELECT id, number, fault_code, opened_at, queue_rank < 4, is_repeat FROM ticket"
    " WHERE equipment = ? AND archived = 0 ORDER BY opened_at DESC, id DESC LIMIT 8"
)
SITES = "SELECT id, name FROM site WHERE company = ? AND archived = 0 ORDER BY name, id LIMIT ?"

Lately = list[tuple[bytes | None, int, bytes | None]]


def caller_page(connection: sqlite3.Connection, request: CallerPage) -> CallerShown | None:
    """The card of a caller and all that stands beside it; None for an unknown company."""
    request = _as_merged(connection, request)
    company, now = request.company, request.now
    found = connection.execute("SELECT name, tier, archived FROM company WHERE id = ?", (company,)).fetchone()
    if found is None:
        return None
    name, tier, is_gone = found
    here: Lately = connection.execute(LATELY_HERE, (company, TICKETS_LOOKED_THROUGH)).fetchall()
    reported = connection.execute(LATELY_REPORTED, (request.contact, TICKETS_LOOKED_THROUGH)).fetchall()
    own: Lately = [row[:3] for row in reported if row[3] == company]
    sites = tuple(NameLine(*row) for row in connection.execute(SITES, (company, SITES_SHOWN)))
    site = _site(connection, request, sites, own)
    version = connection.execute(VERSION, (company, now)).fetchone()
    contract, promised = _contract(connection, company, site, version[0] if version else None, now, name)
    coverage = (contract.coverage, contract.exclusions) if isinstance(contract, ContractShown) else None
    open_here = _open_here(connection, request)
    pieces, more = _pieces(connection, company, _uses(own, here), coverage, now)
    card = _card(connection, request)
    return CallerShown(
        contact=card,
        approver=_approver(connection, request) if card is not None and not card.line.may_approve else None,
        company=company,
        company_name=name,
        tier=tier,
        is_gone=bool(is_gone),
        contract=contract,
        promised=promised,
        open_here=open_here,
        open_count=connection.execute(OPEN_COUNT, (company,)).fetchone()[0],
        previous=problems(connection, "t.company = ? AND t.queue_rank = 4", (company,), PREVIOUS_SHOWN),
        pieces=pieces,
        more_pieces=more,
        sites=sites,
        site=site,
    )


def _as_merged(connection: sqlite3.Connection, request: CallerPage) -> CallerPage:
    """Who was merged into another while the call was parked is shown as that one."""
    if not is_any_merged(connection):
        return request
    contact = None if request.contact is None else EntityId(kept_record(connection, request.contact))
    return request._replace(contact=contact, company=EntityId(kept_record(connection, request.company)))


def _card(connection: sqlite3.Connection, request: CallerPage) -> CallerCard | None:
    row = connection.execute(CARD, (request.contact, request.company, request.now)).fetchone()
    if row is None:
        return None
    others, language, best_hours, notes, archived, has_left = row[9:]
    return CallerCard(
        contact_line(row[:9]), _numbers(others), language, best_hours, notes, bool(archived), bool(has_left)
    )


def _numbers(document: str) -> tuple[str, ...]:
    try:
        told = json.loads(document or "[]")
    except ValueError:
        return ()
    return tuple(str(one) for one in told) if isinstance(told, list) else ()


def _approver(connection: sqlite3.Connection, request: CallerPage) -> ContactLine | None:
    row = connection.execute(APPROVER, (request.company, request.contact, request.now)).fetchone()
    return None if row is None else contact_line(row)


def _site(
    connection: sqlite3.Connection, request: CallerPage, sites: tuple[NameLine, ...], own: Lately
) -> NameLine | None:
    """Where the caller is: as asked, else where they reported from last, else the only place there is."""
    wanted = request.site or next((EntityId(site) for _equipment, _at, site in own if site is not None), None)
    if wanted is not None:
        row = connection.execute("SELECT id, name FROM site WHERE id = ? AND archived = 0", (wanted,)).fetchone()
        if row is not None:
            return NameLine(*row)
    return sites[0] if len(sites) == 1 else None


def _contract(
    connection: sqlite3.Connection,
    company: EntityId,
    site: NameLine | None,
    version: EntityId | None,
    now: Instant,
    name: str,
) -> tuple[ContractShown | NoContract, tuple[PromiseAt, ...]]:
    """What holds for a ticket that is opened now, its clocks at the priority it gets when nobody says one."""
    if version is None:
        return without_contract(connection, NO_TICKET, company, name), ()
    site_id = site.id if site else None
    promised = promises(connection, company, site_id, version, now)
    row = connection.execute(CONTRACT, (company, site_id, version)).fetchone()
    usual = suggested_priority([one.priority for one in promised])
    clocks = next((one.clocks for one in promised if one.priority == usual), ())
    return contract_told(connection, NO_TICKET, row, now, clocks, (0,) * len(clocks)), promised


def promises(
    connection: sqlite3.Connection, company: EntityId, site: EntityId | None, version: EntityId, now: Instant
) -> tuple[PromiseAt, ...]:
    """The clocks of a ticket opened `now` under a contract version, at each priority that has a promise."""
    terms = terms_of(connection, Ticket(NO_TICKET, "", "", company, now, now, site=site, contract_version=version))
    policy, hours = terms.policy, terms.hours
    if policy is None or hours is None:
        return ()
    opened = (ClockEvent(now, OPENED, stage="new"),)
    told = (PromiseAt(priority, every_clock(opened, priority, policy, hours)) for priority in PRIORITIES)
    return tuple(one for one in told if any(clock.state != NONE for clock in one.clocks))


def _open_here(connection: sqlite3.Connection, request: CallerPage) -> tuple[OpenHere, ...]:
    rows = connection.execute(OPEN_HERE, (request.contact, request.company, OPEN_SHOWN))
    return tuple(OpenHere(queue_row(row[:18])._replace(equipment_name=row[18]), row[19], bool(row[20])) for row in rows)


def _uses(own: Lately, here: Lately) -> list[Use]:
    told = [(row, True) for row in own] + [(row, False) for row in here]
    return [Use(EntityId(row[0]), Instant(row[1]), is_own) for row, is_own in told if row[0] is not None]


def _pieces(
    connection: sqlite3.Connection,
    company: EntityId,
    uses: list[Use],
    coverage: tuple[tuple[str, ...], tuple[str, ...]] | None,
    now: Instant,
) -> tuple[tuple[Piece, ...], bool]:
    likely = likely_equipment(uses, now)[: PIECES_SHOWN + 1]
    marks = ", ".join("?" * len(likely))
    rows = connection.execute(f"{PIECES_CALLED} ({marks})", (company, *likely)).fetchall()
    known = {row[0]: row for row in rows}
    found = [known[piece] for piece in likely if piece in known]
    if len(found) <= PIECES_SHOWN:
        others = connection.execute(OTHER_PIECES, (company, 2 * PIECES_SHOWN + 2)).fetchall()
        found += [row for row in others if row[0] not in known]
    shown = tuple(_piece(connection, row, coverage) for row in found[:PIECES_SHOWN])
    return shown, len(found) > PIECES_SHOWN


def _piece(
    connection: sqlite3.Connection, row: tuple[Any, ...], coverage: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> Piece:
    piece, name, model, place, site, site_name, category = row
    latest = connection.execute(LATEST_OF_PIECE, (piece,)).fetchall()
    is_open = next((number for _id, number, _code, _at, is_open, _repeat in latest if is_open), "")
    code, repeats = _repeats(latest)
    is_covered = None if coverage is None else covers(category, *coverage)
    newest = latest[0][0] if latest else None
    return Piece(piece, name, model, place, site, site_name, is_covered, is_open, newest, code, repeats)


def _repeats(latest: list[tuple[Any, ...]]) -> tuple[str, int]:
    """The fault that came back last on a piece, and how often it was reported within thirty days of that."""
    last = next(((code, at) for _id, _number, code, at, _open, is_repeat in latest if is_repeat and code), None)
    if last is None:
        return "", 0
    return last[0], sum(is_same_again(code, at, *last) for _id, _number, code, at, _open, _repeat in latest)
