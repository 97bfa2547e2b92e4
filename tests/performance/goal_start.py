"""Goals 3 and 4: the first frame with real rows beside a bare application's, and on a small desk; of goal 8, its bytes.

The console's first frame counts from the start of the process until the numbers of the first rows of the queue, read
from the desk itself, have all been written.
"""

from __future__ import annotations

from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.goal_keys import MINIMAL
from tests.performance.meter import Start, median, start_of
from tests.performance.minimal_app import FIRST_WORDS

STARTS = 5
"""A round of each program."""
ROWS = 20


def measure(desk: Desk, small: Desk, rounds: int) -> list[Figure]:
    """Starts of bare application, small desk and large desk in turns."""
    first = {one.name: [row.number for row in one.top_rows(ROWS)] for one in (small, desk)}
    start_of(MINIMAL, desk.env, [FIRST_WORDS])
    start_of(desk.console, desk.env, first[desk.name])  # these two compiled the modules
    bare: list[Start] = []
    starts: dict[str, list[Start]] = {small.name: [], desk.name: []}
    for _ in range(rounds * STARTS):
        bare.append(start_of(MINIMAL, desk.env, [FIRST_WORDS]))
        for one in (small, desk):
            starts[one.name].append(start_of(one.console, one.env, first[one.name]))
    at_bare, at_small, at_large = (
        median([start.seconds * 1000 for start in group]) for group in (bare, starts[small.name], starts[desk.name])
    )
    sent = median([float(start.byte_count) for start in starts[desk.name]])
    return [
        Figure(3, "first frame with real rows", at_large, 1.3, "ms", at_bare),
        Figure(4, f"first frame, {desk.tickets} beside {small.tickets} tickets", at_large, 1.1, "ms", at_small),
        Figure(8, "start-up, all bytes", sent, 30_000, "B"),
    ]
