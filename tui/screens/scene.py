"""What actions may see and do at the desk: the person at the keys, the ticket they act on, the acts themselves."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.clock import Instant
from core.commands import AddRecord, ChangeDocument, Command, Together
from core.errors import DomainError
from core.ids import EntityId
from core.pages import People, PersonLine, QueueRow, RowsById, TicketPage
from core.queue import View
from core.text import fold
from tui.actions.action import Action
from tui.actions.all import ACTIONS
from tui.actions.scene import Explained, Option
from tui.gateway import Gateway
from tui.presenters.frame import FAILED, REFUSED, SAVED, SAYS
from tui.presenters.sentences import what_was_done, why_not
from tui.words import _, ngettext

if TYPE_CHECKING:
    from core.company_shown import ContractLine
    from core.context import CallBackDue
    from core.drafts_left import DraftLeft
    from core.record_shown import RecordLine
    from core.requests import Request
    from core.review_shown import ConflictLine
    from core.saved_view import SavedView
    from core.ticket_shown import TicketShown
    from tui.screens.syncing import SyncBeside
    from tui.screens.workbench import Workbench


class Surroundings(NamedTuple):
    """What the desk stands in: its clock, the person's zone, the telephone, where a change of person is kept."""

    now: Callable[[], Instant]
    zone: str
    """Of the person who sits down first."""
    is_demo: bool
    dial: Callable[[str], Awaitable[tuple[bool, str]]]
    set_person: Callable[[PersonLine], Awaitable[str]]
    """Keeps who sits here now; answers the zone they work in."""
    cursor_on: EntityId | None = None
    """The ticket under the cursor when this person left."""
    sync: SyncBeside | None = None
    """Begins only on a desk that has joined a hub."""


