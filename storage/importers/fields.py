"""Named fields of a record that has no header: which of them a mapping asks for, and whether they ever came."""

from __future__ import annotations

from collections.abc import Iterable

FOUND_NAMED = 60


class Wanted:
    """The fields a mapping names, in its order, and what a source without a header showed of them so far."""

    def __init__(self, names: list[str], optional: list[str]) -> None:
        self.names = names
        self._missing = set(names) - set(optional)
        self._found: dict[str, None] = {}

    def came(self, names: Iterable[str]) -> None:
        """These fields stood in a record, whatever their value."""
        self._missing.difference_update(names)

    def show(self, names: Iterable[str]) -> None:
        """Remember some of the names that do occur, for who misspelt one."""
        for name in names:
            if len(self._found) >= FOUND_NAMED:
                return
            self._found.setdefault(name)

    @property
    def missing(self) -> str | None:
        """The first field that no record had."""
        return next((name for name in self.names if name in self._missing), None)

    @property
    def found(self) -> list[str]:
        """Names that occurred."""
        return list(self._found)
