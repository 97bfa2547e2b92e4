"""The equipment of the ticket under the cursor: what it is, what it has been through, what it is part of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from tui.panes.beside import PaneBeside
from tui.presenters.cells import Line
from tui.words import _, later

if TYPE_CHECKING:
    from core.equipment_shown import EquipmentShown, NoEquipment


class EquipmentPane(PaneBeside):
    """One piece of equipment, or that the ticket names none."""

    number = 5
    title = later("EQUIPMENT")

    def facts(self, page: EquipmentShown | NoEquipment, now: Instant) -> tuple[str, str]:
        """Name and model."""
        from core.equipment_shown import NoEquipment
        from tui.presenters.equipment_page import header_facts

        return (_("none"), "") if isinstance(page, NoEquipment) else header_facts(page)

    def lines(self, page: EquipmentShown | NoEquipment, width: int, height: int, now: Instant) -> list[Line]:
        """The equipment, or what to do without one."""
        from core.equipment_shown import NoEquipment
        from tui.presenters.equipment_page import equipment_lines, no_equipment_lines

        if isinstance(page, NoEquipment):
            return no_equipment_lines(page, width)
        return equipment_lines(page, width, now, self.zone())
