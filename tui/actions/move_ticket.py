"""Move a ticket through its stages: the menu, waiting with a cause, closing."""

from __future__ import annotations

from core.commands import MoveStage, SetPriority
from core.queue import PRIORITIES
from core.stages import WAITING, WAITING_PARTIES, legal_moves
from tui.actions.action import TicketAction
from tui.actions.scene import Option, Scene
from tui.presenters.frame import REFUSED
from tui.presenters.sentences import party_word, stage_word
from tui.words import _, later

PARTY_LETTERS = {"customer": "c", "vendor": "v", "contractor": "o", "part": "p", "us": "u"}


class ChangeStage(TicketAction):
    id = "ticket.stage"
    title = later("Change stage")
    help = later("a menu of the legal moves, one letter each; waiting asks for cause and party")
    keys = ("s",)
    hint = later("stage")
    for_marked = True

    async def run(self, scene: Scene) -> None:
        rows = scene.chosen
        legal = [stage for stage in legal_moves(rows[0].stage) if all(stage in legal_moves(row.stage) for row in rows)]
        options = [Option(stage_word(stage.name), stage, letter=stage.letter) for stage in legal]
        title = _("Stage of {number}, now {stage}").format(number=rows[0].number, stage=stage_word(rows[0].stage))
        stage = await scene.pick(title, options, hint=_("the letter moves it"))
        if stage is None:
            return
        if stage.stage_class == WAITING:
            await wait(scene)
            return
        await scene.act(*(MoveStage(row.id, stage.name) for row in rows))


class Wait(TicketAction):
    id = "ticket.pause"
    title = later("Wait")
    help = later("wait for the customer, a vendor or a part; the clock stops if the contract allows it")
    keys = ("w",)
    hint = later("wait")
    for_marked = True

    async def run(self, scene: Scene) -> None:
        await wait(scene)


async def wait(scene: Scene) -> None:
    """Ask whom it waits for and why, then move it."""
    rows = scene.chosen
    for row in rows:
        if not any(stage.stage_class == WAITING for stage in legal_moves(row.stage)):
            scene.tell(
                REFUSED,
                _("{number} is {stage} and cannot wait; s lists the moves that are legal").format(
                    number=row.number, stage=stage_word(row.stage)
                ),
            )
            return
    options = [Option(party_word(party), party, letter=PARTY_LETTERS[party]) for party in WAITING_PARTIES]
    party = await scene.pick(_("{number} waits for").format(number=rows[0].number), options)
    if party is None:
        return
    cause = await scene.ask(_("waits for {party} because").format(party=party_word(party)))
    if cause is not None:
        await scene.act(*(MoveStage(row.id, "waiting", cause, party) for row in rows))


class CloseTicket(TicketAction):
    id = "ticket.close"
    title = later("Close")
    help = later("close the ticket; u opens it again")
    keys = ("X",)
    for_marked = True

    async def run(self, scene: Scene) -> None:
        await scene.act(*(MoveStage(row.id, "closed") for row in scene.chosen))


class ChangePriority(TicketAction):
    id = "ticket.priority"
    title = later("Priority")
    help = later("p, then 1 to 4; the deadline follows the contract's target for it")
    keys = ("p",)
    hint = later("prio")
    for_marked = True

    async def run(self, scene: Scene) -> None:
        rows = scene.chosen
        words = {1: _("critical"), 2: _("high"), 3: _("normal"), 4: _("low")}
        options = [Option(f"{priority} {words[priority]}", priority, letter=str(priority)) for priority in PRIORITIES]
        title = _("Priority of {number}, now {priority}").format(number=rows[0].number, priority=rows[0].priority)
        priority = await scene.pick(title, options)
        if priority is not None:
            wanted = [row for row in rows if row.priority != priority] or rows
            await scene.act(*(SetPriority(row.id, priority) for row in wanted))
