"""Sentences of what keeps a desk in order: purging and attachments."""

from __future__ import annotations

from tui.words import later

REFUSALS = {
    "purge.joined": later(
        "this desk has joined the hub {url}, and a purge does not travel yet: the hub and the other consoles would keep"
        " what is erased here; see docs/purge.md for what to do"
    ),
    "purge.nothing": later("nothing on this desk names {told}; nothing was erased"),
    "purge.purged_already": later("that person was purged already; nothing is left to erase"),
    "purge.no_room": later(
        "making {path} clean needs {megabytes} MB of room beside it; nothing was changed, make room and try again"
    ),
}
