"""A terminal for tests and benchmarks: `PtyProgram` runs a program in it, `Screen` models what a person sees.

    with PtyProgram(["lampboard", "demo"], columns=120, rows=40) as program:
        program.wait_for("Queue")
        program.press("j", "j", "ctrl+d")
        frame = program.frame("down")        # frame.seconds, frame.byte_count
        assert "Ticket" in program.text()

Times are taken at the byte stream: a real terminal adds its own painting. No thread is used; output is read
only inside calls, so a program that fills the pseudo-terminal's buffer between two calls waits.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.support.screen import UNFINISHED, Cell, Screen

__all__ = ["Cell", "Frame", "PtyProgram", "Screen", "key_bytes"]

_NAMED_KEYS = {
    **{
        "enter": "\r",
        "tab": "\t",
        "space": " ",
        "backspace": "\x7f",
        "escape": "\x1b",
        "shift+tab": "\x1b[Z",
    },
    **{
        "up": "\x1b[A",
        "down": "\x1b[B",
        "right": "\x1b[C",
        "left": "\x1b[D",
        "home": "\x1b[H",
        "end": "\x1b[F",
    },
    **{"pageup": "\x1b[5~", "pagedown": "\x1b[6~", "insert": "\x1b[2~", "delete": "\x1b[3~"},
    **{f"f{number}": f"\x1bO{final}" for number, final in zip(range(1, 5), "PQRS", strict=True)},
    **{f"f{n}": f"\x1b[{c}~" for n, c in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)},
}
_MODIFIED = re.compile(r"(ctrl|alt|shift)\+(.+)", re.S)
_QUERY = re.compile(
    r"\x1b\[\?(?P<mode>[0-9]+)\$p|(?P<kitty>\x1b\[\?u)|(?P<device>\x1b\[0?c)|(?P<cursor>\x1b\[6n)"
    r"|(?P<status>\x1b\[5n)|\x1b\](?P<colour>1[01]);\?(?:\x07|\x1b\\)"
)
_ESCAPE_PAUSE_SECONDS = 0.15


def key_bytes(key: str) -> bytes:
    """What a terminal sends for a key ("j", "enter", "ctrl+d", "alt+x", "f4"); other words are text."""
    if key in _NAMED_KEYS:
        return _NAMED_KEYS[key].encode()
    modified = _MODIFIED.fullmatch(key)
    if modified is None:
        return key.encode()
    modifier, plain = modified.groups()
    if modifier == "alt":
        return b"\x1b" + key_bytes(plain)
    if modifier == "ctrl" and len(plain) == 1 and "@" <= plain.upper() <= "_":
        return bytes([ord(plain.upper()) & 0x1F])
    if plain in _NAMED_KEYS and _NAMED_KEYS[plain].startswith("\x1b["):
        final = _NAMED_KEYS[plain][2:]
        number = {"shift": 2, "ctrl": 5}[modifier]
        return f"\x1b[{final[:-1] or 1};{number}{final[-1]}".encode()
    raise ValueError(f"a terminal has no bytes for the key {key!r}")


class Frame(NamedTuple):
    """What one key brought: `seconds` from its write to the last byte before silence (0.0 if none)."""

    seconds: float
    byte_count: int


class PtyProgram:
    """A program in a pseudo-terminal of its own, driven by keys and read as a screen.

    `env` is laid over this process's environment, after TERM=xterm-256color, COLORTERM=truecolor and
    LC_ALL=C.UTF-8; a value of None removes a variable. Queries are answered as a current terminal does:
    synchronized output (2026) known and off (`synchronized=False`: unknown), in-band resize (2048) unknown,
    so that resizes come by signal; device attributes, cursor position, `ground` colour (OSC 11, as
    "rrrr/gggg/bbbb"), kitty keyboard flags 0. Keys are sent in the legacy encoding whatever is asked for.
    Waiting calls raise TimeoutError with the screen's text.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | str | None = None,
        synchronized: bool = True,
        ground: str = "0000/0000/0000",
    ) -> None:
        self.screen = Screen(columns, rows)
        self.stream = bytearray()
        self._taken = 0
        self._unasked = ""
        self._synchronized = synchronized
        self._ground = ground
        self._escape_sent_at = 0.0
        self._terminal, program_side = os.openpty()
        _set_size(self._terminal, columns, rows)
        self.started_at = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            env=_environment(env or {}),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(program_side)
        os.set_blocking(self._terminal, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def press(self, *keys: str) -> None:
        """Send keys by name, or words as text; after escape the next key waits until escape stands alone."""
        for key in keys:
            self._send(key_bytes(key))

    def type_text(self, text: str) -> None:
        """Send text as it is, even where it is a key's name."""
        self._send(text.encode())

    def wait_for(self, text: str, timeout: float = 10.0) -> None:
        """Return as soon as the text stands on the screen."""
        until = time.perf_counter() + timeout
        while text not in self.text():
            if not self._wait(until):
                raise self._too_late(f"{text!r} did not appear within {timeout} s")

    def settle(self, quiet_seconds: float = 0.2, timeout: float = 10.0) -> None:
        """Return when nothing was written for `quiet_seconds`, or the program has ended."""
        until = time.perf_counter() + timeout
        while self._wait(time.perf_counter() + quiet_seconds):
            if time.perf_counter() > until:
                raise self._too_late(f"no silence of {quiet_seconds} s within {timeout} s")

    def frame(self, key: str, quiet_seconds: float = 0.1, timeout: float = 5.0) -> Frame:
        """Send one key and measure its answer; the screen is modelled after the clock has stopped."""
        self._drain()
        mark, pieces = self.mark(), []
        began_at = last_at = time.perf_counter()
        os.write(self._terminal, key_bytes(key))
        while time.perf_counter() - began_at < timeout:
            if not self._readable(time.perf_counter() + quiet_seconds):
                break
            piece = self._read()
            if not piece:
                break
            last_at = time.perf_counter()
            pieces.append(piece)
        else:
            raise self._too_late(f"the answer to {key!r} did not end within {timeout} s")
        for piece in pieces:
            self._take_in(piece)
        return Frame(last_at - began_at, self.bytes_since(mark))

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size; the program is told by SIGWINCH."""
        self._drain()
        self.screen.resize(columns, rows)
        _set_size(self._terminal, columns, rows)

    def text(self) -> str:
        """The screen's text now."""
        self._drain()
        return self.screen.text()

    def mark(self) -> int:
        """A place in the stream, for `bytes_since`."""
        return len(self.stream)

    def bytes_since(self, mark: int) -> int:
        """How many bytes the program has written since the mark; all of them with mark 0."""
        self._drain()
        return len(self.stream) - mark

    def take_bytes(self) -> bytes:
        """The raw stream since the last call."""
        self._drain()
        taken, self._taken = bytes(self.stream[self._taken :]), len(self.stream)
        return taken

    def rss_mb(self) -> float:
        """Resident memory of the program itself (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii", errors="replace")
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
        if found is None:
            raise ProcessLookupError("the program has ended")
        return int(found[1]) / 1024

    def exit_code(self, timeout: float = 10.0) -> int:
        """Wait for the end, reading what is still written; negative for a signal."""
        until = time.perf_counter() + timeout
        while self.process.poll() is None:
            if time.perf_counter() > until:
                raise self._too_late(f"the program did not end within {timeout} s")
            if not self._wait(min(until, time.perf_counter() + 0.05)):
                time.sleep(0.005)
        self._drain()
        return self.process.returncode

    def kill(self) -> None:
        """End the program and everything in its session's process group at once, and free the terminal."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._terminal >= 0:
            self._drain()
            os.close(self._terminal)
            self._terminal = -1

    def _send(self, data: bytes) -> None:
        pause_until = self._escape_sent_at + _ESCAPE_PAUSE_SECONDS
        while time.perf_counter() < pause_until:
            if not self._wait(pause_until):
                time.sleep(max(0.0, pause_until - time.perf_counter()))
        os.write(self._terminal, data)
        if data == b"\x1b":
            self._escape_sent_at = time.perf_counter()

    def _readable(self, until: float) -> bool:
        if self._terminal < 0:
            return False
        return bool(select.select([self._terminal], [], [], max(0.0, until - time.perf_counter()))[0])

    def _read(self) -> bytes:
        try:
            return os.read(self._terminal, 65536)
        except OSError:  # the last holder of the program's side has gone
            return b""

    def _wait(self, until: float) -> bool:
        """Take in what comes next; False when nothing came until then, or nothing can come."""
        return self._readable(until) and self._take_in(self._read())

    def _drain(self) -> None:
        for _ in range(1000):  # a program that never falls silent must not hold the test
            if not self._wait(0.0):
                return

    def _take_in(self, data: bytes) -> bool:
        self.stream += data
        self.screen.feed(data)
        if b"\x1b" in data or self._unasked:
            self._answer(self._unasked + data.decode("utf-8", "replace"))
        return bool(data)

    def _answer(self, text: str) -> None:
        tail = UNFINISHED.search(text)
        self._unasked = tail[0] if tail else ""
        for query in _QUERY.finditer(text):
            os.write(self._terminal, self._reply(query).encode())

    def _reply(self, query: re.Match[str]) -> str:
        kind = query.lastgroup
        if kind == "mode":
            known = query["mode"] in ("25", "1004", "1049", "2004") or (query["mode"] == "2026" and self._synchronized)
            return f"\x1b[?{query['mode']};{2 if known else 0}$y"
        if kind == "cursor":
            column, row = self.screen.cursor
            return f"\x1b[{row + 1};{column + 1}R"
        if kind == "colour":
            colour = self._ground if query["colour"] == "11" else "ffff/ffff/ffff"
            return f"\x1b]{query['colour']};rgb:{colour}\x1b\\"
        return {"kitty": "\x1b[?0u", "device": "\x1b[?62;22c", "status": "\x1b[0n"}[kind or ""]

    def _too_late(self, what: str) -> TimeoutError:
        return TimeoutError(f"{what}; the screen:\n{self.text()}")


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    wanted = {**os.environ, **terminal, **changes}
    for name in ("COLUMNS", "LINES"):  # they would hide the pseudo-terminal's own size
        if name not in changes:
            wanted.pop(name, None)
    return {name: value for name, value in wanted.items() if value is not None}


def _set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _take_terminal() -> None:
    """In the child: make the pseudo-terminal its controlling one, so that it hears of resizes."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
