"""What callers are found by, kept beside the records: words and numbers of contacts, companies, equipment, contracts.

Triggers note in `find_stale` each record that was written, whoever wrote it. The unit of work, the importer and the
demo world bring the notes to nothing in their own transaction; for a file of an older program the writer thread does it
in its idle moments. While something is noted, a look-up reads those records themselves: it is slower, never incomplete.

`find_key` holds `w` + a word, `n` + a number and `r` + a number backwards; `find_part` the trigrams of both, for inner
parts; `find_word` the words in which a slip is forgiven. All of it can be made again at any time from the records.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from core.caller_words import Known, compact, words_of
from core.near_words import SHORTEST_FORGIVEN
from core.phones import dialled

CONTACT, COMPANY, EQUIPMENT, CONTRACT = range(4)
KIND_NAMES = ("contact", "company", "equipment", "contract")

KIND_BITS = 28
"""A record's number `n` begins with its kind, so that an index can be asked for companies alone."""
LONGEST_NAME = 400
"""Signs of a name by which it is found; a name of a megabyte is still kept whole in its record."""
LONGEST_WORD = 60
MOST_NUMBERS = 40
RECORDS_AT_ONCE = 400
RECORDS_IN_A_SLICE = 16
MOST_IN_AN_ACT = 100

_READ = {
    CONTACT: "SELECT k.id, a.company, k.name, k.phone, k.phone_digits, k.other_phones, a.until IS NOT NULL"
    " FROM contact k LEFT JOIN affiliation a ON a.contact = k.id AND a.archived = 0"
    " WHERE k.archived = 0 AND k.id IN ({})",
    COMPANY: "SELECT id, id, name FROM company WHERE archived = 0 AND id IN ({})",
    EQUIPMENT: "SELECT id, company, '', serial, inventory_number FROM equipment WHERE archived = 0 AND id IN ({})",
    CONTRACT: "SELECT id, company, '', number FROM contract WHERE archived = 0 AND id IN ({})",
}


class Found(NamedTuple):
    """A record beside one of its companies, and what it is known by."""

    kind: int
    id: bytes
    company: bytes | None
    known: Known


def is_stale(connection: sqlite3.Connection) -> bool:
    """True while a record was written that look-ups have to read themselves."""
    return connection.execute("SELECT 1 FROM find_stale LIMIT 1").fetchone() is not None


def refresh(connection: sqlite3.Connection, seconds: float | None = None) -> bool:
    """Look at noted records inside the caller's transaction, all or for about `seconds`; True while some are left."""
    ends_at = None if seconds is None else time.monotonic() + seconds
    at_once = RECORDS_AT_ONCE if ends_at is None else RECORDS_IN_A_SLICE
    while noted := connection.execute("SELECT kind, id FROM find_stale LIMIT ?", (at_once,)).fetchall():
        _forget(connection, [id_ for _kind, id_ in noted])
        _add(connection, list(records_of(connection, noted)))
        connection.executemany("DELETE FROM find_stale WHERE kind = ? AND id = ?", noted)
        if ends_at is not None and time.monotonic() >= ends_at:
            return is_stale(connection)
    return False


def refresh_few(connection: sqlite3.Connection) -> None:
    """The same for the records of an act; the many notes of an older file are left to idle moments."""
    query = "SELECT count(*) FROM (SELECT 1 FROM find_stale LIMIT ?)"
    (count,) = connection.execute(query, (MOST_IN_AN_ACT + 1,)).fetchone()
    if 0 < count <= MOST_IN_AN_ACT:
        refresh(connection)


def note_all(connection: sqlite3.Connection) -> None:
    """Note every record, so that all of it is made again."""
    for kind, name in enumerate(KIND_NAMES):
        connection.execute(f"INSERT OR IGNORE INTO find_stale (kind, id) SELECT {kind}, id FROM {name}")


def records_of(connection: sqlite3.Connection, noted: Iterable[tuple[int, bytes]]) -> Iterator[Found]:
    """What the records are known by as they stand now; archived ones are left out."""
    by_kind: dict[int, list[bytes]] = {}
    for kind, id_ in noted:
        by_kind.setdefault(kind, []).append(id_)
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), RECORDS_AT_ONCE):
            some = ids[start : start + RECORDS_AT_ONCE]
            rows = connection.execute(_READ[kind].format(", ".join("?" * len(some))), some).fetchall()
            yield from _contacts(rows) if kind == CONTACT else _others(kind, rows)


def text_of(known: Known) -> str:
    """What a record is known by as `find_record` keeps it: words, a line end, numbers; a blank before each of them."""
    return "".join((*(f" {word}" for word in known.words), "\n", *(f" {number}" for number in known.numbers)))


def known_from(text: str) -> Known:
    """The other way round."""
    words, _end, numbers = text.partition("\n")
    return Known(tuple(words.split()), tuple(numbers.split()))


