"""Telephone numbers as people write them: what is one, what is odd about it, and by which digits it is found."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.text import plain

FEWEST_DIGITS = 3
MOST_DIGITS = 20
"""Fifteen of an international number (ITU-T E.164) and an extension."""
SHORTEST_PHONE = 7
"""Digits from which on a number without its country code is a whole number."""
LONGEST_TEXT = 60
LONGEST_READ = 400

NO_DIGITS, TOO_SHORT, TOO_LONG, NOT_A_NUMBER = "no_digits", "too_short", "too_long", "not_a_number"

_EXTENSION = re.compile(r"(?:\s*(?:ext|extension|wew|доб|x|#)\.?\s*(\d{1,7}))\s*$", re.IGNORECASE)
_WRITTEN = re.compile(r"\+?[\d\s().\-/\u00a0\u2010-\u2013]+")
_TRUNK_IN_BRACKETS = re.compile(r"\(\s*0\s*\)")
_LETTER = re.compile(r"[^\W\d_]")
_COUNTRY_CODES_OF_TWO = frozenset(
    (
        *("20", "27", "30", "31", "32", "33", "34", "36", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51"),
        *("52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86"),
        *("90", "91", "92", "93", "94", "95", "98"),
    )
)
"""Those behind which a zero is never part of the number; Italy's 39 is left out, where it is."""
_KNOWN_OF_TWO = _COUNTRY_CODES_OF_TWO | {"39"}


class CallNumber(NamedTuple):
    """A number as written on one harmless line, its digits, and why it cannot be dialled (empty: it can)."""

    written: str
    digits: str
    oddity: str = ""


def is_number(written: str) -> bool:
    """True for what can be dialled: digits with the signs people part them by, and perhaps an extension."""
    text = _EXTENSION.sub("", written.strip())
    return bool(_WRITTEN.fullmatch(text)) and FEWEST_DIGITS <= len(digits_of(written)) <= MOST_DIGITS


def digits_of(written: str) -> str:
    """The digits alone, as a caller id is compared with; decimal digits of any script count."""
    return "".join(str(int(sign)) for sign in written if sign.isdecimal())


def dialled(text: str) -> str:
    """A telephone number as it is compared: its digits without `00`, trunk zero, `(0)` and what stands behind a letter.

    Empty when there is no digit.
    """
    bare = _TRUNK_IN_BRACKETS.sub("", text)
    letters = _LETTER.search(bare)
    if letters is not None and any(sign.isdecimal() for sign in bare[: letters.start()]):
        bare = bare[: letters.start()]
    digits = digits_of(bare)
    is_abroad = bare.lstrip(" (").startswith("+") or digits.startswith("00")
    digits = digits.lstrip("0")
    if is_abroad and digits[:2] in _COUNTRY_CODES_OF_TWO and digits[2:3] == "0":
        return digits[:2] + digits[2:].lstrip("0")
    return digits


def country_code(written: str) -> str:
    """The country code that a number written for callers from abroad begins with; empty for any other."""
    bare = written.lstrip(" (")
    if not bare.startswith(("+", "00")):
        return ""
    digits = dialled(written)
    return digits[: 1 if digits[:1] in ("1", "7") else 2 if digits[:2] in _KNOWN_OF_TWO else 3]


def same_number(one: str, other: str) -> bool:
    """True for a number written in two ways, as with `00` for the `+`."""
    return dialled(one) == dialled(other)


def may_be_same(one: str, other: str) -> bool:
    """True for two dialled numbers that are the same, though one may lack the country code."""
    if not other.isdigit():
        return False
    shorter, longer = sorted((one, other), key=len)
    return one == other or (
        len(shorter) >= SHORTEST_PHONE and len(longer) - len(shorter) <= 3 and longer.endswith(shorter)
    )


def read_number(text: str) -> CallNumber:
    """What `text` says; every text is read, so that an odd number never keeps a call from being taken."""
    written = " ".join(plain(text, LONGEST_READ).split())[:LONGEST_TEXT]
    digits = digits_of(written)
    return CallNumber(written, digits, _oddity(written, digits))


def looks_like_number(text: str) -> bool:
    """True for what is meant as a number, not as a name that has digits in it."""
    number = read_number(text)
    return len(number.digits) >= FEWEST_DIGITS and number.oddity in ("", TOO_LONG)


def _oddity(written: str, digits: str) -> str:
    if not digits:
        return NO_DIGITS
    if is_number(written):
        return ""
    if len(digits) < FEWEST_DIGITS:
        return TOO_SHORT
    return TOO_LONG if len(digits) > MOST_DIGITS and written.strip("+").isdigit() else NOT_A_NUMBER
