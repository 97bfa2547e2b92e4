"""A filter read row by row in plain Python, as slowly as it can be said, to hold the SQL to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.query_tree import HAS, IS, ME, NOTHING, Both, Choice, Either, FieldTest, Not, Tree, Words
from core.search_words import sought
from core.text import fold
from storage.search import Texts, Wanted

SECONDS = {"m": 60, "h": 3600, "d": 86_400}
CLASSES = ("open", "waiting", "closed")
FACTS = (
    "SELECT t.*, c.name AS co_name, c.country AS co_country, s.name AS site_name, y.name AS territory_name,"
    " e.serial, e.inventory_number, m.name AS model_name, p.name AS owner_name, g.name AS team_name,"
    " k.number AS contract_number, v.grade AS contract_grade"
    " FROM ticket t LEFT JOIN company c ON c.id = t.company LEFT JOIN site s ON s.id = t.site"
    " LEFT JOIN territory y ON y.id = s.territory LEFT JOIN equipment e ON e.id = t.equipment"
    " LEFT JOIN model m ON m.id = e.model LEFT JOIN person p ON p.id = t.owner LEFT JOIN team g ON g.id = t.team"
    " LEFT JOIN contract_version v ON v.id = t.contract_version LEFT JOIN contract k ON k.id = v.contract"
)
NAMES = {
    "co": ("co_name",),
    "site": ("site_name",),
    "eq": ("serial", "inventory_number", "model_name"),
    "owner": ("owner_name",),
    "team": ("team_name",),
    "cat": ("category",),
    "fault": ("fault_code",),
    "contract": ("contract_number",),
    "grade": ("contract_grade",),
    "country": ("co_country",),
    "territory": ("territory_name",),
    "no": ("number",),
}
HELD = {
    "co": "company",
    "site": "site",
    "eq": "equipment",
    "owner": "owner",
    "team": "team",
    "contract": "contract_version",
}


def facts(connection: sqlite3.Connection) -> dict[bytes, dict[str, Any]]:
    """Everything a filter may ask of every ticket."""
    rows = connection.execute(FACTS)
    names = [column[0] for column in rows.description]
    found = {row[0]: dict(zip(names, row, strict=True)) | {"callers": []} for row in rows}
    callers = "SELECT r.ticket, k.name FROM ticket_reporter r JOIN contact k ON k.id = r.contact"
    for ticket, name in connection.execute(callers):
        found[ticket]["callers"].append(name)
    told: dict[bytes, list[Any]] = {id_: [(None, row["subject"]), (None, row["number"])] for id_, row in found.items()}
    for ticket, text in connection.execute("SELECT ticket, text FROM entry WHERE hidden = 0"):
        told[ticket].append((None, text))
    return {id_: row | {"texts": Texts(id_, told[id_])} for id_, row in found.items()}


def meets(tree: Tree, row: dict[str, Any], person: bytes, zone: str, now: int) -> bool:
    """Whether a ticket is one that the filter asks for."""
    if isinstance(tree, Both):
        return all(meets(part, row, person, zone, now) for part in tree.parts)
    if isinstance(tree, Either):
        return any(meets(part, row, person, zone, now) for part in tree.parts)
    if isinstance(tree, Not):
        return not meets(tree.part, row, person, zone, now)
    if isinstance(tree, Words):
        return all(Wanted(part).held_by(row["texts"]) for part in sought(tree.text)) and bool(sought(tree.text))
    assert isinstance(tree, FieldTest)
    return any(_has(tree.field, choice, row, person, zone, now) for choice in tree.choices)


def _has(field: str, choice: Choice, row: dict[str, Any], person: bytes, zone: str, now: int) -> bool:
    if field == "contact":
        return not row["callers"] if choice.how == NOTHING else any(_text(choice, name) for name in row["callers"])
    if choice.how == NOTHING:
        return row[HELD[field]] is None if field in HELD else not row[NAMES[field][0]]
    if choice.how == ME:
        return bool(row["owner"] == person)
    if field in NAMES:
        return any(_text(choice, row[name]) for name in NAMES[field])
    if field in ("p", "reporters"):
        return _compared(choice.how, row["priority" if field == "p" else "reporter_count"], int(choice.value))
    if field == "sla":
        return _lamp(choice, row, now)
    if field in ("age", "opened", "closed"):
        return _moment(choice, row["closed_at" if field == "closed" else "opened_at"], zone, now)
    told: dict[str, str] = {
        "stage": row["stage"],
        "class": CLASSES[row["stage_class"]],
        "type": row["request_type"],
        "channel": row["channel"],
        "repeat": "yes" if row["is_repeat"] else "no",
    }
    # What is no word of ours is never the answer, whatever it is compared with.
    return told[field] == (choice.value if field != "repeat" or choice.value == "yes" else "no")


def _text(choice: Choice, name: str | None) -> bool:
    if name is None:
        return False
    return fold(name) == fold(choice.value) if choice.how == IS else fold(choice.value) in fold(name)


def _compared(how: str, one: int, other: int) -> bool:
    compare: dict[str, Callable[[int, int], bool]] = {
        "": lambda a, b: a == b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    return compare[how](one, other)


def _lamp(choice: Choice, row: dict[str, Any], now: int) -> bool:
    runs, ended, promised = row["queue_rank"] == 0, row["queue_rank"] >= 4, row["sla_state"] != 3
    left = row["queue_key"] - now
    if choice.how != HAS:
        return runs and _compared(choice.how, left, _seconds(choice.value))
    lit: dict[str, bool] = {
        "breached": runs and left < 0,
        "due": runs and 0 <= left < 1800,
        "paused": row["queue_rank"] == 1,
        "met": row["queue_rank"] == 2 or (ended and promised and not row["sla_missed"]),
        "late": ended and promised and bool(row["sla_missed"]),
        "missed": bool(row["sla_missed"]),
        "none": row["queue_rank"] == 3 or (ended and not promised),
    }
    return lit[choice.value]


def _seconds(span: str) -> int:
    return int(span[:-1]) * SECONDS[span[-1]]


def _moment(choice: Choice, at: int | None, zone: str, now: int) -> bool:
    if at is None:
        return False
    if choice.value[-1] in SECONDS and choice.value not in ("today", "yesterday"):
        return _compared(choice.how, now - at, _seconds(choice.value))
    here = datetime.fromtimestamp(at, ZoneInfo(zone)).date().isoformat()
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    wanted = {"today": today, "yesterday": type(today).fromordinal(today.toordinal() - 1)}.get(choice.value)
    day = wanted.isoformat() if wanted else choice.value
    # Text is enough: days of these years are all written in ten characters, and a month is the beginning of its days.
    shown = here[: len(day)]
    if choice.how == HAS:
        return shown == day
    compared: dict[str, bool] = {"<": shown < day, "<=": shown <= day, ">": shown > day, ">=": shown >= day}
    return compared[choice.how]
