"""The Textual application: theme, lean driver, one batched first paint, one screen."""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

from textual import events
from textual.app import App
from textual.theme import Theme

from core.pages import PersonLine
from core.queue import View
from themes.load import Palette
from tui.driver import LeanDriver
from tui.gateway import Gateway
from tui.screens.scene import Surroundings
from tui.screens.workbench import Workbench
from tui.type_ahead import TypeAhead
from tui.widgets.ink import Ink

ACTS_CSS = Path(__file__).with_name("screens") / "acts.tcss"


class Lampboard(App[None]):
    """The console of one desk."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "Lampboard"
    CSS_PATH = "screens/workbench.tcss"
    """Read with the application's own styles: the bottom screen is not pushed, so its own path would come too late."""

    def __init__(
        self,
        gateway: Gateway,
        palette: Palette,
        person: PersonLine,
        view: View,
        around: Surroundings,
        after_first_frame: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(driver_class=LeanDriver)
        roles = palette.roles
        self.register_theme(
            Theme(
                name="lampboard",
                primary=roles["accent"],
                foreground=roles["text"],
                background=roles["ground"],
                surface=roles["panel"],
                panel=roles["raised"],
                dark=palette.is_dark,
                variables={role.replace("_", "-"): colour for role, colour in roles.items()},
            )
        )
        # Set by an assignment, all styles would be parsed once for nothing before they are first applied.
        self.set_reactive(App.theme, "lampboard")
        self.stylesheet.set_variables(self.get_css_variables())
        self._gateway = gateway
        self._after_first_frame = after_first_frame
        self.workbench = Workbench(gateway, Ink(roles), person, view, around)
        bench = self.workbench
        self._can_act = False
        """True once the first frame is painted and the styles of what acts change are read."""
        self._type_ahead = TypeAhead(
            self, super().on_event, lambda: self._can_act and bench.takes_keys, bench.only_moves
        )
        self.crash_report = ""

    async def on_event(self, event: events.Event) -> None:
        """Keys and pasted text pass one by one."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.workbench.calls.used()
            self.workbench.syncing.used()
            await self._type_ahead.take(event)
        else:
            await super().on_event(event)

    def on_app_focus(self) -> None:
        """This terminal came to the front: a number that rings now is for this console."""
        self.workbench.calls.used(has_come=True)

    def _fatal_error(self) -> None:
        """A fault of ours: keep it for the report and leave; a person never sees a traceback."""
        self.crash_report = traceback.format_exc()
        self._close_messages_no_wait()

    def on_load(self) -> None:
        """Hold back painting until the whole screen stands: one paint instead of three."""
        self._begin_batch()
        self.workbench.hold_paint()

    def _desk_changed(self) -> None:
        """Called on a thread of the store."""
        self.call_later(self.workbench.desk_changed)

    def _leave_on_signals(self) -> None:
        """A closed window or a shutdown leaves as `q` does: the terminal is given back, what is queued is written."""
        if self.is_headless:
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.workbench.scene.leave)

    def get_default_screen(self) -> Workbench:
        """The workbench is the bottom of the stack: no empty screen is painted before it."""
        return self.workbench

    def _paint_first(self) -> None:
        self.workbench.paint_first()
        self.stylesheet.read(ACTS_CSS)
        self.stylesheet.parse()
        self._can_act = True

    def on_ready(self) -> None:
        """The screen stands: paint it, then start what the first frame did not need."""
        self.workbench.draw_frame()
        self._end_batch()
        self.workbench.call_later(self._paint_first)
        self.call_after_refresh(self.workbench.begin_following)
        self._gateway.watch(self._desk_changed)
        self._leave_on_signals()
        if self._after_first_frame is not None:
            self.call_after_refresh(self._after_first_frame)
