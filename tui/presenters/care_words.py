"""Sentences of what keeps a desk in order: purging and attachments."""

from __future__ import annotations

from tui.words import later

REFUSALS = {
    "purge.joined": later(
        "this desk has joined the hub {url}, and a purge does not travel yet: the hub and the other consoles would keep"
        " what is erased here; nothing was changed, see docs/purge.md"
    ),
    "purge.nothing": later("nothing on this desk names {told}; nothing was erased"),
    "purge.purged_already": later("that person was purged already; nothing is left to erase"),
    "purge.no_room": later(
        "making {path} clean needs {megabytes} MB of room beside it; nothing was changed, make room and try again"
    ),
    "attachment.unfit": later("that is no file that could be attached to {number}"),
    "attachment.no_file": later("there is no file {path}; check the name"),
    "attachment.unreadable": later("{path} cannot be read ({reason}); nothing was attached"),
    "attachment.no_regular_file": later("{path} is no file but a folder, a pipe or a device; nothing was attached"),
    "attachment.empty": later("{path} is empty; nothing was attached"),
    "attachment.too_large": later(
        "{path} is larger than {megabytes} MB; keep it elsewhere and write a note that says where"
    ),
    "attachment.not_here": later(
        "{name} is not on this machine: files stay where they were attached; ask who did, or save it there and attach"
        " it here"
    ),
    "attachment.altered": later(
        "{name} is not what was attached: {path} was altered; bring it back from a backup, or attach it again"
    ),
    "attachment.in_the_way": later("there is a file {path} already; nothing was written, name another one"),
    "attachment.no_command": later(
        "no program is set that shows files (settings.toml, open_command); lampboard attachment save writes {name} to"
        " a folder"
    ),
    "attachment.no_program": later("{program} cannot be started; check open_command in settings.toml"),
    "attachment.program_failed": later("{program} ended with {ended}; check open_command in settings.toml"),
    "attachment.is_a_program": later(
        "{name} is a program ({type}) and is not handed over; lampboard attachment save writes it to a folder"
    ),
}
