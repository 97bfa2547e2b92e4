"""A small desk for stories of the store: two people, one customer with a contract, and ways to look behind the rows."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.commands import AddRecord, Command, OpenTicket, Together
from core.fold import fold
from core.ids import EntityId, IdMaker
from core.operations.envelope import FIRST_HASH, Envelope
from core.operations.operation import State
from core.ports import Applied
from storage.desk import OpenDesk
from storage.new_desk import Owner, add_owner, create_desk, set_person
from storage.rows import ENTRY_COLUMNS, entry_of, ticket_of
from storage.standing import derived_now
from tests.support.fixed import FixedClock, ids_from

OFFICE = {"tz": "Europe/Warsaw", "weekly": {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
GOLD = {
    "name": "gold",
    "first_response_seconds": {"1": 1800, "3": 3600},
    "resolution_seconds": {"1": 14400, "3": 28800},
}
WAIT_SECONDS = 20


@dataclass
class Story:
    """An open desk with Anna at the keys."""

    path: Path
    desk: OpenDesk
    anna: EntityId
    clock: FixedClock
    new_id: IdMaker
    boris: EntityId = field(default=EntityId(b""))
    company: EntityId = field(default=EntityId(b""))
    caller: EntityId = field(default=EntityId(b""))

    def act(self, *commands: Command, author: EntityId | None = None) -> Applied:
        """Do it and wait until it is on the disk."""
        command = commands[0] if len(commands) == 1 else Together(commands)
        return self.desk.submit(command, author or self.anna).result(WAIT_SECONDS)

    def record(self, entity: str, **fields: Any) -> AddRecord:
        """A wish for a record with an id of its own; ids among its fields become hex."""
        told = {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}
        return AddRecord(entity, told, self.new_id())

    def open_ticket(self, subject: str = "Printer jams", *, priority: int = 3, text: str = "") -> EntityId:
        """A ticket of the customer."""
        wish = OpenTicket(subject, self.company, priority, reporters=(self.caller,), text=text)
        return self.act(wish).touched[0]

    def sit_down(self) -> None:
        """Let the store remember that Anna sits here."""
        self.desk.write(lambda connection: set_person(connection, self.anna)).result(WAIT_SECONDS)

    def look(self) -> sqlite3.Connection:
        """A connection of one's own that only reads."""
        return look(self.path)


def look(path: Path) -> sqlite3.Connection:
    """A connection that only reads."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def copy_desk(path: Path, to: Path) -> None:
    """The file as it stands, at another place."""
    with closing(look(path)) as seen, closing(sqlite3.connect(to)) as copied:
        seen.backup(copied)
    to.chmod(0o600)


def begin(path: Path, seed: int = 1) -> Story:
    """A new desk at `path` with everybody on it."""
    clock = FixedClock()
    new_id = ids_from(seed, clock)
    create_desk(path, "Main", clock, new_id).close()
    anna = add_owner(path, clock, new_id, Owner("Anna", "Night shift", "Europe/Warsaw"))
    story = Story(path, OpenDesk(path, clock, new_id), anna, clock, new_id)
    boris, company, caller, calendar, policy, contract = (new_id() for _ in range(6))
    story.boris, story.company, story.caller = boris, company, caller
    terms = {"policy": policy.hex(), "calendar": calendar.hex(), "contract": contract.hex(), "valid_from": 0}
    story.act(
        AddRecord("person", {"name": "Boris", "zone": "Europe/Warsaw"}, boris),
        AddRecord("company", {"name": "Zakłady Łąki", "kind": "customer"}, company),
        AddRecord("contact", {"name": "Ewa", "phone": "+48 22 555 01 02"}, caller),
        AddRecord("calendar", {"name": "Office", "body": json.dumps(OFFICE)}, calendar),
        AddRecord("policy", {"name": "Gold", "body": json.dumps(GOLD)}, policy),
        AddRecord("contract", {"company": company.hex(), "number": "K-1"}, contract),
        AddRecord("contract_version", {**terms, "grade": "gold"}),
    )
    return story


def everything(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table. Full text keeps no text of its own, so what SQLite keeps for it is compared instead."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names.fetchall()}


ENVELOPE = "console, n, txn, stream, entity, id, kind, payload, base, hlc, schema_v, prev, author, hash"


def envelopes(connection: sqlite3.Connection, entity: bytes | None = None) -> list[tuple[Envelope, bytes]]:
    """The log in order, each operation with the hash that was written for it."""
    rows = connection.execute(f"SELECT {ENVELOPE} FROM operation ORDER BY n").fetchall()
    return [(Envelope(*row[:13]), row[13]) for row in rows if entity is None or row[5] == entity]


def check_chain(connection: sqlite3.Connection) -> int:
    """How many operations there are; AssertionError unless they are dense, chained and remembered by the store."""
    previous, stamp, n = FIRST_HASH, 0, 0
    for n, (envelope, written) in enumerate(envelopes(connection), 1):
        assert (envelope.n, envelope.prev, envelope.hash) == (n, previous, written)
        assert envelope.hlc > stamp
        previous, stamp = written, envelope.hlc
    last = connection.execute("SELECT last_n, last_hash, last_hlc FROM store").fetchone()
    assert last == (n, previous, stamp)
    return n


def check_rows(connection: sqlite3.Connection) -> int:
    """How many tickets there are; AssertionError unless every row is what the log and the contract make of it."""
    rows = connection.execute("SELECT * FROM ticket ORDER BY id")
    names = [column[0] for column in rows.description]
    found = rows.fetchall()
    for values in found:
        row = dict(zip(names, values, strict=True))
        folded = fold(State(), (envelope for envelope, _hash in envelopes(connection, row["id"])))
        _check_ticket(connection, row, folded)
    return len(found)


def _check_ticket(connection: sqlite3.Connection, row: dict[str, object], folded: State) -> None:
    ticket_id = row["id"]
    reporters = connection.execute(
        "SELECT contact FROM ticket_reporter WHERE ticket = ? ORDER BY place", (ticket_id,)
    ).fetchall()
    ticket = ticket_of(row, tuple(reporter for (reporter,) in reporters))
    assert ticket == folded.ticket
    told = connection.execute(f"SELECT {ENTRY_COLUMNS} FROM entry WHERE ticket = ?", (ticket_id,))
    assert {entry.id: entry for entry in map(entry_of, told)} == folded.known_entries
    promised = {call_back.id: call_back for call_back in folded.call_backs}
    call_backs = connection.execute(
        "SELECT id, contact, number, due_at, person, note, is_dropped FROM call_back WHERE ticket = ?", (ticket_id,)
    ).fetchall()
    assert {known[0]: known[1:] for known in call_backs} == {
        one.id: (one.contact, one.number, one.due_at, one.person, one.note, int(one.is_dropped))
        for one in promised.values()
    }
    derived = derived_now(connection, ticket)
    assert {column: row[column] for column in derived} == derived
