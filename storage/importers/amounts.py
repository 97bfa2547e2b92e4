"""Columns that hold sums of money: read exactly, added up, and flagged where what stands there is no number."""

from __future__ import annotations

import re
from decimal import Decimal

from storage.importers.mapping import Mapping

_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,9})?", re.ASCII)
Cells = list[str | None]


class Amounts:
    """The sums of one import; each currency is the mapping's word for its column."""

    def __init__(self, mapping: Mapping, column: dict[str, int]) -> None:
        self._columns = [(column[name], name, currency) for name, currency in mapping.ticket.amounts.items()]
        self._sums = [Decimal(0)] * len(self._columns)
        self._known = [0] * len(self._columns)
        self._rows = 0

    def check(self, cells: Cells) -> tuple[str, ...]:
        """Forget what is no number, and answer a flag for each."""
        flags: tuple[str, ...] = ()
        for place, name, _ in self._columns:
            text = cells[place]
            if text is not None and _NUMBER.fullmatch(text.strip()) is None:
                cells[place] = None
                flags += (f"{name} is no number",)
        return flags

    def add(self, cells: Cells) -> None:
        """Add the sums of a row that was taken."""
        for n, (place, _, _) in enumerate(self._columns):
            text = cells[place]
            if text is not None:
                self._sums[n] += Decimal(text.strip())
                self._known[n] += 1
        self._rows += 1

    def to_document(self) -> dict[str, dict[str, str | int]]:
        """Per column its currency, the exact sum as text, and in how many rows it is known and not known."""
        return {
            name: {
                "currency": currency,
                "sum": str(self._sums[n]),
                "known": self._known[n],
                "unknown": self._rows - self._known[n],
            }
            for n, (_, name, currency) in enumerate(self._columns)
        }
