"""What an import did, in figures, and how far it is while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

READING, BUILDING, WRITING = "reading", "building", "writing"
# Measured shares of the whole run; the time left is taken from them, not from the phase alone.
_BEGINS = {READING: 0.0, BUILDING: 0.21, WRITING: 0.82}
_SHARES = {READING: 0.21, BUILDING: 0.61, WRITING: 0.18}
_TELL_EVERY_SECONDS = 0.1


@dataclass(slots=True)
class ImportReport:
    """Counts of the source first, then what became of it on the desk; `batch` is None when nothing was written.

    `flags` counts by reason what was taken although something in it was odd; `samples` is filled by a dry run.
    `amounts` has per column of money its currency, the exact sum as text, and how many rows know it or do not.
    `is_known_source` means that the figures are those of an earlier batch and no row was read.
    """

    mapping: str
    source: str
    digest: str
    attribution: str
    licence: str
    is_dry_run: bool
    rows_read: int = 0
    taken: int = 0
    taken_with_flag: int = 0
    rejected: int = 0
    tickets: int = 0
    changes: int = 0
    entries: int = 0
    reopens: int = 0
    reopened_tickets: int = 0
    companies: int = 0
    sites: int = 0
    contacts: int = 0
    people: int = 0
    teams: int = 0
    equipment: int = 0
    models: int = 0
    contracts: int = 0
    replaced_characters: int = 0
    new_tickets: int = 0
    known_tickets: int = 0
    changed_tickets: int = 0
    new_records: int = 0
    flags: dict[str, int] = field(default_factory=dict)
    reject_reasons: dict[str, int] = field(default_factory=dict)
    changed_keys: list[str] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    amounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects_path: str = ""
    seconds: float = 0.0
    batch: int | None = None
    mapping_digest: str = ""
    is_known_source: bool = False

    def to_document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return asdict(self)

    def begin_building(self) -> None:
        """Count from the beginning what comes of the rows that were taken."""
        self.taken_with_flag = self.tickets = self.changes = self.entries = 0
        self.reopens = self.reopened_tickets = 0
        self.new_tickets = self.known_tickets = self.changed_tickets = self.new_records = 0
        self.changed_keys, self.samples = [], []

    def flag(self, reason: str) -> None:
        """Count one more oddity."""
        self.flags[reason] = self.flags.get(reason, 0) + 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows of the present phase, bytes of the file, seconds left or None while unknown."""

    rows: int
    bytes_read: int
    bytes_total: int
    seconds_left: float | None
    phase: str


class Pace:
    """Tells progress a few times a second and judges how long the rest will take."""

    def __init__(self, tell: Callable[[Progress], None] | None, bytes_total: int) -> None:
        self._tell = tell
        self._bytes_total = bytes_total
        self._began = time.monotonic()
        self._told = 0.0
        self._phase = ""

    def at(self, phase: str, rows: int, part: float, bytes_read: int | None = None) -> None:
        """`part` of the phase, 0 to 1, is done."""
        now = time.monotonic()
        is_soon = phase == self._phase and now - self._told < _TELL_EVERY_SECONDS
        if self._tell is None or (is_soon and part < 1.0):
            return
        self._told, self._phase = now, phase
        done = _BEGINS[phase] + _SHARES[phase] * min(1.0, part)
        left = (now - self._began) * (1.0 - done) / done if done > 0.02 else None
        read = self._bytes_total if bytes_read is None else bytes_read
        self._tell(Progress(rows, read, self._bytes_total, left, phase))

    @property
    def seconds(self) -> float:
        """Since the import began."""
        return time.monotonic() - self._began
