"""Every row of a desk without what a person is known by: looked at first, then written, always by the same walk.

Tables are found in the file itself, so that none is forgotten that a later migration adds. What is derived (the index
of full text, that of callers) is made again instead of being rewritten.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from core.ids import EntityId
from core.operations.envelope import FIRST_HASH, canonical_json
from core.operations.person_purged import PERSONAL
from core.personal_marks import PURGED_NAME, Eraser, emptied
from core.state_document import packed_values, values_in
from storage.purging.subject import Subject
from storage.sync.wire import COLUMNS, envelope_of

TABLES = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"
LEFT_OUT = ("find_", "sqlite_", "_sqlite", "operation", "purge")
"""What is derived, SQLite's own, the log, which has a walk of its own, and what names operations alone."""

ID_BYTES, HASH_BYTES = 16, 32
OTHER_ENCODINGS = ("utf-16", "cp1250", "cp1251", "cp1252", "cp874")
"""Of lines of imports, which stand in the file as they came."""

PURGED_LINE = b"purged"
OF_FULL_TEXT = frozenset(("entry", "equipment", "model", "operation", "ticket"))
OPERATIONS = "SELECT rowid, console, n, id, kind, payload, base FROM operation ORDER BY rowid"
OWN_FROM = (
    f"SELECT rowid, hash, {COLUMNS} FROM operation WHERE console = (SELECT console FROM store) AND n >= ? ORDER BY n"
)


class Change(NamedTuple):
    """Columns of one row with what they are to say; None takes the row away."""

    table: str
    key: tuple[tuple[str, Any], ...]
    values: dict[str, Any] | None


