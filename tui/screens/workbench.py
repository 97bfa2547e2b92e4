"""The one screen of the desk: the queue and what follows its cursor, the frame around them, where the focus is."""

from __future__ import annotations

import asyncio
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.ids import EntityId
from core.pages import PersonLine, QueueRow
from core.queue import View
from tui.actions.all import ACTIONS, BY_ID
from tui.gateway import Gateway
from tui.panes.company import CompanyPane
from tui.panes.contract import ContractPane
from tui.panes.equipment import EquipmentPane
from tui.panes.queue import QueuePane
from tui.panes.ticket import TicketPane
from tui.presenters.frame import SAYS
from tui.screens.asking import Asking
from tui.screens.calls import Calls
from tui.screens.explaining import Explaining
from tui.screens.first_paint import PaintedOnce
from tui.screens.following import Followers, Following
from tui.screens.forms import Forms
from tui.screens.frame import Frame
from tui.screens.helping import help_for, key_map
from tui.screens.listing import Listing
from tui.screens.places import NARROW, PANES, Places
from tui.screens.remembering import Remembering
from tui.screens.resting import Resting
from tui.screens.reviewing import Reviewing
from tui.screens.running import Running
from tui.screens.scene import DeskScene, Surroundings
from tui.screens.syncing import Syncing
from tui.screens.writing import Writing
from tui.terminal import SMALLEST_COLUMNS, SMALLEST_ROWS
from tui.widgets.ink import Ink
from tui.widgets.line_list import LineList
from tui.widgets.line_view import LineView
from tui.widgets.picker import Picker
from tui.widgets.room import Room
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.explaining import Suppositions
    from tui.screens.finding import Finding

MOVE_KEYS = frozenset(key for action in ACTIONS if action.id.startswith("cursor.") for key in action.keys)


