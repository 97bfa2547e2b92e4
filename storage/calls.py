"""Calls that are being taken: their drafts, kept so that no console writes over another's, and how they are saved."""

from __future__ import annotations

import sqlite3

from core.clock import Instant
from core.commands import SaveCall
from core.handlers.plan import CallerStands
from core.ids import EntityId, IdMaker
from storage.caller_page import VERSION, promises
from storage.merging import is_any_merged, kept_record

CALL = "call"


def keep_call(
    driver: sqlite3.Connection, new_id: IdMaker, person: EntityId, call: EntityId, body: str, seen: str, now: int
) -> EntityId:
    """Keep the draft of a call that the console knows as `seen`; answers the id under which it is kept.

    When another console has written it meanwhile, both are kept: this one under an id of its own. No body forgets it.
    """
    key = (person, CALL, call)
    found = driver.execute("SELECT body FROM draft WHERE person = ? AND kind = ? AND about = ?", key).fetchone()
    if found is not None and found[0] not in (seen, body):
        if not body:
            return call
        key = (person, CALL, new_id())
    if body:
        driver.execute(
            "INSERT OR REPLACE INTO draft (person, kind, about, body, changed_at) VALUES (?, ?, ?, ?, ?)",
            (*key, body, now),
        )
    else:
        driver.execute("DELETE FROM draft WHERE person = ? AND kind = ? AND about = ?", key)
    return key[2]


def as_merged(driver: sqlite3.Connection, command: SaveCall) -> SaveCall:
    """The same call with those in it who were merged into others meanwhile as what they are now."""
    if not is_any_merged(driver):
        return command

    def kept(record: EntityId | None) -> EntityId | None:
        return None if record is None else EntityId(kept_record(driver, record))

    return command._replace(
        contact=kept(command.contact),
        company=kept(command.company),
        site=kept(command.site),
        equipment=kept(command.equipment),
    )


def saved_call(driver: sqlite3.Connection, call: EntityId) -> str | None:
    """The number of the ticket that a call was saved on, None when it was not saved."""
    found = driver.execute(
        "SELECT t.number FROM operation o JOIN ticket t ON t.id = o.id WHERE o.txn = ? LIMIT 1", (call,)
    ).fetchone()
    return None if found is None else str(found[0])


def caller_stands(
    driver: sqlite3.Connection,
    contact: EntityId | None,
    company: EntityId | None,
    equipment: EntityId | None,
    site: EntityId | None,
    now: Instant,
) -> CallerStands:
    """Whether those named in a call are still what they were called, and what is promised to the company."""
    promised: tuple[int, ...] = ()
    version = driver.execute(VERSION, (company, now)).fetchone()
    if company is not None and version is not None:
        promised = tuple(one.priority for one in promises(driver, company, site, version[0], now))
    return CallerStands(
        contact_is_gone=contact is not None and not _is_there(driver, "contact", contact),
        contact_is_elsewhere=contact is not None and company is not None and not _is_at(driver, contact, company, now),
        company_is_gone=company is not None and not _is_there(driver, "company", company),
        equipment_is_gone=equipment is not None and not _is_at_company(driver, equipment, company),
        promised=promised,
    )


def _is_there(driver: sqlite3.Connection, entity: str, record: EntityId) -> bool:
    return driver.execute(f"SELECT 1 FROM {entity} WHERE id = ? AND archived = 0", (record,)).fetchone() is not None


def _is_at(driver: sqlite3.Connection, contact: EntityId, company: EntityId, now: Instant) -> bool:
    query = (
        "SELECT 1 FROM affiliation INDEXED BY affiliation_by_contact WHERE contact = ? AND company = ?"
        " AND archived = 0 AND (until IS NULL OR until > ?)"
    )
    return driver.execute(query, (contact, company, now)).fetchone() is not None


def _is_at_company(driver: sqlite3.Connection, equipment: EntityId, company: EntityId | None) -> bool:
    query = "SELECT 1 FROM equipment WHERE id = ? AND company IS ? AND archived = 0"
    return driver.execute(query, (equipment, company)).fetchone() is not None
