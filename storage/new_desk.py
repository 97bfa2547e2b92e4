"""Making a desk: an empty file with its identity, the first team and the first person."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock, instant
from core.ids import EntityId, IdMaker
from core.operations.envelope import FIRST_HASH
from storage.engine import create_file, explain


@dataclass(frozen=True, slots=True)
class Owner:
    """Who will sit at the new desk."""

    name: str
    team: str
    zone: str


def create_desk(path: Path, desk: str, clock: Clock, new_id: IdMaker, *, is_demo: bool = False) -> sqlite3.Connection:
    """A new desk without people; the connection is the caller's to fill and close."""
    connection = create_file(path)
    try:
        connection.execute(
            "INSERT INTO store (only, console, last_hash, desk, is_demo, created_at) VALUES (1, ?, ?, ?, ?, ?)",
            (new_id(), FIRST_HASH, desk, int(is_demo), instant(clock.now_ms())),
        )
    except sqlite3.DatabaseError as error:
        connection.close()
        raise explain(error, path) from error
    return connection


def add_owner(path: Path, clock: Clock, new_id: IdMaker, owner: Owner) -> EntityId:
    """Enter the first person and team as ordinary operations, authored by that person; answers the person's id."""
    from core.commands import AddRecord, Together
    from storage.actor import WriterThread

    team, person = new_id(), new_id()
    fields = {"name": owner.name, "team": team.hex(), "zone": owner.zone}
    both = Together((AddRecord("team", {"name": owner.team}, team), AddRecord("person", fields, person)))
    writer = WriterThread(path, clock, new_id)
    try:
        writer.submit(both, person).result()
        writer.run(lambda connection: set_person(connection, person)).result()
    finally:
        writer.stop()
    return person


def set_person(connection: sqlite3.Connection, sits: EntityId) -> str:
    """Remember who sits at this desk; the next start takes the same person. Answers the zone they work in."""
    connection.execute("UPDATE store SET person = ?", (sits,))
    row = connection.execute("SELECT zone FROM person WHERE id = ?", (sits,)).fetchone()
    return (row[0] if row else "") or "UTC"
