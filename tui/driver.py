"""The console's terminal driver: the same screen in fewer bytes, and pastes that are only text.

`LeanOutput` is the filter and knows no terminal; `LeanDriver` puts it between Textual and the terminal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO, cast

__all__ = ["LeanDriver", "LeanOutput"]

_BOLD, _DIM, _ITALIC, _UNDERLINE, _REVERSE, _STRIKE = 1, 2, 4, 8, 16, 32
_SWITCHES: Final = (
    (_BOLD, "1"),
    (_DIM, "2"),
    (_ITALIC, "3"),
    (_UNDERLINE, "4"),
    (_REVERSE, "7"),
    (_STRIKE, "9"),
)
_ON: Final = {code: flag for flag, code in _SWITCHES}
_OFF: Final = {"22": _BOLD | _DIM, "23": _ITALIC, "24": _UNDERLINE, "27": _REVERSE, "29": _STRIKE}
_SEEN_ON_BLANKS: Final = _UNDERLINE | _REVERSE | _STRIKE
_INKS: Final = frozenset(str(code) for code in (*range(30, 38), *range(90, 98)))
_GROUNDS: Final = frozenset(str(code) for code in (*range(40, 48), *range(100, 108)))

# The order of the branches is the order of how often Textual sends them; the group numbers are below.
_TOKEN: Final = re.compile(
    r"\x1b\[([0-9;]*)m([^\x00-\x1f\x7f-\x9f]*)"
    r"|([^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[([0-9]*);?([0-9]*)[Hf]"
    r"|\n(?=\x1b\[([0-9]+);[0-9]+H)"
    r"|(\x1b\[[0-?]*[ -/]*[@-~])"
    r"|(\x1b\][^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\))"
    r"|(\x1b(?![\[\]PX^_])[ -/]*[0-~]|\x1b[PX^_][^\x18\x1a\x1b\x9c]*\x1b\\|[\x00-\x1a\x1c-\x1f\x7f-\x9f])"
    r"|(\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x18\x1a\x1b\x9c]*\x1b?|[PX^_][^\x18\x1a\x1b\x9c]*\x1b?|[ -/]*)\Z)"
    r"|(\x1b)"
)
_STYLED, _TEXT, _MOVE, _FEED_THEN_MOVE, _CSI, _OSC, _PLAIN, _UNFINISHED = 2, 3, 5, 6, 7, 8, 9, 10

# Modes, queries and keyboard flags: neither style nor cursor row changes by them.
_INDIFFERENT: Final = re.compile(
    r"\x1b\[(?:\?(?:1|7|12|25|100[0-6]|101[56]|2004|2026|2027|2031|2048)[hl]|\?[0-9;]*\$p|[<=>][0-9;]*u|\?u"
    r"|[0-9]* q|\??[0-9;]*n|[>=]?[0-9]*c|[0-9;]*t)"
)
_TRAVEL: Final = re.compile(r"\x1b\[[0-9;]*[A-GIZ`adegr]")
_PAINTS_GROUND: Final = re.compile(r"\x1b\[(?:[0-9;]*[@JKLMPSTXbs]|\?[0-9]*[JK])|\x1b[7DEM]|[\n\x0b\x0c]")
_HARMLESS: Final = frozenset(("\a", "\b", "\t", "\r", "\x1b=", "\x1b>"))
_LEARNED_LIMIT: Final = 20_000
_UNFINISHED_LIMIT: Final = 1 << 20
_HOME: Final = "\x1b[H"
_FRAME_BEGINS, _FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"
_FRAME_MARKS: Final = frozenset((_FRAME_BEGINS, _FRAME_ENDS))


class _Style:
    """How cells are dressed, and what was learned about the ways from this dress to others.

    `ink` and `ground` are SGR parameters without the leading code's default ("" is the default colour).
    """

    __slots__ = ("after", "flags", "ground", "ink", "known", "to", "to_blank")

    def __init__(self, ink: str, ground: str, flags: int, known: bool = True) -> None:
        self.ink, self.ground, self.flags, self.known = ink, ground, flags, known
        self.after: dict[str, _Style] = {}
        self.to: dict[_Style, tuple[str, _Style]] = {}
        self.to_blank: dict[_Style, tuple[str, _Style]] = {}

    def settings(self) -> list[str]:
        """The parameters that make this style out of the default one."""
        codes = [code for flag, code in _SWITCHES if self.flags & flag]
        return [*codes, *(colour for colour in (self.ink, self.ground) if colour)]

    def changes_to(self, wanted: _Style) -> list[str]:
        """The parameters that make the wanted style out of this one."""
        gone, come = self.flags & ~wanted.flags, wanted.flags & ~self.flags
        codes = [code for code, flags in _OFF.items() if gone & flags]
        if gone & (_BOLD | _DIM):  # one code ends both
            come |= wanted.flags & (_BOLD | _DIM)
        codes += [code for flag, code in _SWITCHES if come & flag]
        if self.ink != wanted.ink:
            codes.append(wanted.ink or "39")
        if self.ground != wanted.ground:
            codes.append(wanted.ground or "49")
        return codes


class _Wardrobe:
    """Every style met so far, once each, so that styles compare by identity and remember their ways."""

    def __init__(self) -> None:
        self.unknown = _Style("", "", 0, known=False)
        self.learned = 0
        self._styles: dict[tuple[str, str, int], _Style] = {}

    def style(self, ink: str, ground: str, flags: int) -> _Style:
        key = (ink, ground, flags)
        return self._styles.get(key) or self._styles.setdefault(key, _Style(ink, ground, flags))

    def same(self, style: _Style) -> _Style:
        """This wardrobe's copy of a style from another one."""
        return self.style(style.ink, style.ground, style.flags) if style.known else self.unknown

    def after(self, style: _Style, parameters: str) -> _Style:
        """The style that SGR `parameters` make of `style`; `unknown` where that cannot be told."""
        ink, ground, flags, known = style.ink, style.ground, style.flags, style.known
        codes = iter(parameters.split(";"))
        for padded in codes:
            code = padded.lstrip("0")
            if not code:
                ink, ground, flags, known = "", "", 0, True
            elif code in _ON:
                flags |= _ON[code]
            elif code in _OFF:
                flags &= ~_OFF[code]
            elif code in _INKS or code == "39":
                ink = "" if code == "39" else code
            elif code in _GROUNDS or code == "49":
                ground = "" if code == "49" else code
            elif code in ("38", "48") and (colour := _palette_colour(code, codes)):
                ink, ground = (colour, ground) if code == "38" else (ink, colour)
            else:
                known = False
                if code in ("38", "48"):
                    break
        self.learned += 1
        style.after[parameters] = found = self.style(ink, ground, flags) if known else self.unknown
        return found

    def way(self, real: _Style, wanted: _Style) -> tuple[str, _Style]:
        """The shortest sequence from one style to another, and where it leads."""
        whole = wanted.settings()
        sequence = f"\x1b[{';'.join(['0', *whole])}m" if whole else "\x1b[m"
        if real.known:
            changes = real.changes_to(wanted)
            step = f"\x1b[{';'.join(changes)}m" if changes else ""
            sequence = step if len(step) <= len(sequence) else sequence
        self.learned += 1
        real.to[wanted] = found = (sequence, wanted)
        return found

    def way_to_blank(self, real: _Style, wanted: _Style) -> tuple[str, _Style]:
        """As `way`, for cells without ink: only what shows on a blank is sent, the ink stays as it was."""
        if wanted.flags & _SEEN_ON_BLANKS:
            target = wanted
        else:
            target = self.style(real.ink, wanted.ground, real.flags & ~_SEEN_ON_BLANKS)
        found = real.to.get(target) or self.way(real, target)
        real.to_blank[wanted] = found
        return found


