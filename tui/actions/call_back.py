"""Call the customer, or promise to."""

from __future__ import annotations

import re
from datetime import timedelta

from core.clock import Instant
from core.commands import PlanCallBack
from tui.actions.action import TicketAction
from tui.actions.scene import Scene
from tui.presenters.times import local
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


def parse_time(text: str, now: Instant, zone: str) -> Instant | None:
    """An instant from `15:00`, `30m`, `2h`, `tomorrow 9:00`; a clock time that has passed means tomorrow."""
    told = text.strip().lower()
    if span := re.fullmatch(r"\+?(\d{1,3})\s*(m|min|h)", told):
        return Instant(now + int(span[1]) * (3600 if span[2] == "h" else 60))
    found = re.fullmatch(r"(tomorrow\s+|jutro\s+)?(\d{1,2})[:.](\d{2})", told)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    here = local(now, zone)
    wanted = here.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)
    if found[1] or wanted <= here:
        wanted += timedelta(days=1)
    return Instant(int(wanted.timestamp()))
