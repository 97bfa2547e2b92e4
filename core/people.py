"""Us: the people of the service firm, their teams, skills and rights."""

from __future__ import annotations

from dataclasses import dataclass

from core.ids import EntityId


@dataclass(frozen=True, slots=True)
class Team:
    """A group that shares a queue."""

    id: EntityId
    name: str
    derived_by: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague who takes calls, decides, or drives out; `rights` are names such as `may_override`."""

    id: EntityId
    name: str
    team: EntityId | None = None
    zone: str = "UTC"
    language: str = "en"
    skills: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    derived_by: str = ""
    archived: bool = False
