"""Put a ticket under another contract, or under its own as it stands today."""

from __future__ import annotations

from core.commands import RetargetTicket
from tui.actions.action import TicketAction
from tui.actions.scene import Option, Scene
from tui.presenters.frame import REFUSED
from tui.words import _, later


class CountByAnother(TicketAction):
    id = "ticket.retarget"
    title = later("Contract: count by another")
    help = later("the hours of each contract count for their own time; its own takes the policy as it stands today")

    async def run(self, scene: Scene) -> None:
        from tui.presenters.ticket_page import contract_words

        page = await scene.ticket_shown()
        if page is None:
            return
        contracts = await scene.contracts(page)
        options = [
            # In a tuple, because no contract is an answer too and backing out is none.
            Option(
                f"{line.number} {line.grade}".strip(),
                (line.version,),
                contract_words(line, page.contract_version, scene.zone),
            )
            for line in contracts
        ]
        if page.contract_version is not None:
            options.append(Option(_("no contract"), (None,), _("nothing is promised")))
        if not options:
            told = _("{number} has no contract, and its company has none in force").format(number=page.row.number)
            scene.tell(REFUSED, told)
            return
        chosen = await scene.pick(_("{number} counts by").format(number=page.row.number), options)
        if chosen is not None:
            await scene.act(RetargetTicket(page.row.id, chosen[0]))
