"""How often the crash test kills: a few times in every run, two hundred by `make crash`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=6, help="how often tests/storage/test_crash.py kills a console")
