"""Telephone numbers as people write them: what is one, and by which digits it is found."""

from __future__ import annotations

import re

from core.caller_words import dialled

FEWEST_DIGITS = 3
MOST_DIGITS = 20
"""Fifteen of an international number (ITU-T E.164) and an extension."""

_EXTENSION = re.compile(r"(?:\s*(?:ext|extension|wew|доб|x|#)\.?\s*(\d{1,7}))\s*$", re.IGNORECASE)
_WRITTEN = re.compile(r"\+?[\d\s().\-/\u00a0\u2010-\u2013]+")


def is_number(written: str) -> bool:
    """True for what can be dialled: digits with the signs people part them by, and perhaps an extension."""
    text = _EXTENSION.sub("", written.strip())
    return bool(_WRITTEN.fullmatch(text)) and FEWEST_DIGITS <= len(digits_of(written)) <= MOST_DIGITS


def digits_of(written: str) -> str:
    """The digits alone, as a caller id is compared with; decimal digits of any script count."""
    return "".join(str(int(sign)) for sign in written if sign.isdecimal())


def same_number(one: str, other: str) -> bool:
    """True for a number written in two ways, as with `00` for the `+`."""
    return dialled(one) == dialled(other)
