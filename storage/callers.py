"""Who is calling: the ranked answer to digits, half a number, a fragment or a mistyped name, as it is typed.

The indexes of `storage/caller_index.py` give candidates, better kinds of hits first; `core/caller_words.py` decides and
ranks. Of more than `MOST_CANDIDATES` records that begin alike (one or two letters), only that many are regarded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from core.caller_words import (
    BEGINNING,
    ENDING,
    EXACT,
    INNER,
    SHORTEST_INNER,
    SLIP,
    WHOLE_WORD,
    Known,
    Token,
    rank_of,
    tokens_of,
    words_of,
)
from core.finding import CallerHit, FindCallers
from core.phones import SHORTEST_PHONE
from core.text import LAST_SIGN
from storage.caller_hits import CONTACT_COLUMNS, contact_hit, contact_of, thing_hit
from storage.caller_index import (
    COMPANY,
    CONTACT,
    known_from,
    numbers_of_kind,
    records_of,
    records_with,
)
from storage.near_words import words_near

MOST_CANDIDATES = 800
"""Records looked at for one way in which one token may hit."""
MOST_SHORT_CANDIDATES = 300
"""The same for one or two signs, which say little."""
MOST_RANKED = 60
MOST_RANKED_TOGETHER = 200
"""Of those how many are ranked when one token or several were typed: customers with open tickets go first."""
MOST_FIRMS = 400
"""Companies whose records alone are looked at for the other tokens."""
MOST_TRIGRAMS = 3
"""Of an inner part, the last ones: numbers differ at their ends. The whole part is compared afterwards."""

NOTHING = Known((), ())

_ALONE = """
    SELECT r.kind, r.id, r.company, r.text, '', o.company IS NOT NULL AS is_open
    FROM ({source}) k JOIN find_record r ON r.n = k.record
    LEFT JOIN open_by_company o ON o.company = r.company ORDER BY is_open DESC LIMIT {limit}
"""
_WITH_OTHERS = """
    SELECT r.kind, r.id, r.company, r.text, COALESCE(f.text, ''), o.company IS NOT NULL
    FROM ({source}) k CROSS JOIN find_record r ON r.n = k.record
    LEFT JOIN find_record f ON f.id = r.company AND f.kind = 1 LEFT JOIN open_by_company o ON o.company = r.company
    WHERE {others} ORDER BY o.company IS NULL LIMIT {limit}
"""
_HAS = "(instr(r.text, ?) OR instr((SELECT text FROM find_record WHERE id = r.company AND kind = 1), ?))"
_IN_RANGE = "SELECT record FROM find_key WHERE key >= ? AND key < ? LIMIT {limit}"
_BY_KEY = f"SELECT record FROM find_key WHERE key IN ({{marks}}) LIMIT {MOST_CANDIDATES}"
_BY_PARTS = f"SELECT rowid AS record FROM find_part WHERE find_part MATCH ? LIMIT {MOST_CANDIDATES}"
_WHOLE_NUMBER = f"""
    SELECT r.highest, r.id, {CONTACT_COLUMNS}
    FROM (SELECT r.id, r.company, r.text, o.company IS NULL AS is_quiet, max(f.record) OVER () AS highest
          FROM (SELECT record FROM find_key WHERE key IN (?1, ?2, ?3, ?4)
                UNION SELECT record FROM find_key WHERE key >= ?5 AND key < ?6 AND length(key) <= ?7) f
          CROSS JOIN find_record r ON r.n = f.record LEFT JOIN open_by_company o ON o.company = r.company
          ORDER BY is_quiet, r.text, r.id, r.company LIMIT ?8) r
    JOIN contact k ON k.id = r.id
    LEFT JOIN affiliation a ON a.id = (SELECT id FROM affiliation WHERE contact = r.id AND company = r.company
                                       AND archived = 0 ORDER BY until IS NOT NULL LIMIT 1)
    LEFT JOIN company c ON c.id = r.company AND c.archived = 0
    ORDER BY r.is_quiet, r.text, r.id, r.company
"""
_FIRST_FIRM, _END_OF_FIRMS = numbers_of_kind(COMPANY)
_FIRMS_IN_RANGE = f"""
    SELECT record FROM find_key WHERE key >= ? AND key < ?
    AND record >= {_FIRST_FIRM} AND record < {_END_OF_FIRMS} LIMIT {MOST_FIRMS + 1}
