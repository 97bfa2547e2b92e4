"""A hub that was restored, a desk made anew from it and a broken file, from the command line."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.command_line import LAMPBOARD, Account, colleague
from tests.support.hub_server import HubServer
from tests.support.small_disks import run_on_read_only_disk


def test_a_restored_hub_is_announced_and_found_back_to(tmp_path: Path, hub_server: HubServer) -> None:
    hub = hub_server.hub("anna")
    anna = colleague(tmp_path, "anna")
    anna.done("login", hub_server.url(hub, "anna"))
    anna.done("sync", "--once")
    backup = hub_server.backup(hub)
    anna.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    before = anna.document("sync", "--once")
    hub_server.restore(hub, backup)
    told = anna.done("hub", "restored", "--url", hub_server.url(hub))
    assert told.splitlines()[1] == "the next ticket numbers begin at T-10000"
    lines = anna.done("sync", "--once").splitlines()
    assert lines[0].startswith("the hub was restored from a backup: ")
    assert lines[1] == "sent 2, received 0, refused 0"
    assert any(line.endswith(lines[0]) for line in anna.done("sync", "log").splitlines())
    assert [one["notice"] for one in anna.document("sync", "log") if one["notice"]] == ["hub_restored"]
    after = anna.document("sync", "--once")
    assert (after["notices"], after["awaited"], after["streams"]) == ([], 0, before["streams"])


def test_a_broken_desk_is_made_anew_with_what_was_unsent(tmp_path: Path, hub_server: HubServer) -> None:
    hub = hub_server.hub("anna")
    anna = colleague(tmp_path, "anna")
    anna.done("login", hub_server.url(hub, "anna"))
    anna.done("sync", "--once")
    anna.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    desk = anna.desks / "main" / "desk.db"
    with desk.open("r+b") as file:
        file.seek(desk.stat().st_size // 2 // 8192 * 8192)
        file.write(os.urandom(3 * 8192))
    told = anna.done("sync", "rebuild", "--url", hub_server.url(hub, "anna"))
    assert "operations that only the old one had came along" in told
    assert f"the old file is kept as {desk}.before" in told
    assert anna.document("sync", "--once")["unsent"] == 0


def test_a_desk_without_a_hub_is_not_made_anew(tmp_path: Path) -> None:
    anna = colleague(tmp_path, "anna")
    assert anna.refused("sync", "rebuild") == "this desk has joined no hub; lampboard login URL joins one"
    assert anna.desks.joinpath("main", "desk.db").exists()
    assert not list(anna.desks.rglob("*.unfinished*"))


def refused_notes(anna: Account, server: HubServer, hub: str) -> list[int]:
    """The numbers of two notes that the hub refused, because it took only small ones for a while."""
    anna.done("login", server.url(hub, "anna"), "--yes")
    with server.admin(hub) as admin:
        admin.execute("UPDATE lampboard.hub_meta SET largest_payload = 20")
        anna.done("ticket", "note", "T-1", "Rollers are worn")
        anna.done("ticket", "note", "T-1", "Never mind the belt")
        refused = anna.document("sync", "--once")["refused"]
        admin.execute("UPDATE lampboard.hub_meta SET largest_payload = 33554432")
    return [int(one["n"]) for one in refused]


def test_refused_work_comes_along_into_a_new_file_and_is_sent_again_or_dropped(
    tmp_path: Path, hub_server: HubServer
) -> None:
    anna, hub = colleague(tmp_path, "anna"), hub_server.hub("anna")
    anna.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    again, given_up = refused_notes(anna, hub_server, hub)
    anna.done("ticket", "note", "T-1", "Unsent")
    for turn in range(2):
        told = anna.done("sync", "rebuild").splitlines()
        count = ("1 operation", "0 operations")[turn]
        assert told[0] == f"the desk's file is new; {count} that only the old one had came along"
        assert told[1].startswith("2 operations that the hub had refused came along; ")
    console = anna.document("sync", "log", "--refused")[0]["console"]
    shown = anna.done("sync", "log", "--refused")
    assert f"operation {console}:{again}, of what this desk was before, " in shown
    assert "note on T-1" in shown and "text: Rollers are worn" in shown
    assert "2 operations were refused" in anna.refused("logout", "--keep")
    assert anna.done("sync", "resend", f"{console}:{again}").startswith("note on T-1")
    assert anna.done("sync", "drop", str(given_up)).startswith("given up: 1 operation;")
    assert [one["settled"] for one in anna.document("sync", "log", "--refused")] == ["resent", "dropped"]
    assert "settled already" in anna.refused("sync", "resend", str(again))
    assert anna.document("sync", "--once")["sent"] == 1
    texts = [entry["text"] for entry in anna.document("ticket", "show", "T-1")["entries"]]
    assert sorted(text for text in texts if text) == ["Rollers are worn", "Unsent"]
    anna.done("logout", "--keep")


def test_a_folder_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    anna = colleague(tmp_path, "anna")
    anna.document("queue")
    desk = anna.desks / "main" / "desk.db"
    answer = run_on_read_only_disk(anna, desk.parent, *LAMPBOARD, "sync", "rebuild")
    wanted = f"lampboard: {desk} cannot be written (Read-only file system); check the folder's rights\n"
    assert (answer.returncode, answer.stderr, answer.stdout) == (2, wanted, "")
