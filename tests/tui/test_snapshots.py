"""How the console looks at three sizes.

`pytest tests/tui/test_snapshots.py --snapshot-update` accepts how it looks now.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.crossed import crossed
from tests.support.driver import Dispatcher, PilotHands, demo_desk
from tui.app import Lampboard
from tui.bootstrap import build_app

SIZES = [(80, 24), (120, 40), (200, 60)]
SCENES = {
    "workbench": (),
    "company": ("3", "z"),
    "ticket": ("2", "z"),
    "contract": ("4", "z"),
    "equipment": ("5", "z"),
    "picker": ("s",),
    "help": ("question_mark",),
    "why": ("j", "d", "tab"),
    "review": ("R",),
}
"""Each view and the keys that lead to it."""
SIGNS = {
    "why": "WHO USED THE TIME",
    "review": "THEIRS  applied",
    "picker": "Stage of",
    "help": " HELP",
    "company": "BY YEAR",
    "ticket": "TIMELINE",
    "contract": "paid",
    "equipment": "fails",
}
ALWAYS_SIGNED = ("picker", "help", "ticket", "why", "review", "contract", "equipment")
"""Scenes whose sign stands there at every size."""


@pytest.fixture
def console(scene: str, tmp_path: Path) -> Iterator[Lampboard]:
    desk = demo_desk(tmp_path)
    if scene == "review":
        crossed(desk.path)
    seat = desk.seat()
    yield build_app(seat)
    seat.desk.close()
    gc.collect()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
def test_the_console_looks_as_it_did(
    scene: str, size: tuple[int, int], console: Lampboard, snap_compare: Callable[..., bool]
) -> None:
    async def go_there(pilot: Pilot[Any]) -> None:
        await pilot.press(*SCENES[scene])
        sign = SIGNS.get(scene, "") if size[0] >= 100 or scene in ALWAYS_SIGNED else ""
        await Dispatcher(PilotHands(pilot)).sees(sign)
        await pilot.pause(0.3)

    assert snap_compare(console, terminal_size=size, run_before=go_there)
