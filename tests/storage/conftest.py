"""What stories of the store share: a small desk, and how often the crash test kills (200 times by `make crash`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.desk_story import Story, begin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=6, help="how often tests/storage/test_crash.py kills a console")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A small desk that is open, with Anna at the keys; closed when the story is told."""
    told = begin(tmp_path / "desk.db")
    yield told
    told.desk.close()
