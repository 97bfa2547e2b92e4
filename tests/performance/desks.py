"""Demo worlds laid out as desks of a person of their own, for real programs and for reads."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from core.clock import Instant
from core.pages import QueuePage, QueueRow
from core.queue import View
from storage.engine import open_file
from storage.reads import answer
from tests.support.worlds import world

SMALL = 1_000
PIECE_BYTES = 8 << 20
FOREIGN = ("LAMPBOARD_DESK", "TEXTUAL", "TEXTUAL_DRIVER", "NO_COLOR", "PYTHONPATH", "PYTHONPROFILEIMPORTTIME")
"""What the person who runs the bench may have set for other programs."""


class Desk:
    """A world as the desk `name` below a home of the bench; the world itself is only read."""

    def __init__(self, home: Path, tickets: int) -> None:
        self.tickets = tickets
        self.name = f"bench-{tickets}"
        self.path = home / "data" / "lampboard" / "desks" / self.name / "desk.db"
        self._home = home

    def lay_out(self) -> None:
        """Link the world to its place as a desk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.symlink_to(world(self.tickets))

    def warm(self) -> None:
        """Read the whole file once: the goals are about a warm page cache."""
        with self.path.open("rb") as file:
            while file.read(PIECE_BYTES):
                pass

    @property
    def env(self) -> Mapping[str, str | None]:
        """The environment of a program that shall find this desk and nothing of the person who runs the bench."""
        folders = {f"XDG_{kind.upper()}_HOME": str(self._home / kind) for kind in ("data", "config", "state")}
        # An installed program starts from its compiled modules; here both programs do, whatever this tree may keep.
        compiled = {"PYTHONPYCACHEPREFIX": str(self._home / "compiled"), "PYTHONDONTWRITEBYTECODE": None}
        return {**folders, **compiled, **dict.fromkeys(FOREIGN)}

    @property
    def console(self) -> list[str]:
        """The program on this desk."""
        return [command("lampboard"), "--desk", self.name]

    def connect(self) -> sqlite3.Connection:
        """A connection like those of the console's readers."""
        return open_file(self.path, read_only=True)

    @cached_property
    def now(self) -> Instant:
        """The present of the demo world."""
        connection = self.connect()
        (created_at,) = connection.execute("SELECT created_at FROM store").fetchone()
        connection.close()
        return Instant(created_at)

    @cached_property
    def view(self) -> View:
        """The view the console opens with: its person's and free tickets by urgency."""
        connection = self.connect()
        person, team = connection.execute(
            "SELECT p.id, p.team FROM store s JOIN person p ON p.id = s.person"
        ).fetchone()
        connection.close()
        return View(person=person, team=team)

    def top_rows(self, count: int) -> tuple[QueueRow, ...]:
        """What the queue must show first."""
        connection = self.connect()
        rows: tuple[QueueRow, ...] = answer(connection, QueuePage(self.view, limit=count)).rows
        connection.close()
        return rows


def command(name: str) -> str:
    """A program of the environment that runs the bench."""
    return str(Path(sys.executable).with_name(name))
