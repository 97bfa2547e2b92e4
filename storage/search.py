"""Full text: which tickets and which equipment hold all words of a text, newest first, a page at a time.

The index (storage/text_index.py) gives candidates; each is compared with its rows, folded, so the answer is that of
reading everything. Where that gives less than a page, words that are one slip away are looked for as well. Nothing is
ever ranked: sorting a common word's half million hits takes a second, the newest fifty take under a millisecond.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from core.caller_words import tokens_of
from core.finding import CallerHit, Search, SearchHit, SearchResult
from core.ids import EntityId
from core.pages import RowsById
from core.search_words import (
    Place,
    is_forgiven,
    is_inside,
    is_run_on,
    near_word_in,
    normal,
    place_of,
    slip_expression,
    slip_patterns,
    sought,
    trigrams,
)
from core.text import fold, plain
from storage.caller_hits import thing_hit
from storage.caller_index import EQUIPMENT as EQUIPMENT_KIND
from storage.near_words import words_near
from storage.text_index import EQUIPMENT_TEXTS, number_of_time, waiting

EXACTLY, NEARLY = 0, 1
"""The two turns of an answer; `following` is a turn and the number of the last document looked at."""

FIRST_LOOK, NEXT_LOOKS = 56, 224
"""Candidates read together."""
MOST_LOOKED_AT = 1_500
"""Candidates compared for one page; behind them the next page goes on."""
MOST_NEAR_LOOKED_AT = 600
MOST_WAITING = 300
MOST_EQUIPMENT = 9
MOST_EQUIPMENT_LOOKED_AT = 400
EXCERPT_BEFORE, EXCERPT_LENGTH = 24, 120
NEWEST = 1 << 62


class Texts:
    """What a ticket holds: each text beside the entry it is of, newest entry first; folded when it is asked for."""

    def __init__(self, id_: bytes, texts: list[tuple[EntityId | None, str]]) -> None:
        self.id = id_
        self.texts = texts

    @cached_property
    def folded(self) -> str:
        """All of it, folded as it stands."""
        return fold("\n".join([text for _entry, text in self.texts]))

    @cached_property
    def normal(self) -> str:
        """All of it, with a blank before each word and a line for each text."""
        return "\n".join([normal(text) for _entry, text in self.texts])


class Wanted(NamedTuple):
    """One part of a search: what a text must hold, exactly or one slip away."""

    part: str
    near: frozenset[str] = frozenset()
    expression: re.Pattern[str] | None = None

    def held_by(self, texts: Texts) -> bool:
        """True when the part itself is there."""
        # Looked for as it stands first: telling words apart takes far longer, and few texts get that far.
        if is_inside(self.part) or self.part.split()[0] not in texts.folded:
            return self.part in texts.folded
        return self.part in texts.normal

    def nearly_in(self, texts: Texts) -> bool:
        """True when something one slip away is there."""
        if self.expression is not None:
            return self.expression.search(texts.normal) is not None
        return not self.near.isdisjoint(texts.normal.split())


Matches = Callable[[Texts], bool]


class Matching(NamedTuple):
    """Tickets that hold a text, newest first; `is_all` is False when there may be older ones."""

    tickets: tuple[EntityId, ...]
    is_all: bool


def search(connection: sqlite3.Connection, request: Search) -> SearchResult:
    """A page of hits."""
    parts = sought(request.text)
    if not parts:
        return SearchResult((), (), None)
    turn, before = request.before or (EXACTLY, NEWEST)
    limit = max(1, request.limit)
    unread, waiting_count = waiting(connection, MOST_WAITING)
    found: list[tuple[Texts, bool]] = []
    wanted = tuple(Wanted(part) for part in parts)
    last: int | None = before
    if turn == EXACTLY:
        walk = Walk(connection, _all_of(parts), before, unread, MOST_LOOKED_AT)
        found += [(one, False) for one in walk.take(limit, lambda texts: _holds_all(wanted, texts))]
        last = walk.last
        if last is None:
            turn, last = NEARLY, NEWEST
    if turn == NEARLY and len(found) < limit and last is not None:
        wanted = _with_slips(connection, parts)
        if all(one.near or one.expression is None for one in wanted) and not any(_has_slips(one) for one in wanted):
            last = None
        else:
            walk = Walk(connection, _any_way(wanted), last, unread, MOST_NEAR_LOOKED_AT)
            near = walk.take(limit - len(found), lambda texts: _nearly_all(wanted, texts))
            found += [(one, True) for one in near]
            last = walk.last
    hits = _hits(connection, found, wanted)
    things = _equipment(connection, parts) if request.before is None else ()
    return SearchResult(hits, things, None if last is None else (turn, last), waiting_count)


def matching_tickets(
    connection: sqlite3.Connection, text: str, *, at_most: int = 500, open_only: bool = False, since: int = 0
) -> Matching:
    """The newest tickets that hold every word of `text`, as `search` finds them without slips.

    For a filter: `t.id IN (?, ?, ...)` with at most `at_most` ids, or `IN (SELECT value ...)` over a temporary table.
    A document costs some 40 microseconds to compare, so 500 hits are some 20 ms, whatever the size of the desk.
    With `open_only` hits on closed tickets are passed over before they are compared, with `since` those on tickets
    opened before that second (or in the quarter of a minute before it). Nothing to look for (punctuation
    alone) matches nothing.
    """
    parts = sought(text)
    if not parts:
        return Matching((), True)
    unread, waiting_count = waiting(connection, MOST_WAITING)
    wanted = tuple(Wanted(part) for part in parts)
    most = 4 * at_most + MOST_LOOKED_AT
    walk = Walk(connection, _all_of(parts), NEWEST, unread, most, open_only=open_only, since=since)
    found = [EntityId(one.id) for one in walk.take(at_most, lambda texts: _holds_all(wanted, texts))]
    return Matching(tuple(found), walk.last is None and waiting_count == 0)


class Walk:
    """Goes through candidates from the newest on; `last` is where to go on, None after the oldest."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        query: str,
        before: int,
        unread: Sequence[bytes],
        most: int,
        *,
        open_only: bool = False,
        since: int = 0,
    ) -> None:
        """`query`: what the index is asked; empty for every document. `unread`: tickets the index may not know."""
        self.last: int | None = before
        self._connection = connection
        self._query = query
        self._left = most
        self._open_only = open_only
        self._from = number_of_time(since)
        self._unread = _numbered(connection, unread)
        self._unread_ids = set(unread)

    def take(self, count: int, matches: Matches) -> list[Texts]:
        """The next `count` that match, and at the beginning those the index may not know, which are few."""
        found: list[tuple[int, Texts]] = []
        if self.last == NEWEST:
            found += [one for one in self._read(self._unread) if matches(one[1])]
        count, look = count + len(found), FIRST_LOOK
        while self.last is not None and len(found) < count and self._left > 0:
            known = self._from_index(self.last, look)
            self._left -= len(known)
            for number, texts in self._read([one for one in known if one[1] not in self._unread_ids]):
                self.last = number
                if matches(texts):
                    found.append((number, texts))
                if len(found) == count:
                    break
            else:
                self.last = None if len(known) < look else known[-1][0]
            look = min(2 * look, NEXT_LOOKS)
        # Sorted, for the ticket with a new note may be an old one.
        return [texts for _number, texts in sorted(found, key=lambda one: one[0], reverse=True)]

    def _read(self, numbered: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, Texts]]:
        texts = _texts_of(self._connection, [id_ for _number, id_ in numbered], open_only=self._open_only)
        return ((number, texts[id_]) for number, id_ in numbered if id_ in texts)

    def _from_index(self, before: int, look: int) -> list[tuple[int, bytes]]:
        if self._query:
            rows = self._connection.execute(
                "SELECT d.doc, d.id FROM (SELECT rowid FROM find_text WHERE find_text MATCH ? AND rowid >= ?"
                " AND rowid < ? ORDER BY rowid DESC LIMIT ?) f CROSS JOIN find_doc d ON d.doc = f.rowid",
                (self._query, self._from, before, look),
            )
        else:
            rows = self._connection.execute(
                "SELECT doc, id FROM find_doc WHERE doc >= ? AND doc < ? ORDER BY doc DESC LIMIT ?",
                (self._from, before, look),
            )
        return rows.fetchall()


