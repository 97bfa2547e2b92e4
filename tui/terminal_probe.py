"""What a terminal says of itself: by its variables, and by asking it, with a limit to how long one waits.

Asking writes a text and wants to know where the cursor stands (DSR 6, ECMA-48), or which capabilities it tells (DA1).
Whatever does not answer within the limit is not asked again.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

ANSWER_SECONDS = 1.0
"""Over a slow line an answer takes a round trip; a terminal that never answers costs this once."""

TMUX_SECONDS = 1.0
CLIPBOARD = "52"
"""Among the answers to DA1: the terminal takes OSC 52."""

SCRIPTS = {
    "Latin": "Queue of open tickets",
    "Cyrillic": "Очередь заявок",
    "Polish": "Zażółć gęślą jaźń",
    "Thai": "คิวงานที่ยังไม่ได้รับ",
}
"""A line in each script; the Thai one has marks above and below that take no cell of their own."""

_POSITION = re.compile(rb"\x1b\[(\d+);(\d+)R")
_CAPABILITIES = re.compile(rb"\x1b\[\?([\d;]*)c")


class Colours(NamedTuple):
    """How many colours the terminal's variables promise; `is_off` where a person asked for none."""

    number: int
    is_true: bool
    is_off: bool


def colours(variables: Mapping[str, str]) -> Colours:
    """By COLORTERM, TERM and NO_COLOR, as terminals and programs agree."""
    term = variables.get("TERM", "")
    is_true = variables.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct")
    count = 1 << 24 if is_true else 256 if "256" in term else 0 if term in ("", "dumb", "vt100", "vt220") else 16
    return Colours(count, is_true, bool(variables.get("NO_COLOR")))


def multiplexer(variables: Mapping[str, str]) -> str:
    """What stands between the program and the terminal, or nothing."""
    if variables.get("TMUX"):
        return "tmux"
    if variables.get("STY"):
        return "screen"
    return "zellij" if variables.get("ZELLIJ") else ""


def tmux_clipboard() -> str:
    """The setting `set-clipboard` of the tmux one is in; empty where it does not say."""
    try:
        asked = ["tmux", "show-options", "-sv", "set-clipboard"]
        answer = subprocess.run(  # noqa: S603 an argument list of ours
            asked, capture_output=True, timeout=TMUX_SECONDS, check=False, encoding="utf-8"
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


class Asked(NamedTuple):
    """What the terminal answered: cells that each script's line advanced, and capabilities; None where it did not."""

    cells: dict[str, int | None]
    capabilities: frozenset[str] | None


def ask(seconds: float = ANSWER_SECONDS) -> Asked | None:
    """Ask the terminal on standard input and output; None where there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    with _unechoed() as (reading, writing):
        answer = _answer(reading, writing, b"\x1b[c", _CAPABILITIES, seconds)
        if answer is None:
            return Asked(dict.fromkeys(SCRIPTS), None)
        cells: dict[str, int | None] = {}
        for script, text in SCRIPTS.items():
            found = _answer(reading, writing, b"\r" + text.encode() + b"\x1b[6n", _POSITION, seconds)
            cells[script] = None if found is None else int(found[2]) - 1
            os.write(writing, b"\r\x1b[K")
        return Asked(cells, frozenset(answer[1].decode().split(";")))


@contextmanager
def _unechoed() -> Iterator[tuple[int, int]]:
    """Answers come in as keys: they are neither shown nor left for the next program."""
    sys.stdout.flush()
    reading, writing = sys.stdin.fileno(), sys.stdout.fileno()
    before = termios.tcgetattr(reading)
    try:
        tty.setcbreak(reading)
        yield reading, writing
    finally:
        termios.tcsetattr(reading, termios.TCSAFLUSH, before)


def _answer(
    reading: int, writing: int, question: bytes, wanted: re.Pattern[bytes], seconds: float
) -> re.Match[bytes] | None:
    os.write(writing, question)
    until, told = time.monotonic() + seconds, b""
    while (left := until - time.monotonic()) > 0:
        if not select.select([reading], [], [], left)[0]:
            return None
        piece = os.read(reading, 1024)
        if not piece:
            return None
        told += piece
        if found := wanted.search(told):
            return found
    return None
