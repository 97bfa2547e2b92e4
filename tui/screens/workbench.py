"""The one screen of the desk: queue, ticket, company, the frame around them, and what actions may do here."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from core.clock import Instant
from core.commands import Command, Together
from core.errors import DomainError
from core.pages import FindTickets, People, PersonLine, QueueRow, TicketPage, TicketShown
from core.queue import SCOPES, View
from tui.actions.action import Action
from tui.actions.all import ACTIONS, BY_ID, key_name
from tui.actions.scene import Option
from tui.gateway import Gateway
from tui.panes.company import CompanyPane
from tui.panes.queue import Emptiness, QueuePane
from tui.panes.ticket import TicketPane
from tui.presenters.cells import cut
from tui.presenters.frame import (
    FAILED,
    REFUSED,
    SAVED,
    SAYS,
    SCOPE_WORDS,
    Status,
    hint_line,
    prompt_line,
    status_line,
    tab_strip,
)
from tui.presenters.sentences import what_was_done, why_not
from tui.presenters.times import clock_time
from tui.screens.asking import Asking
from tui.screens.following import REST_SECONDS, Following
from tui.screens.helping import help_for, key_map
from tui.screens.listing import Listing
from tui.screens.writing import Writing
from tui.terminal import SMALLEST_COLUMNS, SMALLEST_ROWS
from tui.widgets.ink import Ink
from tui.widgets.line_list import LineList
from tui.widgets.line_view import LineView
from tui.widgets.one_line import OneLine
from tui.widgets.picker import Picker
from tui.words import _, ngettext

PANES = ("queue", "ticket", "company")
STEPS: dict[str, Callable[[LineList], None]] = {
    "down": lambda pane: pane.move_by(1),
    "up": lambda pane: pane.move_by(-1),
    "page_down": lambda pane: pane.page_by(1),
    "page_up": lambda pane: pane.page_by(-1),
    "half_down": lambda pane: pane.page_by(0.5),
    "half_up": lambda pane: pane.page_by(-0.5),
    "first": lambda pane: pane.move_to(0),
    "last": lambda pane: pane.move_to(pane.window.total - 1),
}


class Workbench(Screen[None]):
    """Queue, ticket and company; see `tui.actions.scene.Scene` for what actions may ask of it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012 as the base class declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(action.keys), f"do('{action.id}')", action.title, id=action.id, show=False)
            for action in ACTIONS
            if action.keys
        ),
        Binding("ctrl+c", "say_how_to_quit", show=False),
    ]

    def __init__(
        self,
        gateway: Gateway,
        ink: Ink,
        person: PersonLine,
        view: View,
        *,
        now: Callable[[], Instant],
        zone: str,
        is_demo: bool,
        dial: Callable[[str], Any],
        set_person: Callable[[PersonLine], Any],
    ) -> None:
        super().__init__()
        self._gateway = gateway
        self._ink = ink
        self._person = person
        self._zone = zone
        self._now = now
        self._is_demo = is_demo
        self._dial = dial
        self._set_person = set_person
        self._acting_on: tuple[QueueRow, ...] | None = None
        self._begun = 0
        self._awaiting_store = 0
        self._last_list: LineList | None = None
        self._last_pane: Widget | None = None
        self._visiting: QueueRow | None = None
        """A ticket that was gone to by its number and stands in no list; leaving its pane ends the visit."""
        self._zoomed = ""
        self._rest: Timer | None = None
        self._said: tuple[str, str] = (SAYS, "")
        self._queue = QueuePane(ink, now, lambda: self._person.id, id="queue")
        self._ticket = TicketPane(ink, now, lambda: self._zone, id="ticket")
        self._company = CompanyPane(ink, now, lambda: self._zone, id="company")
        self._status = OneLine(ink, id="status")
        self._tabs = OneLine(ink, id="tabs")
        self._prompt = OneLine(ink, id="prompt")
        self._hints = OneLine(ink, id="hints")
        self._picker = Picker(ink, id="picker")
        self._help = LineView(ink, id="help")
        self._room = OneLine(ink, id="room")
        self._asking = Asking(self, ink, self._picker, self._focus_back)
        self._writing = Writing(self, ink, gateway, self._beside, self._focus_back)
        self.listing = Listing(gateway, self._queue, view, now)
        self.following = Following(gateway, self._ticket, self._company, now)

    # Laying out.

    def compose(self) -> ComposeResult:
        """The panes, filled before they are drawn for the first time."""
        # Textual sets these only with the first resize: the screen would be laid out and painted twice.
        self.add_class(*self._get_breakpoint_classes(self.app.size.width, self.HORIZONTAL_BREAKPOINTS))
        self.listing.begin()
        self._say_if_empty()
        self.following.begin(self._queue.current)
        yield self._status
        with Container(id="body"):
            with Container(id="left"):
                yield self._queue
                yield self._tabs
                with Container(id="work"):
                    yield self._ticket
                    yield self._picker
            yield Container(id="gutter")
            with Container(id="right"):
                yield self._company
        yield self._help
        with Horizontal(id="foot"):
            yield self._prompt
        yield self._hints
        yield self._room

    def on_mount(self) -> None:
        """The queue has the keys; lamps move on with the minute."""
        self._last_list = self._queue
        self._queue.focus()
        self._next_minute()

    def on_resize(self, event: events.Resize) -> None:
        """Frame lines are made for a width; a screen too small to read waits, and no key acts unseen."""
        is_tiny = event.size.width < SMALLEST_COLUMNS or event.size.height < SMALLEST_ROWS
        had_no_room = self.has_class("-tiny")
        self.set_class(is_tiny, "-tiny")
        needs = _("needs {columns}x{rows}, waits").format(columns=SMALLEST_COLUMNS, rows=SMALLEST_ROWS)
        self._room.show([(cut(needs, event.size.width), "strong")])
        self.call_after_refresh(self.draw_frame)
        if had_no_room and not is_tiny:
            # Nothing that is hidden keeps the focus.
            self.call_after_refresh(self._focus_back)

    def draw_frame(self) -> None:
        """Row 1, tabs, prompt and hints for the present state; only what differs is painted."""
        width = self.size.width
        is_narrow = width < 100
        for pane in (self._ticket, self._company):
            has_header = not is_narrow or bool(self._zoomed)
            if pane.has_header != has_header:
                pane.has_header = has_header
                if isinstance(pane, TicketPane):
                    pane.draw()
                else:
                    pane.refresh()
        status = Status(
            self.view,
            self.listing.counts,
            clock_time(self.now, self._zone),
            has_focus=self.focused is self._queue,
            newer=self.listing.newer,
            marked=len(self._queue.marked),
            is_demo=self._is_demo,
            person=self._person.name,
        )
        self._status.show(status_line(status, width))
        row = self.current
        subject = f"{row.number} {row.company_name}" if row else _("no ticket under the cursor")
        shown = 3 if self.has_class("-company") else 2
        tabs = ((2, _("Ticket")), (3, _("Company")))
        has_focus = self.focused in (self._ticket, self._company)
        self._tabs.show(tab_strip(tabs, shown, subject, width, has_focus=has_focus))
        self._prompt.show(prompt_line(*self._said, width))
        hints = [(key_name(action.keys[0]), _(action.hint)) for action in ACTIONS if self._is_hinted(action)]
        self._hints.show(hint_line(hints, width))

    def _is_hinted(self, action: Action) -> bool:
        return bool(action.hint and action.keys and not action.why_not(self))

    def _next_minute(self) -> None:
        self.set_timer(60 - (self.now % 60) + 0.05, self._minute_passed)

    def _minute_passed(self) -> None:
        self._queue.refresh()
        self._company.refresh()
        self._ticket.draw()
        self._beside(self._count_again(), "minute")
        self._next_minute()

    async def _count_again(self) -> None:
        await self.listing.renew_rows()
        self.draw_frame()

    # Keys and actions.

    def action_do(self, action_id: str) -> None:
        """Run an action by its id, or say why not."""
        self.run_by_id(action_id)

    def run_by_id(self, action_id: str) -> None:
        """Run an action; what it awaits runs beside the keys."""
        action = BY_ID[action_id]
        if action_id != "quit" and (self.has_class("-tiny") or self._asking.is_open):
            return
        if action.group != "move" and self._said[1]:
            self.tell(SAYS, "")
        reason = action.why_not(self)
        if reason:
            self.tell(REFUSED, reason)
            return
        running = action.run(self)
        if inspect.isawaitable(running):
            self._beside(running, "action", exclusive=False)

    def _beside(self, work: Awaitable[None], group: str, *, exclusive: bool = True) -> None:
        """Let work run beside the keys; what the store refuses is said, a fault of ours ends the program openly."""
        is_action = group == "action"
        self._begun += is_action
        guarded = self._guarded(work, is_action=is_action)
        self.run_worker(guarded, group=group, exclusive=exclusive, exit_on_error=True)

    async def _guarded(self, work: Awaitable[None], *, is_action: bool) -> None:
        try:
            await work
        except DomainError as error:
            self.tell(FAILED if error.code.startswith("store.") else REFUSED, why_not(error))
        finally:
            self._begun -= is_action

    @property
    def takes_keys(self) -> bool:
        """False while an action is on its way to its next question: keys that come early belong to that one."""
        if self._asking.is_open:
            return self._asking.holds_keys()
        if self.has_class("-writing"):
            return not self._begun
        return self._begun <= self._awaiting_store

    def action_say_how_to_quit(self) -> None:
        """ctrl+c never kills."""
        self.tell(SAYS, _("press q to leave; everything is saved"))

    # The scene.

    @property
    def now(self) -> Instant:
        """The present."""
        return self._now()

    @property
    def zone(self) -> str:
        """The zone of the person at the keys."""
        return self._zone

    @property
    def person(self) -> PersonLine:
        """Who sits at the keys."""
        return self._person

    @property
    def view(self) -> View:
        """What the queue lists."""
        return self.listing.view

    @property
    def current(self) -> QueueRow | None:
        """The ticket that keys act on."""
        if self._visiting is not None:
            return self._visiting
        if self._last_list is self._company:
            return self._company.current
        return self._queue.current

    @property
    def chosen(self) -> tuple[QueueRow, ...]:
        """The marked rows while acting on them, else the current one."""
        if self._acting_on is not None:
            return self._acting_on
        return (self.current,) if self.current else ()

    @property
    def marked_count(self) -> int:
        """How many rows are marked."""
        return len(self._queue.marked)

    @property
    def has_list_focus(self) -> bool:
        """True when a list has the focus."""
        return isinstance(self.focused, LineList)

    async def act(self, *commands: Command) -> bool:
        """Perform wishes as one act and say what came of it."""
        touched = [command.ticket for command in commands if hasattr(command, "ticket")]
        self._set_pending(touched, is_pending=True)
        self._awaiting_store += 1
        try:
            return await self._act(commands, touched)
        finally:
            self._awaiting_store -= 1

    async def _act(self, commands: Sequence[Command], touched: Sequence[Any]) -> bool:
        try:
            command = commands[0] if len(commands) == 1 else Together(tuple(commands))
            applied = await self._gateway.submit(command, self._person.id)
        except DomainError as error:
            self.tell(FAILED if error.code.startswith("store.") else REFUSED, why_not(error))
            await self._after_change()
            return False
        finally:
            self._set_pending(touched, is_pending=False)
        self.tell(SAVED, what_was_done(applied.title, self.now, self._zone))
        await self._after_change()
        return True

    def _set_pending(self, tickets: Sequence[Any], *, is_pending: bool) -> None:
        for ticket in tickets:
            (self._queue.pending.add if is_pending else self._queue.pending.discard)(ticket)
            place = self._queue.window.index_of(ticket)
            if place is not None:
                self._queue.paint_row(place)

    async def _after_change(self) -> None:
        await self.listing.renew_rows()
        await self.following.show(self.current, with_company=self._last_list is not self._company)
        if self._visiting is not None and self._ticket.page is not None:
            self._visiting = self._ticket.page.row
        self.draw_frame()

    async def ask(self, label: str, initial: str = "") -> str | None:
        """One line of text from the person."""
        return await self._asking.ask(label, initial)

    async def pick(self, title: str, options: Sequence[Option], *, hint: str = "") -> Any:
        """One of the options."""
        return await self._asking.pick(title, options, hint)

    async def ticket_shown(self) -> TicketShown | None:
        """The current ticket with everything known of it."""
        row = self.current
        if row is None:
            return None
        page: TicketShown | None = await self._gateway.page(TicketPage(row.id))
        return page

    async def people(self) -> Sequence[PersonLine]:
        """The colleagues a ticket may be given to."""
        people: Sequence[PersonLine] = await self._gateway.page(People())
        return people

    def compose_text(self, kind: str) -> None:
        """Open the writing field for the current ticket."""
        row = self.chosen[0] if self.chosen else None
        if row is not None:
            self._beside(self._writing.begin(kind, row, self), "action", exclusive=False)

    def tell(self, severity: str, sentence: str) -> None:
        """One sentence in the prompt row."""
        self._said = (severity, sentence)
        self._prompt.show(prompt_line(severity, sentence, self.size.width))

    def copy(self, text: str) -> None:
        """Put text on the terminal's clipboard."""
        self.app.copy_to_clipboard(text)
        count = len(text)
        told = ngettext("copied {count} character", "copied {count} characters", count).format(count=count)
        self.tell(SAYS, _("{told}, if this terminal lets programs copy").format(told=told))

    def list_view(self, view: View) -> None:
        """List other tickets, or the same in another order."""
        self._queue.marked.clear()
        self._beside(self._list(view), "listing")

    async def _list(self, view: View) -> None:
        await self.listing.show(view)
        self._say_if_empty()
        self.draw_frame()
        await self._gateway.remember("view", f"{view.scope} {view.sort} {int(view.is_reversed)}")

    def _say_if_empty(self) -> None:
        self._queue.emptiness = Emptiness(
            _("Nobody is waiting."),
            _("The view {view} has no tickets.").format(view=_(SCOPE_WORDS[self.view.scope])),
            (("f", _("lists other tickets")), (":", _("finds a ticket by its number"))),
        )

    async def sit_down(self, person: PersonLine) -> None:
        """Another person takes the keys."""
        self._person = person
        await self._set_person(person)
        await self._list(replace(self.view, person=person.id, team=person.team))
        self.tell(SAYS, _("{name} sits here now; what is done from here on carries that name").format(name=person.name))

    def move_cursor(self, how: str) -> None:
        """Move in the pane that has the focus."""
        pane = self.focused
        if self.has_class("-help"):
            pane = self._help
        if isinstance(pane, LineList):
            STEPS[how](pane)
        elif isinstance(pane, LineView):
            page = max(1, pane.size.height - 2)
            lines = {"down": 1, "up": -1, "page_down": page, "page_up": -page, "half_down": page // 2}
            lines |= {"half_up": -(page // 2), "first": -1_000_000, "last": 1_000_000}
            pane.scroll_lines(lines[how])

    def go_to_pane(self, which: str) -> None:
        """Give the focus to a pane."""
        self._leave_help()
        panes = {"1": self._queue, "2": self._ticket, "3": self._company}
        order = [self._queue, self._ticket, self._company]
        if which in panes:
            pane = panes[which]
        else:
            at = next((place for place, pane in enumerate(order) if pane is self.focused), 0)
            pane = order[(at + (1 if which == "next" else -1)) % len(order)]
        if self._zoomed:
            self._set_zoom(PANES[order.index(pane)])
        self.set_class(pane is self._company, "-company")
        if self.size.width < 100 and pane is self._ticket:
            self.remove_class("-company")
        pane.focus()
        self.call_after_refresh(self.draw_frame)

    def zoom(self) -> None:
        """The focused pane takes all the room, or gives it back."""
        focused = self.focused.id if self.focused is not None and self.focused.id in PANES else "queue"
        self._set_zoom("" if self._zoomed else focused or "queue")

    def _set_zoom(self, pane: str) -> None:
        for name in PANES:
            self.set_class(name == pane, f"-zoom-{name}")
        self._zoomed = pane
        self._ticket.is_zoomed = pane == "ticket"
        self.call_after_refresh(self._zoom_drawn)

    def _zoom_drawn(self) -> None:
        self._ticket.draw(keep_place=False)
        self.draw_frame()

    def back(self) -> None:
        """One level out: help, zoom, pane, marks, the sentence in the prompt row."""
        if self._leave_help():
            return
        if self._zoomed:
            self._set_zoom("")
        elif self.focused is not self._queue:
            self.go_to_pane("1")
        elif self._queue.marked:
            self.mark("none")
        else:
            self.tell(SAYS, "")

    def mark(self, how: str) -> None:
        """Mark rows of the queue."""
        self._queue.mark(how)
        self.draw_frame()

    async def act_on_marked(self) -> None:
        """Choose an action for all marked rows."""
        rows = tuple(self._queue.marked.values())
        options = [
            Option(_(action.title), action, action.id, letter=action.keys[0]) for action in ACTIONS if action.for_marked
        ]
        told = ngettext("{count} marked ticket", "{count} marked tickets", len(rows)).format(count=len(rows))
        action = await self.pick(told, options, hint=_("the letter does it to all"))
        if action is None:
            return
        self._acting_on = rows
        try:
            running = action.run(self)
            if inspect.isawaitable(running):
                await running
        finally:
            self._acting_on = None
        self.mark("none")

    async def open_palette(self) -> None:
        """Choose any action or view by name, or a ticket by its number."""
        acts = [Option(_(action.title), action.id, action.id, shown_key=self._key_of(action)) for action in ACTIONS]
        views = [Option(_("view: {name}").format(name=_(SCOPE_WORDS[scope])), scope, "view") for scope in SCOPES]
        hint = _("a name, or a ticket number")
        chosen = await self._asking.pick(_("COMMAND"), [*acts, *views], hint, takes_other_text=True)
        if chosen in SCOPES:
            self.list_view(replace(self.view, scope=chosen))
        elif chosen in BY_ID:
            self.run_by_id(chosen)
        elif chosen:
            await self._go_to_ticket(chosen)

    def _key_of(self, action: Action) -> str:
        return key_name(action.keys[0]) if action.keys else ""

    async def _go_to_ticket(self, number: str) -> None:
        found = await self._gateway.page(FindTickets(number))
        exact = [row for row in found if row.number.casefold() == number.strip().casefold()] or list(found)
        if not exact:
            self.tell(REFUSED, _("there is no command and no ticket {number} on this desk").format(number=number))
            return
        place = self._queue.window.index_of(exact[0].id)
        if place is not None:
            self._queue.move_to(place)
        self._visiting = exact[0] if place is None else None
        await self.following.show(exact[0])
        self.go_to_pane("2")

    def show_help(self, which: str) -> None:
        """Help over the panes; escape closes it."""
        title, lines = help_for(self.size.width) if which == "pane" else key_map(self.size.width)
        self._help.show([(title, "raised")], [(line, "panel") for line in lines])
        self.add_class("-help")
        self._help.focus()

    def _leave_help(self) -> bool:
        if not self.has_class("-help"):
            return False
        self.remove_class("-help")
        self._focus_back()
        return True

    async def renew(self) -> None:
        """Read the list again in its true order."""
        await self._list(self.view)
        await self.following.show(self.current)

    def leave(self) -> None:
        """End the program."""
        self.app.exit()

    async def dial(self, number: str) -> bool:
        """Hand a number to the configured dial command."""
        self._awaiting_store += 1
        try:
            done, sentence = await self._dial(number)
        finally:
            self._awaiting_store -= 1
        if not done:
            self.tell(REFUSED, sentence)
        return bool(done)

    # What the panes and the store report.

    def _focus_back(self) -> None:
        (self._last_pane or self._queue).focus()

    def desk_changed(self) -> None:
        """Another console wrote to this desk."""
        self._beside(self._after_change(), "changed")

    @on(LineList.CursorMoved)
    def _cursor_moved(self, message: LineList.CursorMoved) -> None:
        if message.source is self._queue or self.focused is self._company:
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(REST_SECONDS, self._cursor_rests)

    def _cursor_rests(self) -> None:
        row = self.current
        if row is not None and row.id == self.following.shown:
            return
        with_company = self._last_list is not self._company
        self._beside(self._follow(row, with_company), "follow")

    async def _follow(self, row: QueueRow | None, with_company: bool) -> None:
        await self.following.show(row, with_company=with_company)
        self.draw_frame()

    @on(LineList.RowsWanted)
    def _rows_wanted(self, message: LineList.RowsWanted) -> None:
        fetch = self.listing.fetch if message.source is self._queue else self.following.fetch_company
        self._beside(fetch(message.direction, message.anchor), "rows", exclusive=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which list keys act on; leaving the queue lets waiting rows in."""
        if event.widget in (self._queue, self._ticket, self._company):
            self._last_pane = event.widget
        if event.widget in (self._queue, self._company):
            self._visiting = None
            assert isinstance(event.widget, LineList)
            left_queue = self._last_list is self._queue and event.widget is not self._queue
            self._last_list = event.widget
            if left_queue and self.listing.newer:
                self.list_view(self.view)
        self.draw_frame()

    @on(Picker.Chosen)
    def _picked(self, message: Picker.Chosen) -> None:
        self._asking.answer(message.option)

    def on_input_changed(self, event: Any) -> None:
        """The prompt's text narrows the list above it."""
        self._asking.typed(event.value)

    def on_input_submitted(self, event: Any) -> None:
        """Enter in the prompt answers the question."""
        self._asking.entered(event.value)

    def on_prompt_field_backed(self) -> None:
        """Escape in the prompt backs out."""
        self._asking.answer(None)

    def on_prompt_field_moved(self, message: Any) -> None:
        """Up and down in the prompt move in the list above."""
        self._picker.move_by(message.rows)

    def on_composer_field_finished(self) -> None:
        """The text is done: a note is saved, a reply asks for one more key."""
        self._beside(self._writing.finish(self), "action", exclusive=False)

    def on_composer_field_left(self) -> None:
        """The text stays as a draft."""
        self._beside(self._writing.leave(self), "action", exclusive=False)

    def on_text_area_changed(self) -> None:
        """Keep the text as it is typed."""
        self._writing.typed(self)