def records_with(keys: Collection[str]) -> tuple[str, list[str]]:
    """A query for the `record` numbers of those that have every one of the keys, at least one, and what is bound."""
    # The longest key is the rarest one, mostly: the others are looked up beside it.
    rarest, *others = sorted(set(keys), key=len, reverse=True)
    joins = "".join(
        f" CROSS JOIN find_key f{place} ON f{place}.key = ? AND f{place}.record = f0.record"
        for place in range(1, len(others) + 1)
    )
    return f"SELECT f0.record AS record FROM find_key f0{joins} WHERE f0.key = ?", [*others, rarest]


def numbers_as_written(phone: str, phone_digits: str, other_phones: str) -> list[str]:
    """The telephone numbers of a contact's row, as they were written."""
    if not other_phones:
        return [phone or phone_digits] if phone or phone_digits else []
    try:
        others = json.loads(other_phones)
    except ValueError:
        others = []
    return [number for number in (phone or phone_digits, *others) if isinstance(number, str) and number]


def _contacts(rows: Sequence[tuple[object, ...]]) -> Iterator[Found]:
    of_contact: dict[bytes, list[tuple[object, ...]]] = {}
    for row in rows:
        of_contact.setdefault(_bytes(row[0]), []).append(row)
    for id_, places in of_contact.items():
        _id, _company, name, phone, digits, others, _left = places[0]
        numbers = [dialled(number) for number in numbers_as_written(str(phone), str(digits), str(others))]
        known = _known(str(name), [*numbers, dialled(str(digits))])
        # Where they left, they are looked for only as long as no other company took them.
        current = [place for place in places if not place[6]] or places[:1]
        for company in dict.fromkeys(place[1] for place in current):
            yield Found(CONTACT, id_, None if company is None else _bytes(company), known)


def _others(kind: int, rows: Iterable[tuple[object, ...]]) -> Iterator[Found]:
    for id_, company, name, *numbers in rows:
        known = _known(str(name), [compact(str(number)[:LONGEST_NAME]) for number in numbers])
        yield Found(kind, _bytes(id_), _bytes(company), known)


def _known(name: str, numbers: Iterable[str]) -> Known:
    words = tuple(word[:LONGEST_WORD] for word in words_of(name[:LONGEST_NAME]))
    kept = dict.fromkeys(number[:LONGEST_WORD] for number in numbers if number)
    return Known(words, tuple(kept)[:MOST_NUMBERS])


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _forget(connection: sqlite3.Connection, ids: Sequence[bytes]) -> None:
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"SELECT n, text FROM find_record WHERE id IN ({marks})", ids).fetchall()
    if not rows:
        return
    keys = [(key, n) for n, text in rows for key in _keys(known_from(text))]
    connection.executemany("DELETE FROM find_key WHERE key = ? AND record = ?", keys)
    connection.executemany("INSERT INTO find_part (find_part, rowid, text) VALUES ('delete', ?, ?)", rows)
    _count_words(connection, (known_from(text) for _n, text in rows), -1)
    connection.executemany("DELETE FROM find_record WHERE n = ?", [(n,) for n, _text in rows])


def _add(connection: sqlite3.Connection, found: Sequence[Found]) -> None:
    numbers = _numbers(connection, found)
    rows = [(n, *one[:3], text_of(one.known)) for n, one in zip(numbers, found, strict=True)]
    connection.executemany("INSERT INTO find_record (n, kind, id, company, text) VALUES (?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO find_part (rowid, text) VALUES (?, ?)", [(row[0], row[4]) for row in rows])
    keys = [(key, n) for n, one in zip(numbers, found, strict=True) for key in _keys(one.known)]
    connection.executemany("INSERT INTO find_key (key, record) VALUES (?, ?)", keys)
    _count_words(connection, (one.known for one in found), 1)


def numbers_of_kind(kind: int) -> tuple[int, int]:
    """Between which numbers the records of a kind are, the second left out."""
    return kind << KIND_BITS, (kind + 1) << KIND_BITS


def _numbers(connection: sqlite3.Connection, found: Sequence[Found]) -> list[int]:
    last = {}
    for kind in {one.kind for one in found}:
        first, end = numbers_of_kind(kind)
        (highest,) = connection.execute(
            "SELECT max(n) FROM find_record WHERE n >= ? AND n < ?", (first, end)
        ).fetchone()
        last[kind] = first if highest is None else highest
    numbers = []
    for one in found:
        last[one.kind] += 1
        numbers.append(last[one.kind])
    return numbers


def _keys(known: Known) -> Iterator[str]:
    for word in dict.fromkeys(known.words):
        yield "w" + word
    for number in known.numbers:
        yield "n" + number
        yield "r" + number[::-1]


def _count_words(connection: sqlite3.Connection, every: Iterable[Known], step: int) -> None:
    counts = Counter(word for known in every for word in known.words if len(word) >= SHORTEST_FORGIVEN)
    connection.executemany(
        "INSERT INTO find_word (word, backward, uses) VALUES (?, ?, ?)"
        " ON CONFLICT (word) DO UPDATE SET uses = uses + excluded.uses",
        [(word, word[::-1], step * count) for word, count in counts.items()],
    )
    if step < 0:
        connection.executemany("DELETE FROM find_word WHERE word = ? AND uses < 1", [(word,) for word in counts])
