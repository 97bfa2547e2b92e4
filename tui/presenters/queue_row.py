"""A ticket as a row of the queue: where each column begins, and the few runs of style a row has."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import Instant
from core.pages import QueueRow
from tui.presenters.cells import Line, fit
from tui.presenters.lamps import INKS, QUIET, lamp_cells, row_lamp
from tui.presenters.names import short_name
from tui.words import _

PENDING, CROSSED, CALL_DUE, UNSENT = ".", "!", "c", "*"
"""What stands in the cell before the owner: an act on its way to the disk, a conflict that waits for a person, a
promised call that is due, or work that the hub does not have yet."""
LAMP_CELLS = (1, 9)
"""Where the lamp stands in a row: from cell 1 up to, not with, cell 9."""


class Columns(NamedTuple):
    """Widths of the flexible columns of a queue row for one pane width; lamp, priority and ticket never shrink."""

    company: int
    subject: int
    owner: int
    total: int

    @staticmethod
    def for_width(width: int) -> Columns:
        """Owner goes first, then the company shrinks to 10 cells; the subject takes the slack."""
        owner = 6 if width >= 70 else 0
        company = 18 if width >= 84 else 16 if width >= 70 else 10
        fixed = 23 + company + 1 + 1 + 2 + (1 + owner if owner else 0) + 1
        return Columns(company, max(8, width - fixed), owner, width)


def head(columns: Columns) -> Line:
    """The row of column names."""
    owner = f" {fit(_('Owner'), columns.owner)}" if columns.owner else ""
    told = (
        f" {fit(_('SLA'), 8, right=True)}  {fit(_('P'), 1)} {fit(_('Ticket'), 8)}  "
        f"{fit(_('Company'), columns.company)} {fit(_('Subject'), columns.subject)}    {owner}"
    )
    return [(fit(told, columns.total), "muted")]


def row_line(
    row: QueueRow,
    columns: Columns,
    now: Instant,
    *,
    is_cursor: bool,
    is_marked: bool,
    is_mine: bool = False,
    last: str = " ",
) -> Line:
    """The row in runs: four, two when it is quiet, three under the cursor."""
    shown = row_lamp(row, now)
    cells = lamp_cells(shown)
    mark = "x" if is_marked else " "
    number = f" {mark}{row.priority} {fit(row.number, 8)}  "
    texts = f"{fit(row.company_name, columns.company)} {fit(row.subject, columns.subject)} "
    first = "R" if row.is_repeat else "&" if row.reporter_count > 1 else " "
    owner = ""
    if columns.owner:
        name = _("me") if is_mine else row.owner_name or "-"
        owner = f" {fit(short_name(name), columns.owner)}"
    tail = f"{first}{last}{owner} "
    # Cell 9 parts the tile from what follows; it belongs to the next run so that the tile has no uneven pad.
    if is_cursor:
        return [
            (">", "accent bold"),
            (cells, INKS[shown.level] if shown.level == "breached" else "strong bold"),
            (f"{number}{texts}{tail}", "strong"),
        ]
    if shown.level in QUIET:
        return [(f" {cells}{number}{texts}{tail}", "faint")]
    ink = "due" if first == "R" or last in (CROSSED, CALL_DUE) else "muted"
    return [(" ", "text"), (cells, INKS[shown.level]), (number, "muted"), (texts, "text"), (tail, ink)]
