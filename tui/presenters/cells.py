"""Cells and runs: text measured, cut and padded by what a terminal shows, never by characters.

A line is a list of runs; a run is a text and an ink, which is the name of a role and perhaps `bold`, or `tile`.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, chop_cells

from core.text import plain

Run = tuple[str, str]
Line = list[Run]

CUT = "›"


@lru_cache(maxsize=20_000)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: made harmless, cut with `›` between graphemes, padded with blanks."""
    if width <= 0:
        return ""
    shown = plain(text, limit=width * 8)
    length = cell_len(shown)
    if length > width:
        shown = _clip(shown, width - 1) + CUT
        length = cell_len(shown)
    blanks = " " * (width - length)
    return blanks + shown if right else shown + blanks


def width_of(text: str) -> int:
    """Cells that `text` takes; it must have passed `plain`."""
    return cell_len(text)


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, without padding."""
    return fit(text, width).rstrip(" ") if width > 0 else ""


def _clip(text: str, width: int) -> str:
    if width <= 0:
        return ""
    # A combining mark belongs to the cell before it, so the cut never falls between the two.
    return (chop_cells(text, width) or [""])[0]


def wrap(text: str, width: int, most: int) -> list[str]:
    """`text` (harmless, one line) broken at blanks into at most `most` lines of `width` cells; the last one is cut.

    Thai is written without blanks: a piece longer than a line is broken by cells.
    """
    width = max(4, width)
    lines: list[str] = []
    current, length = "", 0
    for word in text.split(" "):
        size = cell_len(word)
        if length and length + 1 + size <= width:
            current, length = f"{current} {word}", length + 1 + size
            continue
        if length:
            lines.append(current)
        if len(lines) > most:
            break
        while size > width:
            piece = _clip(word, width)
            if not piece:
                break
            lines.append(piece)
            word = word[len(piece) :]
            size = cell_len(word)
            if len(lines) > most:
                break
        current, length = word, size
    if current or not lines:
        lines.append(current)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = fit(lines[-1] + " " * width, width)
    return lines


def line_width(line: Line) -> int:
    """Cells of a whole line."""
    return sum(cell_len(text) for text, _ink in line)


def spread(left: Line, right: Line, width: int) -> Line:
    """`left` and, flush right, `right`; the left part gives way when both do not fit."""
    room = width - line_width(right)
    shown: Line = []
    for text, ink in left:
        size = cell_len(text)
        if size > room:
            shown.append((fit(text, room), ink))
            room = 0
            break
        shown.append((text, ink))
        room -= size
    return [*shown, (" " * max(0, room), "text"), *right]


def cut_line(line: Line, width: int) -> Line:
    """The line in at most `width` cells."""
    shown: Line = []
    room = width
    for text, ink in line:
        piece = text if line_width([(text, ink)]) <= room else cut(text, room)
        shown.append((plain(piece, len(piece)), ink))
        room -= line_width([(piece, ink)])
        if room <= 0:
            break
    return shown
