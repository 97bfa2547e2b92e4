"""Conflicts from the command line: listed with both sides, settled by a few digits, and the same as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from core.ids import EntityId
from storage import places
from storage.new_desk import set_person
from tests.storage.hub_story import Console, keep, two_consoles
from tests.support.crossed import crossed
from tests.support.crossing import cross
from tests.support.hub_server import HubServer
from tests.support.worlds import copy_of, world
from tui.verbs.conflicts import conflicts, settle
from tui.verbs.opening import Refusal

Say = Callable[..., str]


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Console, dict[str, EntityId]]:
    """Anna's console at rest, on which Boris and she crossed each other three times."""
    anna, boris = two_consoles(tmp_path_factory.mktemp("crossed"), hub_server)
    tickets = cross(anna, boris)
    anna.desk.write(lambda connection: set_person(connection, anna.person)).result(20)
    keep(anna, boris)
    return anna, tickets


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a verb on the desk `main` and answer what it printed."""
    for name in ("DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    def run(verb: click.Command, *arguments: str) -> str:
        verb.main(list(arguments), obj="main", standalone_mode=False)
        return capsys.readouterr().out

    return run


@pytest.fixture
def desk(say: Say, kept: tuple[Console, dict[str, EntityId]]) -> Path:
    path = places.desk_path("main")
    path.parent.mkdir(parents=True)
    shutil.copyfile(kept[0].path, path)
    path.chmod(0o600)
    return path


def listed(say: Say) -> dict[str, dict[str, Any]]:
    return {one["field"]: one for one in json.loads(say(conflicts, "--json"))}


def test_each_conflict_is_told_with_both_sides_and_why_one_holds(desk: Path, say: Say) -> None:
    told = say(conflicts).splitlines()
    place = next(place for place, line in enumerate(told) if line.endswith("  priority"))
    assert told[place].split()[1] == "T-1"
    assert told[place + 1].split() == ["before", "P3"]
    assert told[place + 2].startswith("  holds    P2 (Boris, ") and told[place + 3].startswith("  other    P1 (you, ")
    assert told[place + 4] == "  why      the later one holds, by the hub's time"
    assert told[-1] == "3 open conflicts"


def test_the_other_side_is_taken_by_a_few_digits_of_its_id(
    desk: Path, say: Say, kept: tuple[Console, dict[str, EntityId]]
) -> None:
    digits = listed(say)["owner"]["id"][:8]
    assert say(settle, digits, "take") == "T-2: the other side holds now\n"
    assert sorted(listed(say)) == ["closed", "priority"]


def test_what_holds_is_kept_and_told_as_json(desk: Path, say: Say) -> None:
    conflict = listed(say)["priority"]
    assert conflict["applied"]["value"] == 2 and conflict["other"]["name"] == "Anna"
    assert json.loads(say(settle, conflict["id"], "keep", "--json")) == {"done": "conflict.kept", "id": conflict["id"]}
    assert sorted(listed(say)) == ["closed", "owner"]


def test_digits_of_none_and_of_several_are_refused(desk: Path, say: Say) -> None:
    with pytest.raises(Refusal, match="there is no open conflict 'zz'; lampboard sync conflicts lists them"):
        say(settle, "zz", "keep")
    ids = [one["id"] for one in listed(say).values()]
    shared = next((digit for digit in "0123456789abcdef" if sum(id_.startswith(digit) for id_ in ids) > 1), "")
    with pytest.raises(Refusal):
        say(settle, shared, "keep")


def test_a_desk_without_conflicts_says_so(say: Say) -> None:
    path = places.desk_path("main")
    path.parent.mkdir(parents=True)
    copy_of(world(300), path.parent)
    assert say(conflicts) == "no conflict is open\n"
    assert json.loads(say(conflicts, "--json")) == []


def test_records_and_versions_are_told_by_name(say: Say) -> None:
    path = places.desk_path("main")
    path.parent.mkdir(parents=True)
    crossed(copy_of(world(300), path.parent))
    told = say(conflicts)
    assert "  site  zakład Łódź, Zakłady Łódź  address" in told
    assert "  holds    version 3, in force from " in told
