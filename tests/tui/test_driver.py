"""The lean driver sends fewer bytes and the dispatcher's screen stays the same, cell for cell."""

from __future__ import annotations

import signal
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.drivers.linux_driver import LinuxDriver

from tests.support.terminal import Cell, PtyProgram, Screen
from tui.driver import LeanDriver, LeanOutput

COLUMNS, ROWS = 24, 8
RED_ON_NIGHT = "\x1b[38;2;255;80;80;48;2;16;20;30m"
BLUE_ON_NIGHT = "\x1b[38;2;80;80;255;48;2;16;20;30m"


def lean(*pieces: str) -> str:
    output = LeanOutput()
    return "".join(output.feed(piece) for piece in pieces)


def shown(stream: str) -> list[list[Cell]]:
    screen = Screen(COLUMNS, ROWS)
    screen.feed(stream)
    return screen.seen()


# Streams of everything a console may send, and of what it should not.

numbers = st.integers(0, 255)
inks = st.one_of(
    st.sampled_from(["31", "37", "39", "91", "97"]),
    numbers.map(lambda n: f"38;5;{n}"),
    st.tuples(numbers, numbers, numbers).map(lambda rgb: "38;2;{};{};{}".format(*rgb)),
    st.sampled_from(["38;2;1;2;3", "38;2;9;9;9"]),
)
grounds = inks.map(lambda ink: {"3": "4", "9": "10"}[ink[0]] + ink[1:])
switches = st.sampled_from(["0", "", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29", "01"])
strange = st.sampled_from(["5", "53", "38;2;1", "48;5;900", "21", "38"])
parameters = st.lists(st.one_of(inks, grounds, switches, switches), max_size=4).map(";".join)
clusters = st.sampled_from([" ", "   ", "a", "Zamość", "Жук", "界", "ที่", "e\u0301", "…", "\u00a0", "|"])
texts = st.lists(clusters, min_size=1, max_size=4).map("".join)
blanks = st.integers(1, 9).map(lambda count: " " * count)
runs = st.tuples(parameters, st.one_of(texts, blanks)).map(lambda run: f"\x1b[{run[0]}m{run[1]}\x1b[0m")
moves = st.tuples(st.integers(1, ROWS), st.integers(1, COLUMNS)).map(lambda at: f"\x1b[{at[0]};{at[1]}H")
erases = st.sampled_from(["\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[3X"])
travel = st.sampled_from(["\n", "\r\n", "\t", "\b", "\x1b[A", "\x1b[2C", "\x1b[5G", "\x1bD", "\x1bM", "\x1b[H"])
margins = st.sampled_from(["\x1b[2;5r", "\x1b[r"])
modes = st.sampled_from(["\x1b[?7l", "\x1b[?7h", "\x1b[?2026h", "\x1b[?2026l", "\x1b[?25l", "\x1b[>25u"])
saves = st.sampled_from(["\x1b7", "\x1b7\x1b[32mx\x1b8y", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1049h", "\x1b[?1049l"])
strings = st.sampled_from(
    [
        "\x1b]0;desk\x07",
        "\x1b]8;id=1;https://example.org\x1b\\",
        "\x1b]8;;\x1b\\",
        "\x1bPq#1~\x1b\\",
        "\x1b[>4;2m",
    ]
)
pieces = st.one_of(
    runs,
    runs,
    texts,
    blanks,
    parameters.map(lambda codes: f"\x1b[{codes}m"),
    strange.map(lambda codes: f"\x1b[{codes}m"),
    moves,
    moves.map(lambda move: "\n" + move),
    st.one_of(erases, travel, margins, modes, saves, strings),
)
streams = st.lists(pieces, max_size=40).map("".join)


@given(streams, st.data())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_stream_split_anywhere_leaves_the_same_screen(stream: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    plain, thin = Screen(COLUMNS, ROWS), Screen(COLUMNS, ROWS)
    plain.feed(stream)
    thin.feed(lean(*parts))

    assert thin.seen() == plain.seen()
    assert thin.cursor == plain.cursor


@given(st.text(alphabet=st.characters(min_codepoint=0, max_codepoint=0xFFFF, exclude_categories=["Cs"])))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_text_whatever_breaks_the_driver_or_is_lost(text: str) -> None:
    printed = "".join(character for character in text if character.isprintable())

    sent = lean(text, "\x18")

    assert "".join(character for character in sent if character.isprintable()) == printed


# Unit stories.


def test_two_runs_of_one_style_send_it_once() -> None:
    stream = f"{RED_ON_NIGHT}T-1\x1b[0m{RED_ON_NIGHT}T-2\x1b[0m"

    assert lean("\x1b[0m", stream) == "\x1b[0;" + RED_ON_NIGHT[2:] + "T-1T-2"


def test_only_the_changed_colour_is_sent() -> None:
    sent = lean(f"\x1b[0m{RED_ON_NIGHT}late\x1b[0m{BLUE_ON_NIGHT}calm\x1b[0m")

    assert sent.endswith("late\x1b[38;2;80;80;255mcalm")


def test_a_reset_is_sent_where_it_is_shorter_than_the_difference() -> None:
    sent = lean("\x1b[0;1;3;4;38;2;1;2;3;48;2;4;5;6mloud\x1b[0mquiet")

    assert sent.endswith("loud\x1b[mquiet")


def test_bold_ends_without_ending_dim() -> None:
    assert lean("\x1b[0;1;2;38;5;99mboth\x1b[22;2mdim").endswith("both\x1b[22;2mdim")


def test_blanks_take_no_ink() -> None:
    sent = lean(f"\x1b[0m{RED_ON_NIGHT}late\x1b[0m{BLUE_ON_NIGHT}   \x1b[0m{RED_ON_NIGHT}now")

    assert sent.endswith("late   now")


@pytest.mark.parametrize("switch", ["4", "7", "9"])
def test_a_blank_that_shows_its_ink_gets_it(switch: str) -> None:
    stream = f"\x1b[0;31mx\x1b[0m\x1b[{switch};32m \x1b[0m"

    assert shown(lean(stream)) == shown(stream)
    assert shown(lean(stream))[0][1].ink == "32"


def test_a_blank_inside_a_link_gets_its_ink() -> None:
    link = "\x1b]8;id=7;https://example.org/;\x1b\\"

    assert "\x1b[32m " in lean(f"\x1b[0;31mx{link}\x1b[32m \x1b]8;;\x1b\\")
    assert "\x1b[32m" not in lean("\x1b[0;31mx\x1b]8;;\x1b\\\x1b[32m ")


def test_a_reversed_blank_is_followed_by_a_plain_one() -> None:
    stream = "\x1b[0;7m \x1b[0m \x1b[0;7m \x1b[0m"

    assert [cell.reverse for cell in shown(lean(stream))[0][:4]] == [True, False, True, False]


def test_erasing_a_line_paints_it_with_the_wanted_ground() -> None:
    stream = "\x1b[0;41mx\x1b[0m\x1b[44m\x1b[K"

    assert lean(stream).endswith("\x1b[44m\x1b[K")
    assert shown(lean(stream))[0][-1].ground == "34"


def test_a_scroll_inside_margins_brings_a_line_of_the_wanted_ground() -> None:
    stream = "\x1b[0;41mx\x1b[0m\x1b[2;4r\x1b[4;1H\x1bD\x1b[r"

    assert shown(lean(stream)) == shown(stream)


def test_an_unknown_sequence_passes_and_the_next_style_is_sent_in_full() -> None:
    sent = lean("\x1b[0;31ma", "\x1b[!p", "\x1b[0;31mb")

    assert sent == "\x1b[0;31ma\x1b[!p\x1b[0;31mb"


def test_an_unknown_style_passes_unchanged() -> None:
    assert lean("\x1b[0;31ma\x1b[53mb") == "\x1b[0;31ma\x1b[53mb"


def test_a_style_the_filter_cannot_tell_is_left_alone_until_a_reset() -> None:
    assert lean("\x1b[31ma\x1b[1mb") == "\x1b[31ma\x1b[1mb"


@pytest.mark.parametrize("cut", range(1, len(RED_ON_NIGHT)))
def test_a_style_split_between_two_writes_is_one_style(cut: int) -> None:
    assert lean("\x1b[0m", RED_ON_NIGHT[:cut], RED_ON_NIGHT[cut:] + "late") == "\x1b[0;" + RED_ON_NIGHT[2:] + "late"


def test_a_copied_text_split_between_two_writes_arrives_whole() -> None:
    assert lean("\x1b]52;c;VC0x", "MDAx\x1b", "\\after") == "\x1b]52;c;VC0xMDAx\x1b\\after"


def test_only_the_last_of_several_moves_is_sent() -> None:
    assert lean("\x1b[5;7H\x1b[3;4Hx\x1b[2;1Hy\x1b[1;1H") == "\x1b[3;4Hx\x1b[2Hy\x1b[H"


def test_a_line_feed_before_a_move_is_dropped_where_it_cannot_scroll() -> None:
    assert lean("\x1b[?7l\x1b[3;1Hx\n\x1b[4;1Hy") == "\x1b[?7l\x1b[3Hx\x1b[4Hy"
    assert lean("\x1b[3;1Hx\n\x1b[4;1Hy") == "\x1b[3Hx\n\x1b[4Hy", "the text may wrap"
    assert "\n" in lean("\x1b[?7l\x1b[2;3r\x1b[3;1Hx\n\x1b[4;1Hy"), "the margin may be here"


@pytest.mark.parametrize(
    "between",
    ["\n\x1b[3;1H", "\x1b[B\n\x1b[4;1H", "\n\n\x1b[4;1H", "\x1bD\n\x1b[4;1H", "\x1b[!p\x1b[3;1H\n\x1b[4;1H"],
    ids=["same row", "after a step down", "after another line feed", "after an index", "after a soft reset"],
)
def test_a_line_feed_that_may_scroll_is_kept(between: str) -> None:
    fed = lean("\x1b[?7l\x1b[3;1Hx" + between + "y")

    assert fed.count("\n") == between.count("\n")


def test_a_restored_cursor_brings_its_own_style_back() -> None:
    stream = "\x1b[0;31m\x1b7\x1b[0;32mx\x1b8y\x1b[0;32mz\x1b[0m"

    assert [cell.ink for cell in shown(lean(stream))[0][:2]] == ["31", "32"]


def test_erasing_does_not_make_the_next_style_whole() -> None:
    assert lean("\x1b[0;1;31ma\x1b[K\x1b[0;1;32mb").endswith("a\x1b[K\x1b[32mb")


def test_a_colour_out_of_range_is_left_to_the_terminal() -> None:
    assert lean("\x1b[0;41m\x1b[48;5;900mx") == "\x1b[0;41m\x1b[48;5;900mx"


def test_a_colour_form_nobody_knows_is_left_to_the_terminal() -> None:
    assert lean("\x1b[0;41ma\x1b[38;7;0mb").endswith("a\x1b[38;7;0mb")


def test_entering_the_alternate_screen_makes_the_next_style_whole() -> None:
    assert lean("\x1b[0;31ma\x1b[0m\x1b[?1049h", "\x1b[0m\x1b[31mb").endswith("\x1b[m\x1b[?1049h\x1b[0;31mb")


def test_after_foreign_output_the_next_style_is_whole() -> None:
    output = LeanOutput()
    output.feed("\x1b[0;1;31ma")
    output.forget()

    assert output.feed("\x1b[0;1;31mb") == "\x1b[0;1;31mb"


def test_a_day_of_colours_does_not_pile_up_and_changes_nothing() -> None:
    output, thin, plain = LeanOutput(), Screen(COLUMNS, ROWS), Screen(COLUMNS, ROWS)
    for number in range(8_000):
        run = f"\x1b[{number % ROWS + 1};1H\x1b[38;2;{number % 256};{number // 256};0;4mT\x1b[0m "
        thin.feed(output.feed(run))
        plain.feed(run)

    assert thin.seen() == plain.seen()
    assert output._wardrobe.learned < 21_000


# A real application in a real terminal, with and without the lean driver.

QUEUE = textwrap.dedent(
    """
    import sys
    from rich.segment import Segment
    from rich.style import Style
    from textual.app import App
    from textual.geometry import Size
    from textual.scroll_view import ScrollView
    from textual.strip import Strip
    from textual.widgets import Static
    from tui.driver import LeanDriver

    parse = Style.parse
    TEXT, MUTED = parse("#d8dee9 on #10141e"), parse("#7a8699 on #10141e")
    CURSOR = parse("bold #ffffff on #2b3a55")
    TILES = [parse("bold #ffffff on #b3261e"), parse("#ffb454 on #10141e"), MUTED]
    SUBJECTS = ["Drukarka, Zamość", "Сервер не отвечает", "เครื่องพิมพ์", "Scanner beeps", "電源が入らない"]

    class Queue(ScrollView):
        can_focus = True
        at = 0

        def on_mount(self):
            self.virtual_size = Size(80, 400)

        def render_line(self, y):
            row = self.scroll_offset.y + y
            cursor = row == self.at
            tile = Segment(f" {'late' if row % 3 == 0 else 'due'} {row % 60:02} ", TILES[row % 3])
            number = Segment(f" T-{row:05} ", CURSOR if cursor else MUTED)
            subject = Segment(" " + SUBJECTS[row % 5], CURSOR if cursor else TEXT)
            strip = Strip([tile, Segment("  ", TEXT), number, subject])
            return strip.adjust_cell_length(self.size.width, CURSOR if cursor else TEXT).simplify()

        def go(self, rows):
            top, height, before = self.scroll_offset.y, self.size.height, self.at
            self.at = max(0, min(399, before + rows))
            if not top <= self.at < top + height:
                self.scroll_to(y=self.at - height // 2, animate=False, force=True)
            else:
                self.refresh_line(before)
                self.refresh_line(self.at)

    class Desk(App):
        ENABLE_COMMAND_PALETTE = False
        CSS = '''
        #top, #foot { height: 1; background: #1b2233; color: #d8dee9; }
        #side { dock: right; width: 36; height: 100%; border-left: solid #39465e; }
        #side { background: #10141e; color: #9aa7bd; }
        Queue { background: #10141e; scrollbar-size: 0 0; }
        '''

        def compose(self):
            yield Static("Queue  27 open  [b]3 late[/b]", id="top")
            yield Static("Ticket\\n[b]gold[/b]\\n[u]Owner[/u] [reverse] nobody [/reverse]", id="side")
            yield Queue()
            yield Static("j down  k up  ctrl+d page", id="foot")

        def on_key(self, event):
            queue = self.query_one(Queue)
            steps = {"j": 1, "k": -1, "ctrl+d": 38, "ctrl+u": -38, "G": 400}
            if event.key in steps:
                queue.go(steps[event.key])
                self.query_one("#foot", Static).update(f"T-{queue.at:05}  ctrl+d page", layout=False)
            elif event.key == "q":
                self.exit()
            elif event.key == "z":
                with self.suspend():
                    sys.__stdout__.write("\\x1b[4;35;46mgone to the shell\\r\\n")
                    sys.__stdout__.flush()
                    sys.__stdin__.readline()

    lean = sys.argv[1] == "lean"
    Desk(driver_class=LeanDriver if lean else None).run()
    """
)
STEPS: list[tuple[str, ...]] = [
    ("j",),
    ("j", "j", "j"),
    ("ctrl+d",),
    ("ctrl+d",),
    ("k",),
    ("ctrl+u",),
    ("G",),
    ("k", "k"),
]


@contextmanager
def desk(driver: str, folder: Path) -> Iterator[PtyProgram]:
    program = folder / "queue_sample.py"
    program.write_text(QUEUE, encoding="utf-8")
    root = Path(__file__).parents[2]
    with PtyProgram(
        [sys.executable, str(program), driver],
        columns=120,
        rows=40,
        cwd=root,
        env={"PYTHONPATH": str(root), "NO_COLOR": None},
    ) as running:
        running.wait_for("ctrl+d page", timeout=20)
        running.settle()
        yield running


def test_a_real_screen_is_the_same_through_moves_pages_and_resize_in_fewer_bytes(tmp_path: Path) -> None:
    with desk("plain", tmp_path) as plain, desk("lean", tmp_path) as thin:
        assert thin.screen.seen() == plain.screen.seen(), "start"
        assert any(cell.ink.startswith("#") for row in thin.screen.cells() for cell in row)
        for keys in STEPS:
            for program in (plain, thin):
                program.press(*keys)
            for program in (plain, thin):
                program.settle()
            assert thin.screen.seen() == plain.screen.seen(), keys
        for columns, rows in ((90, 30), (140, 45)):
            for program in (plain, thin):
                program.resize(columns, rows)
                program.settle()
            assert thin.screen.seen() == plain.screen.seen(), (columns, rows)

        assert thin.bytes_since(0) < 0.85 * plain.bytes_since(0)


def test_back_from_the_shell_the_screen_is_whole_again(tmp_path: Path) -> None:
    with desk("lean", tmp_path) as program:
        program.press("j")
        program.settle()
        before = program.screen.seen()

        program.press("z")
        program.wait_for("gone to the shell")
        program.press("enter")
        program.wait_for("T-00001")
        program.settle()

        assert program.screen.seen() == before


def test_a_stop_nobody_announced_leaves_the_next_frames_whole(tmp_path: Path) -> None:
    with desk("lean", tmp_path) as program:
        program.press("j")
        program.settle()
        before = program.screen.seen()

        program.process.send_signal(signal.SIGSTOP)
        program.screen.feed("\x1b[4;35;46m")
        program.process.send_signal(signal.SIGCONT)
        program.settle(0.5)
        program.press("j", "k")
        program.settle()

        assert program.screen.seen() == before


def test_leaving_gives_the_terminal_back_in_its_default_style(tmp_path: Path) -> None:
    with desk("lean", tmp_path) as program:
        program.press("q")

        assert program.exit_code() == 0
        program.screen.feed("$")
        prompt = next(cell for row in program.screen.cells() for cell in row if cell.character == "$")
        assert (prompt.ink, prompt.ground, prompt.bold) == ("default", "default", False)


def test_a_hidden_cursor_that_ends_a_frame_at_home_is_not_moved_there() -> None:
    output = LeanOutput()
    output.feed("\x1b[?25l\x1b[mz")
    first = output.feed("\x1b[?2026h\x1b[3;1Hx\x1b[1;1H") + output.feed("\x1b[?2026l")
    second = output.feed("\x1b[?2026h\x1b[4;1Hy\x1b[1;1H\x1b[?2026l")
    assert (first, second) == ("\x1b[?2026h\x1b[3Hx\x1b[?2026l", "\x1b[?2026h\x1b[4Hy\x1b[?2026l")


def test_a_cursor_that_shows_and_one_inside_the_screen_are_moved() -> None:
    shown, inside = LeanOutput(), LeanOutput()
    shown.feed("\x1b[?25h\x1b[mz")
    inside.feed("\x1b[?25l\x1b[mz")
    assert shown.feed("\x1b[3;1Hx\x1b[1;1H") == "\x1b[3Hx\x1b[H"
    assert inside.feed("\x1b[3;1Hx\x1b[2;5H") == "\x1b[3Hx\x1b[2;5H"


def test_a_held_move_is_made_before_anything_else_is_written() -> None:
    output = LeanOutput()
    output.feed("\x1b[?25l\x1b[m\x1b[3;1Hx\x1b[1;1H")
    assert output.feed("y") == "\x1b[Hy"


def test_a_frame_goes_to_the_terminal_as_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    monkeypatch.setattr(LinuxDriver, "write", lambda driver, text: handed.append(text))
    assert LeanDriver is not None
    driver = LeanDriver.__new__(LeanDriver)

    for text in ("\a", "\x1b[?2026h", "a row", "\x1b[1;1H", "\x1b[?2026l", "\a"):
        driver.write(text)

    assert handed == ["\a", "\x1b[?2026ha row\x1b[1;1H\x1b[?2026l", "\a"]
