"""An import as the source stood at an instant: what came later is passed over, what tells of later is hidden."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core.clock import Instant
from storage.importers.check_row import Row
from storage.importers.failed import ImportFailed
from storage.importers.mapping import ZONE_IN_SOURCE, Mapping

NOT_KNOWN_THEN = "how it stood then is not in the source"


def instant_of(text: str, mapping: Mapping) -> Instant:
    """The instant a person typed in ISO 8601; without an offset it is wall clock in the mapping's zone."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            if mapping.time.zone == ZONE_IN_SOURCE:
                raise ImportFailed("import.as_of_needs_zone", text=text, mapping=mapping.name)
            moment = moment.replace(tzinfo=ZoneInfo(mapping.time.zone))
        return Instant(int(moment.timestamp()))
    except (ValueError, OverflowError) as error:
        raise ImportFailed("import.as_of_broken", text=text) from error


class AsOf:
    """What of a source was known at an instant; of a ticket with later rows nothing that only its end tells."""

    def __init__(self, at: Instant, mapping: Mapping, column: dict[str, int]) -> None:
        self._at = at
        self._is_change = mapping.source.row == "change"
        self._key = column[mapping.ticket.key]
        told_late = [*mapping.ticket.final, mapping.ticket.resolution]
        owner = mapping.records.owner.columns if mapping.records.owner is not None else []
        told_last = [*told_late, *mapping.ticket.kept, mapping.stage.column, mapping.sla.column, *owner]
        names = told_late if self._is_change else told_last
        self._hidden = sorted({column[name] for name in names if name in column})
        self._went_on: set[str] = set()

    def is_later(self, row: Row) -> bool:
        """True for a row of which nothing was known then."""
        at = row.at if self._is_change or row.opened_at is None else row.opened_at
        if at <= self._at:
            return False
        self._went_on.add(row.key)
        return True

    def hide(self, rows: list[Row]) -> bool:
        """Take out of a ticket's rows what was known later only; True where how it stood then is not in the source."""
        row = rows[-1]
        if self._is_change:
            if row.cells[self._key] in self._went_on:
                self._empty(rows)
            return False
        ended_at = row.closed_at if row.closed_at is not None else row.at
        if ended_at <= self._at and row.at <= self._at and ended_at != row.opened_at:
            return False
        self._empty(rows)
        row.closed_at = None
        row.at = row.opened_at if row.opened_at is not None else row.at
        row.flags = (*row.flags, NOT_KNOWN_THEN)
        return True

    def _empty(self, rows: list[Row]) -> None:
        for row in rows:
            for place in self._hidden:
                row.cells[place] = None
