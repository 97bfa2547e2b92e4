"""Every action, in the order in which help and hints tell them."""

from __future__ import annotations

from tui.actions import (
    call,
    call_back,
    contract,
    copying,
    desk,
    explain,
    marks,
    move_ticket,
    moving,
    take_ticket,
    undoing,
    viewing,
    write,
)
from tui.actions.action import Action
from tui.words import later

GROUPS = {
    "ticket": later("TICKET"),
    "marks": later("MARKS"),
    "find": later("FIND"),
    "safety": later("SAFETY"),
    "move": later("MOVE"),
}

ACTIONS: tuple[Action, ...] = (
    call.NewCall(),
    take_ticket.TakeTicket(),
    take_ticket.AssignTicketTo(),
    write.Reply(),
    write.Note(),
    write.StepTried(),
    write.ToldByPhone(),
    write.SendReplyAgain(),
    move_ticket.ChangeStage(),
    move_ticket.ChangePriority(),
    move_ticket.Wait(),
    move_ticket.CloseTicket(),
    contract.CountByAnother(),
    call_back.CallBack(),
    call_back.CallBacks(),
    explain.ExplainDeadline(),
    explain.WhatIf(),
    copying.CopyNumber(),
    copying.CopySummary(),
    marks.MarkRow(),
    marks.MarkRange(),
    marks.ActOnMarked(),
    viewing.ChooseView(),
    viewing.Sort(),
    viewing.ReverseSort(),
    desk.Palette(),
    moving.Zoom(),
    undoing.UndoLast(),
    undoing.RedoLast(),
    viewing.Renew(),
    desk.Help(),
    desk.Keys(),
    desk.ChangePerson(),
    desk.Quit(),
    moving.CursorDown(),
    moving.CursorUp(),
    moving.PageDown(),
    moving.PageUp(),
    moving.HalfPageDown(),
    moving.HalfPageUp(),
    moving.First(),
    moving.Last(),
    moving.QueuePane(),
    moving.TicketPane(),
    moving.CompanyPane(),
    moving.ContractPane(),
    moving.EquipmentPane(),
    moving.NextPane(),
    moving.PreviousPane(),
    moving.Open(),
    moving.Back(),
)

BY_ID = {action.id: action for action in ACTIONS}

KEY_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "space": "Space",
    "enter": "Enter",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "down": "Down",
    "up": "Up",
    "left": "Left",
    "right": "Right",
}


def key_name(key: str) -> str:
    """A key as people write it."""
    return KEY_NAMES.get(key, key)