def _numbered(connection: sqlite3.Connection, tickets: Sequence[bytes]) -> list[tuple[int, bytes]]:
    marks = ", ".join("?" * len(tickets))
    rows = connection.execute(f"SELECT opened_at, id FROM ticket WHERE id IN ({marks})", tickets)
    return [(number_of_time(opened_at), id_) for opened_at, id_ in rows]


def _texts_of(connection: sqlite3.Connection, tickets: Sequence[bytes], *, open_only: bool) -> dict[bytes, Texts]:
    marks = ", ".join("?" * len(tickets))
    only = "queue_rank < 4" if open_only else "archived = 0"
    rows = connection.execute(f"SELECT id, number, subject FROM ticket WHERE id IN ({marks}) AND {only}", tickets)
    texts: dict[bytes, list[tuple[EntityId | None, str]]] = {
        id_: [(None, subject), (None, number)] for id_, number, subject in rows
    }
    some = list(texts)
    for entry, ticket, text in connection.execute(
        f"SELECT id, ticket, text FROM entry WHERE ticket IN ({', '.join('?' * len(some))}) AND hidden = 0"
        " AND text <> '' ORDER BY ticket, at DESC, id DESC",
        some,
    ):
        texts[ticket].append((entry, text))
    return {id_: Texts(id_, of_ticket) for id_, of_ticket in texts.items()}


# What the index is asked.


