"""Plain output that cannot act on a terminal and never breaks a pipe: lines, columns, JSON, one-sentence complaints.

Only what every interpreter start has anyway is imported here at once: a list in a pipe pays for every module.
"""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from io import TextIOWrapper

from core.text import plain


class ReaderGone(Exception):
    """Whoever read our output (head, less) has seen enough."""


class OutputFailed(Exception):
    """Standard output takes nothing more, as on a full disk; the text says so."""


def prepare_streams() -> None:
    """Let a character that the stream's encoding has not be shown as its code instead of ending in an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(line: str = "") -> None:
    """One line on standard output; it must have been made harmless."""
    try:
        sys.stdout.write(line + "\n")
    except OSError as error:
        raise output_ended(error) from error


def finish() -> None:
    """Hand the last of the output over, while a closed pipe can still be answered."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise output_ended(error) from error


def output_ended(error: OSError) -> ReaderGone | OutputFailed:
    """What to raise when standard output failed; nothing more is written there."""
    # What is left in the buffer is written at exit; where it cannot be it would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return ReaderGone()
    return OutputFailed(f"standard output cannot be written ({error.strerror}); acts that were asked for are saved")


def complain(sentence: str) -> None:
    """One sentence on standard error; a closed standard error is nobody's to tell."""
    try:
        sys.stderr.write(f"lampboard: {plain(sentence)}\n")
        sys.stderr.flush()
    except OSError:
        return


def say_json(document: object, *, indent: int | None = 2) -> None:
    """A document on standard output: whole texts, with everything that could act on a terminal as `\\u` escapes.

    Without `indent` it stands in one line.
    """
    import json

    encoding = (sys.stdout.encoding or "").lower().replace("_", "-")
    text = json.dumps(document, ensure_ascii=encoding != "utf-8", indent=indent)
    say("\n".join(_escaped(line) for line in text.split("\n")))


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(character if plain(character) == character else _json_escape(character) for character in line)


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def iso(at: int | None) -> str | None:
    """An instant in UTC as ISO 8601, or None."""
    return None if at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def hexed(id_: bytes | None) -> str | None:
    """An id as hex digits, or None."""
    return None if id_ is None else id_.hex()


def width(text: str) -> int:
    """Cells of a harmless text: none for combining marks, two for wide characters."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, cells: int) -> str:
    """`text` made harmless in exactly `cells` cells, cut with `>` at the end when it is longer."""
    shown = plain(text, limit=cells * 8)
    size = width(shown)
    if size <= cells:
        return shown + " " * (cells - size)
    kept, used = "", 0
    for character in shown:
        size = _cells(character)
        if used + size > cells - 1:
            break
        kept, used = kept + character, used + size
    return f"{kept}>{' ' * (cells - 1 - used)}"


def terminal_columns() -> int | None:
    """Cells across when standard output is a terminal; None in a pipe, where nothing is cut."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def counted(count: int, what: str) -> str:
    """`1 operation`, `1,200 operations`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
