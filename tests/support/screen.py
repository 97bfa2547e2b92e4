"""`Screen`: a terminal's screen as a person sees it, fed with what a program writes.

pyte does the bookkeeping; what it lacks (dim, marks of zero width, erasing with the ground colour, the
alternate screen, sequences newer than itself) is added here.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import pyte
from pyte.screens import Char, Margins
from wcwidth import wcwidth

_BOLD, _DIM = 1, 2
_ALTERNATE_SCREEN = frozenset((47, 1047, 1049))
# pyte prints parts of these, reads them as other commands or never ends them.
_BEYOND_PYTE = re.compile(
    r"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[[0-?]*[ -/]+[@-~]|\x1b\[[0-?]*[utnc]|\x1b\[[0-9;]*:[0-9;:]*m"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\"
)
UNFINISHED = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[()%#]?)\Z",
)


class Cell(NamedTuple):
    """One cell as drawn; colours are "default", an ANSI name's number ("31"), "38;5;n" as "5;n" or "#rrggbb".

    `character` is "" in the second cell of a wide character and carries the marks joined to it.
    """

    character: str
    ink: str
    ground: str
    bold: bool
    dim: bool
    italic: bool
    underline: bool
    reverse: bool
    strike: bool

    def seen(self) -> Cell:
        """The cell without what nobody can see: ink and weight of a blank that has no line through it."""
        if self.character != " " or self.underline or self.reverse or self.strike:
            return self
        return self._replace(ink="default", bold=False, dim=False, italic=False)


class _Model(pyte.Screen):
    """pyte's screen with dim, own colour names, joined marks, background erase and the alternate screen."""

    _primary: dict[int, Any] | None = None

    def draw(self, data: str) -> None:
        """pyte drops the text after a zero-width mark it does not know (Thai vowels): join marks here."""
        run = ""
        for character in data:
            if character < "\u0300" or wcwidth(character) != 0:
                run += character
                continue
            super().draw(run)
            run, column, line = "", self.cursor.x - 1, self.buffer[self.cursor.y]
            if column > 0 and not line[column].data:
                column -= 1
            if column >= 0:
                joined = unicodedata.normalize("NFC", line[column].data + character)
                line[column] = line[column]._replace(data=joined)
        super().draw(run)

    def select_graphic_rendition(self, *attrs: int, private: bool = False, **_: Any) -> None:
        if private:
            return
        look = self.cursor.attrs
        codes = iter(attrs or (0,))
        for code in codes:
            look = self._dressed(look, code, codes)
        self.cursor.attrs = look

    def _dressed(self, look: Char, code: int, rest: Iterator[int]) -> Char:
        if code == 0:
            return Char(" ")
        if code in (38, 48):
            colour = _extended_colour(rest)
            if not colour:
                return look
            return look._replace(fg=colour) if code == 38 else look._replace(bg=colour)
        if code in (1, 2, 22):  # pyte's cells have no dim: the weight is a bit set in `bold`
            return look._replace(bold=cast(bool, 0 if code == 22 else int(look.bold) | code))
        if 30 <= code <= 37 or 90 <= code <= 97 or code == 39:
            return look._replace(fg="default" if code == 39 else str(code))
        if 40 <= code <= 47 or 100 <= code <= 107 or code == 49:
            return look._replace(bg="default" if code == 49 else str(code - 10))
        name = {3: "italics", 4: "underscore", 5: "blink", 7: "reverse", 9: "strikethrough"}.get(code % 20)
        changed: dict[str, Any] = {name: code < 20} if name and code < 30 else {}
        return look._replace(**changed)

    def _blank(self) -> Char:
        """What erasing leaves: the ground colour and nothing else, as terminals do."""
        return Char(" ", bg=self.cursor.attrs.bg)

    def _erased(self, erase: Any, *arguments: Any) -> None:
        look, self.cursor.attrs = self.cursor.attrs, self._blank()
        erase(*arguments)
        self.cursor.attrs = look

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self._erased(super().erase_in_line, how)

    def erase_in_display(self, how: int = 0, *_: Any, **__: Any) -> None:
        for y in range(self.lines):  # pyte fills only cells that were once written
            line = self.buffer[y]
            for x in range(self.columns):
                line.setdefault(x, Char(" "))
        self._erased(super().erase_in_display, how)

    def erase_characters(self, count: int | None = None) -> None:
        self._erased(super().erase_characters, count)

    def index(self) -> None:
        bottom = (self.margins or Margins(0, self.lines - 1)).bottom
        scrolls = self.cursor.y == bottom
        super().index()
        if scrolls:
            self._fill(bottom)

    def reverse_index(self) -> None:
        top = (self.margins or Margins(0, self.lines - 1)).top
        scrolls = self.cursor.y == top
        super().reverse_index()
        if scrolls:
            self._fill(top)

    def _fill(self, y: int) -> None:
        line = self.buffer[y]
        for x in range(self.columns):
            line[x] = self._blank()

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and _ALTERNATE_SCREEN.intersection(modes) and self._primary is None:
            self.save_cursor()
            self._primary = {y: dict(line) for y, line in self.buffer.items()}
            self.buffer.clear()
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and _ALTERNATE_SCREEN.intersection(modes) and self._primary is not None:
            kept, self._primary = self._primary, None
            self.buffer.clear()
            for y, line in kept.items():
                self.buffer[y].update(line)
            self.restore_cursor()


