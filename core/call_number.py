"""A telephone number as somebody wrote it or an exchange told it: its digits, and what is odd about it."""

from __future__ import annotations

from typing import NamedTuple

from core.phones import FEWEST_DIGITS, MOST_DIGITS, digits_of, is_number
from core.text import plain

LONGEST_TEXT = 60
LONGEST_READ = 400

NO_DIGITS, TOO_SHORT, TOO_LONG, NOT_A_NUMBER = "no_digits", "too_short", "too_long", "not_a_number"


class CallNumber(NamedTuple):
    """A number as written on one harmless line, its digits, and why it cannot be dialled (empty: it can)."""

    written: str
    digits: str
    oddity: str = ""


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
