"""Asking the person back: one line in the prompt row, a choice in the ticket pane's place. One question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tui.actions.scene import Option

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.widgets.ink import Ink
    from tui.widgets.picker import Picker
    from tui.widgets.prompt import PromptRow

Finds = Callable[[str], Awaitable[Sequence[Option]]]
"""Answers options for what was typed."""


class Beside(Protocol):
    """Lets work run beside the keys (tui/screens/running.py)."""

    def __call__(self, work: Callable[[], Awaitable[None]], group: str, *, exclusive: bool = True) -> None:
        """Begin it."""


class Guide(Protocol):
    """Follows a text while it is typed."""

    def typed(self, text: str, cursor: int) -> None:
        """Another text stands there, the cursor at that character."""

    def moved(self) -> None:
        """The person pointed at a line of the list."""

    def taken(self) -> None:
        """The person wants what they point at."""

    def entered(self, text: str) -> bool:
        """True when enter does not end the question."""


class Asking:
    """Shows a question, waits for the answer, gives the focus back."""

    def __init__(
        self, screen: Screen[None], ink: Ink, picker: Picker, go_back: Callable[[], None], beside: Beside
    ) -> None:
        self._screen = screen
        self._ink = ink
        self._picker = picker
        self._go_back = go_back
        self._row: PromptRow | None = None
        self._answer: asyncio.Future[Any] | None = None
        self.narrows_picker = False
        self._beside = beside
        self._guide: Guide | None = None
        self._finds: Finds | None = None
        self._typed = ""
        self._found_for: str | None = None
        self._is_looking = self._is_entered = False

    async def ask(self, label: str, initial: str = "", example: str = "") -> str | None:
        """One line of text; None when the person backed out."""
        row = await self._prompt_row()
        self._screen.add_class("-asking")
        row.ask(label, initial, example)
        answer: str | None = await self._wait()
        self._screen.remove_class("-asking")
        self._go_back()
        return answer

    async def ask_guided(self, label: str, initial: str, guide: Guide, *, has_list: bool = True) -> str | None:
        """One line of text whose guide, and the list above it where there is one, follow every character."""
        row = await self._prompt_row()
        self._guide = guide
        self._screen.add_class("-asking", *(("-choosing",) if has_list else ()))
        guide.typed(initial, len(initial))
        row.ask(label, initial)
        answer: str | None = await self._wait()
        self._guide = None
        self._screen.remove_class("-asking", "-choosing")
        self._go_back()
        return answer

    async def pick(
        self,
        title: str,
        options: Sequence[Option],
        hint: str = "",
        *,
        takes_other_text: bool = False,
        finds: Finds | None = None,
    ) -> Any:
        """The value of an option, or what was typed where other text is taken; None when the person backed out.

        `finds` answers more options for what is typed; they stand below those of the given ones that fit.
        """
        self._picker.offer(title, options, hint)
        self._finds, self._found_for, self._is_entered = finds, None, False
        self._screen.add_class("-choosing")
        by_letter = finds is None and all(option.letter for option in options)
        if by_letter:
            self._picker.focus()
        else:
            row = await self._prompt_row()
            self.narrows_picker = True
            self._screen.add_class("-asking")
            row.ask(title, "")
            self._look_for("")
        answer = await self._wait()
        self.narrows_picker, self._finds = False, None
        self._screen.remove_class("-choosing", "-asking")
        self._go_back()
        if isinstance(answer, Option):
            return answer.value
        return answer if takes_other_text else None

    def answer(self, value: Any) -> None:
        """The person answered, or backed out with None."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(value)

    def entered(self, text: str) -> None:
        """Enter in the prompt row: the option under the list's cursor, or the text where none fits."""
        if self._guide is not None and self._guide.entered(text):
            return
        if not self.narrows_picker:
            self.answer(text)
        elif self._finds is not None and self._found_for != text and not self._picker.options:
            # What fits is on its way; the list of an older text is never chosen from.
            self._is_entered = True
        elif self._picker.current is not None:
            self.answer(self._picker.current)
        elif text.strip():
            self.answer(text.strip())

    def typed(self, text: str) -> None:
        """The person typed in the prompt row: a list above follows."""
        if self.narrows_picker:
            self._picker.narrow(text)
            self._look_for(text)
        elif self._guide is not None and self._row is not None:
            self._guide.typed(text, self._row.field.cursor_position)

    def moved(self, rows: int) -> None:
        """Up and down in the prompt row move in the list above."""
        self._picker.move_by(rows)
        if self._guide is not None:
            self._guide.moved()

    def taken(self) -> bool:
        """Tab in the prompt row takes what the list above points at; False where no list completes."""
        if self._guide is None:
            return False
        self._guide.taken()
        return True

    def put(self, text: str, cursor: int) -> None:
        """Another text stands in the prompt row."""
        if self._row is not None:
            self._row.field.value, self._row.field.cursor_position = text, cursor

    def mark(self, begins: int, ends: int) -> None:
        """Mark characters of the prompt row, the cursor before them."""
        if self._row is not None:
            self._row.field.mark(begins, ends)

    def hold(self, *, is_held: bool) -> None:
        """A guide looks up whether enter ends the question: until then the next key belongs to what comes after it."""
        self._is_entered = is_held

    def _look_for(self, text: str) -> None:
        self._typed = text
        if self._finds is not None and not self._is_looking:
            self._is_looking = True
            self._beside(self._look, "looking", exclusive=False)

    async def _look(self) -> None:
        """One read at a time: keys that come meanwhile are answered together by the next one, for the last text."""
        try:
            while (finds := self._finds) is not None and self._found_for != self._typed:
                text = self._typed
                options = await finds(text)
                if self._finds is finds:
                    self._found_for = text
                    if text == self._typed:
                        self._picker.append(options)
        finally:
            was_entered = self._is_entered
            self._is_looking = self._is_entered = False
        if was_entered and self._finds is not None:
            self.entered(self._typed)

    @property
    def is_open(self) -> bool:
        """True while a question waits for its answer."""
        return self._answer is not None and not self._answer.done()

    def holds_keys(self) -> bool:
        """True when the open question has the focus; what took it away meanwhile loses it again.

        False after enter, until what was asked for is found: the next key belongs to what comes then.
        """
        if self._is_entered:
            return False
        wanted = self._row.field if self._row is not None and self._screen.has_class("-asking") else self._picker
        if self._screen.focused is not wanted:
            wanted.focus()
        return self._screen.focused is wanted

    async def _wait(self) -> Any:
        self._answer = asyncio.get_running_loop().create_future()
        try:
            return await self._answer
        finally:
            self._answer = None

    async def _prompt_row(self) -> PromptRow:
        if self._row is None:
            # Input costs milliseconds to import and to mount; the first frame does not need it.
            from tui.widgets.prompt import PromptRow

            self._row = PromptRow(self._ink, id="asking")
            await self._screen.query_one("#foot").mount(self._row)
        return self._row
