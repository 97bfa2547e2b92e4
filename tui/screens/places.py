"""Where the panes are: which of them are seen, which is zoomed, which stands behind the tabs of a small screen."""

from __future__ import annotations

from textual.widget import Widget

from tui.presenters.cells import Line
from tui.presenters.frame import tab_strip
from tui.screens.following import Followers
from tui.words import _, later

NARROW = 100
"""Below this width one lower pane is shown at a time, behind tabs."""

PANES = ("queue", "ticket", "company", "contract", "equipment")
"""In the order of their numbers and of the tab key."""
BESIDE = PANES[2:]
TABS = ((2, later("Ticket")), (3, later("Company")), (4, later("Contract")), (5, later("Equipment")))


class Places:
    """The five panes of a screen; where each stands is in the style sheet, by classes that are set here."""

    def __init__(self, screen: Widget, queue: Widget, followers: Followers) -> None:
        self._screen = screen
        self._followers = followers
        self._panes: tuple[Widget, ...] = (queue, *followers)
        self.zoomed = ""

    def __contains__(self, widget: Widget | None) -> bool:
        return widget in self._panes

    def pane(self, name: str) -> Widget:
        """The pane of that name."""
        return self._panes[PANES.index(name)]

    def called(self, which: str) -> str:
        """The name of a pane by its number, or of the one `next` to the focused one or `previous`."""
        if which.isdigit():
            return PANES[int(which) - 1]
        focused = self._screen.screen.focused
        at = self._panes.index(focused) if focused in self._panes else 0
        return PANES[(at + (1 if which == "next" else -1)) % len(PANES)]

    @property
    def lower(self) -> str:
        """The pane below the queue of a small screen."""
        return next((name for name in BESIDE if self._screen.has_class(f"-{name}")), "ticket")

    @property
    def seen(self) -> tuple[str, ...]:
        """Those panes beside queue and ticket that are on the screen."""
        if self.zoomed:
            return (self.zoomed,) if self.zoomed in BESIDE else ()
        if self._screen.has_class("-narrow"):
            return (self.lower,) if self.lower in BESIDE else ()
        return BESIDE

    def turn_to(self, name: str) -> None:
        """Open the pane behind the tabs; the ticket stands there while the queue has the keys."""
        for other in BESIDE:
            self._screen.set_class(other == name, f"-{other}")

    def zoom(self, name: str) -> None:
        """Give a pane all the room, or with an empty name give it back."""
        for other in PANES:
            self._screen.set_class(other == name, f"-zoom-{other}")
        self.zoomed = name
        self._followers.ticket.is_zoomed = name == "ticket"

    def give_headers(self, width: int) -> None:
        """Panes carry their own header unless the tab strip tells what they are."""
        has_header = width >= NARROW or bool(self.zoomed)
        for pane in self._followers:
            pane.give_header(has_header)

    def tabs(self, subject: str, width: int) -> Line:
        """The tab strip of a small screen."""
        names = ((number, _(name)) for number, name in TABS)
        focused = self._screen.screen.focused
        has_focus = focused in self._panes[1:]
        return tab_strip(names, PANES.index(self.lower) + 1, subject, width, has_focus=has_focus)
