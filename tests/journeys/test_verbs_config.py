"""Calendars and policies at the command line: edited as texts, checked, asked about, and no text is ever lost."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import LAMPBOARD, Account
from tests.support.terminal import PtyProgram

DESK = ("--desk", "trial")
CALENDAR = "Silver Europe/Warsaw"
YES = "y\n"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    person = Account(tmp_path)
    person.demo()
    return person


def editor(account: Account, *rounds: str) -> dict[str, str]:
    """An editor that does the shell commands of `rounds` with the file as `$1`, one round a call."""
    script = account.folder / "my editor"
    tally = account.folder / "tally"
    cases = "".join(f"{number}) {told} ;;\n" for number, told in enumerate(rounds, 1))
    script.write_text(f'#!/bin/sh\necho x >> "{tally}"\ncase $(wc -l < "{tally}") in\n{cases}esac\n', encoding="utf-8")
    script.chmod(0o700)
    return {"EDITOR": f"'{script}'", "VISUAL": ""}


def calls(account: Account) -> int:
    tally = account.folder / "tally"
    return len(tally.read_text().splitlines()) if tally.exists() else 0


def config(
    account: Account, *arguments: str, told: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return account.run(*DESK, "config", *arguments, told=told, env=env)


def shown(account: Account, kind: str = "calendar", name: str = CALENDAR) -> Any:
    return account.document(*DESK, "config", "show", kind, name)


def newest(account: Account, kind: str = "calendar", name: str = CALENDAR) -> Any:
    return shown(account, kind, name)["versions"][-1]


def deadlines(account: Account) -> list[tuple[Any, ...]]:
    with sqlite3.connect(account.desks / "trial" / "desk.db") as connection:
        return connection.execute(
            "SELECT queue_rank, queue_key FROM ticket WHERE queue_rank < 4 ORDER BY id"
        ).fetchall()


def kept(account: Account) -> list[Path]:
    folder = account.folder / "state" / "lampboard" / "edits"
    return list(folder.iterdir()) if folder.exists() else []


def test_calendars_and_policies_are_listed_with_what_hangs_on_them(account: Account) -> None:
    listed = account.document(*DESK, "config", "list")
    assert {"calendar", "grade", "policy"} == {one["kind"] for one in listed}
    silver = next(one for one in listed if one["name"] == CALENDAR)
    assert silver["contracts"] > 0
    assert f"{CALENDAR}" in account.done(*DESK, "config", "list")
    told = account.done(*DESK, "config", "show", "calendar", CALENDAR)
    assert told.startswith("* version 1 from ever\n")
    assert tomllib.loads(told.partition("\n\n")[2])["tz"] == "Europe/Warsaw"


def test_an_edit_is_shown_asked_about_saved_and_moves_the_deadlines(account: Account) -> None:
    before = deadlines(account)
    answer = config(
        account, "edit", "calendar", CALENDAR, told=YES,
        env=editor(account, """sed -i 's/"07:00"/"09:00"/' "$1" """),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert {'-mon = [["07:00", "19:00"]]', '+mon = [["09:00", "19:00"]]'} <= set(answer.stdout.splitlines())
    assert re.search(r"it touches \d+ contracts?, \d+ open tickets?", answer.stdout)
    assert f"calendar {CALENDAR} has version 2" in answer.stdout
    assert newest(account)["body"]["weekly"]["mon"] == [["09:00", "19:00"]]
    assert kept(account) == []
    with sqlite3.connect(account.desks / "trial" / "desk.db") as connection:
        assert connection.execute("SELECT count(*) FROM rebuild").fetchone() == (0,)
    assert len(deadlines(account)) == len(before)


def test_an_edit_from_ever_changes_the_order_of_the_queue_at_once(account: Account) -> None:
    before = deadlines(account)
    text = 'tz = "Europe/Warsaw"\n[weekly]\nwed = [["09:00", "10:00"]]\n'
    path = account.folder / "new.toml"
    path.write_text(text, encoding="utf-8")
    arguments = ("edit", "calendar", CALENDAR, "--file", str(path), "--from", "1970-01-01T00:00", "--yes")
    assert config(account, *arguments).returncode == 0
    assert deadlines(account) != before
    assert config(account, *arguments).stdout == f"nothing changed in calendar {CALENDAR}\n"


def test_a_document_that_was_not_changed_saves_nothing(account: Account) -> None:
    for round_ in ("true", """sed -i 's/^# .*/# other help/' "$1" """, ': > "$1"'):
        (account.folder / "tally").unlink(missing_ok=True)
        answer = config(account, "edit", "calendar", CALENDAR, env=editor(account, round_))
        assert (answer.returncode, answer.stdout) == (0, f"nothing changed in calendar {CALENDAR}\n"), answer.stderr
    assert len(shown(account)["versions"]) == 1
    assert kept(account) == []


def test_a_broken_text_is_explained_and_edited_again_from_where_it_stood(account: Account) -> None:
    answer = config(
        account, "edit", "calendar", CALENDAR, told=YES + YES,
        env=editor(
            account,
            """sed -i 's/"07:00"/"25:00"/; s/Europe/Europe/' "$1" """,
            """grep -q '"25:00"' "$1" && sed -i 's/"25:00"/"08:00"/' "$1" """,
        ),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "weekly.mon[0][0] must be a time of the day" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert calls(account) == 2
    assert newest(account)["body"]["weekly"]["mon"] == [["08:00", "19:00"]]


def test_who_gives_up_is_told_where_the_text_is_kept(account: Account) -> None:
    env = editor(account, """echo 'tz = "Europe/Warsaw' > "$1" """)
    for told in ("n\n", ""):
        (account.folder / "tally").unlink(missing_ok=True)
        answer = config(account, "edit", "calendar", CALENDAR, told=told, env=env)
        assert answer.returncode != 0
        found = re.search(r"your text is kept in (\S+\.toml)", answer.stderr)
        assert found is not None, answer.stderr
        assert Path(found[1]).read_text() == 'tz = "Europe/Warsaw\n'
        assert Path(found[1]).stat().st_mode & 0o777 == 0o600
    assert len(shown(account)["versions"]) == 1


def test_who_says_no_at_the_end_keeps_the_text_too(account: Account) -> None:
    env = editor(account, """sed -i 's/"07:00"/"09:00"/' "$1" """)
    answer = config(account, "edit", "calendar", CALENDAR, told="n\n", env=env)
    assert answer.returncode == 2
    assert "nothing was changed; your text is kept in" in answer.stderr
    (path,) = kept(account)
    again = config(account, "edit", "calendar", CALENDAR, "--file", str(path), "--yes")
    assert again.returncode == 0, again.stderr
    assert newest(account)["number"] == 2


def test_an_edit_that_meets_another_edit_is_refused_and_its_text_kept(account: Account) -> None:
    other = account.folder / "other.toml"
    other.write_text('tz = "Europe/Warsaw"\nalways = true\n', encoding="utf-8")
    beside = " ".join(f"'{part}'" for part in (*LAMPBOARD, *DESK, "config", "edit", "calendar", CALENDAR))
    env = editor(account, f"""{beside} --file '{other}' --yes; sed -i 's/"07:00"/"09:00"/' "$1" """)
    answer = config(account, "edit", "calendar", CALENDAR, told=YES, env=env)
    assert answer.returncode == 2
    assert f"{CALENDAR} got version 2 from somebody else meanwhile" in answer.stderr
    assert "your text is kept in" in answer.stderr
    assert newest(account)["body"] == {"tz": "Europe/Warsaw", "always": True}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('tz = "Europe/Warsawa"\nalways = true', "did you mean Europe/Warsaw"),
        ('tz = "europe/warsaw"\nalways = true', "did you mean Europe/Warsaw"),
        ('tz = "UTC"\n[weekly]\nmon = [["08:00", "08:00"]]', "a whole day is written 00:00 to 24:00"),
        ('tz = "UTC"', "this calendar has no open time"),
        ('tz = "UTC"\nalways = true\nholliday = ["2026-12-24"]', "did you mean holidays?"),
        ('tz = "UTC"\nalways = true\nholidays = ["2026-02-30"]', "holidays[0] must be a date"),
        ('tz = "UTC"\nalways = true\ntz = "UTC"', "the text cannot be read: "),
        ("tz = ", "the text cannot be read: "),
        ("[" * 3000, "the text cannot be read: "),
        ("", "tz must be the name of a time zone"),
    ],
)
def test_what_is_no_calendar_is_refused_with_the_field(account: Account, text: str, sentence: str) -> None:
    path = account.folder / "broken.toml"
    path.write_text(text, encoding="utf-8")
    said = account.refused(*DESK, "config", "edit", "calendar", CALENDAR, "--file", str(path), "--yes")
    assert sentence in said
    assert len(shown(account)["versions"]) == 1


def test_dates_and_times_may_be_written_bare_and_json_is_read_too(account: Account) -> None:
    path = account.folder / "bare.toml"
    path.write_text(
        'tz = "UTC"\nalways = true\nholidays = [2026-12-24]\n[exceptions]\n2026-12-31 = [[08:00:00, 12:00:00]]\n'
    )
    assert config(account, "edit", "calendar", CALENDAR, "--file", str(path), "--yes").returncode == 0
    assert newest(account)["body"] == {
        "tz": "UTC", "always": True, "holidays": ["2026-12-24"], "exceptions": {"2026-12-31": [["08:00", "12:00"]]},
    }  # fmt: skip
    answer = account.run(
        *DESK, "config", "edit", "calendar", CALENDAR, "--file", "-", "--yes", told='{"tz": "UTC", "always": true}'
    )
    assert answer.returncode == 0, answer.stderr
    assert newest(account)["body"] == {"tz": "UTC", "always": True}


@pytest.mark.parametrize(
    ("editor_told", "sentence"),
    [
        ("no-such-editor", "the editor 'no-such-editor' is not there"),
        ("'", "cannot be read"),
        ("false", "the editor ended with 1; nothing was changed, your text is kept in"),
    ],
)
def test_an_editor_that_fails_is_named(account: Account, editor_told: str, sentence: str) -> None:
    answer = config(account, "edit", "calendar", CALENDAR, env={"EDITOR": editor_told, "VISUAL": ""})
    assert (answer.returncode, answer.stdout) == (2, "")
    assert sentence in answer.stderr


def test_an_editor_is_never_a_shell_line(account: Account) -> None:
    mark = account.folder / "was-here"
    config(account, "edit", "calendar", CALENDAR, env={"EDITOR": f"true ; touch {mark} ;", "VISUAL": ""})
    assert not mark.exists()


def test_a_new_name_is_made_when_the_person_says_so(account: Account) -> None:
    env = editor(account, """sed -i 's/"08:00"/"06:00"/' "$1" """)
    refused = config(account, "edit", "calendar", "Night", told="n\n", env=env)
    assert refused.returncode == 2
    assert "there is no calendar Night; there are Bronze" in refused.stderr
    answer = config(account, "edit", "calendar", "Night", told=YES + YES, env=env)
    assert answer.returncode == 0, answer.stderr
    made = shown(account, name="night")
    assert (made["name"], len(made["versions"]), made["contracts"]) == ("Night", 1, 0)
    assert made["versions"][0]["body"]["weekly"]["mon"] == [["06:00", "16:00"]]


def test_a_policy_is_edited_for_tickets_to_come_only(account: Account) -> None:
    before = deadlines(account)
    env = editor(account, """sed -i 's/^1 = .*/1 = 600/' "$1" """)
    answer = config(account, "edit", "policy", "silver", told=YES, env=env)
    assert answer.returncode == 0, answer.stderr
    assert "keep the version they were opened under" in answer.stdout
    assert newest(account, "policy", "Silver")["body"]["first_response_seconds"]["1"] == 600
    assert deadlines(account) == before
    path = account.folder / "silver.toml"
    path.write_text("[first_response_seconds]\n1 = 60\n", encoding="utf-8")
    early = ("--from", "2020-01-01T00:00", "--file", str(path), "--yes")
    said = config(account, "edit", "policy", "silver", *early).stderr
    assert "a policy changes from now on, or later" in said
    path.write_text("[first_response_seconds]\n1 = 3_155_760_000\n", encoding="utf-8")
    said = account.refused(*DESK, "config", "edit", "policy", "silver", "--file", str(path), "--yes")
    assert "first_response_seconds.1 must be a whole number from 0 to 316224000" in said


def test_a_version_can_begin_later_and_says_until_when_it_holds(account: Account) -> None:
    path = account.folder / "later.toml"
    path.write_text('tz = "Europe/Warsaw"\nalways = true\n', encoding="utf-8")
    with_file = ("edit", "calendar", CALENDAR, "--file", str(path), "--yes", "--from")
    assert config(account, *with_file, "2030-01-01T00:00").returncode == 0
    path.write_text('tz = "Europe/Warsaw"\n[weekly]\nmon = [["08:00", "09:00"]]\n', encoding="utf-8")
    answer = config(account, *with_file, "2029-01-01T00:00")
    assert "from 2029-01-01 00:00 (" in answer.stdout
    assert "until 2030-01-01 00:00 (" in answer.stdout
    assert [one["number"] for one in shown(account)["versions"]] == [1, 3, 2]
    assert account.refused(*DESK, "config", *with_file, "soon") == "--from 'soon' is no time; write 2026-12-01T08:00"


def test_public_holidays_come_in_as_dates_with_names_and_twice_nothing(account: Account) -> None:
    arguments = ("calendar", "holidays", CALENDAR, "pl", "--years", "2026-2027", "--yes")
    answer = config(account, *arguments)
    assert answer.returncode == 0, answer.stderr
    assert "2026-11-11" in answer.stdout
    body = newest(account)["body"]
    assert {"2026-11-11", "2027-01-01"} <= set(body["holidays"])
    assert body["names"]["2026-11-11"]
    again = config(account, *arguments)
    assert re.match(rf"0 days come in, {len(body['holidays'])} were closed already\nnothing changed", again.stdout)
    for wrong, sentence in (("XX", "no public holidays are known for 'XX'"), ("Polska", "no public holidays")):
        assert sentence in account.refused(*DESK, "config", "calendar", "holidays", CALENDAR, wrong)
    said = account.refused(*DESK, "config", "calendar", "holidays", CALENDAR, "DE", "--subdivision", "Bayern-Süd")
    assert "no part 'Bayern-Süd' of DE is known" in said
    assert "--years" in account.refused(*DESK, "config", "calendar", "holidays", CALENDAR, "DE", "--years", "soon")


FEED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//works//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Works closed\\, Christmas
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20250501
RRULE:FREQ=YEARLY;UNTIL=20281231T235959Z
EXDATE;VALUE=DATE:20270501
SUMMARY:Labour Day
END:VEVENT
BEGIN:VEVENT
UID:2
RECURRENCE-ID;VALUE=DATE:20280501
DTSTART;VALUE=DATE:20280502
SUMMARY:Labour Day moved
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20261201T080000Z
DTEND:20261201T090000Z
SUMMARY:Meeting
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20261230
STATUS:CANCELLED
SUMMARY:Cancelled
END:VEVENT
BEGIN:VEVENT
UID:5
DTSTART;VALUE=DATE:20260101
RRULE:FREQ=SECONDLY
SUMMARY:Every second
END:VEVENT
BEGIN:VEVENT
UID:6
SUMMARY:Without a day
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_whole_day_events_of_a_feed_come_in_as_dates(account: Account) -> None:
    path = account.folder / "works.ics"
    path.write_text(FEED, encoding="utf-8", newline="")
    answer = config(account, "calendar", "ical", CALENDAR, str(path), "--years", "2026-2030", told=YES)
    assert answer.returncode == 0, answer.stderr
    assert "1 events with a time of day left out" in answer.stdout
    assert "2 events could not be read" in answer.stdout
    body = newest(account)["body"]
    assert body["names"] == {
        "2026-05-01": "Labour Day",
        "2026-12-24": "Works closed, Christmas",
        "2026-12-25": "Works closed, Christmas",
        "2026-12-26": "Works closed, Christmas",
        "2028-05-02": "Labour Day moved",
    }
    assert body["holidays"] == sorted(body["names"])
    again = config(account, "calendar", "ical", CALENDAR, str(path), "--years", "2026-2030")
    assert "0 days come in, 5 were closed already" in again.stdout


@pytest.mark.parametrize("told", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_what_is_no_feed_changes_nothing(account: Account, told: bytes) -> None:
    path = account.folder / "works.ics"
    path.write_bytes(told)
    answer = config(account, "calendar", "ical", CALENDAR, str(path))
    assert "Traceback" not in answer.stderr
    assert answer.returncode == 2 or "nothing changed" in answer.stdout
    assert len(shown(account)["versions"]) == 1


def test_names_with_control_codes_act_on_nothing(account: Account) -> None:
    path = account.folder / "works.ics"
    path.write_text(FEED.replace("Works closed", "\x1b[2J\u202eWorks"), encoding="utf-8", newline="")
    answer = config(account, "calendar", "ical", CALENDAR, str(path), "--years", "2026", "--yes")
    assert answer.returncode == 0, answer.stderr
    assert "\x1b" not in answer.stdout
    assert "\u202e" not in answer.stdout


def test_without_the_extra_a_sentence_says_how_to_get_it(account: Account) -> None:
    blocked = account.folder / "blocked"
    blocked.mkdir()
    for name in ("holidays", "icalendar"):
        (blocked / f"{name}.py").write_text("raise ImportError('not installed')\n")
    env = {"PYTHONPATH": os.pathsep.join((str(blocked), account.environment()["PYTHONPATH"]))}
    path = account.folder / "works.ics"
    path.write_text(FEED, encoding="utf-8")
    for arguments in (("holidays", CALENDAR, "PL"), ("ical", CALENDAR, str(path))):
        answer = config(account, "calendar", *arguments, env=env)
        assert answer.returncode == 2
        assert answer.stderr.endswith("install it with: pip install 'lampboard[calendars]'\n")


def test_two_documents_of_one_name_are_told_apart_by_their_ids(account: Account) -> None:
    with sqlite3.connect(account.desks / "trial" / "desk.db") as connection:
        connection.execute("UPDATE calendar SET name = 'Twin' WHERE name LIKE 'Silver%'")
    assert "name one by its id" in account.refused(*DESK, "config", "show", "calendar", "Twin")
    twins = [one for one in account.document(*DESK, "config", "list") if one["name"] == "Twin"]
    assert {shown(account, name=one["id"])["id"] for one in twins} == {one["id"] for one in twins}


def test_ctrl_c_while_deadlines_are_computed_leaves_them_to_the_next_console(account: Account) -> None:
    path = account.folder / "new.toml"
    path.write_text('tz = "Europe/Warsaw"\nalways = true\n', encoding="utf-8")
    desk = sqlite3.connect(account.desks / "trial" / "desk.db", isolation_level=None)
    # Stands for so many open tickets that their rebuild takes minutes.
    for event in ("UPDATE", "DELETE"):
        desk.execute(
            f"CREATE TRIGGER slow_{event} AFTER {event} ON rebuild"
            " BEGIN SELECT count(*) FROM entry a, entry b, entry c; END"
        )
    argv = [*LAMPBOARD, *DESK, "config", "edit", "calendar", CALENDAR, "--file", str(path), "--yes"]
    with PtyProgram(argv, env=account.environment()) as started:
        ends_at = time.monotonic() + 20
        while not desk.execute("SELECT count(*) FROM rebuild").fetchone()[0]:
            assert time.monotonic() < ends_at
            time.sleep(0.02)
        time.sleep(0.2)
        started.press("ctrl+c")
        started.wait_for("the next console of this desk computes the other", timeout=20)
        started.kill()
    assert desk.execute("SELECT count(*) FROM rebuild").fetchone() == (1,)
    desk.close()
    assert newest(account)["number"] == 2


def test_ctrl_c_in_the_editor_is_the_editors_own(account: Account) -> None:
    script = account.folder / "slow editor"
    ready = account.folder / "ready"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys, time\npathlib.Path({str(ready)!r}).touch()\n"
        "try:\n    time.sleep(20)\nexcept KeyboardInterrupt:\n"
        "    path = pathlib.Path(sys.argv[1])\n"
        "    path.write_text(path.read_text().replace('07:00', '09:00'))\n"
    )
    script.chmod(0o700)
    env = account.environment({"EDITOR": f"'{script}'", "VISUAL": ""})
    argv = [*LAMPBOARD, *DESK, "config", "edit", "calendar", CALENDAR, "--yes"]
    with PtyProgram(argv, env=env) as started:
        ends_at = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < ends_at
            time.sleep(0.05)
        time.sleep(0.3)
        started.press("ctrl+c")
        assert started.exit_code(timeout=20) == 0
    assert newest(account)["body"]["weekly"]["mon"] == [["09:00", "19:00"]]


def test_what_is_written_as_text_is_read_back_as_it_was() -> None:
    from tui.verbs.config_text import read_text, text_to_edit, toml_of

    body = {
        "tz": "Europe/Warsaw",
        "holidays": [f"2026-12-{day:02}" for day in range(1, 12)],
        "weekly": {"sun": [], "mon": [["08:00", "12:00"], ["22:00", "06:00"]]},
        "names": {"2026-12-01": 'quote " slash \\ tab\t del\x7f newline\n', "with space": "Łódź"},
        "stages": [{"name": "on site", "share": 0.5, "pauses": True, "owner": {"party": "us"}}],
        "empty": {},
    }
    for text in (toml_of(body), text_to_edit("calendar", ("head",), body), json.dumps(body)):
        assert read_text(text) == body
