"""The file beside the desk with the rows that could not be taken: line, reason, and the row as it was."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import IO

from storage.importers.failed import ImportFailed


class RejectFile:
    """Made with the first row that needs it; without a path rows are only counted."""

    def __init__(self, path: Path | None, encoding: str) -> None:
        self.path = path
        self.is_written = False
        self._encoding = encoding
        self._file: IO[str] | None = None

    def add(self, line: int, reason: str, raw: bytes) -> None:
        """One more row; bytes that are no text come out as they went in."""
        if self.path is None:
            return
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding=self._encoding, errors="surrogateescape", newline="")
                self.is_written = True
                csv.writer(self._file).writerow(["line", "reason", "raw"])
            text = raw.decode(self._encoding, errors="surrogateescape").removesuffix("\n").removesuffix("\r")
            csv.writer(self._file).writerow([line, reason, text])
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Everything is on the disk afterwards, or ImportFailed says that it is not."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> ImportFailed:
        return ImportFailed("import.rejects_not_writable", path=str(self.path), reason=error.strerror)
