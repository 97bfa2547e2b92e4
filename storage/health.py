"""How the file of a desk and what lies around it are: looked at, never mended."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from core.operations.envelope import FIRST_HASH
from storage.attachments import kept
from storage.auditor import PARENT_MISSING, TWICE, audit_rows, dangling, twice
from storage.engine import SCHEMA_NUMBER
from storage.safekeeping.log_check import read_log

OK, WARNING, WRONG = "ok", "warning", "wrong"
MOST_TOLD = 100
LEAST_ROOM = 100_000_000
ROOM_TIMES = 3
"""A backup beside the file and making the file clean need copies of it."""

OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO
LINKS = (
    "SELECT o.n FROM operation o JOIN operation p ON p.console = o.console AND p.n = o.n - 1"
    " WHERE o.prev <> p.hash LIMIT ?"
)
OWN = (
    "SELECT count(*), COALESCE(min(n), 0), COALESCE(max(n), 0),"
    " (SELECT hash FROM operation WHERE console = s.console AND n = s.last_n), s.last_n, s.last_hash"
    " FROM store s LEFT JOIN operation o ON o.console = s.console"
)


class Finding(NamedTuple):
    """What one look told: a code that the verb words, how grave it is, and the facts of its sentence."""

    code: str
    level: str
    facts: dict[str, Any]


def look_at_file(connection: sqlite3.Connection, *, is_full: bool) -> Iterator[Finding]:
    """The database itself, the log in it, what names nothing, and purges that were cut off.

    Quick looks read each page and each link of the log; a full one compares indexes with tables, hashes every operation
    again and computes the clocks of closed tickets.
    """
    yield _integrity(connection, is_full=is_full)
    yield _log(connection, is_full=is_full)
    yield from _references(connection, is_full=is_full)
    (unswept,) = connection.execute("SELECT count(*) FROM purge WHERE is_swept = 0").fetchone()
    if unswept:
        yield Finding("purge_unfinished", WRONG, {"count": unswept})
    (aside,) = connection.execute("SELECT count(*) FROM quarantine").fetchone()
    if aside:
        yield Finding("set_aside", WARNING, {"count": aside})


def look_at_attachments(connection: sqlite3.Connection, desk: Path, *, is_full: bool) -> Iterator[Finding]:
    """Whether the files of tickets are here; in full whether they are still what was attached."""
    known = kept(desk, connection, is_full=is_full)
    facts = {"count": known.number, "size": known.size}
    if not known.number and not known.missing:
        yield Finding("attachments_none", OK, facts)
        return
    if known.altered:
        yield Finding("attachments_altered", WRONG, {"count": len(known.altered), "first": known.altered[0]})
    if known.missing:
        yield Finding("attachments_missing", WARNING, {"count": len(known.missing), "first": known.missing[0]})
    if known.unused:
        yield Finding("attachments_unused", WARNING, {"count": len(known.unused), "size": known.unused_size})
    if not known.altered and not known.missing:
        yield Finding("attachments" if is_full else "attachments_sized", OK, facts)


def look_at_places(desk: Path, *others: Path) -> Iterator[Finding]:
    """Rights of the desk's folder and files, and room on its disk; `others` are folders of the same person."""
    yield _rights(desk, others)
    yield _room(desk)


def _integrity(connection: sqlite3.Connection, *, is_full: bool) -> Finding:
    pragma = "integrity_check" if is_full else "quick_check"
    told = [row[0] for row in connection.execute(f"PRAGMA {pragma}({MOST_TOLD})")]
    told = [] if told == ["ok"] else told
    told += [f"{table} {row} names a {parent} that is not there" for table, row, parent, _n in _broken_keys(connection)]
    facts = {"check": pragma, "schema": SCHEMA_NUMBER, "count": len(told), "first": told[0] if told else ""}
    return Finding("integrity_broken" if told else "integrity", WRONG if told else OK, facts)


def _broken_keys(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_TOLD)


def _log(connection: sqlite3.Connection, *, is_full: bool) -> Finding:
    """Whether the own log is dense, ends where the desk says, and hangs together; in full every hash of it."""
    count, first, newest, hash_, last_n, last_hash = connection.execute(OWN).fetchone()
    (in_all,) = connection.execute("SELECT count(*) FROM operation").fetchone()
    facts = {"count": in_all, "hashed": 0, "purged": _declared(connection)}
    is_dense = newest == last_n and (count == newest - first + 1 if count else last_n == 0)
    if not is_dense or (last_n and hash_ != last_hash) or (not last_n and last_hash != FIRST_HASH):
        return Finding("log_broken", WRONG, {**facts, "at": newest})
    broken = connection.execute(LINKS, (1,)).fetchone()
    if broken is not None:
        return Finding("log_broken", WRONG, {**facts, "at": broken[0]})
    if is_full:
        for place, (envelope, _hash, is_as_written) in enumerate(read_log(connection), 1):
            facts["hashed"] = place
            if not is_as_written:
                return Finding("log_broken", WRONG, {**facts, "at": envelope.n})
    return Finding("log_hashed" if is_full else "log", OK, facts)


def _declared(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM purged_operation").fetchone()
    return int(count)


def _references(connection: sqlite3.Connection, *, is_full: bool) -> Iterator[Finding]:
    found = list(audit_rows(connection)) if is_full else [*dangling(connection), *twice(connection)]
    there_twice = [one for one in found if one.check == TWICE]
    names_nothing = [one for one in found if one.check != TWICE]
    checks = Counter(one.check for one in names_nothing)
    if names_nothing:
        # What belongs to nothing is lost to every list; a name of nothing shows as a blank.
        level = WRONG if checks[PARENT_MISSING] else WARNING
        yield Finding("names_nothing", level, {"count": len(names_nothing), "cracks": names_nothing[:MOST_TOLD]})
    else:
        yield Finding("references", OK, {"checks": "references and clocks" if is_full else "references"})
    if there_twice:
        yield Finding("twice", WARNING, {"count": len(there_twice), "cracks": there_twice[:MOST_TOLD]})


def _rights(desk: Path, others: tuple[Path, ...]) -> Finding:
    """Nobody but the owner may read a desk, nor what lies beside it."""
    around = [desk.parent, *(one for one in desk.parent.rglob("*"))]
    around += [one for folder in others if folder.is_dir() for one in (folder, *folder.rglob("*"))]
    open_to_others, of_others = [], []
    for one in around:
        try:
            known = one.lstat()
        except OSError:
            continue
        # A folder that others may pass shows them names at most; a file shows what is in it.
        if stat.S_ISREG(known.st_mode) and known.st_mode & OTHERS_MAY:
            open_to_others.append(str(one))
        if known.st_uid != os.getuid():
            of_others.append(str(one))
    if of_others:
        return Finding("not_yours", WARNING, {"count": len(of_others), "first": of_others[0]})
    if open_to_others:
        return Finding("open_to_others", WRONG, {"count": len(open_to_others), "first": open_to_others[0]})
    return Finding("rights", OK, {"count": len(around)})


def _room(desk: Path) -> Finding:
    usage = shutil.disk_usage(desk.parent)
    size = sum(one.stat().st_size for one in desk.parent.glob(f"{desk.name}*") if one.is_file())
    facts = {"free": usage.free, "size": size, "needed": max(LEAST_ROOM, size * ROOM_TIMES)}
    if usage.free < LEAST_ROOM:
        return Finding("no_room", WRONG, facts)
    return Finding(
        "little_room" if usage.free < facts["needed"] else "room",
        OK if usage.free >= facts["needed"] else WARNING,
        facts,
    )
