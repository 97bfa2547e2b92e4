"""A hub that was restored, a desk made anew from it and a broken file, from the command line."""

from __future__ import annotations

import os
from pathlib import Path

from tests.journeys.test_verbs_hub import account
from tests.support.hub_server import HubServer


def test_a_restored_hub_is_announced_and_found_back_to(tmp_path: Path, hub_server: HubServer) -> None:
    hub = hub_server.hub("anna")
    anna = account(tmp_path, "anna")
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
    anna = account(tmp_path, "anna")
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
    anna = account(tmp_path, "anna")
    assert anna.refused("sync", "rebuild") == "this desk has joined no hub; lampboard login URL joins one"
    assert anna.desks.joinpath("main", "desk.db").exists()
    assert not list(anna.desks.rglob("*.unfinished*"))
