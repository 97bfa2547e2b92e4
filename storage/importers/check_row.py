"""One record against the mapping: taken with its cells in known places, or rejected with a reason."""

from __future__ import annotations

from dataclasses import dataclass

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
        self._source_places = [places[name] for name in columns]
        self._unknown = frozenset(mapping.source.unknown)
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
        unknown = self._unknown
        source = record.cells
        cells = [None if (text := source[place]) in unknown else text for place in self._source_places]
        key = cells[self._key]
        if key is None or not key.strip():
            raise Rejected("ticket key missing", self._names["key"])
        opened_at = self._time(cells, self._opened_at, is_needed=not self._is_change)
        changed_at = self._time(cells, self._changed_at, is_needed=self._is_change)
        closed_at = self._time(cells, self._closed_at, is_needed=False)
        at = changed_at if changed_at is not None else opened_at
        assert at is not None
        flags = self._value_flags(cells)
        if record.replaced:
            flags += ("characters replaced",)
        return Row(record.line, key, at, opened_at, closed_at, cells, flags)

    def _time(self, cells: Cells, place: int | None, *, is_needed: bool) -> Instant | None:
        text = None if place is None else cells[place]
        if text is None:
            if is_needed:
                raise Rejected("time missing")
            return None
        found = self._times.read(text)
        if found is None:
            raise Rejected("time not readable", text)
        return found

    def _value_flags(self, cells: Cells) -> tuple[str, ...]:
        flags: tuple[str, ...] = ()
        if self._stage is not None and cells[self._stage] not in self._stages:
            if self._stage_unknown == "reject":
                raise Rejected("stage not in the mapping", cells[self._stage] or "")
            flags += ("stage not in the mapping",)
        if self._priority is not None and cells[self._priority] not in self._priorities:
            if self._priority_unknown == "reject":
                raise Rejected("priority not in the mapping", cells[self._priority] or "")
            flags += ("priority not in the mapping",)
        return flags
