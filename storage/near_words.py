"""Known words that a mistyped one may mean: in a table of words, each kept forwards and backwards."""

from __future__ import annotations

import sqlite3

from core.near_words import SHORTEST_FORGIVEN, is_one_slip, kept_ends
from core.text import LAST_SIGN

MOST_SLIPS = 24
"""Words one slip away that are followed."""


def words_near(connection: sqlite3.Connection, table: str, typed: str) -> list[str]:
    """The words of `table` (columns `word` and `backward`) one slip away: each kept its beginning or its end."""
    if len(typed) < SHORTEST_FORGIVEN - 1:
        return []
    beginning, end = kept_ends(typed)
    lengths = len(typed) - 1, len(typed) + 1
    query = (
        f"SELECT word FROM {table} WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ?"
        f" UNION SELECT word FROM {table} WHERE backward >= ? AND backward < ? AND length(word) BETWEEN ? AND ?"
    )
    back = end[::-1]
    bound = (beginning, beginning + LAST_SIGN, *lengths, back, back + LAST_SIGN, *lengths)
    return [word for (word,) in connection.execute(query, bound) if is_one_slip(typed, word)][:MOST_SLIPS]
