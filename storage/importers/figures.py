"""What imports brought, counted again from what stands on the desk: the figures that others have published."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from core.operations.ticket_imported import TicketImported
from core.stages import CLOSED
from storage.importers.coming import COMING, STANDING, UNDONE
from storage.importers.report import percent

LISTED = (
    "SELECT n, mapping, source, at, state, report, count(m.id), COALESCE(sum(m.is_undone), 0) FROM import_batch"
    " LEFT JOIN import_made m ON m.batch = n AND m.entity = 'ticket' GROUP BY n ORDER BY n DESC"
)
STANDING_BATCHES = "SELECT n, mapping, report FROM import_batch WHERE state = ? ORDER BY n"
PAYLOADS = (
    "SELECT o.payload FROM import_made m JOIN operation o ON o.id = m.id AND o.kind = ?"
    " WHERE m.batch = ? AND m.entity = 'ticket' AND m.is_undone = 0"
)
MADE = "SELECT entity, count(*) FROM import_made WHERE batch = ? AND is_undone = 0 GROUP BY 1"
STATES = {COMING: "coming", STANDING: "stands", UNDONE: "undone"}


def listed_imports(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every import of the desk, newest first; one that is coming has no figures yet."""
    return [
        {
            "n": n,
            "mapping": mapping,
            "source": source,
            "at": at,
            "state": STATES[state],
            "tickets": tickets,
            "undone_tickets": undone,
            "rows": json.loads(report)["taken"] if report else None,
            "as_of": json.loads(report).get("as_of") if report else None,
        }
        for n, mapping, source, at, state, report, tickets, undone in connection.execute(LISTED)
    ]


def import_figures(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """For each mapping what its imports that stand brought, all of them together, from the log and its rows."""
    figures: dict[str, _Figures] = {}
    for n, mapping, report in connection.execute(STANDING_BATCHES, (STANDING,)).fetchall():
        figures.setdefault(mapping, _Figures(mapping)).add(connection, n, json.loads(report))
    return [one.to_document() for one in figures.values()]


class _Figures:
    """The sums of one mapping."""

    def __init__(self, mapping: str) -> None:
        self._mapping = mapping
        self._imports: list[int] = []
        self._sums: Counter[str] = Counter()
        self._stages: Counter[str] = Counter()

    def add(self, connection: sqlite3.Connection, batch: int, report: dict[str, Any]) -> None:
        """Count one import; what was done on the desk since changes nothing in it."""
        self._imports.append(batch)
        (rows,) = connection.execute("SELECT count(*) FROM import_raw WHERE batch = ?", (batch,)).fetchone()
        self._sums["changes"] += rows
        self._sums["rejected"] += report["rejected"]
        self._sums["taken_with_flag"] += report["taken_with_flag"]
        for entity, count in connection.execute(MADE, (batch,)):
            self._sums[entity] += count
        rule = report.get("sla_rule") or {}
        for (payload,) in connection.execute(PAYLOADS, (TicketImported.KIND, batch)):
            document = json.loads(payload)
            self._add_ticket(document["ticket"], rule)
            reopens = sum(1 for _ in _reopens(document["entries"]))
            self._sums["reopens"] += reopens
            self._sums["reopened_tickets"] += reopens > 0

    def _add_ticket(self, ticket: dict[str, Any], rule: dict[str, Any]) -> None:
        self._stages[ticket["stage"]] += 1
        told = json.loads(ticket["extra"]).get(rule["column"]) if rule and ticket.get("extra") else None
        if told is not None:
            self._sums["sla_told"] += 1
            self._sums["sla_made"] += told in rule["made"]

    def to_document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        sums = self._sums
        return {
            "mapping": self._mapping,
            "imports": self._imports,
            "tickets": sums["ticket"],
            **{name: sums[name] for name in ("changes", "rejected", "taken_with_flag")},
            "stages": dict(self._stages.most_common()),
            **{name: sums[name] for name in ("reopens", "reopened_tickets", "sla_told", "sla_made")},
            "sla_made_percent": percent(sums["sla_made"], sums["sla_told"]),
            "companies": sums["company"],
            "sites": sums["site"],
            "contacts": sums["contact"],
            "people": sums["person"],
            "teams": sums["team"],
            "equipment": sums["equipment"],
            "models": sums["model"],
            "contracts": sums["contract"],
        }


def _reopens(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Moves from a stage of class closed to one that is not, in the order in which they are told."""
    was_closed = False
    for entry in entries:
        if entry.get("code") != "ticket.staged":
            continue
        is_closed = entry["data"]["stage_class"] == CLOSED
        if was_closed and not is_closed:
            yield entry
        was_closed = is_closed
