"""Reads and writes never hold up the keys: after the first frame no query runs on the thread of the screen."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.worlds import copy_of, world
from tui.bootstrap import build_app, take_seat

SIZE = (120, 40)
PAUSE_SECONDS = 0.03
KEYS = ("down", "down", "pagedown", "up", "o", "3", "down", "1", "a", "space", "u", "V", "escape", "f", "p", "escape")


class Ear:
    """Hears every statement of every connection this process opens, with the thread it runs on."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []
        self._connect = sqlite3.connect

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        """The real connection, listened to."""
        connection: sqlite3.Connection = self._connect(*arguments, **options)
        connection.set_trace_callback(lambda sql: self.heard.append((threading.get_ident(), sql)))
        return connection

    def on_thread(self, thread: int) -> list[str]:
        """What ran on a thread."""
        return [sql for ran_on, sql in self.heard if ran_on == thread]

    def told_beside(self, thread: int, words: str) -> bool:
        """Whether a statement with these words ran on another thread."""
        return any(words in sql for ran_on, sql in self.heard if ran_on != thread)


async def test_after_the_first_frame_the_screen_never_waits_for_a_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    desk_file = copy_of(world(2_000), tmp_path)
    ear = Ear()
    monkeypatch.setattr(sqlite3, "connect", ear.connect)
    seat = take_seat(desk_file)
    try:
        app = build_app(seat)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(0.3)
            screen_thread = threading.get_ident()
            assert ear.on_thread(screen_thread), "the first frame reads on the spot: the ear hears this thread"
            ear.heard.clear()
            for key in KEYS:
                await pilot.press(key)
                await pilot.pause(PAUSE_SECONDS)
            # The first act waits for the writer thread's imports.
            for _ in range(200):
                if ear.told_beside(screen_thread, "INSERT INTO operation"):
                    break
                await pilot.pause(0.05)
            assert ear.told_beside(screen_thread, "INSERT INTO operation"), "a ticket was taken"
            assert ear.told_beside(screen_thread, "FROM ticket t"), "the panes followed"
            assert ear.on_thread(screen_thread) == []
    finally:
        seat.desk.close()
