"""What an action may see and do: the desk as it stands on the screen, and the ways to ask the person back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from core.clock import Instant
from core.ids import EntityId
from core.pages import PersonLine, QueueRow
from core.queue import View

if TYPE_CHECKING:
    from core.commands import Command
    from core.company_shown import ContractLine
    from core.context import CallBackDue
    from core.drafts_left import DraftLeft
    from core.record_shown import RecordLine
    from core.review_shown import ConflictLine
    from core.saved_view import SavedView
    from core.ticket_shown import TicketShown


class Option(NamedTuple):
    """A line of a picker: `letter` chooses it at once, `shown_key` only tells a key, `value` is what the asker gets."""

    title: str
    value: Any
    detail: str = ""
    letter: str = ""
    shown_key: str = ""


class Explained(Protocol):
    """An explanation on the screen, as text."""

    def answer(self) -> str:
        """How the clock that is shown stands, in a sentence."""

    def text(self) -> str:
        """All of it, for a mail."""


class Scene(Protocol):
    """The workbench as actions see it."""

    @property
    def now(self) -> Instant:
        """The present."""

    @property
    def zone(self) -> str:
        """The zone of the person at the keys."""

    @property
    def person(self) -> PersonLine:
        """Who sits at the keys."""

    @property
    def view(self) -> View:
        """What the queue lists."""

    @property
    def current(self) -> QueueRow | None:
        """The ticket that keys act on: under the cursor of the list that has, or last had, the focus."""

    @property
    def chosen(self) -> tuple[QueueRow, ...]:
        """What an action works on: the marked rows while acting on them, else the current one."""

    @property
    def marked_count(self) -> int:
        """How many rows are marked."""

    async def act(self, *commands: Command) -> bool:
        """Perform wishes as one act, say what came of it, and answer whether it was done."""

    async def ask(self, label: str, initial: str = "", *, example: str = "") -> str | None:
        """One line of text from the person; None when they backed out. The example stands there until they type."""

    @property
    def refused_supposition(self) -> str:
        """What was supposed last in words that nobody understood, to be mended; else empty."""

    async def pick(self, title: str, options: Sequence[Option], *, hint: str = "") -> Any:
        """One of the options; None when the person backed out. Without letters, typing narrows the list."""

    async def ticket_shown(self) -> TicketShown | None:
        """The current ticket with everything known of it."""

    async def drafts_left(self) -> Sequence[DraftLeft]:
        """Replies, notes and forms that the person left unfinished."""

    async def call_backs(self) -> Sequence[CallBackDue]:
        """Calls the person promised, and overdue ones of colleagues."""

    async def go_to_ticket(self, ticket: EntityId) -> None:
        """Put the cursor on a ticket, or visit it where the list does not hold it."""

    async def people(self) -> Sequence[PersonLine]:
        """The colleagues a ticket may be given to."""

    async def contracts(self, page: TicketShown) -> Sequence[ContractLine]:
        """The contracts that a ticket may count by: those of its company in force now, and its own."""

    def compose_text(self, kind: str) -> None:
        """Open the writing field for a reply (`message`) or a `note` on the current ticket."""

    async def begin_call(self) -> None:
        """Take a call; one that is being taken is parked."""

    async def fill_form(self, entity: str, record: EntityId | None = None, **chosen: EntityId | None) -> None:
        """Open the form of a record, or of a new one; `chosen` are references by field, as `company`."""

    async def pick_record(
        self, title: str, entity: str, company: EntityId | None = None, *, none: str = ""
    ) -> RecordLine | None:
        """One of the records of an entity, found as the person types; None when they backed out.

        With `none` a line of that name, with an empty id, stands for no record.
        """

    def tell(self, severity: str, sentence: str) -> None:
        """One sentence in the prompt row."""

    async def explain(self, supposing: str) -> None:
        """Show why the current ticket's deadlines are where they are, and if what is typed in `supposing` were so."""

    @property
    def explained(self) -> Explained | None:
        """The explanation on the screen, None while there is none."""

    async def review(self) -> None:
        """Show what people did to one thing without knowing of each other."""

    @property
    def reviewed(self) -> ConflictLine | None:
        """The conflict under the cursor of that page, None while it is not shown or has none."""

    async def go_to_reviewed(self) -> None:
        """To the ticket or record of that conflict."""

    def copy(self, text: str) -> None:
        """Put text on the clipboard of the terminal."""

    async def ask_filter(self) -> None:
        """Ask for a filter and list only the tickets that it asks for."""

    async def saved_views(self) -> Sequence[SavedView]:
        """The views kept under names for everybody and for the person at the keys."""

    async def save_view(self, name: str, *, is_mine: bool) -> None:
        """Keep what the queue lists now under a name; a view that has the name already gets it as its next version."""

    async def find(self) -> None:
        """Ask for words and go to the first row of the list with the keys that holds them all."""

    def find_again(self, direction: str) -> None:
        """Go to the next such row (`forward`), or to the one before (`backward`)."""

    def list_view(self, view: View) -> None:
        """List other tickets, or the same in another order."""

    async def sit_down(self, person: PersonLine) -> None:
        """Another person takes the keys."""

    def move_cursor(self, how: str) -> None:
        """Move in the pane that has the focus: down, up, page_down, page_up, half_down, half_up, first, last."""

    def go_to_pane(self, which: str) -> None:
        """Give the focus to a pane: its number, or `next`, `previous`."""

    def zoom(self) -> None:
        """The focused pane takes all the room, or gives it back."""

    def back(self) -> None:
        """One level out; never quits."""

    def mark(self, how: str) -> None:
        """Mark the current row (`one`), all rows since the last mark (`range`), or unmark all (`none`)."""

    async def act_on_marked(self) -> None:
        """Choose an action for all marked rows."""

    async def open_palette(self) -> None:
        """Choose any action, ticket or view by name."""

    def show_help(self, which: str) -> None:
        """Help for the focused pane, or the whole key map."""

    async def renew(self) -> None:
        """Read the list again in its true order."""

    def leave(self) -> None:
        """End the program; everything is on the disk already."""

    async def dial(self, number: str) -> bool:
        """Hand a number to the configured dial command; False when none is set or it failed."""
