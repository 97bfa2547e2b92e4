"""The stages a ticket moves through, the classes clocks read, and which moves are legal."""

from __future__ import annotations

from typing import NamedTuple

OPEN, WAITING, CLOSED = 0, 1, 2
"""Classes of stages; clocks read the class, never the name."""

WAITING_PARTIES = ("customer", "vendor", "contractor", "part", "us")


class Stage(NamedTuple):
    """A step of the work: its name, the class clocks read, the letter that chooses it and the stages it may go to."""

    name: str
    stage_class: int
    letter: str
    next_names: tuple[str, ...]


STAGES = {
    stage.name: stage
    for stage in (
        Stage("new", OPEN, "n", ("active", "on_site", "waiting", "resolved", "closed")),
        Stage("active", OPEN, "a", ("on_site", "waiting", "resolved", "closed")),
        Stage("on_site", OPEN, "o", ("active", "waiting", "resolved", "closed")),
        Stage("waiting", WAITING, "w", ("active", "on_site", "resolved", "closed")),
        Stage("resolved", CLOSED, "r", ("active", "closed")),
        Stage("closed", CLOSED, "c", ("active",)),
    )
}


def legal_moves(stage: str) -> tuple[Stage, ...]:
    """Where a ticket may go from `stage`. An imported stage outside our workflow may go to every stage of ours."""
    known = STAGES.get(stage)
    names = known.next_names if known else tuple(STAGES)
    return tuple(STAGES[name] for name in names)
