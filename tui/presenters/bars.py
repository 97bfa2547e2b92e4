"""Bars: the share of a promise or a stock that is used up; empty is nothing used, full is used up."""

from __future__ import annotations

from tui.presenters.cells import Line

FILLED, TRACK = "╍", "╌"


def bar(share: float, width: int, ink: str) -> Line:
    """`width` cells; what is only begun or almost used up never looks untouched or done."""
    width = max(0, width)
    cells = round(max(0.0, min(1.0, share)) * width)
    if 0 < share < 1 and width >= 2:
        cells = max(1, min(width - 1, cells))
    return [(FILLED * cells, ink), (TRACK * (width - cells), "faint")]
