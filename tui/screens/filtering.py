"""The filter while it is typed: what may follow stands in the list above, what cannot be read is marked and told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from core.finding import FilterValues
from core.query import QueryError, check_people, names_people, parse
from core.query_completion import Completion, Place, asks_the_desk, completed, known_here, named_here, place_at
from core.query_people import EVERYBODY, OWNER
from tui.actions.scene import Option
from tui.presenters.sentences import filter_refused
from tui.words import _

if TYPE_CHECKING:
    from tui.gateway import Gateway
    from tui.screens.asking import Asking
    from tui.screens.running import Work
    from tui.widgets.picker import Picker

Beside = Callable[..., None]


class FilterGuide:
    """Follows one filter from its first character to enter; `asking` tells it of every key."""

    def __init__(self, asking: Asking, picker: Picker, gateway: Gateway, beside: Beside) -> None:
        self._asking = asking
        self._picker = picker
        self._gateway = gateway
        self._beside = beside
        self._text, self._place = "", place_at("", 0)
        self._is_refused = False
        """What stands there was refused and is still the same."""
        self._is_pointing = False
        """The person moved in the list: enter takes what they point at."""

    def typed(self, text: str, cursor: int) -> None:
        """Show what may follow at the cursor."""
        if text == self._text and self._is_refused:
            return
        self._text, self._place = text, place_at(text, cursor)
        self._offer(known_here(self._place))
        if asks_the_desk(self._place):
            work: Work = partial(self._offer_names, text, self._place)
            self._beside(work, "values")

    async def _offer_names(self, text: str, place: Place) -> None:
        assert place.field is not None
        names: tuple[str, ...] = await self._gateway.page(FilterValues(place.field.name, place.typed))
        if text == self._text and place == self._place and self._asking.is_open:
            self._offer((*known_here(place), *named_here(place, names)))

    def _offer(self, completions: tuple[Completion, ...], title: str = "") -> None:
        self._is_refused, self._is_pointing = bool(title), False
        place = self._place
        asked = place.field
        heading = f"{asked.name}: {_(asked.asks)}" if asked else _("a field, or words of the subject")
        options = [Option(one.written, one, _(one.meaning) if one.meaning else "") for one in completions]
        self._picker.offer(title or _("FILTER  {heading}").format(heading=heading), options, _("tab takes"))

    def moved(self) -> None:
        """The person chose a line of the list."""
        self._is_pointing = True

    def taken(self) -> None:
        """Put what the list points at into the filter."""
        option = self._picker.current
        if option is not None:
            self._is_refused = self._is_pointing = False
            self._asking.put(*completed(self._text, self._place, option.value))

    def entered(self, text: str) -> bool:
        """True when enter does not end the question: it took a line of the list, or the filter cannot be read."""
        if self._is_pointing:
            self.taken()
            return True
        try:
            parse(text)
        except QueryError as error:
            self._refuse(text, error)
            return True
        if not names_people(text):
            return False
        self._asking.hold(is_held=True)
        self._beside(partial(self._check_people, text), "values")
        return True

    async def _check_people(self, text: str) -> None:
        """Somebody whom nobody is called like is told as a slip; else the filter is what was asked for."""
        try:
            names = await self._gateway.page(FilterValues(OWNER, "", EVERYBODY, with_archived=True))
            check_people(text, names)
        except QueryError as error:
            self._asking.hold(is_held=False)
            self._refuse(text, error)
        else:
            self._asking.answer(text)
        finally:
            self._asking.hold(is_held=False)

    def _refuse(self, text: str, error: QueryError) -> None:
        begins, ends = error.column, min(len(text), error.column + error.length)
        known = error.facts.get("known")
        self._text, self._place = text, Place(begins, ends, None, text[begins:ends])
        self._offer(tuple(map(Completion, known)) if isinstance(known, tuple) else (), filter_refused(error))
        self._asking.mark(begins, ends)
