"""The list in a pipe is put together by hand to be quick; here it is held to what the console shows."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from core.clock import Instant
from core.ids import EntityId
from core.pages import QueuePage, QueueRow
from core.queue import SCOPES, SORTS, View
from storage.engine import open_file
from storage.queue_sql import SCOPE_NAMES
from storage.reads import answer
from storage.sitting import Sitting
from tests.support.fixed import NOON
from tests.support.worlds import copy_of, world
from tui.presenters import lamps
from tui.verbs.queue import command
from tui.verbs.queue_list import SORT_NAMES, Wish, from_arguments, lamp, lamp_cells

NOW = NOON // 1000
EDGES = (-400 * 86_400, -86_401, -36_000, -3_600, -61, -60, -1, 0, 1, 59, 1_799, 1_800, 7_199, 7_200, 36_000, 90_000)


def test_scopes_and_sorts_are_those_of_the_console() -> None:
    assert (SCOPE_NAMES, SORT_NAMES) == (SCOPES, SORTS)


def _row(rank: int, key: int, state: int, missed: bool) -> QueueRow:
    id_ = EntityId(b"\0" * 16)
    return QueueRow(id_, "T-1", "", None, "", "new", 0, 3, None, "", rank, key, state, missed, False, 1, Instant(0))


@pytest.mark.parametrize("rank", range(6))
def test_every_lamp_says_what_the_console_says(rank: int) -> None:
    for seconds in (*EDGES, 864_000, 86_400_000):
        for state in range(4):
            for missed in (False, True):
                key = NOW + seconds if rank == 0 else seconds
                shown = lamps.row_lamp(_row(rank, key, state, missed), Instant(NOW))
                ours = lamp(rank, key, state, int(missed), NOW)
                assert ours == (shown.level, shown.seconds)
                assert lamp_cells(*ours) == lamps.lamp_cells(shown)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("reverse", [False, True])
def test_the_rows_come_in_the_order_of_the_console(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    scope: str,
    sort: str,
    reverse: bool,
) -> None:
    import json

    from tui.verbs.queue_list import print_queue

    home = tmp_path / "lampboard" / "desks" / "trial"
    home.mkdir(parents=True)
    desk = copy_of(world(300), home)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    connection = open_file(desk, read_only=True)
    sitting = Sitting(desk, connection)
    person, team = EntityId(sitting.person), EntityId(sitting.team) if sitting.team else None
    shown = answer(connection, QueuePage(View(scope, sort, reverse, person, team), limit=1_000))
    connection.close()
    print_queue("trial", Wish("trial", scope, sort, 1_000, reverse, True))
    listed = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in listed] == [row.number for row in shown.rows]
    assert listed or scope == "mine"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--json"],
        ["--view", "mine", "--sort=age", "--reverse"],
        ["--limit", "7", "--limit=9"],
        ["--limit", "1000000"],
        ["--filter", "p:1 -co:acme"],
        ["--filter=sla:<30m", "--json"],
    ],
)
def test_arguments_read_by_hand_mean_what_click_reads(words: list[str]) -> None:
    parsed = command.make_context("queue", list(words)).params
    wish = from_arguments(["--desk", "trial", "queue", *words])
    assert wish is not None
    ours = {
        "view": wish.view,
        "sort": wish.sort,
        "limit": wish.limit,
        "reverse": wish.is_reversed,
        "is_json": wish.is_json,
        "filter_text": wish.filter,
    }
    assert ours == parsed


@pytest.mark.parametrize(
    "words",
    [
        ["--limit", "0"],
        ["--limit", "x"],
        ["--limit"],
        ["--limit", "١"],
        ["--view", "ours"],
        ["--sort"],
        ["--help"],
        ["more"],
    ],
)
def test_what_is_not_plainly_right_is_left_to_click(words: list[str]) -> None:
    assert from_arguments(["queue", *words]) is None


def test_another_verb_is_left_to_click() -> None:
    assert [from_arguments(words) for words in ([], ["--desk", "queue"], ["ticket", "queue"], ["--help", "queue"])] == [
        None
    ] * 4
    assert isinstance(command, click.Command)
