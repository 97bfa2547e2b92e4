"""Text from outside: made storable at the door, made harmless for the screen, folded for search."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
LAST_SIGN = "\U0010ffff"
"""Put behind a text it stands after everything that begins with it."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Controls, bidi marks, embeddings, overrides and isolates, line separators, joiners' cousins, surrogates, BOM, tags.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]+"
)
_COMBINING = re.compile("[\u0300-\u036f]")
_ONE_BY_ONE = (("ł", "l"), ("ß", "ss"), ("ё", "е"), ("đ", "d"), ("ø", "o"), ("æ", "ae"), ("œ", "oe"), ("ı", "i"))


def storable(text: str) -> tuple[str, int]:
    """`text` with U+0000 and lone surrogates replaced, and how many there were: both databases refuse them."""
    return _UNSTORABLE.subn(REPLACEMENT, text)


def plain(text: str, limit: int = 4000) -> str:
    """One line that cannot act: no controls, no escape sequences, no bidi overrides; at most `limit` characters.

    The limit keeps a subject of a megabyte from being measured cell by cell on every paint.
    """
    return _UNSHOWABLE.sub(" ", text[:limit])


def plain_lines(text: str, limit: int = 40_000) -> list[str]:
    """The same for a text of several lines; line ends are kept as the only structure."""
    shown = text[:limit].replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return [plain(line) for line in shown.split("\n")]


def fold(text: str) -> str:
    """How a text is compared in search: case, diacritics, ł, ё and ß do not count; Thai marks do.

    Only U+0300-036F are dropped, because Thai vowels and tones are combining marks that tell words apart.
    """
    if text.isascii():
        return text.lower()
    folded = _one_by_one(text.casefold())
    decomposed = unicodedata.normalize("NFD", folded)
    return unicodedata.normalize("NFC", _one_by_one(_COMBINING.sub("", decomposed)))


def _one_by_one(text: str) -> str:
    # Eight searches for a letter are ten times faster than translating sign by sign.
    for letter, plainly in _ONE_BY_ONE:
        text = text.replace(letter, plainly)
    return text
