"""Programs timed at the byte stream of a pseudo-terminal, without the cost of modelling a screen."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.support.screen import Screen
from tests.support.terminal import Frame, PtyProgram

KEY_QUIET_SECONDS = 0.07
"""Silence that ends a key's own frame: shorter than the rest after which the following panes are drawn."""
SETTLED_SECONDS = 0.4
"""Silence that ends everything a key or a start brings."""
MOST_WAIT_SECONDS = 5.0
MOST_EXIT_SECONDS = 120.0
"""The first exit waits for a thread that compiles what it imports."""
MOST_JITTER_SECONDS = 0.02
"""Keys meet a program's frame timer at any phase."""

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[^\[\]PX^_])")


class Written(Screen):
    """A screen that only notes what came and when: modelling it would delay the clock."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.pieces: list[tuple[float, bytes]] = []

    def feed(self, data: bytes | str) -> None:
        """Note a piece and the moment it was read."""
        self.pieces.append((time.perf_counter(), data if isinstance(data, bytes) else data.encode()))

    def text(self) -> str:
        """All text written so far, without its sequences, wherever on the screen it went."""
        return _SEQUENCE.sub(b"", b"".join(piece for _, piece in self.pieces)).decode("utf-8", "replace")

    def came_at(self, wanted: Sequence[str]) -> float:
        """The moment from which on all of these texts had been written (perf_counter seconds)."""
        low, high = 0, len(self.pieces)
        while low < high:
            middle = (low + high) // 2
            told = b"".join(piece for _, piece in self.pieces[: middle + 1])
            text = _SEQUENCE.sub(b"", told).decode("utf-8", "replace")
            low, high = (low, middle) if all(part in text for part in wanted) else (middle + 1, high)
        if low == len(self.pieces):
            raise LookupError(f"never written: {[part for part in wanted if part not in self.text()]}")
        return self.pieces[low][0]


class KeyFrame(NamedTuple):
    """A key's own frame; the following panes are measured apart."""

    seconds: float
    byte_count: int


class Following(NamedTuple):
    """What comes after the cursor rested: from the key to the last byte, and its bytes without the key's own frame."""

    seconds: float
    byte_count: int


class Start(NamedTuple):
    """From the start of the process until all awaited texts stood there; bytes until it fell silent."""

    seconds: float
    byte_count: int


def program(argv: Sequence[str], env: Mapping[str, str | None], columns: int = 120, rows: int = 40) -> PtyProgram:
    """A program in a terminal that notes instead of modelling."""
    started = PtyProgram(argv, env=env, columns=columns, rows=rows)
    started.screen = Written(columns, rows)
    return started


def start_of(argv: Sequence[str], env: Mapping[str, str | None], wanted: Sequence[str]) -> Start:
    """Start a program, wait for the texts and for silence, and end it by its own key (`q`)."""
    with program(argv, env) as started:
        written = started.screen
        assert isinstance(written, Written)
        started.wait_for(wanted[-1], timeout=60)
        started.settle(SETTLED_SECONDS)
        seconds = written.came_at(wanted) - started.started_at
        byte_count = len(started.stream)
        leave(started)
    return Start(seconds, byte_count)


def leave(started: PtyProgram) -> None:
    """End a program as a person does, so that nothing is left beside its files."""
    started.press("q")
    started.exit_code(timeout=MOST_EXIT_SECONDS)


class Keys:
    """Sends keys one by one at random phases; one seed gives one sequence of pauses."""

    def __init__(self, started: PtyProgram, seed: int) -> None:
        self._program = started
        self._phases = random.Random(seed)

    def frame(self, key: str, quiet_seconds: float = KEY_QUIET_SECONDS) -> KeyFrame:
        """One key and its own frame, ended by silence; a key without an answer is an error, not a fast key."""
        time.sleep(self._phases.random() * MOST_JITTER_SECONDS)
        began_at = time.perf_counter()
        frame = self._program.frame(key, quiet_seconds=quiet_seconds)
        while not frame.byte_count:
            listening_since = time.perf_counter()
            if listening_since - began_at > MOST_WAIT_SECONDS:
                raise TimeoutError(f"the key {key!r} brought nothing")
            seconds, byte_count = self._program.frame("", quiet_seconds=quiet_seconds)
            frame = Frame(listening_since - began_at + seconds, byte_count)
        return KeyFrame(*frame)

    def frame_and_following(self, key: str) -> tuple[KeyFrame, Following]:
        """One key, its own frame, and what the panes that follow brought until silence."""
        began_at = time.perf_counter()
        own = self._program.frame(key, quiet_seconds=KEY_QUIET_SECONDS)
        listening_since = time.perf_counter()
        rest = self._program.frame("", quiet_seconds=SETTLED_SECONDS)
        if not rest.byte_count:
            raise TimeoutError(f"no pane followed the key {key!r}")
        return KeyFrame(*own), Following(listening_since - began_at + rest.seconds, rest.byte_count)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, interpolated."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return quantile(values, 0.5)
