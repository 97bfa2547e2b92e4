"""Write on a ticket: a reply to the customer, a note among ourselves."""

from __future__ import annotations

from core.commands import PostEntry, SendAgain
from core.delivery import FAILED, NOT_SENT, may_have_left
from tui.actions.action import TicketAction
from tui.actions.scene import Option, Scene
from tui.presenters.frame import REFUSED
from tui.presenters.typed_times import parse_time
from tui.words import _, later


class Reply(TicketAction):
    id = "ticket.reply"
    title = later("Reply to the customer")
    help = later("write in the ticket pane; ctrl+s, then y, sends; escape keeps the draft")
    keys = ("r", "f6")
    hint = later("reply")

    def run(self, scene: Scene) -> None:
        scene.compose_text("message")


class Note(TicketAction):
    id = "ticket.note"
    title = later("Internal note")
    help = later("write what only colleagues see; ctrl+s saves; escape keeps the draft")
    keys = ("i",)
    for_marked = True

    async def run(self, scene: Scene) -> None:
        if len(scene.chosen) == 1:
            scene.compose_text("note")
            return
        rows = scene.chosen
        text = await scene.ask(_("note on {count} tickets").format(count=len(rows)))
        if text:
            await scene.act(*(PostEntry(row.id, "note", text) for row in rows))


class StepTried(TicketAction):
    id = "ticket.tried"
    title = later("Step tried")
    help = later("what was done and what came of it; it stands in the list of steps, apart from what was written")
    keys = ("T",)

    async def run(self, scene: Scene) -> None:
        row = scene.chosen[0]
        example = _("new cable, same error")
        text = await scene.ask(_("tried on {number}").format(number=row.number), example=example)
        if text and text.strip():
            await scene.act(PostEntry(row.id, "work", text))


class ToldByPhone(TicketAction):
    id = "ticket.told"
    title = later("Told by phone")
    help = later("what the customer was told in a call, now or earlier; it answers from that time on")

    async def run(self, scene: Scene) -> None:
        page = await scene.ticket_shown()
        if page is None:
            return
        name = page.caller.name if page.caller else _("the customer")
        said_at, when = None, ""
        question = _("when was {name} told (enter: now)").format(name=name)
        while said_at is None:
            answer = await scene.ask(question, when)
            if answer is None:
                return
            when = answer
            if when.strip() in ("", _("now"), "now"):
                said_at = scene.now
            else:
                said_at = parse_time(when, scene.now, scene.zone, may_have_passed=True)
            question = _("that is no time; 15:00 or 2026-11-24 15:00")
        text = await scene.ask(_("what was {name} told").format(name=name))
        if text is not None:
            contact = page.caller.id if page.caller else None
            await scene.act(PostEntry(page.row.id, "call", text, contact, said_at))


class SendReplyAgain(TicketAction):
    id = "ticket.send_again"
    title = later("Send the reply again")
    help = later("the newest reply that failed or was not sent goes to the mail command again")

    async def run(self, scene: Scene) -> None:
        page = await scene.ticket_shown()
        if page is None:
            return
        number = page.row.number
        entry = next((entry for entry in page.entries if entry.delivery in (FAILED, NOT_SENT)), None)
        if entry is None:
            scene.tell(REFUSED, _("{number} has no reply that failed or was not sent").format(number=number))
            return
        reason = str(entry.data.get("reason", ""))
        if may_have_left(reason):
            options = [
                Option(_("yes, at the risk of sending it twice"), "yes", letter="y"),
                Option(_("no"), "no", letter="n"),
            ]
            title = _("The reply on {number} may have been sent. Send it again?").format(number=number)
            if await scene.pick(title, options) != "yes":
                return
        await scene.act(SendAgain(page.row.id, entry.id, entry.delivery, reason))
