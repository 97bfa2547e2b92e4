"""How a text is searched: its words folded and parted by single blanks, so that parts of words can be looked for.

A search is several parts that all have to be somewhere in a text. A part of three signs or more may stand anywhere,
also inside a word (Thai has no blanks between words); a shorter one begins a word. `P-632` is one part of two words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.caller_words import words_of, words_with_places
from core.near_words import SHORTEST_FORGIVEN, is_one_slip
from core.text import fold, storable

SHORTEST_INSIDE = 3
MOST_PARTS = 12
LONGEST_SEARCH = 400
"""Signs of a search that are regarded."""
LONGEST_LEARNT = 40

# Scripts that are written without blanks between words: Thai and Lao, Burmese, Khmer, kana, Chinese characters.
_RUN_ON = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Place(NamedTuple):
    """Where a hit is in a text as it was written: from which sign on, and how many."""

    at: int
    length: int


def normal(text: str) -> str:
    """The folded words of a text, a blank before each; empty where there is no word."""
    words = words_of(text)
    return " " + " ".join(words) if words else ""


def is_inside(part: str) -> bool:
    """True for a part that is looked for as it is in a folded text, whatever stands between its words."""
    return " " not in part


def sought(text: str) -> tuple[str, ...]:
    """The parts that a search asks for; a part that is the beginning of a word has a blank before it."""
    pieces = storable(text[:LONGEST_SEARCH])[0].split()
    parts = (" ".join(words_of(piece)) for piece in pieces)
    needles = (part if len(part) >= SHORTEST_INSIDE else f" {part}" for part in parts if part)
    return tuple(dict.fromkeys(needles))[:MOST_PARTS]


def trigrams(part: str) -> tuple[str, ...]:
    """Every three signs that stand together in a part, once; none in the beginning of one letter."""
    return tuple(dict.fromkeys(part[start : start + 3] for start in range(len(part) - 2)))


def is_run_on(part: str) -> bool:
    """True for a part in a script without blanks between words."""
    return _RUN_ON.search(part) is not None


def is_forgiven(part: str) -> bool:
    """True when a slip may be in the part: one word of letters, long enough."""
    return len(part) >= SHORTEST_FORGIVEN - 1 and " " not in part and not any(sign.isdecimal() for sign in part)


def learnt_words(text: str) -> set[str]:
    """The words of a normal text that a mistyped one is compared with: letters, five or more, parted by blanks."""
    return {
        word
        for word in text.split()
        if SHORTEST_FORGIVEN <= len(word) <= LONGEST_LEARNT
        and ((word.isascii() and word.isalpha()) or not is_run_on(word))
        and not any(sign.isdecimal() for sign in word)
    }


def slip_patterns(part: str) -> tuple[tuple[str, ...], ...]:
    """For a part inside letters without blanks: what may stand there instead, if one slip was made in typing it.

    A single piece stands there as it is (two letters swapped back, an extra one left out); between two pieces there is
    one letter that is not known (a wrong or a missing one).
    """
    missing = {(part[:place], part[place:]) for place in range(1, len(part))}
    if len(part) < SHORTEST_FORGIVEN:
        return tuple(sorted(missing)) if len(part) == SHORTEST_FORGIVEN - 1 else ()
    whole = {part[:place] + part[place + 1] + part[place] + part[place + 2 :] for place in range(len(part) - 1)}
    if len(part) > SHORTEST_FORGIVEN:
        whole |= {part[:place] + part[place + 1 :] for place in range(len(part))}
    wrong = {(part[:place], part[place + 1 :]) for place in range(len(part))}
    return tuple(sorted((one,) for one in whole - {part})) + tuple(sorted(wrong | missing))


def slip_expression(part: str) -> re.Pattern[str]:
    """What finds a slip of `part` inside a normal text of a script without blanks."""
    return re.compile("|".join("[^ ]".join(map(re.escape, pieces)) for pieces in slip_patterns(part)) or "(?!)")


def place_of(text: str, part: str) -> Place | None:
    """Where in a text, as it was written, the words are that hold the part; None when it is not there."""
    folded = fold(text)
    if is_inside(part) and len(folded) == len(text):
        # Sign for sign the same, as nearly always: no need to fold word by word.
        found = folded.find(part)
        return None if found < 0 else _whole_words(text, found, found + len(part))
    words = words_with_places(text)
    joined = "".join(f" {word}" for word, _start, _end in words)
    found = joined.find(part)
    if found < 0:
        return None
    first = max(joined.count(" ", 0, found + 1) - 1, 0)
    last = max(joined.count(" ", 0, found + len(part)) - 1, first)
    return Place(words[first][1], words[last][2] - words[first][1])


def _whole_words(text: str, start: int, end: int) -> Place:
    while start > 0 and words_of(text[start - 1]):
        start -= 1
    while end < len(text) and words_of(text[end]):
        end += 1
    return Place(start, end - start)


def near_word_in(text: str, part: str) -> str:
    """The first word of a normal text that `part` is one slip from, empty when there is none."""
    return next((word for word in text.split() if is_one_slip(part, word)), "")
