"""A desk on which colleagues have crossed each other: open conflicts of every kind, as a fold would have left them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from core.clock import Instant
from core.conflicts import (
    BOTH_STAND,
    CLOSED_UNSEEN,
    FIELD,
    FIRST_HOLDS,
    LATER,
    OWNER,
    STAYS_CLOSED,
    VERSION,
    Conflict,
    Side,
)
from core.ids import EntityId
from storage.sync.conflict_rows import body_of
from tests.support.fixed import NOON

HOUR = 3600
HERE, THERE, ELSEWHERE = b"h" * 16, b"t" * 16, b"e" * 16
"""Consoles."""


def ago(hours: float) -> Instant:
    """That long before the noon at which the clock of these tests stands."""
    return Instant(NOON // 1000 - int(hours * HOUR))


def side(author: bytes, hours: float, value: Any, console: bytes = THERE, n: int = 1) -> Side:
    """What somebody made of a field, so long ago."""
    return Side(console, n, 0, EntityId(author), ago(hours), value)


def put(path: Path, *conflicts: Conflict) -> None:
    """Write open conflicts into the file of a desk."""
    with closing(sqlite3.connect(path)) as desk, desk:
        desk.executemany(
            "INSERT INTO conflict (id, record, entity, kind, field, body, at, is_open) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
            [(one.id, one.record, one.entity, one.kind, one.field, body_of(one), one.other.at) for one in conflicts],
        )


def crossed(path: Path) -> tuple[Conflict, ...]:
    """Five conflicts on a demo desk, of which three are the person's own; answers them in the order of the page."""
    with closing(sqlite3.connect(path)) as desk:
        (me,) = desk.execute("SELECT person FROM store").fetchone()
        others = [one for (one,) in desk.execute("SELECT id FROM person WHERE id <> ? ORDER BY name", (me,))]
        urgent = desk.execute(
            "SELECT id, priority, owner FROM ticket WHERE queue_rank = 0 ORDER BY queue_key, id LIMIT 3"
        ).fetchall()
        (closed,) = desk.execute(
            "SELECT id FROM ticket WHERE queue_rank = 4 AND stage = 'closed' ORDER BY closed_at DESC, id LIMIT 1"
        ).fetchone()
        site, address = desk.execute("SELECT id, address FROM site ORDER BY id LIMIT 1").fetchone()
        calendar = desk.execute("SELECT id FROM calendar ORDER BY id LIMIT 1").fetchone()[0]
    olga, piotr = others[0], others[1]
    place = {"stage": "closed", "stage_class": 2, "waiting": None, "closed_at": ago(5), "resolution_code": "repaired"}
    made = (
        (FIELD, "ticket", urgent[0][0], "priority", LATER, 3, side(olga, 0.5, 2), side(me, 1, 1, HERE)),
        (
            *(OWNER, "ticket", urgent[1][0], "owner", FIRST_HOLDS, {"owner": None, "team": None}),
            side(me, 2, {"owner": me.hex(), "team": None}, HERE),
            side(piotr, 1.9, {"owner": piotr.hex(), "team": None}),
        ),
        (
            *(CLOSED_UNSEEN, "ticket", closed, "closed", STAYS_CLOSED, None, side(olga, 5, place)),
            side(piotr, 4, {"kind": "entry.posted", "text": "Spare scanner is at dock 2"}, ELSEWHERE),
        ),
        (
            *(FIELD, "site", site, "address", LATER, address),
            side(olga, 20, "ul. Portowa 4, gate B"),
            side(me, 22, "ul. Portowa 4", HERE),
        ),
        (
            *(VERSION, "document", calendar, "version", BOTH_STAND, None),
            side(olga, 30, _version(calendar, 3, 10, b"a" * 16)),
            side(piotr, 31, _version(calendar, 3, 12, b"b" * 16), ELSEWHERE),
        ),
    )
    conflicts = tuple(
        Conflict(EntityId(bytes([place]) * 16), kind, entity, EntityId(record), field, before, applied, other, rule)
        for place, (kind, entity, record, field, rule, before, applied, other) in enumerate(made, 1)
    )
    put(path, *conflicts)
    return conflicts


def _version(document: bytes, number: int, hours: float, version: bytes) -> dict[str, Any]:
    return {
        "kind": "calendar",
        "document": document.hex(),
        "version": version.hex(),
        "number": number,
        "valid_from": ago(hours),
        "body": "{}",
        "note": "",
        "archived": False,
    }
