"""Making a desk whole or not at all: it is built under another name and takes its own when it is finished."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.clock import Clock
from core.ids import EntityId, IdMaker
from storage.checkpoint import checkpoint
from storage.engine import StoreError
from storage.new_desk import Owner, add_owner, create_desk
from tui.verbs.machine import login_name, machine_zone

USUAL_TEAM = "Dispatch"


@contextmanager
def unfinished(path: Path, *, is_kept: bool = True) -> Iterator[Path]:
    """The path to build the desk `path` at; it gets its own name at the end, or is removed when something stops."""
    building = path.with_name(path.name + ".unfinished")
    _remove(building)
    try:
        yield building
        if is_kept:
            # The log beside the file would keep its old name when the file gets a new one.
            checkpoint(building)
            if path.exists():
                raise StoreError("store.exists", path=str(path))
            building.rename(path)
    finally:
        _remove(building)
        with suppress(OSError):
            path.parent.rmdir()


def make_desk(path: Path, desk: str, owner: Owner, clock: Clock, new_id: IdMaker) -> EntityId:
    """A new desk at `path` with its first person; answers the person's id."""
    create_desk(path, desk, clock, new_id).close()
    return add_owner(path, clock, new_id, owner)


def owner_of_this_machine() -> Owner:
    """A first person for whom nobody was asked: named as the operating system knows them."""
    return Owner(login_name() or "me", USUAL_TEAM, machine_zone())


def system_random(count: int) -> bytes:
    """Random bytes of the machine, for ids."""
    return os.urandom(count)


def _remove(building: Path) -> None:
    for leftover in (
        building,
        *(building.with_name(building.name + end) for end in ("-wal", "-shm", "-journal", "-import")),
    ):
        with suppress(OSError):
            leftover.unlink()
