"""Texts that a person left unfinished."""

from __future__ import annotations

from typing import NamedTuple

from core.ids import EntityId

FORM_KIND = "form."
"""Drafts of forms are of this kind and the entity's name."""


class DraftsLeft(NamedTuple):
    """Asks for everything a person left unfinished but calls: DraftLeft."""

    person: EntityId


class DraftLeft(NamedTuple):
    """An unfinished `message` or `note` on the ticket `number`, or a form (`form.` and the entity)."""

    kind: str
    about: EntityId
    number: str
    body: str

    @property
    def entity(self) -> str:
        """Whose form it is; empty for a text."""
        return self.kind.removeprefix(FORM_KIND) if self.kind.startswith(FORM_KIND) else ""


class DraftOf(NamedTuple):
    """Asks for the text a person left unfinished."""

    person: EntityId
    kind: str
    about: EntityId
