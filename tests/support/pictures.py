"""The README's pictures: `python -m tests.support.pictures` draws the real screens on the demo world.

The world, its moment and the clock are fixed, so that a picture changes only when the screen does.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from tests.support.driver import Dispatcher, PilotHands, demo_desk
from tests.support.worlds import ROOT
from tui.bootstrap import build_app

TICKETS = 2_000
FOLDER = ROOT / "docs" / "pictures"
REST_SECONDS = 0.5
"""Longer than the rest after which the panes follow the cursor."""

PICTURES: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "workbench-80x24": ((80, 24), ()),
    "workbench-120x40": ((120, 40), ()),
    "workbench-200x60": ((200, 60), ()),
    "company-120x40": ((120, 40), ("3", "z")),
    "ticket-120x40": ((120, 40), ("2", "z")),
    "call-120x40": ((120, 40), ("n", *"bangkok", "enter")),
}
"""Size and keys of each picture."""


async def draw(size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """The console at `size` after `keys`, as SVG without anything that differs between runs."""
    with tempfile.TemporaryDirectory() as folder:
        seat = demo_desk(Path(folder), TICKETS).seat()
        app = build_app(seat)
        try:
            async with app.run_test(size=size) as pilot:
                await pilot.pause(REST_SECONDS)
                await pilot.press(*keys)
                await pilot.pause(REST_SECONDS)
                assert "DEMO" in await Dispatcher(PilotHands(pilot)).screen()
                drawn = app.export_screenshot(title="Lampboard", simplify=True)
        finally:
            seat.desk.close()
    # Rich numbers each drawing by chance, and asks a web font for what every machine has.
    drawn = re.sub(r"terminal-\d+", "lampboard", drawn)
    drawn = re.sub(r"<!--.*?-->\s*", "", drawn, flags=re.S)
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", drawn, flags=re.S)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (size, keys) in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        path.write_text(asyncio.run(draw(size, keys)), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
