"""Goals 6, 7 and 10: who calls, what is written and the history of equipment, beside bare sqlite3 and reading it all.

The bare baseline of a whole number is the lookup a person would write by hand: the number in an index, the contact and
the company beside it. Recall is checked against every text of the desk, folded, that holds the word.
"""

from __future__ import annotations

import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial

from core.caller_words import words_of
from core.finding import FindCallers, Search
from core.ids import EntityId
from core.pages import EquipmentPage
from core.phones import dialled
from core.requests import Request
from core.text import fold
from storage.reads import answer
from storage.search import matching_tickets
from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.meter import median, quantile

SAMPLES = 60
REPEATS = 3
WORDS_PER_SCRIPT = 200
RECALLED_IN = 5_000
"""Newest tickets in which every text is read to check what a search gives."""
SCRIPTS = {"English": "a-z", "Polish": "ąćęłńóśźż", "Russian": "а-яё", "Thai": "ก-ฮ"}

BARE_CALLER = """
    SELECT k.id, k.name, k.phone, a.role, c.id, c.name, s.name FROM contact k
    JOIN affiliation a ON a.contact = k.id AND a.archived = 0 JOIN company c ON c.id = a.company AND c.archived = 0
    LEFT JOIN site s ON s.company = c.id AND s.archived = 0
    WHERE k.phone_digits = ? AND k.archived = 0 LIMIT 9
"""
MOST_REPAIRED = """
    SELECT equipment, max(id) FROM ticket WHERE equipment IS NOT NULL GROUP BY equipment ORDER BY count(*) DESC LIMIT ?
"""
BARE_EQUIPMENT = (
    """
    SELECT e.*, m.maker, m.name, m.category, s.name, s.zone, v.grade, v.coverage, v.exclusions
    FROM ticket t JOIN equipment e ON e.id = t.equipment LEFT JOIN model m ON m.id = e.model
    LEFT JOIN site s ON s.id = e.site LEFT JOIN contract_version v ON v.id = t.contract_version WHERE t.id = ?
    """,
    """
    SELECT count(*), sum(o.request_type = 'fault'), min(o.opened_at), max(o.opened_at)
    FROM ticket t JOIN ticket o ON o.equipment = t.equipment WHERE t.id = ? AND o.archived = 0
    """,
    """
    SELECT o.id, o.number, o.subject, o.opened_at, o.request_type, o.fault_code, o.queue_rank,
           (SELECT text FROM entry WHERE ticket = o.id AND kind IN ('part', 'work') AND hidden = 0
            ORDER BY at DESC, id DESC LIMIT 1)
    FROM ticket t JOIN ticket o ON o.equipment = t.equipment WHERE t.id = ? AND o.archived = 0
    ORDER BY o.opened_at DESC, o.id DESC LIMIT 50
    """,
    """
    SELECT p.serial, p.inventory_number, p.place, m.maker, m.name FROM ticket t JOIN equipment e ON e.id = t.equipment
    JOIN equipment p ON p.company = e.company AND (p.parent = e.id OR p.id = e.parent)
    LEFT JOIN model m ON m.id = p.model WHERE t.id = ? AND p.archived = 0
    """,
)


def measure(desk: Desk, rounds: int) -> list[Figure]:
    """Ratios of goal 6, p95 of goal 7, and time and recall of goal 10."""
    connection = desk.connect()
    try:
        return [*_beside_bare(connection, rounds), *_callers(connection), *_texts(connection), *_recall(connection)]
    finally:
        connection.close()


def _beside_bare(connection: sqlite3.Connection, rounds: int) -> Iterator[Figure]:
    rng = random.Random(1)
    phones = rng.sample([row[0] for row in connection.execute("SELECT phone FROM contact WHERE phone <> ''")], SAMPLES)
    ours, bare = _alternate(
        [partial(answer, connection, FindCallers(phone)) for phone in phones],
        [partial(_fetch, connection, BARE_CALLER, dialled(phone)) for phone in phones],
        rounds,
    )
    yield Figure(6, "caller by a whole number", ours, 2.0, "ms", bare)
    query = (
        "SELECT equipment, max(id) FROM ticket WHERE equipment IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT ?"
    )
    tickets = [EntityId(ticket) for _equipment, ticket in connection.execute(query, (SAMPLES,))]
    ours, bare = _alternate(
        [partial(answer, connection, EquipmentPage(ticket)) for ticket in tickets],
        [partial(_fetch_all, connection, BARE_EQUIPMENT, ticket) for ticket in tickets],
        rounds,
    )
    yield Figure(6, "equipment with its history", ours, 2.0, "ms", bare)


