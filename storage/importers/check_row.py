"""One record against the mapping: taken with its cells in known places, or rejected with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

from core.clock import Instant
from storage.importers.mapping import ZONE_IN_SOURCE, Mapping
from storage.importers.read_csv import Record
from storage.importers.times import TimeReader

Cells = list[str | None]


class Rejected(Exception):
    """The row cannot be taken; the argument says why, and the second for which value."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value

    def __str__(self) -> str:
        return f"{self.reason}: {self.value[:200]}" if self.value else self.reason


@dataclass(slots=True)
class Row:
    """A row that can be taken; `cells` are the mapping's columns in their order, None where the value is not known."""

    line: int
    key: str
    at: Instant
    opened_at: Instant | None
    closed_at: Instant | None
    cells: Cells
    flags: tuple[str, ...] = ()


class RowCheck:
    """Made once per import from mapping and header; `column` gives the place of a column in `Row.cells`."""

    def __init__(self, mapping: Mapping, places: dict[str, int]) -> None:
        columns = mapping.columns_read()
        self.column = {name: place for place, name in enumerate(columns)}
        # Every mapping reads a key and a time: the getter answers a tuple of two cells at least.
        self._cells_read = itemgetter(*(places[name] for name in columns))
        self._none_for_unknown = dict.fromkeys(mapping.source.unknown).get
        zone = mapping.time.zone
        self._times = TimeReader(mapping.time.formats, None if zone == ZONE_IN_SOURCE else zone)
        ticket = mapping.ticket
        self._key = self.column[ticket.key]
        self._is_change = mapping.source.row == "change"
        self._changed_at = self.column.get(ticket.changed_at)
        self._opened_at = self.column.get(ticket.opened_at)
        self._closed_at = self.column.get(ticket.closed_at)
        self._names = {"key": ticket.key, "changed": ticket.changed_at, "opened": ticket.opened_at}
        self._stage = self.column.get(mapping.stage.column)
        self._stages = frozenset(mapping.stage.values) | frozenset(mapping.stage.not_moves)
        self._stage_unknown = mapping.stage.unknown
        self._priority = self.column.get(mapping.priority.column)
        self._priorities = frozenset(mapping.priority.values)
        self._priority_unknown = mapping.priority.unknown

    def take(self, record: Record) -> Row:
        """The row of the record; raises Rejected."""
        if record.cells is None:
            raise Rejected("unreadable", record.problem)
        read = self._cells_read(record.cells)
        # A dictionary that answers None for the unknown texts and each other text itself, without a line of Python.
        cells: Cells = list(map(self._none_for_unknown, read, read))
        key = cells[self._key]
        if key is None or not key.strip():
            raise Rejected("ticket key missing", self._names["key"])
        opened_at = changed_at = closed_at = None
        if self._opened_at is not None:
            opened_at = self._time(cells[self._opened_at], is_needed=not self._is_change)
        if self._changed_at is not None:
            changed_at = self._time(cells[self._changed_at], is_needed=self._is_change)
        if self._closed_at is not None:
            closed_at = self._time(cells[self._closed_at], is_needed=False)
        at = changed_at if changed_at is not None else opened_at
        assert at is not None
        flags: tuple[str, ...] = ()
        if self._stage is not None and cells[self._stage] not in self._stages:
            flags = self._flag("stage not in the mapping", cells[self._stage], self._stage_unknown)
        if self._priority is not None and cells[self._priority] not in self._priorities:
            flags += self._flag("priority not in the mapping", cells[self._priority], self._priority_unknown)
        if record.replaced:
            flags += ("characters replaced",)
        return Row(record.line, key, at, opened_at, closed_at, cells, flags)

    def _time(self, text: str | None, *, is_needed: bool) -> Instant | None:
        if text is None:
            if is_needed:
                raise Rejected("time missing")
            return None
        found = self._times.read(text)
        if found is None:
            raise Rejected("time not readable", text)
        return found

    @staticmethod
    def _flag(reason: str, value: str | None, unknown: str) -> tuple[str, ...]:
        if unknown == "reject":
            raise Rejected(reason, value or "")
        return (reason,)
