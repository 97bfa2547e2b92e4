"""What stories of the store share: a small desk, and how often the crash test kills (200 times by `make crash`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.desk_story import Story, begin
from tests.storage.hub_story import Console, Kept, keep, settle, two_desks
from tests.storage.keeper_story import close_keepers, three_desks
from tests.support.hub_server import HubServer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=6, help="how often a console, or an import, is killed")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A small desk that is open, with Anna at the keys; closed when the story is told."""
    told = begin(tmp_path / "desk.db")
    yield told
    told.desk.close()


@pytest.fixture(scope="session")
def kept_joined(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    consoles = two_desks(tmp_path_factory.mktemp("joined"), hub_server)
    for console in consoles:
        console.join()
    settle(*consoles)
    return keep(*consoles)


@pytest.fixture
def two(kept_joined: Kept, tmp_path: Path) -> Iterator[tuple[Console, Console]]:
    """Anna's desk and Boris's, joined and of one state."""
    anna, boris = kept_joined.begin(tmp_path)
    yield anna, boris
    for console in (anna, boris):
        console.desk.close()


@pytest.fixture(scope="session")
def kept_three(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return keep(*three_desks(tmp_path_factory.mktemp("keepers"), hub_server))


@pytest.fixture
def three(kept_three: Kept, tmp_path: Path) -> Iterator[tuple[Console, Console, Console]]:
    """Anna's desk with a customer, and Kate's and Karl's, who may keep."""
    consoles = kept_three.begin(tmp_path)
    yield consoles[0], consoles[1], consoles[2]
    close_keepers()
    for console in consoles:
        console.desk.close()