def _callers(connection: sqlite3.Connection) -> Iterator[Figure]:
    rng = random.Random(2)
    names = [row[0] for row in connection.execute("SELECT name FROM contact UNION ALL SELECT name FROM company")]
    numbers = [row[0] for row in connection.execute("SELECT serial FROM equipment WHERE length(serial) > 6")]
    phones = [row[0] for row in connection.execute("SELECT phone FROM contact WHERE length(phone) > 8")]
    words = [rng.choice(words_of(name)) for name in rng.sample(names, SAMPLES)]
    kinds = {
        "last five digits": [dialled(phone)[-5:] for phone in rng.sample(phones, SAMPLES)],
        "half a serial": [number[:5] for number in rng.sample(numbers, SAMPLES)],
        "inside a serial": [number[2:6] for number in rng.sample(numbers, SAMPLES)],
        "a beginning": [word[:3] for word in words],
        "a name": rng.sample(names, SAMPLES),
        "a mistyped name": [word[:2] + word[3:] for word in words if len(word) > 5],
    }
    for kind, texts in kinds.items():
        yield Figure(7, f"caller by {kind}, p95", _p95(connection, [FindCallers(text) for text in texts]), 5.0, "ms")


def _texts(connection: sqlite3.Connection) -> Iterator[Figure]:
    rng = random.Random(3)
    for script, words in _words_of_scripts(connection).items():
        chosen = rng.sample(words, min(SAMPLES, len(words)))
        p95 = _p95(connection, [Search(word) for word in chosen])
        yield Figure(10, f"newest 50 of a word, {script}, p95", p95, 5.0, "ms")
    p95 = _p95(connection, [Search(word[:2]) for word in chosen])
    yield Figure(10, "newest 50 of two letters, p95", p95, 35.0, "ms")


def _recall(connection: sqlite3.Connection) -> Iterator[Figure]:
    texts = _newest_texts(connection)
    oldest = min(connection.execute("SELECT opened_at FROM ticket WHERE id = ?", (id_,)).fetchone()[0] for id_ in texts)
    rng = random.Random(4)
    for script, words in _words_of_scripts(connection).items():
        missed = asked = 0
        for word in rng.sample(words, min(WORDS_PER_SCRIPT, len(words))):
            expected = {id_ for id_, text in texts.items() if word in text}
            found = set(matching_tickets(connection, word, at_most=RECALLED_IN, since=oldest).tickets)
            asked, missed = asked + len(expected), missed + len(expected - found)
        yield Figure(
            10, f"recall of {WORDS_PER_SCRIPT} words, {script}", 1 - missed / max(1, asked), 1.0, "", at_least=True
        )


def _newest_texts(connection: sqlite3.Connection) -> dict[bytes, str]:
    rows = connection.execute(
        "SELECT id, subject FROM ticket WHERE archived = 0 ORDER BY opened_at DESC LIMIT ?", (RECALLED_IN,)
    ).fetchall()
    texts = {}
    for id_, subject in rows:
        entries = connection.execute("SELECT text FROM entry WHERE ticket = ? AND hidden = 0 AND text <> ''", (id_,))
        texts[id_] = fold("\n".join((subject, *(text for (text,) in entries))))
    return texts


def _words_of_scripts(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Words and parts of words of three signs and more that are in the newest tickets, by script, in a fixed order."""
    met: set[str] = set()
    for (text,) in connection.execute("SELECT subject FROM ticket ORDER BY opened_at DESC LIMIT ?", (RECALLED_IN,)):
        met.update(text.casefold().split())
    rng = random.Random(5)
    scripts = {}
    for script, letters in SCRIPTS.items():
        words = (fold(word) for word in sorted(met) if re.search(f"[{letters}]", word))
        plain = [word for word in words if len(word) >= 3 and words_of(word) == (word,)]
        starts = ((word, rng.randrange(len(word) - 2)) for word in plain)
        scripts[script] = sorted({word[start : start + 6] if script == "Thai" else word for word, start in starts})
    return scripts


def _alternate(ours: list[Callable[[], object]], bare: list[Callable[[], object]], rounds: int) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds * 2 + 1):
        for pair in zip(ours, bare, strict=True):
            for work, taken in zip(pair, times, strict=True):
                began_at = time.perf_counter()
                work()
                if number:
                    taken.append((time.perf_counter() - began_at) * 1000)
    return median(times[0]), median(times[1])


def _p95(connection: sqlite3.Connection, requests: list[Request]) -> float:
    """Of the processor time of the reading thread, once every request was asked."""
    times = []
    for turn in range(REPEATS + 1):
        for request in requests:
            began_at = time.thread_time()
            answer(connection, request)
            if turn:
                times.append((time.thread_time() - began_at) * 1000)
    return quantile(times, 0.95)


def _fetch(connection: sqlite3.Connection, query: str, bound: object) -> None:
    connection.execute(query, (bound,)).fetchall()


def _fetch_all(connection: sqlite3.Connection, queries: tuple[str, ...], bound: object) -> None:
    for query in queries:
        _fetch(connection, query, bound)
