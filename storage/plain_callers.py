"""Who may be calling, by plain comparison."""

from __future__ import annotations

import sqlite3

from core.pages import CallerHit, FindCallers


def find_callers(connection: sqlite3.Connection, request: FindCallers) -> tuple[CallerHit, ...]:
    """Contacts by the end of their number or part of their name, then companies, then equipment."""
    text = request.text.strip()
    digits = "".join(c for c in text if c.isdigit())
    found: list[CallerHit] = []
    if not text:
        return ()
    if digits and digits == "".join(c for c in text if c not in " +-()./"):
        rows = connection.execute(
            "SELECT k.id, k.name, a.role, k.phone, c.id, c.name FROM contact k JOIN affiliation a ON a.contact = k.id"
            " JOIN company c ON c.id = a.company WHERE k.phone_digits LIKE ? AND k.archived = 0"
            " ORDER BY k.name LIMIT ?",
            (f"%{digits}%", request.limit),
        )
        found += [CallerHit("contact", i, n, r, p, c, cn, "", None, "", "", p) for i, n, r, p, c, cn in rows]
    rows = connection.execute(
        "SELECT k.id, k.name, a.role, k.phone, c.id, c.name FROM contact k JOIN affiliation a ON a.contact = k.id"
        " JOIN company c ON c.id = a.company WHERE k.name LIKE ? AND k.archived = 0 ORDER BY k.name LIMIT ?",
        (f"%{text}%", request.limit),
    )
    found += [CallerHit("contact", i, n, r, p, c, cn, "", None, "", "", n) for i, n, r, p, c, cn in rows]
    rows = connection.execute(
        "SELECT id, name FROM company WHERE name LIKE ? AND archived = 0 ORDER BY name LIMIT ?",
        (f"%{text}%", request.limit),
    )
    found += [CallerHit("company", None, "", "", "", i, n, "", None, "", "", n) for i, n in rows]
    rows = connection.execute(
        "SELECT e.id, COALESCE(NULLIF(e.inventory_number, ''), e.serial), e.serial, c.id, c.name, COALESCE(s.name, '')"
        " FROM equipment e JOIN company c ON c.id = e.company LEFT JOIN site s ON s.id = e.site"
        " WHERE (e.serial LIKE ? OR e.inventory_number LIKE ?) AND e.archived = 0 LIMIT ?",
        (f"%{text}%", f"%{text}%", request.limit),
    )
    found += [CallerHit("equipment", None, "", "", "", c, cn, sn, i, n, "", s) for i, n, s, c, cn, sn in rows]
    return tuple(found[: request.limit])
