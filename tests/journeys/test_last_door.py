"""What nobody foresaw: one sentence, a report on the disk, never a traceback."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.support.command_line import Account


def test_a_damaged_value_in_the_desk_ends_in_a_report_and_not_in_a_traceback(tmp_path: Path) -> None:
    account = Account(tmp_path)
    desk = account.demo("main")
    with sqlite3.connect(desk) as connection:
        connection.execute("UPDATE person SET skills = '{broken'")
    done = account.run("ticket", "take", "T-104001")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "fault of its own" in done.stderr
    report = tmp_path / "state" / "lampboard" / "crash.txt"
    assert "JSONDecodeError" in report.read_text(encoding="utf-8")
    assert report.stat().st_mode & 0o777 == 0o600
