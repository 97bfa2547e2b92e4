"""Of several consoles on one desk file one syncs: the one that holds a lock beside the file.

The lock is the operating system's: it goes with its process, however that ends, and another takes over.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def lock_path(desk: Path) -> Path:
    """Where the lock of a desk lies; the file is empty."""
    return desk.with_name(f"{desk.name}-sync")


class Leading:
    """One console's claim to sync the desk at `desk`."""

    def __init__(self, desk: Path) -> None:
        self._path = lock_path(desk)
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """True while this console syncs for all."""
        return self._file is not None

    def take(self) -> bool:
        """Claim it; False while another console has it. OSError where no file can be made."""
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
        """Let another console do it."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
