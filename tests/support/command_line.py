"""A person at the command line: folders of their own, and `lampboard` run in them as a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.ids import IdMaker
from storage.new_desk import Owner
from tests.support.forked import can_fork, run_forked
from tests.support.worlds import ROOT, copy_of, world
from tui.clocks import SystemClock
from tui.verbs.making import make_desk

VERB_SECONDS = 60
LAMPBOARD = (sys.executable, "-m", "tui")


class Account:
    """An OS user's folders; `demo` puts a small made-up desk there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desks = folder / "data" / "lampboard" / "desks"

    def demo(self, name: str = "trial", tickets: int = 300) -> Path:
        """A demo desk of that name; answers its file."""
        home = self.desks / name
        home.mkdir(parents=True)
        return copy_of(world(tickets), home)

    def own_desk(self, person: str) -> Path:
        """A desk that is empty but for `person` who owns it; answers its file."""
        clock = SystemClock()
        path = self.desks / "main" / "desk.db"
        make_desk(path, "main", Owner(person, "Dispatch", "UTC"), clock, IdMaker(clock.now_ms, os.urandom))
        return path

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a process of this person is to find these folders by."""
        folders = {f"XDG_{name.upper()}_HOME": str(self.folder / name) for name in ("data", "config", "state")}
        return {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **folders, **(more or {})}

    def run(
        self,
        *arguments: str,
        told: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run `lampboard` with `arguments`, `told` on its standard input."""
        if can_fork(env):
            return run_forked(
                arguments, told=told or "", env=self.environment(env), cwd=self.folder, timeout=VERB_SECONDS
            )
        return subprocess.run(
            [*LAMPBOARD, *arguments],
            input=told if told is not None else "",
            env=self.environment(env),
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=VERB_SECONDS,
            check=False,
        )

    def done(self, *arguments: str, told: str | None = None) -> str:
        """What a call that must succeed prints."""
        answer = self.run(*arguments, told=told)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def document(self, *arguments: str) -> Any:
        """The JSON a call that must succeed prints."""
        return json.loads(self.done(*arguments, "--json"))

    def refused(self, *arguments: str, told: str | None = None) -> str:
        """The one sentence of a call that must be refused with exit code 2."""
        answer = self.run(*arguments, told=told)
        assert (answer.returncode, answer.stdout) == (2, ""), (answer.returncode, answer.stdout, answer.stderr)
        lines = answer.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("lampboard: "), answer.stderr
        return lines[0].removeprefix("lampboard: ")


def colleague(folder: Path, name: str) -> Account:
    """Somebody whose folders are below `folder`, with a desk that is empty but for them."""
    person = Account(folder / name)
    person.own_desk(name.title())
    return person