"""
_FIRMS_BY_PARTS = f"""
    SELECT rowid AS record FROM find_part WHERE find_part MATCH ?
    AND rowid >= {_FIRST_FIRM} AND rowid < {_END_OF_FIRMS} LIMIT {MOST_FIRMS + 1}
"""

Source = tuple[str, list[str]]
"""A query for the `record` numbers of candidates, and what is bound in it."""
Way = Callable[[Token], Iterator[Source]]


class Candidate(NamedTuple):
    """A record that may be meant, beside one of its companies."""

    kind: int
    id: bytes
    company: bytes | None
    own: Known
    around: Known
    is_open: bool


class Ranked(NamedTuple):
    """Sorts the hits: how well, customers with open tickets first, people before companies before things."""

    rank: int
    is_quiet: bool
    kind: int
    words: tuple[str, ...]
    id: bytes
    company: bytes


def find_callers(connection: sqlite3.Connection, request: FindCallers) -> tuple[CallerHit, ...]:
    """The best hits for what was typed, best first; none for punctuation alone."""
    tokens = tokens_of(request.text)
    limit = max(0, request.limit)
    if not tokens or not limit:
        return ()
    stale = {row[0] for row in connection.execute("SELECT id FROM find_stale")}
    if len(tokens) == 1 and len(tokens[0].dialled) >= SHORTEST_PHONE and not stale:
        hits = _by_whole_number(connection, tokens, limit)
        if hits:
            return hits
    found: dict[tuple[bytes, bytes], Ranked] = {}
    _rank(found, tokens, _stale_candidates(connection) if stale else (), with_slips=True)
    for rank, candidates in _ways(connection, tokens):
        _rank(found, tokens, (one for one in candidates if one.id not in stale), with_slips=rank == SLIP)
        if _is_enough(found.values(), tokens, rank, limit):
            break
    best = sorted(found.values())[:limit]
    return tuple(hit for ranked in best if (hit := _hit(connection, ranked, tokens)) is not None)


def _by_whole_number(connection: sqlite3.Connection, tokens: tuple[Token, ...], limit: int) -> tuple[CallerHit, ...]:
    """The people whose number was typed whole, in one statement: a telephone exchange waits for it.

    Nothing when there are none, or when something else has the same number: then all are ranked together.
    """
    number = tokens[0].dialled
    keys = ["n" + (number[cut:] if len(number) - cut >= SHORTEST_PHONE else number) for cut in range(4)]
    ending = "r" + number[::-1]
    bound = (*keys, ending, ending + LAST_SIGN, len(ending) + 3, limit)
    rows = connection.execute(_WHOLE_NUMBER, bound).fetchall()
    if not rows or rows[0][0] >= _FIRST_FIRM:
        return ()
    return tuple(contact_of(row[1], row[2:], tokens) for row in rows)


def _is_enough(found: Collection[Ranked], tokens: tuple[Token, ...], rank: int, limit: int) -> bool:
    """True when further ways can only hit worse: past the limit, or behind what was typed whole, a number or words."""
    if rank == EXACT and len(tokens) == 1 and len(tokens[0].dialled) >= SHORTEST_PHONE:
        return any(ranked.rank == EXACT and ranked.kind == CONTACT for ranked in found)
    if rank == EXACT and len(tokens) > 1:
        return any(ranked.rank == EXACT for ranked in found)
    return sum(ranked.rank <= rank for ranked in found) >= limit


def _rank(
    found: dict[tuple[bytes, bytes], Ranked],
    tokens: tuple[Token, ...],
    candidates: Iterable[Candidate],
    *,
    with_slips: bool,
) -> None:
    for one in candidates:
        rank = rank_of(tokens, one.own, one.around, with_slips=with_slips)
        key = one.id, one.company or b""
        if rank is not None and (key not in found or rank < found[key].rank):
            found[key] = Ranked(rank, not one.is_open, one.kind, one.own.words, *key)


def _ways(connection: sqlite3.Connection, tokens: tuple[Token, ...]) -> Iterator[tuple[int, Iterator[Candidate]]]:
    """Ways to hit, the best first: the rank up to which all hits are known after it, and its candidates."""
    ways: tuple[tuple[int, Way], ...] = ((EXACT, _exact), (ENDING, _endings), (BEGINNING, _beginnings), (INNER, _inner))
    if len(tokens) == 1:
        is_one_word = len(tokens[0].words) == 1
        for rank, way in ways:
            # The first way has asked for the whole word already.
            yield WHOLE_WORD if rank == ENDING and is_one_word else rank, _alone(connection, *way(tokens[0]))
    else:
        yield EXACT, _called_so(connection, tokens)
        others = Others(connection, tokens, _parts(tokens))
        for rank, way in ways[1:]:
            # One token may hit worse than the other: only after the beginnings anything is known to be complete.
            yield rank if rank >= BEGINNING else -1, others.candidates(way)
    yield SLIP, _slips(connection, tokens)


def _called_so(connection: sqlite3.Connection, tokens: tuple[Token, ...]) -> Iterator[Candidate]:
    """Records that hold every word as it was typed: among them those whose whole name it is."""
    source, keys = records_with(["w" + word for token in tokens for word in token.words])
    yield from _alone(connection, (f"{source} LIMIT {MOST_CANDIDATES}", keys))


def _alone(connection: sqlite3.Connection, *sources: Source) -> Iterator[Candidate]:
    for source, bound in sources:
        yield from _candidates(connection.execute(_ALONE.format(source=source, limit=MOST_RANKED), bound))


class Others:
    """Candidates by each of several tokens, where all the others hit the record or the name of its company."""

    def __init__(self, connection: sqlite3.Connection, tokens: tuple[Token, ...], parts: list[list[str]]) -> None:
        """`parts`: for each token what a record or company that it hits holds, one or the other."""
        self._connection = connection
        self._tokens = tokens
        self._parts = parts
        self._firms = [self._firms_of(some) for some in parts]
        counts = [self._count(token) for token in tokens]
        self._rare = counts.index(min(counts))

    def candidates(self, way: Way) -> Iterator[Candidate]:
        """Those of a way. The rarest token may hit the record; where it does not it hits the company.

        So the records of its companies alone are gone through for the other tokens, not every Jan there is.
        """
        for place, token in enumerate(self._tokens):
            if place != self._rare and self._firms[self._rare] == []:
                # No company holds the rarest token, so it hits the record itself, and its own turn finds that.
                continue
            conditions, needed = [], []
            for other in range(len(self._tokens)):
                if other != place:
                    condition, bound = self._condition(other, is_in_company=other == self._rare)
                    conditions.append(condition)
                    needed += bound
            condition = " AND ".join(conditions)
            for source, bound in way(token):
                query = _WITH_OTHERS.format(source=source, others=condition, limit=MOST_RANKED_TOGETHER)
                yield from _candidates(self._connection.execute(query, [*bound, *needed]))

    def _condition(self, other: int, *, is_in_company: bool) -> tuple[str, list[Any]]:
        parts, firms = self._parts[other], self._firms[other]
        if firms is None:
            return f"({' OR '.join([_HAS] * len(parts))})", [part for part in parts for _twice in range(2)]
        of_firms = f"r.company IN ({', '.join('?' * len(firms))})"
        if is_in_company:
            return of_firms, list(firms)
        return f"({of_firms} OR {' OR '.join(['instr(r.text, ?)'] * len(parts))})", [*firms, *parts]

    def _count(self, token: Token) -> int:
        return sum(
            self._connection.execute(f"SELECT count(*) FROM ({source})", bound).fetchone()[0]
            for source, bound in _beginnings(token)
        )

    def _firms_of(self, parts: list[str]) -> list[bytes] | None:
        """The companies that hold one of the parts; None for too many."""
        firms: dict[bytes, None] = {}
        for part in parts:
            if part.startswith(" "):
                source, bound = _FIRMS_IN_RANGE, [f"w{part[1:]}", f"w{part[1:]}{LAST_SIGN}"]
            else:
                source, bound = _FIRMS_BY_PARTS, [_trigrams(part)]
            query = f"SELECT f.id, instr(f.text, ?) FROM ({source}) k CROSS JOIN find_record f ON f.n = k.record"
            rows = self._connection.execute(query, [part, *bound]).fetchall()
            firms |= dict.fromkeys(id_ for id_, is_hit in rows if is_hit)
            if len(rows) > MOST_FIRMS or len(firms) > MOST_FIRMS:
                return None
        return list(firms)


def _candidates(rows: Iterable[tuple[Any, ...]]) -> Iterator[Candidate]:
    for kind, id_, company, text, around, is_open in rows:
        yield Candidate(kind, id_, company, known_from(text), known_from(around), bool(is_open))


def _parts(tokens: tuple[Token, ...]) -> list[list[str]]:
    """For each token what a record that it hits without a slip must hold, one or the other."""
    every = ((max(token.words, key=len), token.compact, _dialled_part(token)) for token in tokens)
    # Fewer than three signs hit beginnings alone, and each word and number has a blank before it.
    return [
        list(dict.fromkeys(part if len(part) >= SHORTEST_INNER else f" {part}" for part in some if part))
        for some in every
    ]


def _dialled_part(token: Token) -> str:
    # A number may be kept without the country code that was typed.
    return token.dialled[-SHORTEST_PHONE:]


def _exact(token: Token) -> Iterator[Source]:
    number = token.dialled
    shorter = [number[cut:] for cut in range(4) if len(number) - cut >= SHORTEST_PHONE]
    keys = ["n" + key for key in dict.fromkeys((token.compact, *shorter))]
    if len(token.words) == 1:
        keys.append("w" + token.words[0])
    yield _by_key(keys)


def _endings(token: Token) -> Iterator[Source]:
    for part in dict.fromkeys((token.compact, token.dialled)):
        if len(part) >= SHORTEST_INNER:
            yield _in_range("r" + part[::-1])
    if len(token.dialled) > SHORTEST_PHONE:
        yield from _exact(token)


def _beginnings(token: Token) -> Iterator[Source]:
    for key in dict.fromkeys(("w" + max(token.words, key=len), "n" + token.compact, "n" + token.dialled)):
        if len(key) > 1:
            yield _in_range(key)


def _inner(token: Token) -> Iterator[Source]:
    for part in dict.fromkeys((max(token.words, key=len), token.compact, token.dialled)):
        if len(part) >= SHORTEST_INNER:
            yield _by_parts(part)


def _by_parts(part: str) -> Source:
    return _BY_PARTS, [_trigrams(part)]


def _trigrams(part: str) -> str:
    trigrams = dict.fromkeys(part[start : start + 3] for start in range(len(part) - 2))
    return " ".join(f'"{trigram}"' for trigram in list(trigrams)[-MOST_TRIGRAMS:])


def _in_range(key: str) -> Source:
    is_short = len(key) - 1 < SHORTEST_INNER
    limit = MOST_SHORT_CANDIDATES if is_short else MOST_CANDIDATES
    return _IN_RANGE.format(limit=limit), [key, key + LAST_SIGN]


def _by_key(keys: list[str]) -> Source:
    return _BY_KEY.format(marks=", ".join("?" * len(keys))), keys


def _slips(connection: sqlite3.Connection, tokens: tuple[Token, ...]) -> Iterator[Candidate]:
    near = {token: words_near(connection, "find_word", max(token.words, key=len)) for token in tokens}
    if not any(near.values()):
        return

    def way(token: Token) -> Iterator[Source]:
        if near[token]:
            yield _by_key(["w" + word for word in near[token]])

    if len(tokens) == 1:
        yield from _alone(connection, *way(tokens[0]))
        return

    def way_among_others(token: Token) -> Iterator[Source]:
        # One token may be right and hit the person while the slip is in the name of the company.
        yield from _beginnings(token)
        yield from way(token)

    parts = [[*some, *near[token]] for token, some in zip(tokens, _parts(tokens), strict=True)]
    yield from Others(connection, tokens, parts).candidates(way_among_others)


def _stale_candidates(connection: sqlite3.Connection) -> Iterator[Candidate]:
    """Records that the indexes do not know as they are, read themselves."""
    noted = connection.execute("SELECT kind, id FROM find_stale").fetchall()
    firms: dict[bytes | None, tuple[Known, bool]] = {None: (NOTHING, False)}
    for found in records_of(connection, noted):
        if found.company not in firms:
            firms[found.company] = _firm(connection, found.company)
        around, is_open = firms[found.company]
        yield Candidate(*found, around, is_open)


def _firm(connection: sqlite3.Connection, company: bytes | None) -> tuple[Known, bool]:
    row = connection.execute(
        "SELECT c.name, EXISTS (SELECT 1 FROM open_by_company o WHERE o.company = c.id) FROM company c WHERE c.id = ?",
        (company,),
    ).fetchone()
    return (Known(words_of(row[0]), ()), bool(row[1])) if row else (NOTHING, False)


def _hit(connection: sqlite3.Connection, ranked: Ranked, tokens: tuple[Token, ...]) -> CallerHit | None:
    if ranked.kind == CONTACT:
        return contact_hit(connection, ranked.id, ranked.company, tokens)
    return thing_hit(connection, ranked.kind, ranked.id, tokens)
