"""The same source with the same mapping once more: answered from the batch that took it, without reading a row."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Any

from storage.engine import explain
from storage.importers.mapping import Mapping
from storage.importers.report import ImportReport

_BATCHES = (
    "SELECT report FROM import_batch WHERE digest = ? AND state = '' AND json_extract(report, '$.mapping_digest') = ?"
    " AND json_extract(report, '$.as_of') IS ? ORDER BY n"
)
_TICKETS = (
    "SELECT count(*) FROM external_id x JOIN ticket t ON t.id = x.id WHERE x.namespace = ? AND x.entity = 'ticket'"
)
_FIELDS = frozenset(field.name for field in fields(ImportReport))


def report_of_before(
    connection: sqlite3.Connection, mapping: Mapping, present: ImportReport, path_of_desk: Path
) -> ImportReport | None:
    """The figures of the batch that took these very bytes by this very mapping, with nothing new; None to read them.

    Rows that were rejected are read again, because their file is asked for again. So is everything when tickets of the
    name space are missing from the desk. What became of a ticket since, archived or worked on, makes it no less known.
    """
    try:
        found = connection.execute(_BATCHES, (present.digest, present.mapping_digest, present.as_of)).fetchall()
        if not found:
            return None
        (tickets,) = connection.execute(_TICKETS, (mapping.namespace,)).fetchone()
    except sqlite3.DatabaseError as error:
        raise explain(error, path_of_desk) from error
    before: dict[str, Any] = json.loads(found[-1][0])
    if not before.keys() >= _FIELDS or before["rejected"] or tickets < before["tickets"]:
        return None
    return ImportReport(
        **{
            **{name: before[name] for name in _FIELDS},
            "source": present.source,
            "new_tickets": 0,
            "known_tickets": before["known_tickets"] + before["new_tickets"],
            "new_records": 0,
            "batch": None,
            "is_known_source": True,
        }
    )
