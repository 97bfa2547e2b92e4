"""Every test begins without what the person's shell says about colours, terminals, zones and desks."""

from __future__ import annotations

import os
import time
import zoneinfo

import pytest

_TOLD_BY_THE_SHELL = ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "COLUMNS", "LINES", "LAMPBOARD_DESK", "SSH_CONNECTION")

for _name in list(os.environ):
    # The snapshot plugin passes its folder to the workers in a variable of its own.
    if _name in _TOLD_BY_THE_SHELL or (_name.startswith("TEXTUAL_") and not _name.startswith("TEXTUAL_SNAPSHOT")):
        del os.environ[_name]
os.environ["TZ"] = "UTC"
time.tzset()
# As the console itself: the pinned tables, not this machine's.
zoneinfo.reset_tzpath(to=[])


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of what is drawn at random is tried; `make soak` wants more than every run."""
    parser.addoption("--calendars", type=int, default=300, help="random calendars read beside a slow clock")
    parser.addoption("--cases", type=int, default=600, help="random cases answered beside slow rules")
