"""The views that a desk keeps under names, as they stand now."""

from __future__ import annotations

import sqlite3

from core.documents import FIRST_NUMBER, body_of
from core.errors import DomainError
from core.saved_view import SavedView, SavedViews, saved_view


def saved_views(connection: sqlite3.Connection, request: SavedViews) -> tuple[SavedView, ...]:
    """Everybody's views and those of the person, by name; one that this program cannot read is left out."""
    query = (
        "SELECT w.id, w.name, w.body, v.body,"
        " (SELECT max(a.number) FROM document_version a WHERE a.document = w.id)"
        " FROM view w LEFT JOIN document_version v ON v.id ="
        " (SELECT d.id FROM document_version d WHERE d.document = w.id AND d.archived = 0 AND d.valid_from <= ?"
        " ORDER BY d.valid_from DESC, d.number DESC LIMIT 1)"
        " WHERE w.archived = 0 ORDER BY w.name, w.id"
    )
    found = []
    for id_, name, first, newest, number in connection.execute(query, (request.now,)):
        try:
            view = saved_view(id_, name, number or FIRST_NUMBER, body_of(first if newest is None else newest))
        except DomainError:
            continue
        if view.person in (None, request.person):
            found.append(view)
    return tuple(found)
