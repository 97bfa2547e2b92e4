"""What a person is known by in texts, and texts without it: the name, mail addresses and telephone numbers.

A mark that nobody else has is erased wherever it stands. One that others have too (a namesake, a switchboard) or that
is a word like any other (a name of one word) is erased only in what has to do with the person.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.phones import SHORTEST_PHONE, country_code, dialled
from core.text import fold

PURGED_NAME = "a purged person"
PURGED_ADDRESS = "a purged address"
PURGED_NUMBER = "a purged number"

LONGEST_NAME = 400
"""Signs; a longer text in the place of a name is looked for as it is."""

_BETWEEN_WORDS = r"[\W_]{1,3}"
_BETWEEN_DIGITS = "[\\s().\\-/\u00a0\u2010-\u2013]{0,3}"
_WRITTEN_WITHOUT_BLANKS = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Marks(NamedTuple):
    """Names, mail addresses and telephone numbers, as they were written."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(self)


class Eraser:
    """Puts neutral words in the place of marks; `own` everywhere, `shared` where it is told that it may."""

    def __init__(self, own: Marks, shared: Marks) -> None:
        every = Marks(*(mine + others for mine, others in zip(own, shared, strict=True)))
        self._own, self._every = _pattern(own), _pattern(every)
        self._screens = _Screen(own), _Screen(every)

    def may_hold(self, text: str, *, is_theirs: bool) -> bool:
        """False for a text that `text` would leave alone; an escape may hide a mark."""
        pattern = self._every if is_theirs else self._own
        if pattern is None:
            return False
        return "\\" in text or (self._screens[is_theirs].lets_by(text) and pattern.search(text) is not None)

    def text(self, text: str, *, is_theirs: bool) -> str:
        """`text` without marks; a JSON document in it keeps its shape."""
        pattern = self._every if is_theirs else self._own
        if pattern is None or not self.may_hold(text, is_theirs=is_theirs):
            return text
        if text[:1] in ("{", "["):
            try:
                document = json.loads(text)
            except (ValueError, RecursionError):
                return _erased(pattern, text)
            # From outside: a number may stand in it as one. In our own documents whole numbers are times and counts.
            erased = self.document(document, is_theirs=is_theirs, with_numbers=True)
            if erased == document:
                return text
            return json.dumps(erased, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return _erased(pattern, text)

    def document(self, value: Any, *, is_theirs: bool, with_numbers: bool = False) -> Any:
        """The same for what a JSON document holds; keys are names of fields and stay."""

        def erased_in(part: Any) -> Any:
            return self.document(part, is_theirs=is_theirs, with_numbers=with_numbers)

        if isinstance(value, str):
            return self.text(value, is_theirs=is_theirs)
        if isinstance(value, dict):
            return {key: erased_in(one) for key, one in value.items()}
        if isinstance(value, list):
            return [erased_in(one) for one in value]
        if with_numbers and isinstance(value, int | float) and not isinstance(value, bool):
            told = str(value)
            erased = self.text(told, is_theirs=is_theirs)
            return value if erased == told else erased
        return value


class _Screen:
    """Looks for what every form of a mark has in common: most texts are about somebody else, and this is ten times
    faster than looking for the forms."""

    def __init__(self, marks: Marks) -> None:
        as_written = [one.strip().casefold() for one in (*marks.addresses, *marks.numbers)]
        self._parts = as_written + [_steady_part(one) for one in marks.names]
        # Beginning with a digit, without a look behind it, a pattern is searched for by that digit.
        self._numbers = [re.compile(_every_form(one)) for one in marks.numbers]

    def lets_by(self, text: str) -> bool:
        """False only for a text in which no mark stands in any form."""
        folded = text.casefold()
        return any(part in folded for part in self._parts) or any(number.search(text) for number in self._numbers)


def _steady_part(name: str) -> str:
    """The longest part of a name that is the same with and without marks on letters; empty is in every text."""
    steady = "".join(sign if fold(sign) == sign.casefold() and sign.isalnum() else " " for sign in name)
    return max(steady.casefold().split(), key=len, default="")


def emptied(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a purged contact: a name that says so, nothing in the others."""
    return {name: _nothing(name, value) for name, value in fields.items()}


def is_plain_word(name: str) -> bool:
    """True for a name that is no more than a word: it stands in texts that are not about the person."""
    return len(name.split()) < 2


def _nothing(name: str, value: Any) -> Any:
    if name == "name":
        return PURGED_NAME
    return [] if isinstance(value, list) else "" if isinstance(value, str) else None


def _erased(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(_instead, text)


def _instead(match: re.Match[str]) -> str:
    return {"name": PURGED_NAME, "address": PURGED_ADDRESS}.get(str(match.lastgroup), PURGED_NUMBER)


def _pattern(marks: Marks) -> re.Pattern[str] | None:
    kinds = (
        ("address", [_address(one) for one in _longest_first(marks.addresses)]),
        ("number", [form for one in _longest_first(marks.numbers) for form in _number(one)]),
        ("name", [form for one in _longest_first(marks.names) for form in _name(one)]),
    )
    parts = [f"(?P<{kind}>{'|'.join(forms)})" for kind, forms in kinds if forms]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _longest_first(marks: Iterable[str]) -> list[str]:
    return sorted({one.strip() for one in marks if one.strip()}, key=lambda one: (-len(one), one))


def _address(address: str) -> str:
    return rf"(?<![\w.+\-]){re.escape(address)}(?![\w\-]|\.\w)"


def _name(name: str) -> list[str]:
    """The name as written, also without its marks on letters, decomposed, and with the last word first."""
    if len(name) > LONGEST_NAME:
        return [re.escape(name)]
    words = name.split()
    orders = [words] if len(words) < 2 else [words, [words[-1], *words[:-1]]]
    forms = [_BETWEEN_WORDS.join("".join(map(_sign, word)) for word in order) for order in orders]
    if _WRITTEN_WITHOUT_BLANKS.search(name):
        return forms
    return [rf"(?<![^\W_]){form}(?![^\W_])" for form in forms]


def _sign(sign: str) -> str:
    forms = dict.fromkeys((sign, unicodedata.normalize("NFD", sign), fold(sign)))
    escaped = [re.escape(one) for one in forms if one]
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"


def _number(written: str) -> list[str]:
    """The number with and without what stands before it abroad, its digits parted in any way."""
    as_written = rf"(?<!\w){re.escape(written.strip())}(?!\w)"
    if len(dialled(written)) < SHORTEST_PHONE:
        return [as_written]
    national = _national(written)
    code = dialled(written)[: -len(national)]
    code = rf"[(+]{{0,2}}(?:00)?{code}" if code else r"[(]?(?:\+|00)\d{1,3}"
    abroad = rf"{code}[)]?{_BETWEEN_DIGITS}(?:\(0\){_BETWEEN_DIGITS})?"
    return [rf"(?<!\w)(?<!\d[ \-./])(?:{abroad})?\(?0?{_BETWEEN_DIGITS.join(national)}(?!\w)", as_written]


def _every_form(written: str) -> str:
    """What all forms of a number have in common."""
    common = _BETWEEN_DIGITS.join(_national(written))
    return common if len(dialled(written)) >= SHORTEST_PHONE else re.escape(written.strip())


def _national(written: str) -> str:
    """The digits of a number without the country code, where it is told and enough is left."""
    digits, code = dialled(written), country_code(written)
    return digits if len(digits) - len(code) < SHORTEST_PHONE else digits[len(code) :]
