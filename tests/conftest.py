"""Every test begins without what the person's shell says about colours, terminals, zones and desks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.hub_server import HubServer

_TOLD_BY_THE_SHELL = (
    *("NO_COLOR", "COLORTERM", "FORCE_COLOR", "COLUMNS", "LINES", "LAMPBOARD_DESK", "SSH_CONNECTION"),
    # Hundreds of consoles are started: each would compile all of the console's own modules anew.
    "PYTHONDONTWRITEBYTECODE",
)
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 4_000_000_000
"""Where there is a disk in memory with room for all desks of a run, nobody waits for a real one to have written."""

for _name in list(os.environ):
    # The snapshot plugin passes its folder to the workers in a variable of its own.
    if _name in _TOLD_BY_THE_SHELL or (_name.startswith("TEXTUAL_") and not _name.startswith("TEXTUAL_SNAPSHOT")):
        del os.environ[_name]
os.environ["TZ"] = "UTC"
time.tzset()
sys.dont_write_bytecode = False
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
# As the console itself: the pinned tables, not this machine's.
zoneinfo.reset_tzpath(to=[])


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of what is drawn at random is tried; `make soak` wants more than every run."""
    parser.addoption("--calendars", type=int, default=300, help="random calendars read beside a slow clock")
    parser.addoption("--cases", type=int, default=600, help="random cases answered beside slow rules")


@pytest.fixture(scope="session")
def hub_server() -> Iterator[HubServer]:
    """A real PostgreSQL, one for all tests of a session."""
    from tests.support.hub_server import running_server

    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")
        yield server
