"""The form on the screen, if there is one; what fills it in is imported with the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.ids import EntityId
from tui.gateway import Gateway
from tui.widgets.ink import Ink

if TYPE_CHECKING:
    from tui.screens.filling import Filling
    from tui.screens.workbench import Workbench


class Forms:
    """Everything a workbench knows of forms."""

    def __init__(self, bench: Workbench, gateway: Gateway, ink: Ink) -> None:
        self._bench = bench
        self._gateway = gateway
        self._ink = ink
        self.filling: Filling | None = None

    @property
    def is_open(self) -> bool:
        """True while a form has the screen."""
        return self.filling is not None and self.filling.is_open

    @property
    def takes_keys(self) -> bool:
        """False while an answer is on its way whose question the next key is for."""
        return self._bench.running.is_idle and self.take_focus()

    def take_focus(self) -> bool:
        """Give the keys to the form on the screen; False when there is none."""
        return self.filling is not None and self.filling.take_focus()

    async def begin(self, entity: str, record: EntityId | None, preset: Mapping[str, EntityId]) -> None:
        """Open the form of a record, or of a new one with some references chosen already."""
        if self.filling is None:
            from tui.screens.filling import Filling

            self.filling = Filling(self._bench, self._gateway, self._ink)
        self._bench.make_room_for_form()
        await self.filling.begin(entity, record, preset)

    async def keep_now(self) -> None:
        """The program ends: what is typed goes to the disk first."""
        if self.filling is not None and self.filling.is_open:
            await self.filling.keep()
