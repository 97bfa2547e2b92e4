"""Facts and sentences as lines: what the panes beside the queue are made of."""

from __future__ import annotations

from collections.abc import Iterable

from core.clock import Instant
from core.text import plain
from tui.presenters.cells import Line, cut, cut_line, fit, wrap
from tui.presenters.times import local
from tui.words import _

LABEL = 9
VALUE_AT = 11
"""Where values begin: one cell, the label, one cell."""


def fact(label: str, value: Line, width: int) -> Line:
    """A label and what it says, in at most `width` cells."""
    shown: Line = [(plain(text, 400), ink) for text, ink in value]
    return cut_line([(f" {fit(label, LABEL)} ", "muted"), *shown], width - 1)


def facts(label: str, text: str, width: int, most: int, ink: str = "text") -> list[Line]:
    """The same for a longer text in up to `most` lines, broken at blanks."""
    room = width - VALUE_AT - 1
    pieces = wrap(plain(text, 2000), room, most) if most > 1 else [plain(text, 2000)]
    return [
        cut_line([(f" {fit(label if place == 0 else '', LABEL)} ", "muted"), (cut(piece, room), ink)], width - 1)
        for place, piece in enumerate(pieces)
    ]


def section(title: str, sentence: str, width: int, tail: str = "") -> Line:
    """A title, one sentence that explains the figures, and one more flush right where it fits."""
    line: Line = [(f" {title}", "muted bold"), (f"  {plain(sentence, 300)}", "muted")]
    room = width - 1 - sum(len(text) for text, _ink in line)
    return cut_line([*line, (fit(tail, room, right=True), "muted")] if tail and room > len(tail) else line, width - 1)


def said(strong: str, sentences: Iterable[str], keys: Iterable[tuple[str, str]], width: int) -> list[Line]:
    """What stands where there is nothing to show: one strong sentence, facts, and the keys that help."""
    lines: list[Line] = [[(f" {line}", "strong")] for line in wrap(plain(strong, 400), width - 2, 3)]
    for sentence in sentences:
        lines += [[(f" {line}", "muted")] for line in wrap(plain(sentence, 600), width - 2, 4)]
    hints: Line = [(" ", "text")]
    for key, word in keys:
        hints += [(key, "accent bold"), (f" {word}  ", "muted")]
    return [*lines, cut_line(hints, width - 1)] if len(hints) > 1 else lines


def not_read(reason: str, width: int) -> list[Line]:
    """What stands where a pane could not be read."""
    keys = [("ctrl+r", _("reads it again"))]
    return said(_("x This could not be read"), [reason, _("What is saved is not touched by this.")], keys, width)


def month_and_year(at: Instant, zone: str) -> str:
    """A day that need not be told to the day: `03.2027`."""
    return f"{local(at, zone):%m.%Y}"
