"""What stories of the store share: a small desk, and how often the crash test kills (200 times by `make crash`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.desk_story import Story, begin
from tests.storage.hub_story import Console, Kept, Two, keep, two_consoles
from tests.storage.keeper_story import Three, close_keepers, three_desks
from tests.storage.sync_world import Ground, lay_ground
from tests.support.hub_server import HubServer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=6, help="how often tests/storage/test_crash.py kills a console")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A small desk that is open, with Anna at the keys; closed when the story is told."""
    told = begin(tmp_path / "desk.db")
    yield told
    told.desk.close()


@pytest.fixture(scope="session")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """How stories of two begin: joined and of one state. Where they begin otherwise, a file has its own."""
    return keep(*two_consoles(tmp_path_factory.mktemp("joined"), hub_server))


@pytest.fixture
def two(kept: Kept, tmp_path: Path) -> Iterator[Two]:
    """Anna's desk with a customer and Boris's, at work."""
    with kept.awake(tmp_path) as (anna, boris):
        yield anna, boris


@pytest.fixture
def anna(two: Two) -> Console:
    return two[0]


@pytest.fixture
def boris(two: Two) -> Console:
    return two[1]


@pytest.fixture(scope="module")
def ground(hub_server: HubServer) -> Iterator[Ground]:
    """What the machines of sync play on. It keeps connections, and a login has few: it goes with the file."""
    laid = lay_ground(hub_server)
    yield laid
    laid.close()


@pytest.fixture(scope="session")
def kept_three(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return keep(*three_desks(tmp_path_factory.mktemp("keepers"), hub_server))


@pytest.fixture
def three(kept_three: Kept, tmp_path: Path) -> Iterator[Three]:
    """Anna's desk with a customer, and Kate's and Karl's, who may keep."""
    with kept_three.awake(tmp_path) as (anna, kate, karl):
        yield anna, kate, karl
        close_keepers()
