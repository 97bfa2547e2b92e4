"""The rows of one ticket made into its document: how it stands at the end, and every entry on the way there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from core.clock import Instant
from core.ids import EntityId, derived
from core.stages import CLOSED, legal_moves
from storage.importers.check_row import Cells, Row
from storage.importers.mapping import STAGE_CLASSES, Mapping
from storage.importers.records import MetRecords
from storage.importers.report import ImportReport
from storage.importers.story import EntryRow, Story
from storage.rows import dump

NOT_KNOWN = "?"


@dataclass(slots=True)
class BuiltTicket:
    """A ticket that only lacks its number: `ticket` as a document, `entries` as JSON text and as rows."""

    key: str
    id: EntityId
    ticket: dict[str, Any]
    entries: str
    rows: list[EntryRow]


class TicketBuilder:
    """Builds tickets one after the other and counts into the report; records are met on the way."""

    def __init__(self, mapping: Mapping, column: dict[str, int], records: MetRecords, report: ImportReport) -> None:
        self._mapping = mapping
        self._column = column
        self._records = records
        self._report = report
        ticket = mapping.ticket
        self._values_need_column = ticket.values_need_column
        # A key that the source does not have stands behind the columns.
        self._key = column.get(ticket.key, len(column))
        self._stage = column.get(mapping.stage.column)
        others = ("site", "contact", "product", "equipment", "team")
        self._other_roles = [role for role in others if getattr(mapping.records, role) is not None]
        self._actor = records.finder("actor")
        self._priority = column.get(mapping.priority.column)
        self._priority_cell = _cells_at([] if self._priority is None else [self._priority])
        self._channel = column.get(mapping.channel.column)
        self._sla = column.get(mapping.sla.column)
        self._text = column.get(ticket.text)
        self._told = [(column[name], name) for name in ticket.told]
        self._kept = [(column[name], name) for name in ticket.kept]
        self._kept_cells = _cells_at([place for place, _ in self._kept])
        # The same few values come again and again.
        self._extra = lru_cache(maxsize=10_000)(self._kept_as_text)
        self._told_cells = _cells_at([place for place, _ in self._told])
        named = {name for role, rule in mapping.rules() if role not in ("actor", "opener") for name in rule.columns}
        self._record_cells = _cells_at([column[name] for name in named])
        initial = next((v for v in mapping.stage.values.values() if v.stage == mapping.stage.initial), None)
        self._initial_class = STAGE_CLASSES[initial.stage_class if initial else mapping.stage.initial_class]

    def build(self, rows: list[Row]) -> BuiltTicket:
        """The ticket of these rows, which all have its key."""
        mapping, report = self._mapping, self._report
        key = rows[0].cells[self._key] or ""
        ticket_id = derived(0, 0, mapping.namespace.encode(), b"ticket", key.encode())
        if mapping.source.order == "time":
            rows.sort(key=lambda row: row.at)
        story = Story(ticket_id, mapping.stage.initial, self._initial_class)
        opened_at = rows[0].opened_at if rows[0].opened_at is not None else rows[0].at
        if self._initial_class == CLOSED:
            story.closed_at = rows[0].closed_at if rows[0].closed_at is not None else opened_at
        self._open(story, rows[0], opened_at)
        before: Row | None = None
        for row in rows:
            if row.flags or row.at < opened_at or (before is not None and row.at < before.at):
                self._flag_times(row, before, opened_at)
            self._read_row(story, row, before)
            before = row
        report.tickets += 1
        report.changes += len(rows)
        report.entries += len(story.rows)
        report.reopens += story.reopens
        report.reopened_tickets += story.reopens > 0
        report.stages[story.stage] = report.stages.get(story.stage, 0) + 1
        self._count_promise(rows[-1].cells)
        ticket = self._ticket(story, rows, opened_at, key)
        return BuiltTicket(key, ticket_id, ticket, story.document(), story.rows)

    def _count_promise(self, last: Cells) -> None:
        value = last[self._sla] if self._sla is not None else None
        if value is not None:
            self._report.sla_told += 1
            self._report.sla_made += value in self._mapping.sla.made

    def _open(self, story: Story, row: Row, opened_at: Instant) -> None:
        person = self._records.meet("opener", row.cells) or self._records.meet("actor", row.cells)
        story.opened(opened_at, person, self._channel_of(row.cells))
        story.priority = self._priority_of(row.cells)

    def _flag_times(self, row: Row, before: Row | None, opened_at: Instant) -> None:
        if before is not None and row.at < before.at:
            self._report.flag("earlier than the row before")
        if row.at < opened_at:
            self._report.flag("changed before it was opened")
        self._report.taken_with_flag += 1

    def _read_row(self, story: Story, row: Row, before: Row | None) -> None:
        cells, at = row.cells, row.at
        person = self._actor(cells)
        told_before = len(story.rows)
        has_moved = self._move(story, row, before, person)
        if before is None or self._record_cells(cells) != self._record_cells(before.cells):
            owner = self._records.meet("owner", cells)
            if owner != story.owner:
                story.assigned(at, person, owner)
            self._meet_others(cells)
        if before is None or self._priority_cell(cells) != self._priority_cell(before.cells):
            priority = self._priority_of(cells)
            if priority is not None and priority != story.priority:
                story.prioritised(at, person, priority)
        what = ""
        if before is not None and self._told_cells(cells) != self._told_cells(before.cells):
            what = self._what_changed(cells, before.cells, has_moved=has_moved)
        # Every row is told by an entry of its own; the first one is told by the opening.
        if what or (before is not None and len(story.rows) == told_before):
            story.changed(at, person, what or self._stage_text(cells))
        if self._text is not None and (text := cells[self._text]) and text.strip():
            story.written(at, person, text)

    def _meet_others(self, cells: Cells) -> None:
        company = self._records.meet("company", cells)
        for role in self._other_roles:
            self._records.meet(role, cells, company)

    def _move(self, story: Story, row: Row, before: Row | None, person: str | None) -> bool:
        place = self._stage
        if place is None or (before is not None and row.cells[place] == before.cells[place]):
            return False
        source = row.cells[place]
        value = self._mapping.stage.values.get(source) if source is not None else None
        if value is None or value is story.value or (story.value is None and value.stage == story.stage):
            return False
        to_class = STAGE_CLASSES[value.stage_class]
        at = row.closed_at if to_class == CLOSED and row.closed_at is not None else row.at
        has_moved = value.stage != story.stage or bool(value.cause)
        if has_moved:
            story.staged(at, person, value, to_class)
            if _is_foreign(story.stage, value.stage):
                self._report.count_foreign_move(story.stage, value.stage)
        if to_class == CLOSED and story.stage_class != CLOSED:
            story.closed_at = at
        elif to_class != CLOSED and story.stage_class == CLOSED:
            story.reopens += 1
            story.closed_at = None
        story.stage, story.stage_class, story.value = value.stage, to_class, value
        return has_moved

    def _what_changed(self, cells: Cells, before: Cells, *, has_moved: bool) -> str:
        return "; ".join(
            f"{name}: {before[place] or NOT_KNOWN} > {cells[place] or NOT_KNOWN}"
            for place, name in self._told
            if cells[place] != before[place] and not (has_moved and place == self._stage)
        )

    def _stage_text(self, cells: Cells) -> str:
        return f"{self._mapping.stage.column}: {cells[self._stage] or NOT_KNOWN}" if self._stage is not None else ""

    def _priority_of(self, cells: Cells) -> int | None:
        if self._priority is None:
            return None
        value = cells[self._priority]
        return self._mapping.priority.values.get(value) if value is not None else None

    def _channel_of(self, cells: Cells) -> str:
        value = cells[self._channel] if self._channel is not None else None
        channel: str = self._mapping.channel.values.get(value or "", self._mapping.channel.default)
        return channel

    def _ticket(self, story: Story, rows: list[Row], opened_at: Instant, key: str) -> dict[str, Any]:
        last, mapping = rows[-1].cells, self._mapping
        company, site, contact, equipment, contract = self._whose(rows, opened_at)
        ticket: dict[str, Any] = {
            "id": story.id.hex(),
            "subject": self._joined(mapping.ticket.subject, rows) or key,
            "company": company,
            "site": site,
            "equipment": equipment,
            "contract_version": contract,
            "reporters": [contact] if contact else [],
            "opened_at": opened_at,
            "changed_at": story.last_at,
            "stage": story.stage,
            "stage_class": story.stage_class,
            "priority": story.priority or mapping.priority.default,
            "owner": story.owner,
            "team": self._records.meet("team", last),
            "request_type": mapping.ticket.request_type,
            "channel": self._channel_of(last),
            "category": self._joined(mapping.ticket.category, rows),
            "fault_code": self._joined(mapping.ticket.fault, rows),
            "closed_at": story.closed_at,
            "extra": self._extra(self._kept_cells(last)),
        }
        if mapping.stage.rule:
            ticket["derived_by"] = mapping.stage.rule
        value = story.value
        if value is not None and value.cause:
            ticket["waiting"] = {"cause": value.cause, "party": value.party, "until": None}
        resolution = self._column.get(mapping.ticket.resolution)
        if resolution is not None and story.stage_class == CLOSED:
            ticket["resolution_code"] = last[resolution] or ""
        return ticket

    def _kept_as_text(self, values: Any) -> str:
        known = values if len(self._kept) > 1 else (values,)
        return dump({name: value for (_, name), value in zip(self._kept, known, strict=False) if value is not None})

    def _whose(self, rows: list[Row], opened_at: Instant) -> tuple[str | None, ...]:
        company = self._winner("company", rows, None)
        contact = self._winner("contact", rows, company)
        if contact and company:
            self._records.meet_affiliation(contact, company, opened_at)
        contract = self._records.meet_contract(rows[-1].cells, company, opened_at)
        equipment = self._winner("equipment", rows, company)
        if equipment is None and self._records.is_named("equipment", rows[-1].cells):
            self._report.flag("equipment without a company")
        return company, self._winner("site", rows, company), contact, equipment, contract

    def _winner(self, role: str, rows: list[Row], company: str | None) -> str | None:
        rule = getattr(self._mapping.records, role)
        if rule is None:
            return None
        for row in rows if rule.wins == "first" else reversed(rows):
            if self._records.is_named(role, row.cells):
                return self._records.meet(role, row.cells, company)
        return None

    def _joined(self, columns: list[str], rows: list[Row]) -> str:
        parts = []
        for name in columns:
            place = self._column[name]
            known = rows[-1].cells[place]
            if known is None:
                known = next((text for row in reversed(rows) if (text := row.cells[place]) is not None), None)
            if known is not None:
                is_coded = self._values_need_column and place != self._key
                parts.append(f"{name} {known}" if is_coded else known)
        return " / ".join(parts)


@lru_cache(maxsize=10_000)
def _is_foreign(stage: str, to: str) -> bool:
    """True for a move that our workflow has not; it is history and taken all the same."""
    return stage != to and all(legal.name != to for legal in legal_moves(stage))


def _cells_at(places: list[int]) -> Callable[[Cells], Any]:
    """Picks the cells at the places, to compare a row with the one before at once."""
    return itemgetter(*places) if places else lambda cells: None
