"""The lines around the panes: row 1, the tabs of a small screen, what was said last, the hints, the plea for room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.presenters.cells import Line, cut
from tui.presenters.frame import SAYS, Status, hint_line, prompt_line, status_line
from tui.presenters.times import clock_time
from tui.screens.hinting import REVIEW, WHY, hints
from tui.terminal import SMALLEST_COLUMNS, SMALLEST_ROWS
from tui.widgets.ink import Ink
from tui.widgets.one_line import OneLine
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.workbench import Workbench


class Frame:
    """Five lines of a workbench; each is painted only where it differs from what it shows."""

    def __init__(self, bench: Workbench, ink: Ink) -> None:
        self._bench = bench
        self.status = OneLine(ink, id="status")
        self.tabs = OneLine(ink, id="tabs")
        self.prompt = OneLine(ink, id="prompt")
        self.hints = OneLine(ink, id="hints")
        self.room = OneLine(ink, id="room")
        self.lines = (self.status, self.tabs, self.prompt, self.hints, self.room)
        self._said: tuple[str, str] = (SAYS, "")

    def draw(self, tabs: Line) -> None:
        """All lines for the present state."""
        bench, width = self._bench, self._bench.size.width
        self.status.show(status_line(self._state(), width))
        self.tabs.show(tabs)
        self.prompt.show(prompt_line(*self._said, width))
        page = WHY if bench.explaining.page is not None else REVIEW if bench.reviewing.is_shown else ""
        intaking = bench.calls.intaking
        filling = bench.forms.filling
        of_call = intaking.hints() if intaking is not None and bench.calls.is_open else None
        if of_call is None and filling is not None and filling.is_open:
            of_call = filling.hints()
        told = hints(bench.scene, bench.classes, of_page=page, of_call=of_call)
        self.hints.show(hint_line(told, width))

    def tell(self, severity: str, sentence: str) -> None:
        """One sentence in the prompt row; it stays until the next."""
        self._said = (severity, sentence)
        self.prompt.show(prompt_line(severity, sentence, self._bench.size.width))

    def ask_for_room(self, width: int) -> None:
        """What a screen too small to read says instead of everything."""
        needs = _("needs {columns}x{rows}, waits").format(columns=SMALLEST_COLUMNS, rows=SMALLEST_ROWS)
        self.room.show([(cut(needs, width), "strong")])

    def _state(self) -> Status:
        scene, listing = self._bench.scene, self._bench.listing
        return Status(
            scene.view,
            listing.counts,
            clock_time(scene.now, scene.zone),
            has_focus=self._bench.focused is self._bench.queue,
            newer=listing.newer,
            marked=scene.marked_count,
            is_demo=scene.is_demo,
            person=scene.person.name,
            owed=listing.owed,
            calls=self._bench.calls.waiting,
            sync=self._sync(),
        )

    def _sync(self) -> tuple[Line, ...]:
        scene, stands = self._bench.scene, self._bench.listing.sync
        if stands is None:
            return ()
        from tui.presenters.sync_words import sync_words

        return sync_words(stands, scene.now, scene.zone)
