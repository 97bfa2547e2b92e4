"""What is shipped says one version, and what is locked can be fetched from anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from tests.architecture.sources import ROOT
from tui.version import VERSION

LOCKS = ("build", "run", "dev", "lowest")


def test_the_version_in_the_project_file_is_the_one_the_program_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = subprocess.run(
        [sys.executable, "-m", "tui", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"lampboard {project['version']}\n"
    assert project["version"] == VERSION


def test_the_version_is_told_without_importing_anything_of_ours() -> None:
    wrapper = (
        "import sys; sys.argv = ['lampboard', '--version']\n"
        "import tui.__main__ as door; door.main()\n"
        "known = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(known & {'click', 'core', 'storage', 'textual', 'sqlite3', 'asyncio'}))"
    )
    told = subprocess.run([sys.executable, "-c", wrapper], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == [f"lampboard {VERSION}", "[]"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_no_folder(name: str) -> None:
    lines = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    strange = [line for line in lines if re.search(r"://|index-url|find-links|file:|^\s*-e |^\s*[./~]|/[a-z]+/", line)]
    assert strange == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_every_package_by_its_hash(name: str) -> None:
    told = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in told.splitlines() if line.strip() and not line.startswith("#")]
    assert packages
    assert [line.split()[0] for line in packages if "==" not in line or "--hash=sha256:" not in line] == []
