"""Asking the person back: one line in the prompt row, a choice in the ticket pane's place. One question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from tui.actions.scene import Option

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.widgets.ink import Ink
    from tui.widgets.picker import Picker
    from tui.widgets.prompt import PromptRow

Finds = Callable[[str], Awaitable[Sequence[Option]]]


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
        self._finds: Finds | None = None
        self._typed = ""
        self._looking: asyncio.Task[None] | None = None

    async def ask(self, label: str, initial: str = "", example: str = "") -> str | None:
        """One line of text; None when the person backed out."""
        row = await self._prompt_row()
        self._screen.add_class("-asking")
        row.ask(label, initial, example)
        answer: str | None = await self._wait()
        self._screen.remove_class("-asking")
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

        `finds` gives more options for what is typed, which stand below those that were given.
        """
        self._picker.offer(title, options, hint)
        self._finds, self._typed = finds, ""
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
        self._finds = None
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
        if not self.narrows_picker:
            self.answer(text)
        elif self._picker.current is not None:
            self.answer(self._picker.current)
        elif text.strip():
            self.answer(text.strip())

    def typed(self, text: str) -> None:
        """The person typed in the prompt row: a list above follows."""
        if self.narrows_picker:
            self._picker.narrow(text)
            self._typed = text
            if self._finds is not None and self._looking is None:
                self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """One read at a time: keys that come meanwhile are answered together by the next one, for the last text."""
        try:
            found_for = None
            while (finds := self._finds) is not None and found_for != self._typed:
                found_for = self._typed
                options = await finds(found_for)
                if self._finds is finds and found_for == self._typed:
                    self._picker.append(options)
        finally:
            self._looking = None

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
