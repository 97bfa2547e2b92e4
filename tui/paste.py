"""Pasted text at the terminal's door: what stands between the paste marks is text, whatever bytes it has.

`PasteFilter` is the rule and knows no terminal; `PasteSafeParser` puts it before Textual's parser, which reads
an escape inside a paste as the beginning of a key. An escape typed before a letter stays a key of its own there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.message import Message

__all__ = ["LONGEST_PASTE", "PASTE_END", "PASTE_START", "SILENCE_SECONDS", "PasteFilter", "PasteSafeParser"]

PASTE_START: Final = "\x1b[200~"
PASTE_END: Final = "\x1b[201~"
LONGEST_PASTE: Final = 200_000
"""Characters of one paste that are kept; the rest is dropped, never read as keys."""
SILENCE_SECONDS: Final = 10.0
"""A paste whose end was lost is taken as ended after this silence, else the keyboard would stay dead."""
MARK_PATIENCE_SECONDS: Final = 1.0
"""How long a begun start mark may take: a slow link cuts it, and its paste must not become keys."""

_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_LINES: Final = re.compile("[^\x00-\x1f\x7f-\x9f]+(?:[\r\n\t]+[^\x00-\x1f\x7f-\x9f]*)*\n[^\x00-\x1f\x7f-\x9f]+")
"""Lines that came at once with a line feed between them: no key sends one, so a terminal pasted them without marks."""
_UNMISTAKABLE: Final = len("\x1b[2")


class PasteFilter:
    """Takes control characters other than line ends and tabs out of pastes; the rest passes unchanged.

    It is fed the terminal's input in any pieces. A start mark passes as it comes, an end mark only whole.
    """

    def __init__(self, longest: int = LONGEST_PASTE) -> None:
        self._longest = longest
        self._room = longest
        self._is_open = False
        self._mark = ""
        """The beginning of a mark at the end of the last piece: passed on outside a paste, held back in one."""

    @property
    def is_open(self) -> bool:
        """True between the marks."""
        return self._is_open

    @property
    def is_opening(self) -> bool:
        """True when so much of a start mark was read that nobody can have typed it."""
        return not self._is_open and len(self._mark) >= _UNMISTAKABLE

    def feed(self, data: str) -> str:
        """What to read in place of `data`, the next piece of input; may be empty."""
        passed: list[str] = []
        while data:
            data = self._inside(data, passed) if self._is_open else self._outside(data, passed)
        return "".join(passed)

    def forget_mark(self) -> None:
        """The parser has read what looked like the beginning of a start mark as keys."""
        if not self._is_open:
            self._mark = ""

    def close(self) -> str:
        """End an open paste whose end mark does not come; what to read for that."""
        was_open, self._is_open, self._mark = self._is_open, False, ""
        return PASTE_END if was_open else ""

    def _outside(self, data: str, passed: list[str]) -> str:
        joined = self._mark + data
        before, mark, after = joined.partition(PASTE_START)
        if mark:
            passed.append((before + mark)[len(self._mark) :])
            self._is_open, self._room, self._mark = True, self._longest, ""
            return after
        passed.append(data)
        self._mark = _begun(joined, PASTE_START)
        return ""

    def _inside(self, data: str, passed: list[str]) -> str:
        text, mark, after = (self._mark + data).partition(PASTE_END)
        self._mark = "" if mark else _begun(text, PASTE_END)
        kept = _CONTROLS.sub("", text.removesuffix(self._mark))[: self._room]
        self._room -= len(kept)
        passed += [kept, mark]
        self._is_open = not mark
        return after


def _as_paste(lines: re.Match[str]) -> str:
    return f"{PASTE_START}{lines[0]}{PASTE_END}"


def _begun(text: str, mark: str) -> str:
    """The beginning of `mark` that `text` ends with."""
    last_escape = text.rfind("\x1b")
    return text[last_escape:] if last_escape >= 0 and mark.startswith(text[last_escape:]) else ""


class PasteSafeParser(XTermParser):
    """Textual's parser behind a `PasteFilter`: a paste becomes one event, and none of it a key.

    `clock` answers seconds that never go back.
    """

    def __init__(self, debug: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(debug)
        self._pastes = PasteFilter()
        self._clock = clock
        self._heard_at = clock()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        """An escape with a character close behind is two keys: over a slow link what was typed apart comes together.

        Nothing here is bound to alt and a character; alt+f and alt+b stay what terminals send for moves by a word.
        """
        if alt:
            yield Key("escape", "\x1b")
        yield from super()._sequence_to_key_events(sequence)

    def feed(self, data: str) -> Iterable[Message]:
        """Read the next piece; an empty one is the end of input."""
        self._heard_at = self._clock()
        if not self._pastes.is_open and "\n" in data and "\x1b" not in data and self._timeout_time is None:
            data = _LINES.sub(_as_paste, data)
        passed = self._pastes.feed(data)
        # Nothing left of a piece is not the end of input.
        return super().feed(passed) if passed or not data else ()

    def tick(self) -> Iterable[Message]:
        """Read what silence means: a lone escape is a key, a paste without an end has ended."""
        silence = self._clock() - self._heard_at
        if self._pastes.is_open:
            return super().feed(self._pastes.close()) if silence >= SILENCE_SECONDS else ()
        if self._pastes.is_opening and silence < MARK_PATIENCE_SECONDS:
            return ()
        was_within_sequence = self._timeout_time is not None
        read = list(super().tick())
        if was_within_sequence and self._timeout_time is None:
            self._pastes.forget_mark()
        return read
