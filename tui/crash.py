"""The last door: a fault of ours becomes a report on the disk and one sentence, never a traceback at a person."""

from __future__ import annotations

import sys
from pathlib import Path


def tell_crash(report: str, folder: Path) -> int:
    """Keep the report in `folder` and say where it is; answers the exit code."""
    path = folder / "crash.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(report, encoding="utf-8", errors="backslashreplace")
        path.chmod(0o600)
        where = f"the report: {path}"
    except OSError as error:
        where = f"the report could not be written ({error.strerror})"
    sys.stderr.write(f"lampboard: stopped on a fault of its own; nothing saved is lost; {where}\n")
    return 1
