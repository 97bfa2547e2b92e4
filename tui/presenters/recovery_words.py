"""Words for what sync found out and made good: each is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.words import _, later

if TYPE_CHECKING:
    from core.notices import Notice

NOTICES = {
    "hub_restored": later(
        "the hub was restored from a backup: {again} operations of this desk are sent again, {awaited} of colleagues"
        " come back when their desks next sync; nothing has to be done"
    ),
    "console_renewed": later(
        "this desk is a copy of one that went on elsewhere, or an old state of it: it goes on as a desk of its own;"
        " {unsent} operations that only it had are sent"
    ),
}


def notice_text(notice: Notice) -> str:
    """A notice as a sentence."""
    return _(NOTICES[notice.code]).format(**notice.facts)
