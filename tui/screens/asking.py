"""Asking the person back: one line in the prompt row, a choice in the ticket pane's place. One question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from tui.actions.scene import Option

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.widgets.ink import Ink
    from tui.widgets.picker import Picker
    from tui.widgets.prompt import PromptRow


Find = Callable[[str], Awaitable[Sequence[Option]]]
"""Answers the options for what was typed."""


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

    def __init__(self, screen: Screen[None], ink: Ink, picker: Picker, go_back: Callable[[], None]) -> None:
        self._screen = screen
        self._ink = ink
        self._picker = picker
        self._go_back = go_back
        self._row: PromptRow | None = None
        self._answer: asyncio.Future[Any] | None = None
        self.narrows_picker = False
        self._find: Find | None = None
        self._found_for = ""
        self._beside: Callable[..., None] = lambda *_work, **_how: None
        self._guide: Guide | None = None

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
        self, title: str, options: Sequence[Option], hint: str = "", *, takes_other_text: bool = False
    ) -> Any:
        """The value of an option, or what was typed where other text is taken; None when the person backed out."""
        self._picker.offer(title, options, hint)
        self._screen.add_class("-choosing")
        by_letter = all(option.letter for option in options)
        if by_letter:
            self._picker.focus()
        else:
            row = await self._prompt_row()
            self.narrows_picker = True
            self._screen.add_class("-asking")
            row.ask(title, "")
        answer = await self._wait()
        self.narrows_picker = False
        self._screen.remove_class("-choosing", "-asking")
        self._go_back()
        if isinstance(answer, Option):
            return answer.value
        return answer if takes_other_text else None

    async def pick_found(self, title: str, find: Find, beside: Callable[..., None]) -> Any:
        """The value of one of the options that `find` answers to what is typed; None when the person backed out."""
        self._find, self._beside, self._found_for = find, beside, ""
        self._picker.offer(title, await find(""))
        self._screen.add_class("-choosing")
        row = await self._prompt_row()
        self._screen.add_class("-asking")
        row.ask(title, "")
        answer = await self._wait()
        self._find = None
        self._screen.remove_class("-choosing", "-asking")
        self._go_back()
        return answer.value if isinstance(answer, Option) else None

    async def _look_up(self, text: str) -> None:
        """The options for what is typed; the list of an older text is never chosen from."""
        if self._find is not None and text != self._found_for:
            options = await self._find(text)
            self._found_for = text
            self._picker.offer(self._picker.title, options)

    async def _choose_found(self, text: str) -> None:
        await self._look_up(text)
        if self._find is not None and self._picker.current is not None:
            self.answer(self._picker.current)

    def answer(self, value: Any) -> None:
        """The person answered, or backed out with None."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(value)

    def entered(self, text: str) -> None:
        """Enter in the prompt row: the option under the list's cursor, or the text where none fits."""
        if self._find is not None:
            self._beside(partial(self._choose_found, text), "choosing")
            return
        if self._guide is not None and self._guide.entered(text):
            return
        if not self.narrows_picker:
            self.answer(text)
        elif self._picker.current is not None:
            self.answer(self._picker.current)
        elif text.strip():
            self.answer(text.strip())

    def typed(self, text: str) -> None:
        """The person typed in the prompt row: a list above follows."""
        if self._find is not None:
            self._beside(partial(self._look_up, text), "choosing")
        elif self.narrows_picker:
            self._picker.narrow(text)
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

    @property
    def is_open(self) -> bool:
        """True while a question waits for its answer."""
        return self._answer is not None and not self._answer.done()

    def holds_keys(self) -> bool:
        """True when the open question has the focus; what took it away meanwhile loses it again."""
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