def _extended_colour(rest: Iterator[int]) -> str:
    form = next(rest, 0)
    values = [next(rest, 256) for _ in range({5: 1, 2: 3}.get(form, 0))]
    if not values or max(values) > 255:
        return ""
    return f"5;{values[0]}" if form == 5 else "#{:02x}{:02x}{:02x}".format(*values)


class Screen:
    """A screen of `columns` by `rows` cells that is fed what a program writes, in any pieces."""

    def __init__(self, columns: int, rows: int) -> None:
        self._model = _Model(columns, rows)
        self._stream = pyte.Stream(self._model)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""

    @property
    def columns(self) -> int:
        return int(self._model.columns)

    @property
    def rows(self) -> int:
        return int(self._model.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        return min(self._model.cursor.x, self.columns - 1), self._model.cursor.y

    def feed(self, data: bytes | str) -> None:
        """Take the next piece of a program's output."""
        text = self._unfinished + (self._decoder.decode(data) if isinstance(data, bytes) else data)
        tail = UNFINISHED.search(text)
        self._unfinished = tail[0] if tail else ""
        if tail:
            text = text[: tail.start()]
        text = text.replace("\x1b[s", "\x1b7").replace("\x1b[u", "\x1b8")
        self._stream.feed(_BEYOND_PYTE.sub("", text))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size as a terminal window does; the program repaints afterwards."""
        self._model.resize(rows, columns)

    def cells(self) -> list[list[Cell]]:
        """All cells, row by row, with every attribute they were written with."""
        buffer, columns = self._model.buffer, range(self.columns)
        return [[_cell(buffer[y][x]) for x in columns] for y in range(self.rows)]

    def seen(self) -> list[list[Cell]]:
        """All cells without invisible attributes: equal screens look the same to a person."""
        return [[cell.seen() for cell in row] for row in self.cells()]

    def lines(self) -> list[str]:
        """The text of every row, without blanks at the end."""
        buffer, columns = self._model.buffer, range(self.columns)
        return ["".join(buffer[y][x].data for x in columns).rstrip() for y in range(self.rows)]

    def text(self) -> str:
        """The whole screen's text, one line a row."""
        return "\n".join(self.lines())


def _cell(char: Char) -> Cell:
    weight = int(char.bold)
    return Cell(
        char.data,
        char.fg,
        char.bg,
        bool(weight & _BOLD),
        bool(weight & _DIM),
        char.italics,
        char.underscore,
        char.reverse,
        char.strikethrough,
    )
