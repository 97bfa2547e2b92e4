"""Call the customer, or promise to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.commands import Command, DropCallBack, PlanCallBack, PostEntry
from core.ids import EntityId
from tui.actions.action import Action, TicketAction
from tui.actions.scene import Option, Scene
from tui.presenters.frame import SAYS
from tui.presenters.times import date_time
from tui.presenters.typed_times import parse_time
from tui.words import _, later

if TYPE_CHECKING:
    from core.context import CallBackDue


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
            await said_in_call(scene, page.row.id, name, contact)


async def said_in_call(scene: Scene, ticket: EntityId, name: str, contact: EntityId | None, *also: Command) -> None:
    """Write down what came of a call that was just made, and do what goes with it; an empty answer: nobody answered."""
    text = await scene.ask(_("what was {name} told (enter: not reached)").format(name=name))
    if text is None:
        return
    if text.strip():
        await scene.act(PostEntry(ticket, "call", text, contact, scene.now), *also)
    else:
        await scene.act(PostEntry(ticket, "note", _("called {name}, not reached").format(name=name)))


class CallBacks(Action):
    id = "call_back.list"
    title = later("Call-backs")
    help = later("calls you promised, soonest first, and overdue ones of colleagues; enter goes to one")
    keys = ("C",)
    group = "find"

    async def run(self, scene: Scene) -> None:
        due = await scene.call_backs()
        if not due:
            scene.tell(SAYS, _("no call is promised; c on a ticket promises one"))
            return
        options = [_option(one, scene) for one in due]
        chosen = await scene.pick(_("CALL-BACKS"), options, hint=_("enter goes to one; part of a name narrows"))
        if chosen is None:
            return
        await scene.go_to_ticket(chosen.ticket)
        await _settle(scene, chosen)


def _option(one: CallBackDue, scene: Scene) -> Option:
    when = date_time(one.due_at, scene.now, scene.zone)
    is_late = one.due_at <= scene.now
    told = _("!! {when}") if is_late else _("   {when}")
    whose = "" if one.person == scene.person.id else one.person_name
    title = f"{told.format(when=when)}  {one.contact_name or _('the customer')} {one.phone}"
    detail = ", ".join(part for part in (one.number, one.company_name, whose, one.note) if part)
    return Option(title, one, detail)


async def _settle(scene: Scene, one: CallBackDue) -> None:
    name = one.contact_name or _("the customer")
    drop = DropCallBack(one.ticket, one.id, one.due_at, one.phone, one.contact, one.note)
    options = [
        Option(_("dial {number}").format(number=one.phone), "dial", letter="d"),
        Option(_("made: write down what was said"), "made", letter="m"),
        Option(_("another time"), "later", letter="t"),
        Option(_("drop it, no call is needed"), "drop", letter="x"),
    ]
    answer = await scene.pick(_("Call back {name} about {number}").format(name=name, number=one.number), options)
    if answer == "made" or (answer == "dial" and await scene.dial(one.phone)):
        await said_in_call(scene, one.ticket, name, one.contact, drop)
    elif answer == "drop":
        await scene.act(drop)
    elif answer == "later":
        due_at = await _time(scene, _("call {name} at").format(name=name))
        if due_at is not None:
            await scene.act(drop, PlanCallBack(one.ticket, due_at, one.phone, one.contact, one.note))


async def _time(scene: Scene, question: str) -> Instant | None:
    when = ""
    while (answer := await scene.ask(question, when)) is not None:
        when = answer
        due_at = parse_time(when, scene.now, scene.zone)
        if due_at is not None:
            return due_at
        question = _("that is no time; 15:00, 30m, 2h or tomorrow 9:00")
    return None
