"""Which column of an unknown file may be what: guessed by its name and by what stands in it, never believed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from storage.importers.look import Column, Look

MOST_STAGES = 60
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Per role the words that name it, the likeliest first.
_WORDS: dict[str, tuple[str, ...]] = {
    "changed_at": ("updated", "changed", "modified", "mod", "timestamp", "event", "time", "date"),
    "opened_at": (
        "opened",
        "created",
        "creation",
        "reported",
        "received",
        "submitted",
        "start",
        "open",
        "date",
        "time",
    ),
    "closed_at": ("closed", "closedate", "close", "resolved", "solved", "completed", "finished", "end", "ended"),
    "stage": ("state", "status", "stage", "activity", "concept", "phase"),
    "priority": ("priority", "seriousness", "severity", "urgency", "impact"),
    "channel": ("channel", "contact type", "source", "via", "medium"),
    "company": ("company", "customer", "organization", "organisation", "client", "account", "firm", "entity"),
    "contact": ("caller", "requester", "requestor", "reporter", "contact", "customer"),
    "site": ("location", "site", "branch", "building", "place"),
    "equipment": ("equipment", "asset", "ci", "device", "machine", "serial"),
    "product": ("product", "model"),
    "team": ("assignment group", "group", "workgroup", "team", "queue", "department"),
    "owner": ("assigned", "assignee", "owner", "responder", "resource", "agent", "technician"),
    "actor": ("updated by", "changed by", "modified by", "resource", "user", "agent"),
    "opener": ("opened by", "created by"),
    "subject": ("subject", "title", "summary", "short", "shorttext", "headline", "name"),
    "text": ("description", "text", "content", "body", "details", "comment", "note"),
    "category": ("category", "type", "service"),
    "resolution": ("resolution", "closed code", "close code", "solution"),
}
_KEY_WORDS = ("ticket", "case", "incident", "issue", "number", "key", "id", "no")
_TIMES = ("changed_at", "opened_at", "closed_at")
_MAY_SHARE = {"actor": "owner"}


@dataclass(slots=True)
class Roles:
    """The column of each role that has one; `key` is empty where none tells tickets apart."""

    key: str = ""
    is_change: bool = False
    columns: dict[str, str] = field(default_factory=dict)

    def of(self, role: str) -> str:
        """The column of the role, or nothing."""
        return self.columns.get(role, "")


def words_of(name: str) -> list[str]:
    """The words a column's name is made of."""
    return [word.lower() for word in _WORD.findall(name)]


def guess_roles(look: Look) -> Roles:
    """The roles that names and values speak for."""
    columns = [column for column in look.columns.values() if column.known]
    roles = Roles()
    key = _key(columns, look.rows - look.broken_rows)
    if key is not None:
        roles.key, roles.is_change = key.name, len(key.distinct) < key.rows
    taken = {roles.key}
    for role in _WORDS:
        if role in ("actor", "changed_at") and not roles.is_change:
            continue
        if role == "closed_at" and roles.is_change:
            continue
        found = _best(role, columns, taken - {roles.of(_MAY_SHARE.get(role, ""))})
        if found is not None:
            roles.columns[role] = found.name
            taken.add(found.name)
    if roles.is_change and not roles.of("changed_at"):
        roles.is_change = False
    return roles


def _key(columns: list[Column], rows: int) -> Column | None:
    best: tuple[float, Column] | None = None
    for column in columns:
        if column.known < rows or column.is_time or column.longest > 80:
            continue
        words = words_of(column.name)
        named = sum(len(_KEY_WORDS) - _KEY_WORDS.index(word) for word in words if word in _KEY_WORDS)
        # What a column says of somebody or something else names no ticket, such as customer_id.
        is_of_other = any(
            set(words) & set(_WORDS[role])
            for role in ("company", "contact", "team", "owner", "opener", "channel", "product", "priority", "stage")
        ) and words[:1] != ["case"]
        share = len(column.distinct) / max(1, column.known)
        is_unique = len(column.distinct) == column.known and column.known > 1
        if is_of_other or (not named and not is_unique) or (column.known > 20 and share < 0.005):
            continue
        if not named and column.longest > 30:
            continue
        score = named + 4 * share
        if best is None or score > best[0]:
            best = score, column
    return best[1] if best else None


def _best(role: str, columns: list[Column], taken: set[str]) -> Column | None:
    best: tuple[tuple[int, ...], Column] | None = None
    for column in columns:
        if column.name in taken or column.is_time != (role in _TIMES):
            continue
        if role == "stage" and (column.has_more_values or not 1 <= len(column.values) <= MOST_STAGES):
            continue
        if role in ("priority", "channel") and len(column.values) > 20:
            continue
        words = words_of(column.name)
        said = " ".join(words)
        place = next((n for n, word in enumerate(_WORDS[role]) if f" {word} " in f" {said} "), None)
        if place is None:
            continue
        # A number of somebody is worth less than a name, and of nested fields the one that is called by a name more.
        score = (len(column.values) < 2, place, "id" in words, "name" not in words, len(words))
        if best is None or score < best[0]:
            best = score, column
    return best[1] if best else None
