"""Sync as the screen knows it: when it begins, that a person is at the keys, and what it tells in row 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from tui.presenters.frame import SAYS

if TYPE_CHECKING:
    from core.sync_shown import SyncShown
    from tui.screens.workbench import Workbench


class SyncBeside(Protocol):
    """The sync of this console, on threads of its own."""

    def begin(self, tell: Callable[[], None]) -> None:
        """Sync from now on, unless it does; `tell` is called on another thread when row 1 has to be read again."""

    def used(self) -> None:
        """A person pressed a key."""

    def ask(self) -> None:
        """Sync at once."""


class Syncing:
    """Row 1 and the prompt follow what the sync does; a desk without a hub never begins."""

    def __init__(self, bench: Workbench, beside: SyncBeside | None) -> None:
        self._bench = bench
        self._beside = beside
        self._told = ""
        self._noticed: int | None = None

    def used(self) -> None:
        """A key came."""
        if self._beside is not None:
            self._beside.used()

    def ask(self) -> None:
        """Sync at once."""
        if self._beside is not None:
            self._beside.ask()

    def changed(self) -> None:
        """Something that row 1 tells may be another now."""
        self._bench.running.beside(self.renew, "sync")

    async def renew(self) -> None:
        """Read how the desk stands, and show it."""
        await self._bench.listing.renew_sync()
        self.follow()
        self._bench.draw_frame()

    def follow(self) -> None:
        """Begin where a hub is joined; say once why nothing is exchanged where only a person can mend it."""
        stands = self._bench.listing.sync
        if stands is None:
            return
        if self._beside is not None:
            self._beside.begin(self._told_from_thread)
        trouble = stands.trouble
        code = "" if trouble is None or trouble.is_offline else trouble.code
        if code and code != self._told and trouble is not None:
            from tui.presenters.sync_words import why_stopped

            self._bench.tell(SAYS, why_stopped(trouble))
        self._told = code
        self._notice(stands)

    def _notice(self, stands: SyncShown) -> None:
        """Say once what was found out and made good since this console was opened."""
        number, notice = (0, None) if stands.notice is None else stands.notice
        if notice is not None and self._noticed is not None and number > self._noticed:
            from tui.presenters.recovery_words import notice_text

            self._bench.tell(SAYS, notice_text(notice))
        self._noticed = number

    def _told_from_thread(self) -> None:
        self._bench.app.call_later(self.changed)
