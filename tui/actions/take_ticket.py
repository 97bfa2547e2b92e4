"""Take a ticket, or give it to somebody."""

from __future__ import annotations

from core.commands import AssignTicket
from tui.actions.action import TicketAction
from tui.actions.scene import Option, Scene
from tui.words import _, later, ngettext


class TakeTicket(TicketAction):
    id = "ticket.take"
    title = later("Take it myself")
    help = later("the ticket becomes yours; a take of yours again gives it back with u")
    keys = ("a",)
    hint = later("take")
    for_marked = True

    async def run(self, scene: Scene) -> None:
        me = scene.person.id
        wanted = [row for row in scene.chosen if row.owner != me] or scene.chosen
        await scene.act(*(AssignTicket(row.id, me, row.owner) for row in wanted))


class AssignTicketTo(TicketAction):
    id = "ticket.assign"
    title = later("Assign to somebody")
    help = later("choose a colleague; each stands with the open tickets that are theirs")
    keys = ("A",)
    for_marked = True

    async def run(self, scene: Scene) -> None:
        rows = scene.chosen
        people = await scene.people()
        options = [
            Option(
                person.name,
                person.id,
                ngettext("{count} open  {team}", "{count} open  {team}", person.open_count).format(
                    count=person.open_count, team=person.team_name
                ),
            )
            for person in people
        ]
        options.append(Option(_("nobody"), b"", _("gives it back to the queue")))
        number = rows[0].number if len(rows) == 1 else _("{count} tickets").format(count=len(rows))
        chosen = await scene.pick(_("Assign {what} to").format(what=number), options)
        if chosen is not None:
            owner = chosen or None
            wanted = [row for row in rows if row.owner != owner] or rows
            await scene.act(*(AssignTicket(row.id, owner, row.owner) for row in wanted))
