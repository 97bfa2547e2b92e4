"""Rows on their way into the tables of a demo desk, many at a time."""

from __future__ import annotations

import sqlite3
from typing import Any

COLUMNS = {
    "territory": "id name zone",
    "company": "id name kind tier country language annual_value currency account_manager deputy_manager",
    "site": "id company name territory address zone opening_hours closing_days",
    "contact": "id name phone phone_digits email language notes other_phones best_hours",
    "affiliation": "id contact company role may_order may_approve order_limit currency since",
    "team": "id name",
    "person": "id name team zone language skills rights",
    "model": "id name maker category",
    "equipment": "id company model site serial inventory_number place commissioned_at warranty_until",
    "calendar": "id name body",
    "policy": "id name body",
    "grade": "id name body",
    "contract": "id company number",
    "contract_version": "id contract valid_from valid_until grade policy calendar coverage exclusions"
    " included_units unit annual_value currency paid_until",
    "ticket_reporter": "ticket place contact",
    "entry": "id ticket at kind direction person contact text code data delivery",
    "call_back": "id ticket contact number due_at person note",
}
"""The columns a demo row gives for each table, in order; all others keep their defaults."""


class Batch:
    """Collects rows by table and writes them inside the transaction its owner holds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        self._tickets: list[dict[str, Any]] = []
        self.entries = self._rows["entry"]
        self.reporters = self._rows["ticket_reporter"]

    def add(self, table: str, *values: Any) -> None:
        """One row in the order of `COLUMNS`."""
        self._rows[table].append(values)

    def add_ticket(self, row: dict[str, Any]) -> None:
        """A ticket by column name; every ticket names the same columns."""
        self._tickets.append(row)

    def write(self) -> None:
        """Send everything collected so far to the tables."""
        for table, rows in self._rows.items():
            if rows:
                names = COLUMNS[table].split()
                marks = ", ".join("?" * len(names))
                self._connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
                rows.clear()
        if self._tickets:
            names = list(self._tickets[0])
            marks = ", ".join(f":{name}" for name in names)
            self._connection.executemany(f"INSERT INTO ticket ({', '.join(names)}) VALUES ({marks})", self._tickets)
            self._tickets.clear()
