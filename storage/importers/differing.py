"""In what a ticket differs from the one that was imported before, told in names of its fields."""

from __future__ import annotations

import json

NUMBER = "number"


def differing(imported: bytes, now: bytes) -> list[str]:
    """The fields that differ between two payloads of TicketImported, the number on this desk left out."""
    before, after = json.loads(imported), json.loads(now)
    was, becomes = before["ticket"], after["ticket"]
    names = sorted(name for name in was.keys() | becomes.keys() if was.get(name) != becomes.get(name))
    told = [name for name in names if name != NUMBER]
    if before["entries"] != after["entries"]:
        more = len(after["entries"]) - len(before["entries"])
        told.append(f"{more:+d} entries" if more else "entries")
    return told
