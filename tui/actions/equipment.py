"""Say which piece of equipment a ticket is about."""

from __future__ import annotations

from core.commands import ChangeEquipment
from core.ids import EntityId
from tui.actions.action import TicketAction
from tui.actions.scene import Scene
from tui.presenters.frame import REFUSED
from tui.words import _, later

NONE = EntityId(b"")


class ChangeTheEquipment(TicketAction):
    id = "ticket.equipment"
    title = later("Change the equipment")
    help = later("choose among the company's equipment what the ticket is about, or none; the site follows")
    keys = ("e",)

    async def run(self, scene: Scene) -> None:
        page = await scene.ticket_shown()
        if page is None:
            return
        number, company = page.row.number, page.row.company
        if company is None:
            scene.tell(REFUSED, _("{number} is of no company, so there is no equipment").format(number=number))
            return
        present = page.equipment.split(",")[0] or _("no equipment")
        title = _("{number} is about {equipment}; rather").format(number=number, equipment=present)
        chosen = await scene.pick_record(title, "equipment", company, none=_("no equipment"))
        if chosen is not None:
            equipment = chosen.id if chosen.id != NONE else None
            await scene.act(ChangeEquipment(page.row.id, equipment))
