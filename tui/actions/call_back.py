"""Call the customer, or promise to."""

from __future__ import annotations

from core.commands import PlanCallBack
from tui.actions.action import TicketAction
from tui.actions.scene import Scene
from tui.presenters.typed_times import parse_time
from tui.words import _, later


class CallBack(TicketAction):
    id = "ticket.call_back"
    title = later("Call back")
    help = later("enter dials now; 15:00, 30m, 2h, tomorrow 9:00 promise a call at that time")
    keys = ("c",)

    async def run(self, scene: Scene) -> None:
        page = await scene.ticket_shown()
        if page is None:
            return
        number = page.caller.phone if page.caller else ""
        name = page.caller.name if page.caller else _("the customer")
        contact = page.caller.id if page.caller else None
        due_at, when = None, ""
        question = _("call {name} {number} now, or at").format(name=name, number=number)
        while due_at is None:
            answer = await scene.ask(question, when)
            if answer is None:
                return
            when = answer
            if when.strip() in ("", _("now"), "now"):
                break
            due_at = parse_time(when, scene.now, scene.zone)
            question = _("that is no time; 15:00, 30m, 2h or tomorrow 9:00")
        if due_at is not None:
            await scene.act(PlanCallBack(page.row.id, due_at, number, contact))
        elif await scene.dial(number):
            await scene.act(PlanCallBack(page.row.id, scene.now, number, contact))
