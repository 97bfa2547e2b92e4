"""Goal 1, a line move beside a bare application's key; of goal 8, what moves send in true colour.

Line moves stay inside the view (no jump): the cursor row's frame ends after 70 ms of silence, the panes that
follow come after the cursor has rested 150 ms and are measured apart, counted from the end of that rest.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from itertools import chain, cycle, islice
from pathlib import Path

from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.meter import SETTLED_SECONDS, Following, KeyFrame, Keys, leave, median, program, quantile
from tests.performance.minimal_app import FIRST_WORDS
from tui.screens.resting import REST_SECONDS

MOVES = 120
"""A round; three rounds make the 300 keys a p99 needs."""
STROKE = 18
"""Moves down before as many moves up: the view of 22 rows stays where it is."""
FOLLOWED = 20
PAGES = 20
HELD = 88
HELD_SECONDS = 1 / 30
FEWEST_FOR_P99 = 300

MINIMAL = [sys.executable, str(Path(__file__).with_name("minimal_app.py"))]


@dataclass(slots=True)
class _Taken:
    bare: list[KeyFrame] = field(default_factory=list)
    lines: list[KeyFrame] = field(default_factory=list)
    mixed: list[KeyFrame] = field(default_factory=list)
    following: list[Following] = field(default_factory=list)
    pages: list[KeyFrame] = field(default_factory=list)
    held: list[float] = field(default_factory=list)


def measure(desk: Desk, rounds: int) -> list[Figure]:
    """All figures of the keys, bare application and console in turns."""
    taken = _Taken()
    for number in range(rounds):
        _bare_round(desk, taken, number)
        _console_round(desk, taken, number)
    return [*_line_figures(taken), *_byte_figures(taken)]


def _bare_round(desk: Desk, taken: _Taken, number: int) -> None:
    with program(MINIMAL, desk.env) as started:
        started.wait_for(FIRST_WORDS, timeout=60)
        started.settle(SETTLED_SECONDS)
        keys = Keys(started, number)
        taken.bare += [keys.frame(key) for key in islice(_strokes(), MOVES)]
        leave(started)


def _console_round(desk: Desk, taken: _Taken, number: int) -> None:
    desk.warm()
    with program(desk.console, desk.env) as started:
        started.wait_for(desk.top_rows(1)[0].number, timeout=60)
        # What is loaded after the first frame is goal 15's matter, not a line move's.
        started.settle(3 * SETTLED_SECONDS)
        keys = Keys(started, number)
        taken.lines += [keys.frame(key) for key in islice(_strokes(), MOVES)]
        started.settle(SETTLED_SECONDS)
        # Every rest shows another company: a page that left memory meanwhile is the disk's time, not the console's.
        desk.warm()
        for key in islice(_strokes(), FOLLOWED):
            taken.following.append(keys.frame_and_following(key)[1])
        # What moves send depends on the script; the oldest tickets are of all the firm's languages.
        started.press("o")
        started.settle(SETTLED_SECONDS)
        taken.mixed += [keys.frame(key) for key in islice(_strokes(), 2 * STROKE)]
        for key in ["pagedown"] * (PAGES // 2) + ["pageup"] * (PAGES // 2):
            taken.pages.append(keys.frame(key))
            started.settle(SETTLED_SECONDS)
        before = started.mark()
        for _ in range(HELD):
            started.frame("down", quiet_seconds=HELD_SECONDS)
        taken.held.append(started.bytes_since(before) / HELD)
        started.settle(SETTLED_SECONDS)
        # The desk remembers order and cursor; the next start begins with the urgent ones again, at the top.
        for key in ("o", "o", "g"):
            started.press(key)
            started.settle(SETTLED_SECONDS)
        leave(started)


def _strokes() -> chain[str]:
    return chain.from_iterable(cycle((["down"] * STROKE, ["up"] * STROKE)))


def _line_figures(taken: _Taken) -> list[Figure]:
    bare = [frame.seconds * 1000 for frame in taken.bare]
    lines = [frame.seconds * 1000 for frame in taken.lines]
    settled = [(frame.seconds - REST_SECONDS) * 1000 for frame in taken.following]
    figures = [Figure(1, "line move, p50", median(lines), 1.2, "ms", median(bare))]
    if min(len(lines), len(bare)) >= FEWEST_FOR_P99:
        figures.append(Figure(1, "line move, p99", quantile(lines, 0.99), 1.3, "ms", quantile(bare, 0.99)))
    return [
        *figures,
        Figure(1, "panes that follow, settled after the rest, p50", median(settled), 3.0, "ms", median(bare)),
        Figure(1, "panes that follow, bytes, p50", median([f.byte_count for f in taken.following]), 6_000, "B"),
    ]


def _byte_figures(taken: _Taken) -> list[Figure]:
    lines = [frame.byte_count for frame in taken.mixed]
    urgent = [frame.byte_count for frame in taken.lines]
    pages = [frame.byte_count for frame in taken.pages]
    return [
        Figure(8, "line move before the panes follow, median", median(lines), 450, "B"),
        Figure(8, "the same, p98", quantile(lines, 0.98), None, "B"),
        Figure(8, "the same at the top of the queue, median", median(urgent), None, "B"),
        Figure(8, "held Down with its jumps, mean a key", median(taken.held), 900, "B"),
        Figure(8, "page move, p98", quantile(pages, 0.98), 8_000, "B"),
    ]
