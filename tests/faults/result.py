"""What a fault did, counted: one row of the table that `make faults` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, how often it happened, what was found, and whether that is what was promised; None: not tried."""

    fault: str
    count: str
    found: str
    is_fine: bool | None


def table(rows: Sequence[Row]) -> str:
    """The rows in columns."""
    cells = [("fault", "how often", "found", "verdict")]
    verdicts = {True: "kept", False: "BROKEN", None: "not tried"}
    cells += [(row.fault, row.count, row.found, verdicts[row.is_fine]) for row in rows]
    widths = [max(len(one[column]) for one in cells) for column in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)) for one in cells)
