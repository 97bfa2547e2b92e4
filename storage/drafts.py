"""Unfinished texts and the screen's own state, kept as they change so that a crash or a dropped line costs nothing."""

from __future__ import annotations

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.sqlite import insert

from core.ids import EntityId
from storage.schema import desk_state, draft


def keep_draft(connection: Connection, person: EntityId, kind: str, about: EntityId, body: str, now: int) -> None:
    """Keep `body` as the person's unfinished text of `kind` about an entity; an empty one is forgotten."""
    if not body:
        mine = (draft.c.person == person) & (draft.c.kind == kind) & (draft.c.about == about)
        connection.execute(delete(draft).where(mine))
        return
    values = {"person": person, "kind": kind, "about": about, "body": body, "changed_at": now}
    statement = insert(draft).values(values)
    keys = ["person", "kind", "about"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"body": body, "changed_at": now}))


def remember(connection: Connection, name: str, body: str) -> None:
    """Keep a piece of the screen's state under `name`; an empty one is forgotten."""
    if not body:
        connection.execute(delete(desk_state).where(desk_state.c.name == name))
        return
    statement = insert(desk_state).values(name=name, body=body)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"body": body}))
