"""A process that imports a log of a service desk and says when it begins to build: it is killed at some moment.

python -m tests.storage.importing DESK SOURCE AUTHOR
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.ids import EntityId
from storage.importers.report import BUILDING, Progress
from storage.importers.run import run_import
from tests.support.fixed import FixedClock, ids_from


def main() -> None:
    """Import, and say `building` once."""
    desk, source, author = Path(sys.argv[1]), Path(sys.argv[2]), EntityId(bytes.fromhex(sys.argv[3]))
    clock = FixedClock()
    said = False

    def tell(progress: Progress) -> None:
        nonlocal said
        if progress.phase == BUILDING and not said:
            said = True
            print("building", flush=True)

    run_import(desk, "service-desk-log", source, author=author, clock=clock, new_id=ids_from(5, clock), progress=tell)


if __name__ == "__main__":
    main()
