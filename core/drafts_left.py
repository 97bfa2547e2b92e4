"""Texts that a person left unfinished."""

from __future__ import annotations

from typing import NamedTuple

from core.ids import EntityId


class DraftsLeft(NamedTuple):
    """Asks for everything a person left unfinished but calls: DraftLeft."""

    person: EntityId


class DraftLeft(NamedTuple):
    """An unfinished `message` or `note` on the ticket `number`, or a form (`form.` and the entity)."""

    kind: str
    about: EntityId
    number: str
    body: str


class DraftOf(NamedTuple):
    """Asks for the text a person left unfinished."""

    person: EntityId
    kind: str
    about: EntityId
