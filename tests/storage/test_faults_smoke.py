"""Each fault of `make faults`, a few times: nothing of it breaks anything."""

from __future__ import annotations

import pytest

from tests.faults import committers, hub_faults, kills, lines, local_faults, recoveries
from tests.faults.result import Row, table
from tests.support.hub_server import HubServer, NoServer, local_server


def judge(rows: list[Row]) -> None:
    assert all(row.is_fine is not False for row in rows), table(rows)


def test_consoles_killed_at_any_moment_lose_and_double_nothing(hub_server: HubServer) -> None:
    judge(kills.killed(hub_server, 1))


def test_lost_answers_leave_each_note_once(hub_server: HubServer) -> None:
    judge(lines.lost_acks(hub_server, 10))


def test_what_comes_again_and_late_changes_nothing(hub_server: HubServer) -> None:
    judge(lines.replayed(hub_server, 8))


def test_lines_that_break_are_taken_up_again(hub_server: HubServer) -> None:
    judge(lines.broken_lines(hub_server, 1, 20_000))


def test_a_late_commit_is_missed_by_a_naive_cursor_and_not_by_ours(hub_server: HubServer) -> None:
    judge(committers.committers(hub_server, 1.0))


def test_no_clock_makes_an_edit_win_over_one_that_knew_of_it(hub_server: HubServer) -> None:
    judge(hub_faults.wrong_clocks(hub_server, 2))


def test_what_can_never_be_taken_in_holds_up_nobody(hub_server: HubServer) -> None:
    judge(hub_faults.poisoned(hub_server, 5))


def test_what_was_archived_keeps_the_children_that_it_got_meanwhile(hub_server: HubServer) -> None:
    judge(hub_faults.parents_and_children(hub_server, 1))


def test_a_desk_without_room_refuses_whole_acts_and_goes_on_later(hub_server: HubServer) -> None:
    judge(local_faults.desk_without_room(hub_server))


def test_two_processes_at_one_file_lose_nothing_of_each_other(hub_server: HubServer) -> None:
    judge(local_faults.two_processes(hub_server, 12))


def test_much_that_was_written_here_and_elsewhere_meets(hub_server: HubServer) -> None:
    judge(local_faults.a_month_away(hub_server, 10, 500))


def test_a_file_made_anew_that_is_killed_on_the_way_is_the_old_one_or_the_new(hub_server: HubServer) -> None:
    judge(recoveries.killed_bootstraps(hub_server, 2))


def test_a_hub_that_is_put_back_gets_everything_again(hub_server: HubServer) -> None:
    judge(recoveries.restored_hubs(hub_server, 2))


def test_a_desk_that_exists_twice_or_is_put_back_loses_and_doubles_nothing(hub_server: HubServer) -> None:
    judge(recoveries.copied_desks(hub_server, 2))


@pytest.mark.parametrize("version", [None, 15])
def test_a_hub_that_is_stopped_and_started_loses_nothing(version: int | None) -> None:
    try:
        with local_server(version) as local:
            judge(hub_faults.restarted(local, 1))
    except NoServer as error:
        pytest.skip(str(error))
