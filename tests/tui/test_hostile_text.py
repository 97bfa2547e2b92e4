"""Texts from outside reach the screen as text: no markup, no control codes, no bidi, no megabyte to measure."""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from tests.support.driver import TICKETS, Desk, Dispatcher, PilotHands, demo_desk, sitting_at
from tests.support.terminal import PtyProgram
from tests.support.worlds import ROOT, copy_of, world

HOSTILE = (
    "[/x]",
    "[bold red on blue][link=file:///etc/passwd]click[/]",
    "{0.__class__} %s %(name)s $HOME",
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x07",
    "\x9b31m\x9d0;owned\x9c",
    "a\u202eevil\u202c\u2066b\u2069\u200f\u200e",
    "line\r\nbreak\x0b\x0c\x85\u2028\u2029tab\tnul",
    "\u0e33\u0301\u0301\u0301" * 20,
    "\U000e0041\ufeff\u2060x",
)
PIECE = "\x1b[31m\u202e\x9b[/x]\x07" + " ".join(HOSTILE)
"""Begins with the worst, so that it stands within the first cells of every label."""
MEGABYTE = (PIECE + " ") * (1_000_000 // (len(PIECE) + 1) + 1)
SIZES = [(80, 24), (120, 40), (200, 60)]
BESIDE = (("4",), ("j",), ("5",), ("ctrl+d",), ("escape",), ("4",), ("5",), ("1",))
FRAME_SECONDS = 1.5
"""Far above what a frame takes, far below what measuring a megabyte cell by cell would."""

FIELDS = {
    "company": ("name", "tier", "kind", "derived_by"),
    "contact": ("name", "phone", "email", "notes", "derived_by"),
    "person": ("name",),
    "team": ("name",),
    "site": ("name", "address", "zone"),
    "equipment": ("serial", "inventory_number", "place"),
    "model": ("name", "maker", "category"),
    "contract": ("number",),
    "contract_version": ("grade", "unit", "coverage", "exclusions", "rates", "currency", "derived_by"),
    "entry": ("text",),
    "affiliation": ("role",),
    "ticket": (
        *("subject", "category", "fault_code", "resolution_code", "waiting_cause"),
        *("waiting_party", "request_type", "channel", "derived_by"),
    ),
}
UNSHOWABLE = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ufeff\u0085\u009b\u009d\U000e0000-\U000e007f]"
)
SEQUENCES = re.compile(
    r"\x1b\[[0-9;?<>=]*[ $!\"']*[@-~]|\x1b\](?:22|10|11|12|110|111|112)[^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\"
    r"|\x1b[78=>cDM]|\x1b\([B0]"
)


def poison(path: Path) -> None:
    """Put hostile texts into every field of every row, one subject of a megabyte on top of the queue."""
    with sqlite3.connect(path) as connection:
        for table, columns in FIELDS.items():
            known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for column in set(columns) & known:
                for place, text in enumerate(HOSTILE):
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? || ' ' || ? WHERE rowid % {len(HOSTILE)} = {place}",
                        (text, PIECE),
                    )
        connection.execute(
            "UPDATE ticket SET subject = ?"
            " WHERE id = (SELECT id FROM ticket WHERE queue_rank = 0 ORDER BY queue_key LIMIT 1)",
            (MEGABYTE,),
        )
        connection.execute("UPDATE entry SET text = ? WHERE rowid % 7 = 0", (MEGABYTE[:200_000],))
    connection.close()


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("poisoned")
    path = copy_of(world(TICKETS), folder)
    poison(path)
    return path


@pytest.fixture
def desk(poisoned: Path, tmp_path: Path) -> Desk:
    desk = demo_desk(tmp_path)
    desk.path.write_bytes(poisoned.read_bytes())
    return desk


async def looks_harmless(dispatcher: Dispatcher) -> None:
    shown = await dispatcher.screen()
    assert not UNSHOWABLE.search(shown)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", shown)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_pane_shows_hostile_texts_as_texts(size: tuple[int, int], desk: Desk) -> None:
    async with sitting_at(desk, columns=size[0], rows=size[1]) as anna:
        await anna.sees("[/x]")
        slowest = 0.0
        for keys in (("j",), ("2",), ("j",), ("z",), ("ctrl+d",), ("3",), ("j",), ("ctrl+d",), *BESIDE):
            began = time.perf_counter()
            await anna.presses(*keys)
            slowest = max(slowest, time.perf_counter() - began)
            await looks_harmless(anna)
        assert slowest < FRAME_SECONDS


async def test_pickers_prompts_palette_and_notices_show_them_as_texts(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        for key, sign in (
            ("A", "Assign"),
            ("s", "Stage of"),
            ("c", " call "),
            ("colon", "COMMAND"),
            ("V", "List"),
            ("f", "FILTER"),
        ):
            await anna.presses(key)
            await anna.sees(sign)
            await looks_harmless(anna)
            await anna.types("[/x]")
            await looks_harmless(anna)
            await anna.presses("escape")
        await anna.presses("r")
        await anna.sees("REPLY to")
        await looks_harmless(anna)
        await anna.presses("escape")
        await anna.sees_no_more("REPLY to")
        await anna.presses("y", "Y")
        await anna.sees("copied")
        await looks_harmless(anna)


async def test_what_a_person_types_or_pastes_is_text_too(desk: Desk) -> None:
    async with sitting_at(desk, columns=120, rows=40) as anna:
        assert isinstance(anna.hands, PilotHands)
        await anna.waits_for("vendor", because="[/x] [red]{0}")
        await anna.sees("+ SAVED", "[/x] [red]{0}")
        await anna.notes("[/bold] %s {1}")
        await anna.sees("[/bold] %s {1}")
        await anna.commands("[/qzq]{0}")
        await anna.sees("tickets are not indexed yet", within=20)
        await looks_harmless(anna)
        await anna.presses("escape")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_real_terminal_never_gets_a_code_from_outside(size: tuple[int, int], poisoned: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lampboard" / "desks" / "trial"
    folder.mkdir(parents=True)
    copy_of(poisoned, folder)
    env = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "NO_COLOR": None}
    argv = [sys.executable, "-m", "tui", "--desk", "trial"]
    with PtyProgram(argv, columns=size[0], rows=size[1], cwd=tmp_path, env=env) as program:
        program.wait_for("q quit", timeout=30)
        program.settle(0.3)
        for key in (
            "j",
            "2",
            "z",
            "ctrl+d",
            "escape",
            "3",
            "z",
            "4",
            "5",
            "ctrl+d",
            "escape",
            "4",
            "A",
            "escape",
            "a",
            "u",
        ):
            program.press(key)
            program.settle(0.1)
        told = bytes(program.stream).decode("utf-8", "replace")
        assert "[/x]" in told
        program.press("q")
        assert program.exit_code() == 0

    rest = SEQUENCES.sub("", told)
    assert "\x1b" not in rest, rest[max(0, rest.find("\x1b") - 60) : rest.find("\x1b") + 60]
    assert not re.search("[\x00-\x06\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]", rest)
    assert not UNSHOWABLE.search(rest)
    assert "\x1b]52" not in told and "\x1b]0;" not in told and "\x1b[2J\x1b[31m" not in told
