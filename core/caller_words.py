"""How what a caller says is compared with what is known: words of names, numbers in any written form, and how well.

Everything here is folded text (`core.text.fold`); the store narrows down the candidates, these rules decide and rank.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.near_words import is_one_slip
from core.phones import dialled, may_be_same
from core.text import fold, storable

EXACT, ENDING, WHOLE_WORD, BEGINNING, INNER, SLIP = range(6)
"""How well something was hit, best first."""

SHORTEST_INNER = 3
"""Signs that have to be typed before endings of numbers and inner parts are looked at."""
LONGEST_TYPED = 200
"""Signs of a typed text that are regarded; a pasted page is no caller."""
MOST_TOKENS = 6

# Everything but blanks and punctuation; not \w, which takes Thai vowel and tone marks for separators.
_WORD = re.compile(
    "[^\\s\x00-\x1f!-/:-@\\[-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb-\xbf\u2000-\u206f\u3000-\u303f\ufe30-\ufe4f"
    "\uff01-\uff0f\ufffd]+"
)
_DIALLED = re.compile(r"[\d\s+()./\-\u2010-\u2015]+")


class Token(NamedTuple):
    """One thing that was typed: its words, and the number it may be, as it is and as dialled (digits only)."""

    words: tuple[str, ...]
    compact: str
    dialled: str = ""


class Known(NamedTuple):
    """What a record is known by: the words of its name and its numbers, both folded."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order; in Thai, without blanks between words, what stands together is one."""
    return tuple(_WORD.findall(fold(text)))


def words_with_places(text: str) -> list[tuple[str, int, int]]:
    """Each word, folded, and where it begins and ends in the text as it was written."""
    places = ((fold(found.group()), *found.span()) for found in _WORD.finditer(text))
    return [place for place in places if place[0]]


def compact(text: str) -> str:
    """A serial, inventory or contract number as it is compared: folded, without blanks and punctuation."""
    return "".join(words_of(text))


def tokens_of(text: str) -> tuple[Token, ...]:
    """What was typed, parted at blanks; neighbouring groups of digits are one number. Nothing for punctuation alone."""
    groups: list[tuple[str, bool]] = []
    for piece in storable(text[:LONGEST_TYPED])[0].split():
        is_number = _DIALLED.fullmatch(piece) is not None
        if is_number and groups and groups[-1][1]:
            groups[-1] = (f"{groups[-1][0]} {piece}", True)
        else:
            groups.append((piece, is_number))
    tokens = (
        Token(words_of(piece), compact(piece), dialled(piece) if is_number else "") for piece, is_number in groups
    )
    return tuple(token for token in tokens if token.compact)[:MOST_TOKENS]


def how_well(token: Token, known: Known, *, with_slips: bool = True) -> int | None:
    """How well the token hits what is known, None when it does not."""
    found = [rank for number in known.numbers if (rank := _number_rank(token, number)) is not None]
    by_words = _words_rank(token.words, known.words, with_slips)
    if by_words is not None:
        found.append(by_words)
    return min(found, default=None)


def _number_rank(token: Token, number: str) -> int | None:
    ranks = [_part_rank(token.compact, number)]
    if token.dialled:
        if may_be_same(token.dialled, number):
            return EXACT
        ranks.append(_part_rank(token.dialled, number))
    return min((rank for rank in ranks if rank is not None), default=None)


def _part_rank(part: str, number: str) -> int | None:
    if part == number:
        return EXACT
    if len(part) >= SHORTEST_INNER and number.endswith(part):
        return ENDING
    if part and number.startswith(part):
        return BEGINNING
    return INNER if len(part) >= SHORTEST_INNER and part in number else None


def _words_rank(typed: tuple[str, ...], words: tuple[str, ...], with_slips: bool) -> int | None:
    if not typed:
        return None
    if typed == words:
        return EXACT
    worst = WHOLE_WORD
    for part in typed:
        rank = _word_rank(part, words, with_slips)
        if rank is None:
            return None
        worst = max(worst, rank)
    return worst


def _word_rank(part: str, words: tuple[str, ...], with_slips: bool) -> int | None:
    if part in words:
        return WHOLE_WORD
    if any(word.startswith(part) for word in words):
        return BEGINNING
    if len(part) >= SHORTEST_INNER and any(part in word for word in words):
        return INNER
    if with_slips and any(is_one_slip(part, word) for word in words):
        return SLIP
    return None


def rank_of(tokens: tuple[Token, ...], own: Known, around: Known, *, with_slips: bool = True) -> int | None:
    """How well all tokens hit a record by what it is `own` known by and by what is `around` it (its company).

    None unless every token hits and one of them hits the record itself. The whole name in several words is exact.
    """
    worst, is_own = EXACT, False
    for token in tokens:
        by_own = how_well(token, own, with_slips=with_slips)
        by_around = how_well(token, around, with_slips=with_slips)
        if by_own is None and by_around is None:
            return None
        is_own = is_own or by_own is not None
        worst = max(worst, min(rank for rank in (by_own, by_around) if rank is not None))
    if not is_own:
        return None
    is_whole_name = len(tokens) > 1 and tuple(word for token in tokens for word in token.words) == own.words
    return EXACT if is_whole_name else worst
