"""Two consoles far apart must compute the same thing: the core has no clock, no chance and no door to the outside."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.architecture.sources import calls, imports, modules

CORE = modules("core")
DOORS = {"asyncio", "http", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "socket", "sqlite3"} | {
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
"""Modules of the standard library that reach outside, or ask the machine for the time or for chance."""

FORBIDDEN_NAMES = {"open", "print", "input", "exec", "eval", "breakpoint", "__import__"}
FORBIDDEN_ENDINGS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid1",
    "uuid4",
)


def test_core_is_there_to_be_looked_at() -> None:
    assert len(CORE) > 25


@pytest.mark.parametrize("module", CORE, ids=str)
def test_core_imports_the_standard_library_and_itself_only(module: Path) -> None:
    foreign = [
        f"{module}:{line} imports {name}"
        for line, name in imports(module)
        if name.split(".")[0] not in sys.stdlib_module_names and name.split(".")[0] != "core"
    ]
    assert foreign == []


@pytest.mark.parametrize("module", CORE, ids=str)
def test_core_opens_no_door(module: Path) -> None:
    doors = [f"{module}:{line} imports {name}" for line, name in imports(module) if name.split(".")[0] in DOORS]
    assert doors == []


@pytest.mark.parametrize("module", CORE, ids=str)
def test_core_asks_nobody_for_the_time_or_for_chance(module: Path) -> None:
    asked = [
        f"{module}:{line} calls {name}"
        for line, name in calls(module)
        if name in FORBIDDEN_NAMES or name.endswith(FORBIDDEN_ENDINGS)
    ]
    assert asked == []
