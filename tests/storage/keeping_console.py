"""A process that exports, backs up or restores one desk without end, until somebody kills it.

`python -m tests.storage.keeping_console export|backup|restore DESK FILE [OTHER]`
"""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from storage.safekeeping.backup import back_up
from storage.safekeeping.export_lines import export_lines
from storage.safekeeping.restore import restore
from storage.safekeeping.whole_file import whole_file
from tui.clocks import SystemClock


def main() -> None:
    """Say `ready` when everything is imported, and begin."""
    doing, desk, *files = sys.argv[1], *map(Path, sys.argv[2:])
    print("ready", flush=True)
    for file in cycle(files):
        if doing == "export":
            with whole_file(file, replaces=True) as building, building.open("r+b") as out:
                export_lines(desk, out.write)
        elif doing == "backup":
            back_up(desk, file, replaces=True)
        else:
            restore(desk, file, SystemClock(), is_sure=True)
            for kept in desk.parent.glob(f"{desk.name}.before*"):
                kept.unlink()


if __name__ == "__main__":
    main()