def _all_of(parts: Sequence[str]) -> str:
    """Every three signs of every part; empty when no part has three."""
    needed = dict.fromkeys(three for part in parts for three in trigrams(part))
    return " AND ".join(f'"{three}"' for three in needed)


def _any_way(wanted: Sequence[Wanted]) -> str:
    """For each part itself, a word near it, or a piece of it with one letter unknown."""
    needed = []
    for one in wanted:
        ways = [[one.part], *([f" {word}"] for word in one.near)]
        if one.expression is not None:
            ways += [list(pieces) for pieces in slip_patterns(one.part)]
        asked = [" AND ".join(f'"{three}"' for piece in way for three in trigrams(piece)) for way in ways]
        asked = [way for way in dict.fromkeys(asked) if way]
        if asked:
            needed.append("(" + " OR ".join(f"({way})" for way in asked) + ")")
    return " AND ".join(needed)


def _with_slips(connection: sqlite3.Connection, parts: Sequence[str]) -> tuple[Wanted, ...]:
    every = []
    for part in parts:
        if not is_forgiven(part):
            every.append(Wanted(part))
        elif is_run_on(part):
            every.append(Wanted(part, expression=slip_expression(part)))
        else:
            every.append(Wanted(part, near=frozenset(words_near(connection, "find_term", part))))
    return tuple(every)


def _has_slips(one: Wanted) -> bool:
    return bool(one.near) or one.expression is not None


def _holds_all(wanted: Sequence[Wanted], texts: Texts) -> bool:
    return all(one.held_by(texts) for one in wanted)


def _nearly_all(wanted: Sequence[Wanted], texts: Texts) -> bool:
    """True when every part is there or one slip away; what holds all of them exactly was found before."""
    exact = [one.held_by(texts) for one in wanted]
    return not all(exact) and all(is_held or one.nearly_in(texts) for is_held, one in zip(exact, wanted, strict=True))


# What is shown.


def _hits(
    connection: sqlite3.Connection, found: Sequence[tuple[Texts, bool]], wanted: Sequence[Wanted]
) -> tuple[SearchHit, ...]:
    from storage.lists import rows_by_id

    rows = {row.id: row for row in rows_by_id(connection, RowsById(tuple(EntityId(one.id) for one, _near in found)))}
    return tuple(
        SearchHit(rows[EntityId(one.id)], *_excerpt(one, wanted), is_near=is_near)
        for one, is_near in found
        if EntityId(one.id) in rows
    )


def _excerpt(found: Texts, wanted: Sequence[Wanted]) -> tuple[str, int, int, EntityId | None]:
    """The text around the first hit on one line, where the hit is in it, and the entry it stands in."""
    for one in wanted:
        for entry, text in found.texts:
            place = _place(text, one)
            if place is not None:
                return (*_around(text, place), entry)
    return "", 0, 0, None


def _place(text: str, one: Wanted) -> Place | None:
    if not is_inside(one.part) or one.part in fold(text):
        place = place_of(text, one.part)
        if place is not None:
            return place
    if one.expression is not None:
        met = one.expression.search(normal(text))
        return place_of(text, met.group()) if met else None
    word = near_word_in(normal(text), one.part) if one.near else ""
    return place_of(text, f" {word}") if word else None


def _around(text: str, place: Place) -> tuple[str, int, int]:
    start = max(0, place.at - EXCERPT_BEFORE)
    if start:
        # Not in the middle of a word, where there are words.
        blank = text.find(" ", start, place.at)
        start = blank + 1 if blank >= 0 else start
    before = plain(text[start : place.at])
    hit = plain(text[place.at : place.at + min(place.length, EXCERPT_LENGTH)])
    after = plain(text[place.at + place.length : start + EXCERPT_LENGTH]) if place.length < EXCERPT_LENGTH else ""
    return before + hit + after, len(before), len(hit)


def _equipment(connection: sqlite3.Connection, parts: Sequence[str]) -> tuple[CallerHit, ...]:
    query = _all_of(parts)
    if not query:
        return ()
    ids = connection.execute(
        "SELECT d.id FROM (SELECT rowid FROM find_text WHERE find_text MATCH ? AND rowid < 0 LIMIT ?) f"
        " CROSS JOIN find_doc d ON d.doc = f.rowid UNION SELECT id FROM find_changed WHERE kind = 1 LIMIT ?",
        (query, MOST_EQUIPMENT_LOOKED_AT, 2 * MOST_EQUIPMENT_LOOKED_AT),
    ).fetchall()
    tokens = tokens_of(" ".join(parts))
    hits: list[CallerHit] = []
    for (id_,) in ids:
        row = connection.execute(f"{EQUIPMENT_TEXTS} AND e.id = ?", (id_,)).fetchone()
        if row is not None and all(any(part in normal(text) for text in row[1:]) for part in parts):
            hit = thing_hit(connection, EQUIPMENT_KIND, id_, tokens)
            hits += [hit] if hit is not None else []
        if len(hits) == MOST_EQUIPMENT:
            break
    return tuple(hits)
