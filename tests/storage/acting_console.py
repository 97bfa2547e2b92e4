"""A console without a screen that acts until it is killed: `python -m tests.storage.acting_console DESK SEED [ACTS]`.

Each act is told on standard output only after its future resolved: what is told is what a person was told is saved.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

from core.commands import PostEntry, SetPriority, Together
from core.errors import Refused
from core.ids import EntityId, IdMaker
from storage.desk import OpenDesk


class MachineClock:
    """The machine's time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000


def act(path: Path, seed: int, acts: int) -> None:
    """Write notes and change priorities, several operations an act."""
    clock = MachineClock()
    desk = OpenDesk(path, clock, IdMaker(clock.now_ms, os.urandom))
    tickets = [EntityId(ticket) for (ticket,) in desk._first.execute("SELECT id FROM ticket ORDER BY id")]
    (anna,) = desk._first.execute("SELECT person FROM store").fetchone()
    chance = random.Random(seed)
    for turn in range(acts):
        name, is_done = f"{seed}-{turn}", False
        while not is_done:
            ticket, other = chance.sample(tickets, 2)
            with suppress(Refused):  # another console set that very priority since it was looked at
                urgent = SetPriority(other, _another(desk, other, chance))
                wish = Together((PostEntry(ticket, "note", name), urgent, PostEntry(other, "note", name)))
                desk.submit(wish, anna).result()
                is_done = True
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
    desk.close()


def _another(desk: OpenDesk, ticket: EntityId, chance: random.Random) -> int:
    (now,) = desk._first.execute("SELECT priority FROM ticket WHERE id = ?", (ticket,)).fetchone()
    return chance.choice([priority for priority in (1, 2, 3, 4) if priority != now])


if __name__ == "__main__":
    act(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)
