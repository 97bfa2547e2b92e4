"""What one process does for all of a desk file: it holds a lock beside the file while it syncs, or while it imports.

The lock is the operating system's: it goes with its process, however that ends, and another takes over.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

SYNC, IMPORT = "sync", "import"


def lock_path(desk: Path, what: str = SYNC) -> Path:
    """Where a lock of a desk lies; the file is empty."""
    return desk.with_name(f"{desk.name}-{what}")


class Leading:
    """One process's claim to sync the desk at `desk`, or to import onto it."""

    def __init__(self, desk: Path, what: str = SYNC) -> None:
        self._path = lock_path(desk, what)
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """True while this process does it for all."""
        return self._file is not None

    def take(self) -> bool:
        """Claim it; False while another process has it. OSError where no file can be made."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def leave(self) -> None:
        """Let another process do it."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
