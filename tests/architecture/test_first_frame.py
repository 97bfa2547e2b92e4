"""What the first frame costs: nothing heavy is imported before a person sees the queue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.support.terminal import PtyProgram
from tests.support.worlds import copy_of, world

HEAVY = ("sqlalchemy", "pydantic", "pydantic_core", "sqlite_utils", "keyring", "psycopg", "alembic", "markdown_it")

OPEN_AND_TELL = """
import json, sys
from pathlib import Path
from tui import terminal, textual_start
terminal.check()
terminal.prepare()
textual_start.spare()
from storage.desk import OpenDesk
def tell(desk, warm_up=OpenDesk.warm_up):
    Path(sys.argv[2]).write_text(json.dumps(sorted(sys.modules)))
    warm_up(desk)
OpenDesk.warm_up = tell
from tui.bootstrap import run_console
sys.exit(run_console(Path(sys.argv[1])))
"""
"""The console as `lampboard` opens it; it tells what is imported when the first frame stands, before any warming up."""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("first-frame")
    desk, told = copy_of(world(300), folder), folder / "imported.json"
    homes = {name: str(folder) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    argv = [sys.executable, "-c", OPEN_AND_TELL, str(desk), str(told)]
    with PtyProgram(argv, env={**homes, "PYTHONPATH": str(ROOT)}, cwd=folder) as console:
        console.wait_for("T-")
        _until_told(console, told)
        console.press("q")
        assert console.exit_code() == 0
    return set(json.loads(told.read_text()))


def _until_told(console: PtyProgram, told: Path) -> None:
    for _ in range(50):
        if told.exists() and told.read_text().endswith("]"):
            return
        console.settle(0.1)
    raise AssertionError("the first frame never stood")


def test_the_console_did_come_up(imported: set[str]) -> None:
    assert {"textual.app", "tui.app", "storage.reads", "sqlite3"} <= imported


@pytest.mark.parametrize("package", HEAVY)
def test_nothing_heavy_is_imported_before_the_first_frame(package: str, imported: set[str]) -> None:
    assert sorted(name for name in imported if name.split(".")[0] == package) == []


@pytest.mark.parametrize("module", ["textual.widgets._option_list", "textual.widgets._input", "ssl"])
def test_what_only_textuals_own_palette_or_a_connection_needs_is_not_imported(module: str, imported: set[str]) -> None:
    assert module not in imported


def test_no_module_of_ours_that_writes_is_imported_before_the_first_frame(imported: set[str]) -> None:
    writers = {"storage.unit_of_work", "storage.undo", "storage.drafts", "storage.schema", "storage.migrations"}
    others = {name for name in imported if name.startswith(("storage.importers", "storage.demo", "tui.verbs"))}
    assert sorted((writers & imported) | others) == []


def test_no_clock_is_computed_for_the_first_frame(imported: set[str]) -> None:
    assert sorted({"core.sla", "core.ledger", "core.calendar", "tui.presenters.ledger_page"} & imported) == []


def test_the_pages_of_contract_and_equipment_are_not_imported_before_the_first_frame(imported: set[str]) -> None:
    pages = {"contract_page", "equipment_page"}
    later = {f"{package}.{page}" for package in ("storage", "tui.presenters") for page in pages}
    later |= {"core.contract_shown", "core.equipment_shown", "core.coverage", "core.faults", "tui.presenters.told"}
    assert "tui.panes.contract" in imported
    assert sorted(later & imported) == []


def test_a_textual_that_takes_more_from_its_palette_gets_the_real_one() -> None:
    asks = "from tui import textual_start; textual_start._NAMES = (); textual_start.spare(); "
    tells = "import textual.app, textual.command; print(textual.command.CommandPalette.__module__)"
    told = subprocess.run([sys.executable, "-c", asks + tells], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "textual.command"