def _palette_colour(code: str, rest: Iterator[str]) -> str:
    """The parameters of a 256-colour or true-colour setting, "" when they are incomplete or out of range."""
    form = next(rest, "")
    count = {"5": 1, "2": 3}.get(form, 0)
    values = [next(rest, "") for _ in range(count)]
    if not values or any(not value or int(value[:9]) > 255 for value in values):
        return ""
    return ";".join((code, form, *values))


class LeanOutput:
    """A filter over terminal output that keeps the screen, cell for cell, and drops what does not change it.

    It is fed the stream in any pieces and gives back what to send instead. Styles are held back until a cell
    shows them, then only the difference is sent; blanks take no ink unless it shows (reverse, underline,
    strike, an open link); of cursor moves in a row only the last is sent. What it does not understand passes
    unchanged, and the next style after it is sent in full. A hidden cursor that ends a frame at home stays where
    it is.
    """

    def __init__(self) -> None:
        self._wardrobe = _Wardrobe()
        self._real = self._wanted = self._wardrobe.unknown
        self._unfinished = ""
        self._linked = False
        self._forgotten = False
        # A line feed can be dropped only where it cannot scroll: the row is known and the text cannot wrap.
        self._row = 0
        self._may_wrap = True
        self._has_margins = False
        self._shows_cursor = True
        self._held = ""

    def forget(self) -> None:
        """Send the next style in full, as after foreign output. Any thread may call."""
        self._forgotten = True

    def feed(self, data: str) -> str:
        """What to send to the terminal in place of `data`, the next piece of the stream."""
        data, real = self._begin(data)
        wanted, wardrobe = self._wanted, self._wardrobe
        sent: list[str] = []
        send = sent.append
        move, self._held = self._held, ""
        for token in _TOKEN.finditer(data):
            kind = token.lastindex
            if kind == _STYLED:
                parameters, text = token.group(1, 2)
                before, wanted = wanted, wanted.after.get(parameters) or wardrobe.after(wanted, parameters)
                if not wanted.known:
                    send(move + self._exact(real, before) + f"\x1b[{parameters}m" + text)
                    real, move = wanted, ""
                    continue
                if not text:
                    continue
            elif kind == _TEXT:
                text = token[3]
            elif kind == _MOVE:
                move, self._row = _short_move(token[4], token[5])
                continue
            elif kind == _FEED_THEN_MOVE and self._cannot_scroll(int(token[6][:9])):
                continue
            elif kind == _UNFINISHED and len(token[0]) < _UNFINISHED_LIMIT:
                self._unfinished = token[0]
                break
            elif move == _HOME and token[0] in _FRAME_MARKS and not self._shows_cursor:
                send(token[0])
                continue
            else:
                send(move)
                real, wanted = self._other(kind, token[0], real, wanted, sent)
                move = ""
                continue
            if move:
                send(move)
                move = ""
            if real is not wanted:
                if text.strip(" ") or self._linked:
                    sequence, real = real.to.get(wanted) or wardrobe.way(real, wanted)
                else:
                    sequence, real = real.to_blank.get(wanted) or wardrobe.way_to_blank(real, wanted)
                send(sequence)
            send(text)
        if move == _HOME and not self._shows_cursor:
            # Where a hidden cursor rests does not matter, and the next frame begins with a move of its own.
            self._held, move = move, ""
        send(move)
        self._real, self._wanted = real, wanted
        return "".join(sent)

    def _begin(self, data: str) -> tuple[str, _Style]:
        """Join what the last piece left unfinished, bound the memory; the data and the terminal's style."""
        if self._wardrobe.learned > _LEARNED_LIMIT:
            self._wardrobe = _Wardrobe()
            self._real = self._wardrobe.same(self._real)
            self._wanted = self._wardrobe.same(self._wanted)
        if self._forgotten:
            self._forgotten = False
            self._real = self._wardrobe.unknown
        if self._unfinished:
            data, self._unfinished = self._unfinished + data, ""
        return data, self._real

    def _exact(self, real: _Style, wanted: _Style) -> str:
        """The sequence after which the terminal has exactly the wanted style."""
        if real is wanted:
            return ""
        return (real.to.get(wanted) or self._wardrobe.way(real, wanted))[0]

    def _cannot_scroll(self, next_row: int) -> bool:
        """Whether a line feed before a move to `next_row` does nothing: there is a row below this one."""
        return 0 < self._row < next_row and not self._may_wrap and not self._has_margins

    def _other(
        self, kind: int | None, sequence: str, real: _Style, wanted: _Style, sent: list[str]
    ) -> tuple[_Style, _Style]:
        """Pass on any other sequence; the terminal's and the wanted style after it."""
        if kind == _OSC:
            if sequence.startswith("\x1b]8;"):
                address = sequence[4:].partition(";")[2].removesuffix("\x07").removesuffix("\x1b\\")
                self._linked = bool(address)
        elif sequence in _HARMLESS:
            pass
        elif _INDIFFERENT.fullmatch(sequence):
            if sequence in ("\x1b[?7h", "\x1b[?7l"):
                self._may_wrap = sequence.endswith("h")
            elif sequence in ("\x1b[?25h", "\x1b[?25l"):
                self._shows_cursor = sequence.endswith("h")
        elif _TRAVEL.fullmatch(sequence):
            self._row = 0
            if sequence.endswith("r"):
                self._has_margins = sequence != "\x1b[r"
        else:
            self._row = 0
            sent.append(self._exact(real, wanted))
            real = wanted
            if not _PAINTS_GROUND.fullmatch(sequence):
                self._may_wrap = True
                real = wanted = self._wardrobe.unknown
        sent.append(sequence)
        return real, wanted