class DeskScene:
    """The workbench as actions see it; each method is described in `tui.actions.scene.Scene`."""

    def __init__(self, workbench: Workbench, gateway: Gateway, person: PersonLine, around: Surroundings) -> None:
        self._workbench = workbench
        self._gateway = gateway
        self._person = person
        self._around = around
        self._zone = around.zone
        self._acting_on: tuple[QueueRow, ...] | None = None
        self.refused_supposition = ""
        self.visiting: QueueRow | None = None
        """A ticket that was gone to by its number and stands in no list; leaving its pane ends the visit."""

    # What an action sees.

    @property
    def now(self) -> Instant:
        """The present."""
        return self._around.now()

    @property
    def zone(self) -> str:
        """The zone of the person at the keys."""
        return self._zone

    @property
    def is_demo(self) -> bool:
        """True on a desk whose content is made up."""
        return self._around.is_demo

    @property
    def person(self) -> PersonLine:
        """Who sits at the keys."""
        return self._person

    @property
    def view(self) -> View:
        """What the queue lists."""
        return self._workbench.listing.view

    @property
    def current(self) -> QueueRow | None:
        """The ticket that keys act on: what is explained or settled on the screen, wherever the list beneath went."""
        explained, reviewing = self._workbench.explaining.page, self._workbench.reviewing
        if explained is not None:
            return explained.row
        if reviewing.page is not None and reviewing.page.lines:
            return reviewing.row
        return self.visiting or self._workbench.list_in_use.current or self._workbench.queue.current

    @property
    def chosen(self) -> tuple[QueueRow, ...]:
        """The marked rows while acting on them, else the current one."""
        if self._acting_on is not None:
            return self._acting_on
        return (self.current,) if self.current else ()

    @property
    def marked_count(self) -> int:
        """How many rows are marked."""
        return len(self._workbench.queue.marked)

    async def ticket_shown(self) -> TicketShown | None:
        """The current ticket with everything known of it."""
        row = self.current
        if row is None:
            return None
        page: TicketShown | None = await self._read(TicketPage(row.id, now=self.now))
        return page

    async def people(self) -> Sequence[PersonLine]:
        """The colleagues a ticket may be given to."""
        people: Sequence[PersonLine] = await self._read(People())
        return people

    async def contracts(self, page: TicketShown) -> Sequence[ContractLine]:
        """The contracts that a ticket may count by: those of its company in force now, and its own."""
        if page.row.company is None:
            return ()
        from core.company_shown import ContractsOf

        request = ContractsOf(page.row.company, self.now, page.contract_version)
        contracts: Sequence[ContractLine] = await self._read(request)
        return contracts

    async def _read(self, request: Request) -> Any:
        """A page as of the last act: what is on its way to the disk is waited for."""
        await self._workbench.running.stored()
        return await self._gateway.page(request)

    # Acts.

    async def act(self, *commands: Command) -> bool:
        """Perform wishes as one act and say what came of it."""
        touched = [ticket for command in commands if (ticket := getattr(command, "ticket", None))]
        self._set_pending(touched, is_pending=True)
        with self._workbench.running.awaiting_store():
            try:
                severity, sentence = SAVED, await self._perform(commands)
            except DomainError as error:
                severity = FAILED if error.code.startswith("store.") else REFUSED
                sentence = why_not(error)
            finally:
                self._set_pending(touched, is_pending=False)
            self.tell(severity, sentence)
            await self._workbench.after_change()
        return severity == SAVED

    async def act_openly(self, *commands: Command) -> None:
        """The same; a refusal goes to whoever asked."""
        self.tell(SAVED, await self._perform(commands))
        await self._workbench.after_change()

    async def _perform(self, commands: Sequence[Command]) -> str:
        """The act in words, once it is on the disk."""
        command = commands[0] if len(commands) == 1 else Together(tuple(commands))
        applied = await self._gateway.submit(command, self._person.id)
        return what_was_done(applied.title, self.now, self.zone)

    def _set_pending(self, tickets: Sequence[EntityId], *, is_pending: bool) -> None:
        queue = self._workbench.queue
        for ticket in tickets:
            (queue.pending.add if is_pending else queue.pending.discard)(ticket)
            place = queue.window.index_of(ticket)
            if place is not None:
                queue.paint_row(place)

    async def act_on_marked(self) -> None:
        """Choose an action for all marked rows."""
        rows = tuple(self._workbench.queue.marked.values())
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

    async def dial(self, number: str) -> bool:
        """Hand a number to the configured dial command."""
        with self._workbench.running.awaiting_store():
            done, sentence = await self._around.dial(number)
        if not done:
            self.tell(REFUSED, sentence)
        return done

    async def sit_down(self, person: PersonLine) -> None:
        """Another person takes the keys."""
        self._person = person
        self._zone = await self._around.set_person(person)
        await self._list(self.view._replace(person=person.id, team=person.team))
        self.tell(SAYS, _("{name} sits here now; what is done from here on carries that name").format(name=person.name))

    def run(self, action: Action) -> None:
        """Run an action, or say why not; what it awaits runs beside the keys."""
        if action.group != "move":
            self.tell(SAYS, "")
        reason = action.why_not(self)
        if reason:
            self.tell(REFUSED, reason)
            return
        running = action.run(self)
        if inspect.isawaitable(running):
            self._workbench.running.action(running)

    # Asking and telling.

    async def ask(self, label: str, initial: str = "", *, example: str = "") -> str | None:
        """One line of text from the person."""
        return await self._workbench.asking.ask(label, initial, example)

    async def pick(self, title: str, options: Sequence[Option], *, hint: str = "") -> Any:
        """One of the options."""
        return await self._workbench.asking.pick(title, options, hint)

    def compose_text(self, kind: str) -> None:
        """Open the writing field for the ticket acted on."""
        if self.chosen:
            self._workbench.running.action(self._workbench.writing.begin(kind, self.chosen[0], self))

    async def begin_call(self) -> None:
        """Take a call."""
        await self._workbench.calls.begin()

    async def fill_form(self, entity: str, record: EntityId | None = None, **chosen: EntityId | None) -> None:
        """Open the form of a record."""
        preset = {name: one for name, one in chosen.items() if one is not None}
        await self._workbench.forms.begin(entity, record, preset)

    async def pick_record(
        self, title: str, entity: str, company: EntityId | None = None, *, none: str = ""
    ) -> RecordLine | None:
        """One of the records of an entity, or a line that stands for none."""
        from core.record_shown import FindRecords, RecordLine

        async def find(text: str) -> list[Option]:
            found = await self._read(FindRecords(entity, text, company))
            options = [Option(line.name, line, line.detail) for line in found]
            if none and text.strip().casefold() in none.casefold():
                options.append(Option(none, RecordLine(EntityId(b""), none)))
            return options

        chosen: RecordLine | None = await self._workbench.asking.pick(title, (), finds=find)
        return chosen

    def tell(self, severity: str, sentence: str) -> None:
        """One sentence in the prompt row."""
        self._workbench.tell(severity, sentence)

    async def explain(self, supposing: str) -> None:
        """Show why the current ticket's deadlines are where they are."""
        from tui.suppositions import read_suppositions

        row = self.current
        if row is None:
            return
        self.refused_supposition = supposing
        asked = (read_suppositions(supposing, self.now, self.zone),) if supposing else ()
        await self._workbench.explain(row.id, asked)
        self.refused_supposition = ""

    @property
    def explained(self) -> Explained | None:
        """The explanation on the screen."""
        explaining = self._workbench.explaining
        return explaining if explaining.page is not None else None

    async def review(self) -> None:
        """Show what people did without knowing of each other."""
        await self._workbench.review()

    @property
    def reviewed(self) -> ConflictLine | None:
        """The conflict under the cursor of the page on which they are settled."""
        reviewing = self._workbench.reviewing
        return reviewing.current if reviewing.is_shown else None

    async def go_to_reviewed(self) -> None:
        """To the ticket of that conflict, or onto the form of its record."""
        line = self.reviewed
        if line is None:
            return
        if line.row is not None:
            await self.visit(line.row)
            return
        from core.record_fields import DESK_ENTITIES

        if line.conflict.entity in DESK_ENTITIES:
            await self.fill_form(line.conflict.entity, line.conflict.record)
        else:
            self.tell(SAYS, _("this has no form; b and m settle it here"))

    def copy(self, text: str) -> None:
        """Put text on the terminal's clipboard."""
        self._workbench.app.copy_to_clipboard(text)
        count = len(text)
        told = ngettext("copied {count} character", "copied {count} characters", count).format(count=count)
        self.tell(SAYS, _("{told}, if this terminal lets programs copy").format(told=told))

    # Lists and places.

    async def ask_filter(self) -> None:
        """List only the tickets that a filter asks for."""
        from core.query import tidy

        text = await self._workbench.ask_filter(self.view.filter)
        if text is not None and tidy(text) != self.view.filter:
            self.list_view(self.view._replace(filter=tidy(text)))

    async def saved_views(self) -> Sequence[SavedView]:
        """The views kept under names."""
        from core.saved_view import SavedViews

        views: Sequence[SavedView] = await self._read(SavedViews(self._person.id, self.now))
        return views

    async def save_view(self, name: str, *, is_mine: bool) -> None:
        """Keep what the queue lists now under a name."""
        from core.documents import VIEW
        from core.operations.envelope import canonical_json
        from core.saved_view import view_body

        mine = self._person.id if is_mine else None
        body = canonical_json(view_body(self.view, mine)).decode()
        known = [one for one in await self.saved_views() if fold(one.name) == fold(name) and one.person == mine]
        if known:
            await self.act(ChangeDocument(VIEW, known[0].id, body, known[0].number))
        else:
            await self.act(AddRecord(VIEW, {"name": name, "body": body}))

    async def find(self) -> None:
        """Ask for words and go to the first row that holds them."""
        await self._workbench.finding.ask()

    def find_again(self, direction: str) -> None:
        """Go to the next row that holds what was looked for last."""
        self._workbench.finding.again(direction)

    def list_view(self, view: View) -> None:
        """List other tickets, or the same in another order."""
        self._workbench.queue.marked.clear()
        # Counted as an action: a key pressed now is meant for a row of the new list.
        self._workbench.running.action(self._list(view))

    async def _list(self, view: View) -> None:
        await self._workbench.listing.show(view)
        self._workbench.draw_frame()
        await self._workbench.remembering.now()

    async def renew(self) -> None:
        """Read the list again in its true order, and sync where there is a hub."""
        self._workbench.syncing.ask()
        await self._list(self.view)
        await self._workbench.follow(self.current, may_keep_company=False)

    async def open_palette(self) -> None:
        """Choose any action or view by name, or find a ticket, company, person, machine or text of the desk."""
        # Imported when it is first asked for: no first frame needs it.
        from tui.screens.palette import Palette

        await Palette(self, self._workbench.asking, self._gateway).open()

    @property
    def is_history_coming(self) -> bool:
        """Whether tickets of before are still on their way from the hub."""
        sync = self._workbench.listing.sync
        return sync is not None and sync.history_percent is not None

    async def go_to_ticket(self, ticket: EntityId) -> None:
        """Put the cursor on a ticket, or visit it where the list does not hold it."""
        rows = await self._read(RowsById((ticket,)))
        if not rows and self.is_history_coming:
            self.tell(REFUSED, why_not(DomainError("ticket.coming_in")))
        for row in rows:
            await self.visit(row)

    async def visit(self, row: QueueRow) -> None:
        """The cursor on a row of the queue, or a visit to a ticket that it does not list; the keys go to its pane."""
        queue = self._workbench.queue
        place = queue.window.index_of(row.id)
        if place is not None:
            queue.move_to(place)
        self.visiting = row if place is None else None
        await self._workbench.follow(row, may_keep_company=False)
        self.go_to_pane("2")

    async def drafts_left(self) -> Sequence[DraftLeft]:
        """Replies, notes and forms that the person left unfinished."""
        from core.drafts_left import DraftsLeft

        left: Sequence[DraftLeft] = await self._read(DraftsLeft(self._person.id))
        return left

    async def offer_drafts(self) -> None:
        """Say what was left unfinished by a crash, a dropped line or a shift."""
        left = await self.drafts_left()
        if left:
            from tui.actions.unfinished import draft_name

            more = len(left) - 1
            told = draft_name(left[0])
            if more:
                told = ngettext("{told} and {count} more", "{told} and {count} more", more).format(
                    told=told, count=more
                )
            self.tell(SAYS, _("unfinished: {told}; : unfinished lists all").format(told=told))

    async def call_backs(self) -> Sequence[CallBackDue]:
        """Calls the person promised, and overdue ones of colleagues."""
        from core.context import CallBacksDue

        due: Sequence[CallBackDue] = await self._read(CallBacksDue(self._person.id, self.now))
        return due

    def move_cursor(self, how: str) -> None:
        """Move in the pane that has the focus."""
        self._workbench.move_cursor(how)

    def go_to_pane(self, which: str) -> None:
        """Give the focus to a pane."""
        self._workbench.go_to_pane(which)

    def zoom(self) -> None:
        """The focused pane takes all the room, or gives it back."""
        self._workbench.zoom()

    def back(self) -> None:
        """One level out."""
        self._workbench.back()

    def mark(self, how: str) -> None:
        """Mark rows of the queue."""
        self._workbench.queue.mark(how)
        self._workbench.draw_frame()

    def show_help(self, which: str) -> None:
        """Help over the panes."""
        self._workbench.show_help(which)

    def leave(self) -> None:
        """End the program; a text that is being written goes to the disk first."""
        self._workbench.running.action(self._leave())

    async def _leave(self) -> None:
        try:
            await self._workbench.writing.keep_now(self)
            await self._workbench.remembering.now()
            await self._workbench.remembering.minute()
            await self._workbench.forms.keep_now()
            await self._workbench.calls.keep_now()
        finally:
            self._workbench.app.exit()
