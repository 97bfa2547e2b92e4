"""What an import did, in figures, and how far it is while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

READING, BUILDING, WRITING = "reading", "building", "writing"
# Measured shares of the whole run; the time left is taken from them, not from the phase alone.
_BEGINS = {READING: 0.0, BUILDING: 0.2, WRITING: 0.9}
_SHARES = {READING: 0.2, BUILDING: 0.7, WRITING: 0.1}
_TELL_EVERY_SECONDS = 0.1


@dataclass(slots=True)
class ImportReport:
    """Counts of the source first, then what became of it on the desk; `batch` is None when nothing was written.

    Rows taken plus rows rejected are the rows read; with `as_of`, an instant, the rows after it are `rows_later` and
    not among them. `flags` counts by reason what was taken although something in it was odd, `foreign_moves` the moves
    between stages that our workflow has not, `stages` the tickets by where they stand at the end. `sla_told` tickets
    say at the source whether what was promised was kept, `sla_made` of them that it was; `sla_rule` is how. `changed`
    are known tickets that differ now and were left as they are: key, number, what differs. `samples` and
    `reject_samples` are filled by a dry run. `amounts` has per column of money its currency, the exact sum as text, and
    how many rows know it or do not. `undone_batch` is an import that was taken back and whose tickets this one
    has met. `is_known_source` means that the figures are those of an earlier batch and no row was read.
    """

    mapping: str
    source: str
    digest: str
    attribution: str
    licence: str
    is_dry_run: bool
    as_of: int | None = None
    rows_read: int = 0
    rows_later: int = 0
    taken: int = 0
    taken_with_flag: int = 0
    rejected: int = 0
    tickets: int = 0
    changes: int = 0
    entries: int = 0
    reopens: int = 0
    reopened_tickets: int = 0
    sla_told: int = 0
    sla_made: int = 0
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
    stages: dict[str, int] = field(default_factory=dict)
    foreign_moves: dict[str, int] = field(default_factory=dict)
    sla_rule: dict[str, Any] = field(default_factory=dict)
    changed: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    amounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    reject_samples: list[dict[str, Any]] = field(default_factory=list)
    rejects_path: str = ""
    seconds: float = 0.0
    batch: int | None = None
    undone_batch: int | None = None
    mapping_digest: str = ""
    is_known_source: bool = False

    def to_document(self) -> dict[str, Any]:
        """As plain values for JSON, with the share of promises kept in percent."""
        return {**asdict(self), "sla_made_percent": percent(self.sla_made, self.sla_told)}

    def flag(self, reason: str) -> None:
        """Count one more oddity."""
        self.flags[reason] = self.flags.get(reason, 0) + 1

    def count_foreign_move(self, stage: str, to: str) -> None:
        """Count a move between stages that our workflow has not."""
        move = f"{stage} > {to}"
        self.foreign_moves[move] = self.foreign_moves.get(move, 0) + 1


def percent(part: int, whole: int) -> float | None:
    """Two places, as such figures are printed; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


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
