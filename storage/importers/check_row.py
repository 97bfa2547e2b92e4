"""One record against the mapping: taken with its cells in known places, or rejected with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter

from core.clock import Instant
from storage.importers.amounts import Amounts
from storage.importers.mapping import KEY_NOT_IN_SOURCE, ZONE_IN_SOURCE, Mapping
from storage.importers.source_file import Record
from storage.importers.times import TimeReader

Cells = list[str | None]
NO_KEY_YET = "?"


class Rejected(Exception):
    """The row cannot be taken; the arguments say why, in which field, and for which value."""

    def __init__(self, reason: str, field: str = "", value: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.value = value

    def __str__(self) -> str:
        return ": ".join(part for part in (self.reason, self.field, self.value[:200]) if part)


@dataclass(slots=True)
class Row:
    """A row that can be taken; `cells` are the mapping's columns in their order, None where the value is not known.

    `line` is its line, or its first byte where several records stand in one line: no other row of the source has it.
    """

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
        self._key = None if ticket.key == KEY_NOT_IN_SOURCE else self.column[ticket.key]
        self._repeats: dict[bytes, int] = {}
        self.amounts = Amounts(mapping, self.column)
        self._is_change = mapping.source.row == "change"
        self._changed_at = self.column.get(ticket.changed_at)
        self._opened_at = self.column.get(ticket.opened_at)
        self._closed_at = self.column.get(ticket.closed_at)
        self._names = ticket
        self._stage = self.column.get(mapping.stage.column)
        self._stages = frozenset(mapping.stage.values) | frozenset(mapping.stage.not_moves)
        self._stage_unknown = mapping.stage.unknown
        self._priority = self.column.get(mapping.priority.column)
        self._priorities = frozenset(mapping.priority.values)
        self._priority_unknown = mapping.priority.unknown

    def take(self, record: Record) -> Row:
        """The row of the record; raises Rejected."""
        if record.cells is None:
            raise Rejected("unreadable", "", record.problem)
        read = self._cells_read(record.cells)
        # A dictionary that answers None for the unknown texts and each other text itself, without a line of Python.
        cells: Cells = list(map(self._none_for_unknown, read, read))
        key = cells[self._key] if self._key is not None else NO_KEY_YET
        if key is None or not key.strip():
            raise Rejected("ticket key missing", self._names.key)
        opened_at = changed_at = closed_at = None
        if self._opened_at is not None:
            opened_at = self._time(cells[self._opened_at], self._names.opened_at, is_needed=not self._is_change)
        if self._changed_at is not None:
            changed_at = self._time(cells[self._changed_at], self._names.changed_at, is_needed=self._is_change)
        if self._closed_at is not None:
            closed_at = self._time(cells[self._closed_at], self._names.closed_at, is_needed=False)
        at = changed_at if changed_at is not None else opened_at
        assert at is not None
        flags: tuple[str, ...] = ()
        if self._stage is not None and cells[self._stage] not in self._stages:
            flags = self._flag("stage not in the mapping", cells[self._stage], self._stage_unknown)
        if self._priority is not None and cells[self._priority] not in self._priorities:
            flags += self._flag("priority not in the mapping", cells[self._priority], self._priority_unknown)
        if record.replaced:
            flags += ("characters replaced",)
        if closed_at is not None and opened_at is not None and closed_at < opened_at:
            flags += ("closed before it was opened",)
        if self._times.skipped:
            flags += self._skipped(cells)
        flags += self.amounts.check(cells)
        if self._key is None:
            key, is_repeat = self._key_of(record.cells)
            cells.append(key)
            flags += ("repeats an earlier row exactly",) if is_repeat else ()
        line = record.line if record.at_byte < 0 else record.at_byte
        return Row(line, key, at, opened_at, closed_at, cells, flags)

    def _key_of(self, cells: Cells) -> tuple[str, bool]:
        """What a row is called that has no name: its content, and how many like it stood before."""
        digest = sha256("\x1f".join("" if cell is None else cell for cell in cells).encode()).digest()[:8]
        before = self._repeats.get(digest, 0)
        self._repeats[digest] = before + 1
        return f"row-{digest.hex()}" + (f"-{before + 1}" if before else ""), before > 0

    def _skipped(self, cells: Cells) -> tuple[str, ...]:
        places = (self._opened_at, self._changed_at, self._closed_at)
        is_skipped = any(place is not None and cells[place] in self._times.skipped for place in places)
        return ("a time that the clock skips",) if is_skipped else ()

    def _time(self, text: str | None, field: str, *, is_needed: bool) -> Instant | None:
        if text is None:
            if is_needed:
                raise Rejected("time missing", field)
            return None
        found = self._times.read(text)
        if found is None:
            raise Rejected("time not readable", field, text)
        return found

    @staticmethod
    def _flag(reason: str, value: str | None, unknown: str) -> tuple[str, ...]:
        if unknown == "reject":
            raise Rejected(reason, "", value or "")
        return (reason,)
