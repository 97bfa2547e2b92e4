"""What is pasted is text: no byte of it is a key, none of it acts on the terminal, nothing readable is lost."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.drivers import linux_driver
from textual.message import Message

from tests.support.command_line import Account
from tests.support.driver import Dispatcher, PilotHands, at_the_desk
from tests.support.terminal import PtyProgram
from tests.support.worlds import ROOT
from tui.paste import LONGEST_PASTE, PASTE_END, PASTE_START, SILENCE_SECONDS, PasteFilter, PasteSafeParser
from tui.widgets.composer import ComposerField

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
UNSHOWABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]")
SEQUENCES = re.compile(
    r"\x1b\[[0-9;?<>=]*[ $!\"']*[@-~]|\x1b\](?:22|10|11|12|110|111|112)[^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\"
    r"|\x1b[78=>cDM]|\x1b\([B0]"
)
HOSTILE = (
    "\x1b\x1b q q",
    "\x1b[31mred\x1b]0;pwn\x07 b\n\tq\n",
    "a\x1b[31mred\x1b]0;pwn\x07 b\n\x7f end\r\nq\n",
    "\x1b[31mred \u202eevil\nq\n\x00q",
    "\x1b]0;pwn\x07 \x08\x7f q\nq",
    "\x1b[A\x1b[B q X",
    "\x1bq\x1b[200~\x9b2J\x9d0;pwn\x9cq\x1b",
    "\x03\x11\x13\x1a\x1c q",
)
PIECES = st.sampled_from(
    [*"aq~[\x1b\n\r\t\x00\x07\x7f\x9b2", PASTE_START, PASTE_END, "\x1b[20", "0~", "1~", "\x1b[A", "ż", "\u202e"]
)
STREAMS = st.lists(PIECES, max_size=40).map("".join)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def expected(stream: str) -> str:
    """The rule, said of a whole stream: text, paste, text, paste..."""
    outside, mark, rest = stream.partition(PASTE_START)
    if not mark:
        return outside
    inside, end, after = rest.partition(PASTE_END)
    if not end:
        # What may still become an end mark is held back.
        inside = re.sub(r"\x1b(?:\[(?:2(?:0(?:1)?)?)?)?\Z", "", inside)
    return outside + mark + CONTROLS.sub("", inside) + end + (expected(after) if end else "")


@given(STREAMS, st.lists(st.integers(0, 200), max_size=12))
def test_cut_anywhere_a_stream_keeps_what_is_typed_and_loses_the_controls_of_what_is_pasted(
    stream: str, places: list[int]
) -> None:
    cuts = [0, *sorted(min(place, len(stream)) for place in places), len(stream)]
    pastes = PasteFilter()

    passed = "".join(pastes.feed(stream[begin:end]) for begin, end in pairwise(cuts))

    assert passed == expected(stream)


@given(STREAMS.filter(lambda text: PASTE_END not in text), st.integers(1, 7))
def test_a_paste_cannot_forge_its_own_end(text: str, step: int) -> None:
    pastes = PasteFilter()
    stream = PASTE_START + text

    passed = "".join(pastes.feed(stream[at : at + step]) for at in range(0, len(stream), step))

    assert pastes.is_open
    assert passed.startswith(PASTE_START)
    assert "\x1b" not in passed.removeprefix(PASTE_START)


def test_a_paste_without_an_end_is_kept_to_a_bound_and_never_becomes_keys() -> None:
    pastes = PasteFilter(longest=10)

    assert pastes.feed(PASTE_START + "x" * 8) == PASTE_START + "x" * 8
    assert [pastes.feed("yyyy") for _ in range(100)] == ["yy", *[""] * 99]
    assert pastes.feed("q" + PASTE_END + "q") == PASTE_END + "q"
    assert pastes.feed(PASTE_START + "again") == PASTE_START + "again"


def read(parser: PasteSafeParser, *pieces: str) -> list[Message]:
    return [message for piece in pieces for message in parser.feed(piece)]


def told(messages: list[Message]) -> list[str]:
    """Pastes in quotes, keys by name."""
    assert all(isinstance(message, events.Paste | events.Key) for message in messages)
    return [
        message.key if isinstance(message, events.Key) else repr(getattr(message, "text", None)) for message in messages
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
@pytest.mark.parametrize("step", [1, 3, 4096])
def test_a_hostile_paste_is_one_event(text: str, step: int) -> None:
    parser = PasteSafeParser()
    stream = f"j{PASTE_START}{text}{PASTE_END}k"

    messages = read(parser, *(stream[at : at + step] for at in range(0, len(stream), step)))

    assert told(messages) == ["j", repr(CONTROLS.sub("", text)), "k"]


def test_textual_alone_would_read_keys_in_it_and_is_left_as_it_is() -> None:
    parser = vars(linux_driver)["XTermParser"]

    messages = list(parser().feed(f"{PASTE_START}\x1b\x1b q q{PASTE_END}"))

    assert parser is not PasteSafeParser, "only the console's own driver reads with another parser"
    assert any(isinstance(message, events.Key) for message in messages)


def test_after_a_long_silence_a_paste_without_an_end_is_over_and_keys_are_keys_again() -> None:
    clock = Clock()
    parser = PasteSafeParser(clock=clock)
    assert told(read(parser, PASTE_START + "half \x1b[20")) == []

    clock.now += SILENCE_SECONDS - 0.1
    assert told(list(parser.tick())) == []
    clock.now += 0.2
    assert told(list(parser.tick())) == ["'half '"]

    assert told(read(parser, "q")) == ["q"]
    assert told(read(parser, PASTE_END, "j")) == ["j"]


def test_a_paste_longer_than_the_bound_is_still_one_event() -> None:
    parser = PasteSafeParser()

    (paste,) = read(parser, PASTE_START + "x" * (LONGEST_PASTE + 5000), "q\n" * 5, PASTE_END)

    assert isinstance(paste, events.Paste) and paste.text == "x" * LONGEST_PASTE


def test_a_start_mark_cut_by_a_slow_link_still_begins_a_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("textual._parser.get_time", clock)
    parser = PasteSafeParser(clock=clock)

    assert told(read(parser, "\x1b[20")) == []
    clock.now += 0.5
    assert told(list(parser.tick())) == []
    assert told(read(parser, f"0~q\x1bq{PASTE_END}")) == ["'qq'"]


def test_a_lone_escape_is_a_key_and_what_follows_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("textual._parser.get_time", clock)
    parser = PasteSafeParser(clock=clock)

    assert told(read(parser, "\x1b")) == []
    clock.now += 0.2
    assert told(list(parser.tick())) == ["escape"]
    assert told(read(parser, "[200~q")) == [
        *("left_square_bracket", "2", "0", "0", "tilde", "q"),
    ]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("\x1bj", ["escape", "j"]),
        ("\x1bJ", ["escape", "J"]),
        ("\x1b:", ["escape", "colon"]),
        ("\x1bż", ["escape", "ż"]),
        ("\x1bjkl", ["escape", "j", "k", "l"]),
        ("\x1b\x1bj", ["escape", "escape", "j"]),
        ("\x1b[A", ["up"]),
        ("\x1bf", ["ctrl+right"]),
    ],
)
def test_an_escape_and_a_letter_close_behind_it_are_two_keys(
    typed: str, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("textual._parser.get_time", clock)
    parser = PasteSafeParser(clock=clock)

    messages = read(parser, typed)
    clock.now += 0.2

    assert told([*messages, *parser.tick()]) == keys


@pytest.mark.parametrize("text", ["Olo Wilk\r\nHuta", "Olo\nWilk\nHuta", "a\r\n\r\nb"])
def test_lines_that_came_at_once_without_marks_are_a_paste(text: str) -> None:
    assert told(read(PasteSafeParser(), text)) == [repr(text)]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [("ab\rc", ["a", "b", "enter", "c"]), ("a\r\n", ["a", "enter", "ctrl+j"]), ("\nb", ["ctrl+j", "b"])],
)
def test_enter_between_letters_that_came_at_once_stays_a_key(typed: str, keys: list[str]) -> None:
    assert told(read(PasteSafeParser(), typed)) == keys


def test_escape_and_the_next_key_in_one_piece_close_a_question_and_begin_the_next(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.demo()
    with console(account) as program:
        program.press("f")
        program.wait_for("FILTER")
        program.type_text("\x1bi")
        program.wait_for("NOTE for colleagues")


@pytest.mark.parametrize("is_marked", [True, False])
def test_two_lines_pasted_for_who_calls_are_one_answer(tmp_path: Path, is_marked: bool) -> None:
    text = "Olo Wilk\r\nHuta"
    account = Account(tmp_path)
    account.demo()
    with console(account) as program:
        program.press("n")
        program.wait_for("who is calling")
        program.type_text(bracketed(text) if is_marked else text)
        program.wait_for("Olo Wilk Huta")
        program.settle(0.3)
        assert "somebody new" in program.text() and "of which company" not in program.text()


async def paste(anna: Dispatcher, text: str) -> None:
    assert isinstance(anna.hands, PilotHands)
    anna.hands.pilot.app.post_message(events.Paste(text))
    await anna.hands.pilot.pause(0.05)


async def test_a_text_in_the_editor_keeps_its_lines_and_nothing_that_acts(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("i")
        await anna.sees("NOTE for colleagues")
        await paste(anna, "one \u202eevil\r\n\ttwo\u2028\x9b\rthree" + "x" * 5000)
        field = _field(anna)

        assert field.text == "one  evil\n    two \nthree" + "x" * 5000

        field.load_text("draft\u2066\n\x1b[2Jx")
        assert field.text == "draft \n [2Jx"


async def test_tab_in_the_editor_is_blanks_and_no_tab_leads_out_of_it(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("i")
        await anna.sees("NOTE for colleagues")
        await anna.presses("a", "tab", "b", "shift+tab", "q")

        assert _field(anna).text == "a   bq"
        await anna.sees("NOTE for colleagues")


@pytest.mark.parametrize("key", ["ctrl+s", "f8", "enter"])
async def test_the_one_line_answer_takes_every_line_and_the_keys_that_save(key: str, tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("w")
        await anna.sees(" waits for")
        await anna.presses("p")
        await anna.sees("because")
        await paste(anna, "\u202ea fuse\r\nand\x1ba\u2028lamp\n")
        await anna.presses("tab", "!", key)

        await anna.sees("waits for part:", "a fuse and a lamp!")


def _field(anna: Dispatcher) -> ComposerField:
    assert isinstance(anna.hands, PilotHands)
    return anna.hands.pilot.app.screen.query_one("#composer-field", ComposerField)


@contextmanager
def console(account: Account) -> Iterator[PtyProgram]:
    argv = [sys.executable, "-m", "tui", "--desk", "trial"]
    environment = {**account.environment(), "NO_COLOR": None, "TZ": None}
    with PtyProgram(argv, columns=100, rows=30, env=environment, cwd=ROOT) as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)
        yield program


def bracketed(text: str) -> str:
    return PASTE_START + text + PASTE_END


def written(desk: Path) -> tuple[int, list[str]]:
    """How many entries the desk has, and the notes of them."""
    with closing(sqlite3.connect(desk)) as connection:
        entries = connection.execute("SELECT kind, text FROM entry ORDER BY id").fetchall()
    return len(entries), [text for kind, text in entries if kind == "note"]


def test_a_hostile_paste_at_a_real_terminal_runs_nothing_and_is_kept_as_text(tmp_path: Path) -> None:
    account = Account(tmp_path)
    desk = account.demo()
    entries_before, notes_before = written(desk)
    with console(account) as program:
        for text in HOSTILE:  # where nothing takes text
            program.type_text(bracketed(text))
            program.settle(0.1)
        assert program.process.poll() is None
        assert written(desk)[0] == entries_before

        program.press("i")
        program.wait_for("NOTE for colleagues")
        for text in HOSTILE:
            program.type_text(bracketed(text))
            program.settle(0.1)
        program.wait_for("NOTE for colleagues")
        assert written(desk)[0] == entries_before
        program.press("ctrl+s")
        program.wait_for("SAVED")

        program.press("w")
        program.wait_for(" waits for")
        program.press("p")
        program.wait_for("because")
        for text in HOSTILE:
            program.type_text(bracketed(text))
            program.settle(0.1)
        program.wait_for("because")
        program.press("ctrl+s")
        program.wait_for("is now waiting")
        program.settle()
        sent = bytes(program.stream).decode("utf-8", "replace")
        program.press("q")
        assert program.exit_code() == 0

    (note,) = [text for text in written(desk)[1] if text not in notes_before]
    assert "[31mred]0;pwn b\n    q\n" in note and " evil\nq\nq" in note
    assert not UNSHOWABLE.search(note)
    rest = SEQUENCES.sub("", sent)
    assert not re.search("[\x00-\x06\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rest)
    assert "\x1b]0;" not in sent


def test_a_byte_that_is_no_text_does_not_end_the_program(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.demo()
    with console(account) as program:
        program.press("i")
        program.wait_for("NOTE for colleagues")
        program._send(b"before \xff\xf3 after")
        program.wait_for("before ")
        program.wait_for(" after")
        assert program.process.poll() is None