class Workbench(PaintedOnce):
    """Panes, frame and focus; what actions may ask of it is `scene`."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-wide"), (160, "-huge")]  # noqa: RUF012 as the base has it
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(action.keys), f"do('{action.id}')", action.title, id=action.id, show=False)
            for action in ACTIONS
            if action.keys
        ),
        Binding("ctrl+c", "say_how_to_quit", show=False),
    ]

    def __init__(self, gateway: Gateway, ink: Ink, person: PersonLine, view: View, around: Surroundings) -> None:
        super().__init__()
        self.gateway = gateway
        self._around = around
        now = around.now
        self.queue = QueuePane(ink, now, lambda: self.scene.person.id, id="queue")
        self._ticket = TicketPane(ink, now, self._zone, id="ticket")
        self._company = CompanyPane(ink, now, self._zone, id="company")
        self._contract = ContractPane(ink, now, self._zone, id="contract")
        self._equipment = EquipmentPane(ink, now, self._zone, id="equipment")
        self._followers = Followers(self._ticket, self._company, self._contract, self._equipment)
        self._places = Places(self, self.queue, self._followers)
        self._picker = Picker(ink, id="picker")
        self._help = LineView(ink, id="help")
        self._frame = Frame(self, ink)
        self._resting = Resting(self._read_ahead, lambda: self.following.make_ready(), self._cursor_rests)
        self._last_pane: Widget = self.queue
        self.list_in_use: LineList = self.queue
        """The list that has, or last had, the focus: keys act on its current row."""
        self.running = Running(self, self.tell)
        self.asking = Asking(self, ink, self._picker, self._focus_back, self.running.beside)
        self.writing = Writing(self, ink, gateway, self.running.beside, self._focus_back)
        self.listing = Listing(gateway, self.queue, view, now)
        self.following = Following(gateway, self._followers, now)
        self.explaining = Explaining(gateway, self._help, now, self._zone)
        self.reviewing = Reviewing(gateway, self._help, now, self._zone, self._me, self.running.beside)
        self.calls = Calls(self, gateway, ink, lambda: self._places.seen)
        self.remembering = Remembering(self, gateway)
        self.forms = Forms(self, gateway, ink)
        self.syncing = Syncing(self, around.sync)
        self.scene = DeskScene(self, gateway, person, around)

    def _zone(self) -> str:
        return self.scene.zone

    def _me(self) -> EntityId:
        return self.scene.person.id

    @cached_property
    def finding(self) -> Finding:
        """Words in a list; nothing is looked for in the first frame."""
        from tui.screens.finding import Finding

        return Finding(self)

    # Laying out.

    def compose(self) -> ComposeResult:
        """The panes; the queue is filled before it is drawn for the first time, the others follow its cursor."""
        # Textual sets these only with the first resize: the screen would be laid out and painted twice.
        self.add_class(*self._get_breakpoint_classes(self.app.size.width, self.HORIZONTAL_BREAKPOINTS))
        self.listing.begin(self._around.cursor_on)
        self.calls.count_now()
        yield self._frame.status
        yield self._help
        with Room(id="body"):
            with Room(id="left"):
                yield self.queue
                yield self._frame.tabs
                with Room(id="work"):
                    yield self._ticket
                    yield self._picker
            yield Room(id="gutter")
            with Room(id="right"):
                yield self._contract
                yield self._company
                yield self._equipment
        with Room(id="foot"):
            yield self._frame.prompt
        yield self._frame.hints
        yield self._frame.room

    def on_mount(self) -> None:
        """The queue has the keys; lamps move on with the minute."""
        self.queue.focus()
        self._next_minute()

    def on_resize(self, event: events.Resize) -> None:
        """Frame lines are made for a width; a screen too small to read waits, and no key acts unseen."""
        is_tiny = event.size.width < SMALLEST_COLUMNS or event.size.height < SMALLEST_ROWS
        had_no_room = self.has_class("-tiny")
        self.set_class(is_tiny, "-tiny")
        self._frame.ask_for_room(event.size.width)
        self.explaining.draw()
        self.reviewing.draw()
        self.call_after_refresh(self._room_changed)
        if had_no_room and not is_tiny:
            # Nothing that is hidden keeps the focus.
            self.call_after_refresh(self._focus_back)

    # The frame.

    def draw_frame(self) -> None:
        """Row 1, tabs, prompt and hints for the present state; only what differs is painted."""
        width = self.size.width
        self._places.give_headers(width)
        row = self.scene.current
        subject = f"{row.number} {row.company_name}" if row else _("no ticket under the cursor")
        self._frame.draw(self._places.tabs(subject, width))

    def tell(self, severity: str, sentence: str) -> None:
        """One sentence in the prompt row."""
        self._frame.tell(severity, sentence)

    def _next_minute(self) -> None:
        asyncio.get_running_loop().call_later(60 - (self.scene.now % 60) + 0.05, self._minute_passed)

    def _minute_passed(self) -> None:
        self.queue.refresh()
        self._company.refresh()
        self._ticket.draw()
        self._contract.draw()
        self.running.beside(self._count_again, "minute")
        self.running.beside(self.remembering.minute, "clock")
        self._next_minute()

    async def _count_again(self) -> None:
        await self.listing.renew_rows()
        self.syncing.follow()
        await self.explaining.renew()
        await self.reviewing.renew()
        await self.calls.renew()
        await self.following.renew_clocks(self.scene.current)
        self.draw_frame()

    # Keys.

    def action_do(self, action_id: str) -> None:
        """Run an action by its id; nothing acts unseen, past an open question or behind a text being written."""
        if action_id == "call.new" and not self.has_class("-tiny"):
            # A call comes before what is being asked or written; both stay as they are.
            self.asking.answer(None)
        elif action_id != "quit" and (self.has_class("-tiny") or self.asking.is_open or self._text_takes_focus()):
            return
        self.scene.run(BY_ID[action_id])

    def _text_takes_focus(self) -> bool:
        """Give the keys to what is being typed; False when nothing is."""
        return self.calls.take_focus() or self.forms.take_focus() or self.writing.take_focus()

    def action_say_how_to_quit(self) -> None:
        """ctrl+c never kills."""
        if self.has_class("-writing"):
            self.tell(SAYS, _("escape keeps the draft and closes the field, then q leaves; ctrl+q leaves at once"))
        else:
            self.tell(SAYS, _("press q to leave; everything is saved"))

    @property
    def takes_keys(self) -> bool:
        """False while an action is on its way to its next question: keys that come early belong to that one."""
        if self.asking.is_open:
            return self.asking.holds_keys()
        if self.calls.is_open:
            return self.calls.takes_keys
        if self.forms.is_open:
            return self.forms.takes_keys
        if self.has_class("-writing"):
            return self.running.is_idle
        return self.running.lets_keys_pass and not self.list_in_use.is_reading

    def only_moves(self, event: events.Event) -> bool:
        """True for a key that moves a cursor and can do nothing else now."""
        is_move = isinstance(event, events.Key) and event.key in MOVE_KEYS
        return is_move and self.running.is_idle and not self.is_busy

    @property
    def is_busy(self) -> bool:
        """True while the person answers, writes or takes a call: keys are text."""
        return self.asking.is_open or self.calls.is_open or self.forms.is_open or self.has_class("-writing")

    def make_room_for_call(self) -> None:
        """A call has the left column, and the right one turns to the caller."""
        self._leave_help()
        if self._places.zoomed:
            self._places.zoom("")
        self._resting.stop()

    def make_room_for_form(self) -> None:
        """A form has everything between row 1 and the prompt."""
        self._leave_help()

    def uncovered(self) -> None:
        """A call or form has gone: back to what was being written, else to the pane that had the keys."""
        self._focus_back()
        self._cursor_rests()
        self.draw_frame()

    async def go_to_new(self, ticket: EntityId) -> None:
        """The cursor on a ticket that has just come or changed, where the list has it; else a visit to it."""
        await self.listing.show(self.listing.view, ticket)
        await self.calls.count()
        current = self.queue.current
        if current is None or current.id != ticket:
            rows = await self.listing.rows_of(ticket)
            self.scene.visiting = rows[0] if rows else None
        if not self.has_class("-writing"):
            self.set_focus(self.queue)
        await self.follow(self.scene.current, may_keep_company=False)

    # Moving between and inside panes.

    def move_cursor(self, how: str) -> None:
        """Move in the pane that has the focus."""
        if self.reviewing.is_shown:
            self.reviewing.move(how)
            return
        pane = self._help if self.has_class("-help") else self.focused
        if isinstance(pane, LineList | LineView):
            pane.move(how)

    def go_to_pane(self, which: str) -> None:
        """Give the focus to a pane: its number, `next` or `previous`; an explanation turns to its next clock."""
        if self.explaining.page is not None and not which.isdigit():
            self.explaining.turn(1 if which == "next" else -1)
            return
        self._leave_help()
        name = self._places.called(which)
        if self._places.zoomed:
            self._set_zoom(name)
        self._places.turn_to(name)
        is_read = self.following.is_shown(self.scene.current, self._places.seen)
        self.set_focus(self._places.pane(name), scroll_visible=False)
        if name == "company" and not is_read:
            # Counted as an action: a key pressed now is meant for a row of the list that is on its way.
            self.running.action(self.follow(self.scene.current))
        elif not is_read:
            self._cursor_rests()
        self.draw_frame()
        # What the pane itself shows of the focus comes with Textual's message; these lines need not wait for a frame.
        self.paint_now(self._frame.lines)

    def zoom(self) -> None:
        """The focused pane takes all the room, or gives it back."""
        focused = self.focused.id if self.focused is not None else None
        self._set_zoom("" if self._places.zoomed else focused if focused in PANES else "queue")

    def _set_zoom(self, pane: str) -> None:
        self._places.zoom(pane)
        self.call_after_refresh(self._zoom_drawn)

    def _zoom_drawn(self) -> None:
        self._ticket.draw(keep_place=False)
        self._room_changed()

    def _room_changed(self) -> None:
        """Panes that were out of sight may stand for another ticket still."""
        self.draw_frame()
        if self.following.has_begun:
            self._cursor_rests()

    def back(self) -> None:
        """One level out: help, zoom, pane, marks, the sentence in the prompt row."""
        if self.reviewing.uncover():
            self.explaining.close()
            self.draw_frame()
            return
        if self._leave_help():
            return
        if self._places.zoomed:
            self._set_zoom("")
        elif self.focused is not self.queue:
            self.go_to_pane("1")
        elif self.queue.marked:
            self.scene.mark("none")
        else:
            self.tell(SAYS, "")

    def show_help(self, which: str) -> None:
        """Help over the panes; escape closes it."""
        title, lines = help_for(self.size.width) if which == "pane" else key_map(self.size.width)
        self.explaining.close()
        self.reviewing.is_covered = True
        self._help.show([(title, "raised")], [(line, "panel") for line in lines])
        self._open_page()

    async def ask_filter(self, present: str) -> str | None:
        """A filter that can be read; None when the person keeps the old one."""
        from tui.screens.filtering import FilterGuide

        guide = FilterGuide(self.asking, self._picker, self.gateway, self.running.beside)
        return await self.asking.ask_guided(_("Filter"), present, guide)

    @property
    def pane_with_keys(self) -> LineList | LineView:
        """Where keys move: the page over the panes, else the pane that has, or last had, the focus."""
        pane = self._help if self.has_class("-help") else self._last_pane
        assert isinstance(pane, LineList | LineView)
        return pane

    @property
    def company_shown(self) -> EntityId | None:
        """Whose tickets the company pane lists."""
        return self._company.page.id if self._company.page is not None else None

    async def explain(self, ticket: EntityId, supposing: Suppositions) -> None:
        """Why the deadlines of a ticket are where they are, over the panes."""
        await self.explaining.show(ticket, self.explaining.clock, supposing)
        self.reviewing.is_covered = True
        self._open_page()

    async def review(self) -> None:
        """What people did without knowing of each other, over the panes; first of all to the current ticket."""
        row = self.scene.current
        await self.reviewing.show(row.id if row is not None else None)
        self.explaining.close()
        self._open_page()

    def _open_page(self) -> None:
        self.add_class("-help")
        self._help.focus()
        self.draw_frame()

    def _leave_help(self) -> bool:
        if not self.has_class("-help"):
            return False
        self.explaining.close()
        self.reviewing.close()
        self.remove_class("-help")
        self._focus_back()
        # The panes follow the list again; the page had its own ticket.
        self._cursor_rests()
        self.draw_frame()
        return True

    def _focus_back(self) -> None:
        """To what was being typed, else to the pane that had the keys."""
        if self.asking.is_open:
            self.asking.holds_keys()
        elif not self._text_takes_focus():
            # At once, not by a message: the next key must not go into a field that was just closed.
            self.set_focus(self._help if self.has_class("-help") else self._last_pane)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which list keys act on; leaving the queue lets waiting rows in."""
        left = self._last_pane
        if event.widget in self._places:
            self._last_pane = event.widget
        if isinstance(event.widget, LineList):
            if left is self._ticket:
                # A list that only has the keys back from a question ends no visit: it has just begun.
                self.scene.visiting = None
            before, self.list_in_use = self.list_in_use, event.widget
            if before is self.queue and event.widget is not self.queue and self.listing.newer:
                self.scene.list_view(self.listing.view)
            if before is not event.widget and self.running.is_idle:
                self._cursor_rests()
        self.draw_frame()

    # What the panes, the questions and the store report.

    def desk_changed(self) -> None:
        """Another console wrote to this desk."""
        self.running.beside(self.after_change, "changed")

    async def after_change(self) -> None:
        """Read again what is shown, in place."""
        await self.listing.renew_rows()
        self.syncing.follow()
        await self.explaining.renew()
        await self.reviewing.renew()
        await self.calls.renew()
        if self.calls.is_open:
            return
        await self.follow(self.scene.current)
        if self.scene.visiting is not None and self._ticket.page is not None:
            self.scene.visiting = self._ticket.page.row

    async def follow(self, row: QueueRow | None, *, may_keep_company: bool = True) -> None:
        """Show a ticket and what is known around it in the panes that are seen."""
        keeps_company = may_keep_company and self._walks_company
        await self.following.show(row, self._places.seen, keeps_company=keeps_company)
        self._followed(row)

    @property
    def _walks_company(self) -> bool:
        """While the cursor walks the company's own list, that list must not be read anew under it."""
        return self.list_in_use is self._company and self._company.page is not None

    def _followed(self, row: QueueRow | None) -> None:
        self.draw_frame()
        self.remembering.soon()
        current = self.scene.current
        if self.list_in_use is self._company and current is not None and row is not None and current.id != row.id:
            # The list that came has a cursor of its own.
            self._cursor_rests()

    @on(LineList.CursorMoved)
    def _cursor_moved(self, message: LineList.CursorMoved) -> None:
        if message.source is self.queue or self.focused is self._company:
            self.following.forget_ahead()
            self._resting.begin(message.time)

    def _read_ahead(self) -> None:
        row, seen = self.scene.current, self._places.seen
        if self.following.has_begun and not self.following.is_shown(row, seen):
            self.following.look_ahead(row, seen, keeps_company=self._walks_company)

    def begin_following(self) -> None:
        """Fill the panes beside the queue, after the first frame."""
        self._cursor_rests()
        self.running.beside(self.listing.read_calls, "calls due")
        self.syncing.changed()
        if self.listing.sought is not None:
            self.running.beside(self.listing.seek, "seek")
        if not self.calls.offer():
            self.running.beside(self.scene.offer_drafts, "drafts")
        self.calls.used()

    def _cursor_rests(self) -> None:
        row, seen = self.scene.current, self._places.seen
        if self.calls.is_open or self.following.is_shown(row, seen):
            return
        if self.following.show_ahead(row, seen, keeps_company=self._walks_company):
            self._followed(row)
            self.paint_now((*self._followers, *self._frame.lines))
        else:
            self.running.beside(partial(self.follow, row), "follow")

    @on(LineList.RowsWanted)
    def _rows_wanted(self, message: LineList.RowsWanted) -> None:
        fetch = self.listing.fetch if message.source is self.queue else self.following.fetch_company
        self.running.beside(partial(fetch, message.direction, message.anchor), "rows", exclusive=False)

    @on(Picker.Chosen)
    def _picked(self, message: Picker.Chosen) -> None:
        self.asking.answer(message.option)

    def on_input_changed(self, event: Any) -> None:
        """The prompt's text narrows the list above it."""
        self.asking.typed(event.value)
        # The list above follows in the same moment, not a frame later.
        self.paint_now((self._picker,))

    def on_input_submitted(self, event: Any) -> None:
        """Enter in the prompt answers the question."""
        self.asking.entered(event.value)

    def on_prompt_field_backed(self) -> None:
        """Escape in the prompt backs out."""
        self.asking.answer(None)

    def on_prompt_field_moved(self, message: Any) -> None:
        """Up and down in the prompt move in the list above."""
        self.asking.moved(message.rows)

    def on_prompt_field_taken(self) -> None:
        """Tab in the prompt takes what the list above points at."""
        self.asking.taken()

    def on_composer_field_finished(self) -> None:
        """The text is done: a note is saved, a reply asks for one more key."""
        self.running.action(self.writing.finish(self.scene))

    def on_composer_field_left(self) -> None:
        """The text stays as a draft."""
        self.running.action(self.writing.leave(self.scene))

    def on_text_area_changed(self) -> None:
        """Keep the text as it is typed."""
        self.writing.typed(self.scene)
