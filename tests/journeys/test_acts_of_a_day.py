"""The acts that docs/acts.md lists, with exactly its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.acts_of_a_day import ACTS, CALLER, PAPER, Act, table
from tests.support.calls import a_caller
from tests.support.driver import demo_desk, sitting_at


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name.replace(" ", "_"))
async def test_an_act_of_the_day_is_done_with_its_keys(act: Act, tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.sees("caller")
        for key in act.keys:
            if key.startswith("text:"):
                await anna.types(key.removeprefix("text:"))
            else:
                await anna.presses(*(caller.last_four if key == CALLER else (key,)))
        await anna.sees(*act.sees)
        assert anna.keys_pressed == act.key_count


def test_the_paper_lists_the_acts_as_they_are() -> None:
    assert PAPER.read_text(encoding="utf-8") == table(), "run: python -m tests.support.acts_of_a_day"