class Rewrite:
    """What a purge would do to the rows of a file, and the doing of it inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, subject: Subject) -> None:
        self._connection = connection
        self._subject = subject
        self._related = subject.related
        self._eraser = Eraser(subject.own, subject.shared)
        self._keys_of_theirs = self._external_keys()
        self.are_texts_touched = False
        """Whether something was written that full text is made of, now or in a past that the log tells."""

    def places(self) -> Counter[str]:
        """How many rows of which tables would be rewritten."""
        return Counter(change.table for change in self._changes())

    def write(self) -> Counter[str]:
        """Rewrite them, and sign anew what nobody else has seen of the log."""
        written: Counter[str] = Counter()
        changes = list(self._changes())
        for change in changes:
            written[change.table] += 1
            self._write(change)
        self.are_texts_touched = any(change.table in OF_FULL_TEXT for change in changes)
        self._sign([change for change in changes if change.table == "operation"])
        return written

    def _changes(self) -> Iterator[Change]:
        yield from self._of_operations()
        for table, is_without_rowid in self._connection.execute(TABLES).fetchall():
            if not table.startswith(LEFT_OUT):
                yield from self._of_table(table, is_without_rowid)

    def _write(self, change: Change) -> None:
        where = " AND ".join(f'"{name}" IS ?' for name, _value in change.key)
        key = [value for _name, value in change.key]
        if change.values is None:
            self._connection.execute(f"DELETE FROM {change.table} WHERE {where}", key)
            return
        told = ", ".join(f'"{name}" = ?' for name in change.values)
        self._connection.execute(
            f"UPDATE OR REPLACE {change.table} SET {told} WHERE {where}", (*change.values.values(), *key)
        )

    # Rows of any table.

    def _of_table(self, table: str, is_without_rowid: int) -> Iterator[Change]:
        columns = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
        texts = [name for _cid, name, kind, *_rest in columns if kind in ("TEXT", "BLOB")]
        keys = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]] if is_without_rowid else ["rowid"]
        if not texts:
            return
        named = ", ".join(f'"{name}"' for name in (*keys, *texts))
        for row in self._connection.execute(f"SELECT {named} FROM {table}"):
            key = tuple(zip(keys, row[: len(keys)], strict=True))
            change = self._of_row(table, key, dict(zip(texts, row[len(keys) :], strict=True)))
            if change is not None:
                yield change

    def _of_row(self, table: str, key: tuple[tuple[str, Any], ...], row: dict[str, Any]) -> Change | None:
        is_theirs = not self._related.isdisjoint(value for value in row.values() if type(value) is bytes)
        if table == "import_raw":
            return Change(table, key, {"raw": PURGED_LINE}) if self._is_in_line(row["raw"]) else None
        if table == "conflict" and row["record"] in self._subject.contacts:
            return Change(table, key, None)
        texts = {name: text for name, value in row.items() if (text := _text_in(value))}
        # Together they are looked through in one go: nearly all rows are about somebody else.
        is_hit = self._eraser.may_hold("\n\n".join(texts.values()), is_theirs=is_theirs)
        changed: dict[str, Any] = {}
        if table == "base_document":
            changed = self._of_document(row["id"], row["body"], is_theirs=is_theirs)
        elif table == "contact" and row["id"] in self._subject.contacts:
            changed = {**dict.fromkeys(PERSONAL, ""), "name": PURGED_NAME}
        elif table == "affiliation" and is_theirs:
            changed = {"role": ""}
        changed = {name: value for name, value in changed.items() if row[name] != value}
        for name, text in texts.items() if is_hit else ():
            if name not in changed and (erased := self._eraser.text(text, is_theirs=is_theirs)) != text:
                changed[name] = erased if isinstance(row[name], str) else erased.encode()
        if table == "external_id" and changed:
            # Two keys must not become one.
            return Change(table, key, None)
        return Change(table, key, changed) if changed else None

    def _of_document(self, record: bytes, body: bytes, *, is_theirs: bool) -> dict[str, Any]:
        """A record as a keeper had folded it."""
        before = values_in(body)
        after = self._eraser.document(before, is_theirs=is_theirs)
        if record in self._subject.contacts:
            for one in after["records"]:
                one["fields"] |= emptied({name: one["fields"][name] for name in PERSONAL if name in one["fields"]})
            for name, writer in after["writers"].items():
                if name in PERSONAL:
                    writer["value"] = emptied({name: writer["value"]})[name]
            after["conflicts"] = []
        elif record in self._subject.affiliations:
            for one in after["records"]:
                one["fields"]["role"] = ""
        return {"body": body} if after == before else {"body": packed_values(after)}

    def _external_keys(self) -> tuple[str, ...]:
        rows = self._connection.execute("SELECT key, id FROM external_id")
        return tuple(key for key, id_ in rows if id_ in self._related)

    def _is_in_line(self, raw: bytes) -> bool:
        try:
            texts = [raw.decode()]
        except UnicodeDecodeError:
            texts = [raw.decode(encoding, "replace") for encoding in OTHER_ENCODINGS]
        for text in texts:
            if self._eraser.text(text, is_theirs=False) != text:
                return True
            # What others have too is a reason only in lines about the person.
            if self._eraser.text(text, is_theirs=True) != text and any(key in text for key in self._keys_of_theirs):
                return True
        return False

    # The log.

    def _of_operations(self) -> Iterator[Change]:
        for rowid, console, n, id_, kind, payload, base in self._connection.execute(OPERATIONS):
            is_theirs = id_ in self._related
            changed = {
                "payload": self._payload(EntityId(id_), kind, payload, is_theirs=is_theirs),
                "base": self._eraser.text(_text_in(base), is_theirs=is_theirs).encode() or base,
            }
            if (changed["payload"], changed["base"]) != (payload, base):
                yield Change("operation", (("rowid", rowid), ("console", console), ("n", n)), changed)

    def _payload(self, id_: EntityId, kind: str, payload: bytes, *, is_theirs: bool) -> bytes:
        is_record = is_theirs and kind in ("record.added", "record.changed")
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return payload
        if not is_record and self._eraser.text(text, is_theirs=is_theirs) == text:
            return payload
        try:
            before = json.loads(text)
        except (ValueError, RecursionError):
            return self._eraser.text(text, is_theirs=is_theirs).encode()
        alias = before.get("alias") if isinstance(before, dict) else None
        after = self._eraser.document(before, is_theirs=is_theirs)
        if alias is not None and after["alias"] != alias:
            del after["alias"]
        if is_record:
            wiped = PERSONAL if id_ in self._subject.contacts else ("role",)
            _wipe(after, kind, wiped)
        return payload if after == before else canonical_json(after)

    def _sign(self, changes: list[Change]) -> None:
        """What only this file has is chained again; of the rest the hash stays, and it is noted that it does."""
        (here,) = self._connection.execute("SELECT console FROM store").fetchone()
        own = [dict(change.key)["n"] for change in changes if dict(change.key)["console"] == here]
        others = [change for change in changes if dict(change.key)["console"] != here]
        self._connection.executemany(
            "INSERT OR IGNORE INTO purged_operation (console, n) VALUES (?, ?)",
            [(dict(change.key)["console"], dict(change.key)["n"]) for change in others],
        )
        if own:
            self._chain_from(here, min(own))

    def _chain_from(self, console: bytes, first: int) -> None:
        query = "SELECT hash FROM operation WHERE console = ? AND n = ?"
        row = self._connection.execute(query, (console, first - 1)).fetchone()
        last = FIRST_HASH if row is None else row[0]
        signed = []
        for rowid, _hash, *told in self._connection.execute(OWN_FROM, (first,)):
            envelope = envelope_of((*told[:11], last, *told[12:]))
            last = envelope.hash
            signed.append((envelope.prev, last, rowid))
        self._connection.executemany("UPDATE operation SET prev = ?, hash = ? WHERE rowid = ?", signed)
        self._connection.execute("UPDATE store SET last_hash = ?", (last,))


def _text_in(value: Any) -> str:
    """The text in a column; nothing for an id, a hash, or what is no text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes) or len(value) == ID_BYTES or (len(value) == HASH_BYTES and value[:1] != b"{"):
        return ""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ""


def _wipe(document: dict[str, Any], kind: str, names: tuple[str, ...]) -> None:
    if kind == "record.added":
        fields = document["fields"]
        fields |= emptied({name: fields[name] for name in names if name in fields})
        return
    for name, change in document["changes"].items():
        if name in names:
            for side in ("was", "now"):
                change[side] = emptied({name: change[side]})[name]