def _short_move(row: str, column: str) -> tuple[str, int]:
    """An absolute cursor move without the parameters a terminal assumes anyway, and its row from 1."""
    if column.lstrip("0") not in ("", "1"):
        return f"\x1b[{row};{column}H", int(row[:9] or 1)
    return ("\x1b[H" if row.lstrip("0") in ("", "1") else f"\x1b[{row}H"), int(row[:9] or 1)


if sys.platform == "win32":
    # The application then takes Textual's own driver for this system.
    LeanDriver = None
else:
    from codecs import getincrementaldecoder
    from functools import partial
    from types import FunctionType

    from textual.drivers import linux_driver
    from textual.drivers.linux_driver import LinuxDriver

    from tui.paste import PasteSafeParser

    def _forgiving_decoder(encoding: str) -> Any:
        """A decoder for which a byte that is no text is a replacement character, not the end of the program."""
        return partial(getincrementaldecoder(encoding), errors="replace")

    # Textual's loop takes its parser by name from its module: this driver's copy of the loop finds ours under
    # that name, and neither the module nor any other driver changes.
    _read_input = FunctionType(
        LinuxDriver.run_input_thread.__code__,
        {**vars(linux_driver), "XTermParser": PasteSafeParser, "getincrementaldecoder": _forgiving_decoder},
    )

    class _LeanFile:
        """The file Textual's writer thread writes to: one thread, so no style is filtered out of turn."""

        def __init__(self, terminal: TextIO) -> None:
            self._terminal = terminal
            self.output = LeanOutput()
            # Nothing is sent yet; whatever the shell left switched on, frames begin without it.
            self.output.feed("\x1b[0m")
            self.flush = terminal.flush
            self.fileno = terminal.fileno

        def write(self, text: str) -> int:
            self._terminal.write(self.output.feed(text))
            return len(text)

    class LeanDriver(LinuxDriver):
        """Textual's driver for Linux and macOS with `LeanOutput` before the terminal and `PasteSafeParser` behind it.

        Every start and resume begins with a new filter: what the terminal was left with is not known.
        """

        _lean_file: _LeanFile | None = None
        _frame: list[str] | None = None
        """What a frame holds so far, while one is being written."""

        def write(self, data: str) -> None:
            """Hand a frame to the writer's thread as one text: in three it would wait for its turn three times."""
            if data == _FRAME_BEGINS:
                self._frame = [data]
            elif self._frame is None:
                super().write(data)
            else:
                self._frame.append(data)
                if data == _FRAME_ENDS:
                    frame, self._frame = "".join(self._frame), None
                    super().write(frame)

        def start_application_mode(self) -> None:
            if sys.__stderr__ is not None:
                self._lean_file = _LeanFile(sys.__stderr__)
                self._file = cast("Any", self._lean_file)
            super().start_application_mode()  # type: ignore[no-untyped-call]

        def run_input_thread(self) -> None:
            """Read the terminal until the program leaves."""
            _read_input(self)

        def forget_style(self) -> None:
            """Send the next style in full, for a redraw after somebody else wrote to the terminal."""
            if self._lean_file is not None:
                self._lean_file.output.forget()
