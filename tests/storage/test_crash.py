"""A console that dies in the middle of its work has saved what it called saved, and nothing of the rest by half."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.storage.calling_console import TEXT
from tests.storage.desk_story import begin, check_chain, check_rows, look

ROOT = Path(__file__).resolve().parents[2]
SMOKE_KILLS = 6
FULL_CHECKS = 12
"""After so many of the kills every ticket is folded anew; it takes longer than the crash."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crash") / "desk.db"
    story = begin(path)
    for number in range(6):
        story.open_ticket(f"Ticket {number}")
    story.sit_down()
    story.desk.close()
    return path


def console(path: Path, seed: int, *more: str, module: str = "acting_console") -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", f"tests.storage.{module}", str(path), str(seed), *more]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def kill_at_random(path: Path, seed: int, module: str = "acting_console") -> list[str]:
    """Let a console act, kill it at a random moment, and answer what it had called saved."""
    acting = console(path, seed, module=module)
    assert acting.stdout is not None
    assert acting.stderr is not None
    told = acting.stdout.readline()
    time.sleep(random.Random(seed).random() * 0.25)
    acting.kill()
    rest, said = acting.communicate()
    lines = (told + rest).decode().split("\n")
    assert lines[0], said.decode()
    # A line that was cut off was not told to anybody.
    return lines[:-1]


def check_saved(path: Path, saved: set[str]) -> None:
    with look(path) as seen:
        texts = Counter(text for (text,) in seen.execute("SELECT text FROM entry WHERE kind = 'note'"))
        assert not saved - set(texts), "what was called saved is not there"
        assert {text: count for text, count in texts.items() if count != 2} == {}, "half an act is there"
        (log,) = seen.execute("SELECT count(*) FROM operation WHERE kind = 'entry.posted'").fetchone()
        assert log == texts.total(), "log and rows differ"
        check_chain(seen)


def test_a_console_killed_at_any_moment_has_saved_what_it_called_saved(desk: Path, pytestconfig: pytest.Config) -> None:
    kills = int(pytestconfig.getoption("kills", SMOKE_KILLS))
    saved: set[str] = set()
    for seed in range(1, kills + 1):
        saved.update(kill_at_random(desk, seed))
        check_saved(desk, saved)
        if seed % max(1, kills // FULL_CHECKS) == 0 or seed == kills:
            with look(desk) as seen:
                assert seen.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert check_rows(seen) == 6
    assert len(saved) >= kills


def test_a_console_killed_beside_another_leaves_the_others_work_whole(desk: Path) -> None:
    staying, dying = console(desk, 9001, "60"), console(desk, 9002)
    assert dying.stdout is not None
    dying.stdout.readline()
    time.sleep(0.1)
    os.kill(dying.pid, 9)
    dying.communicate()
    told, said = staying.communicate(timeout=60)
    saved = told.decode().splitlines()
    assert (len(saved), staying.returncode) == (60, 0), said.decode()
    check_saved(desk, set(saved))


def test_two_consoles_in_two_processes_lose_nothing_of_each_other(desk: Path) -> None:
    both = [console(desk, seed, "100") for seed in (9003, 9004)]
    saved: set[str] = set()
    for one in both:
        told, said = one.communicate(timeout=60)
        assert one.returncode == 0, said.decode()
        saved.update(told.decode().splitlines())
    assert len(saved) == 200
    check_saved(desk, saved)
    with look(desk) as seen:
        assert check_rows(seen) == 6


def check_calls(path: Path, told: list[str]) -> tuple[int, int]:
    """How many calls are saved and how many drafts are there; each call is whole in one of the two places."""
    typed: dict[str, int] = {}
    saved: set[str] = set()
    for line in told:
        word, call, count = line.split()
        if word == "typed":
            typed[call] = int(count)
        else:
            saved.add(call)
    with look(path) as seen:
        drafts = {about.hex(): json.loads(body) for about, body in seen.execute("SELECT about, body FROM draft")}
        texts = seen.execute(
            "SELECT DISTINCT o.txn, e.text FROM operation o JOIN ticket t ON t.id = o.id"
            " JOIN entry e ON e.ticket = t.id AND e.kind = 'call' WHERE o.kind = 'ticket.opened'"
        ).fetchall()
        check_chain(seen)
    written = {call.hex(): str(text) for call, text in texts}
    assert saved <= set(written), "a call that was called saved is not there"
    assert not set(drafts) & set(written), "a saved call is offered again"
    for call, letters in typed.items():
        text = written.get(call) or drafts[call]["symptom"]
        assert TEXT.startswith(text) and len(text) >= letters, f"{letters} letters were kept, {text!r} is there"
    assert all(text == TEXT for text in written.values()), "half a call is saved"
    return len(written), len(drafts)


def test_a_console_killed_while_a_call_is_typed_or_saved_has_it_once_and_whole(
    desk: Path, pytestconfig: pytest.Config
) -> None:
    kills = int(pytestconfig.getoption("kills", SMOKE_KILLS))
    told: list[str] = []
    for seed in range(1, kills + 1):
        told += kill_at_random(desk, seed, module="calling_console")
        saved, left = check_calls(desk, told)
    assert saved + left >= kills, "the consoles took no calls"
    with look(desk) as seen:
        assert seen.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        check_rows(seen)
