"""Words for the hub: why it cannot be used, why it refused, and what to do."""

from __future__ import annotations

from tui.words import later, ngettext

REFUSALS = {
    "hub.url_wrong": later("{url} is no address of a hub; write it as postgresql://name@host/database"),
    "hub.url_has_password": later(
        "the address must hold no password: lists of processes and history show it; leave it out, it is asked for,"
        " or keep it in ~/.pgpass"
    ),
    "hub.no_server": later("nobody answers at {url} ({reason}); check the address and the line, then try again"),
    "hub.line_lost": later("the line to the hub broke ({reason}); nothing is lost, try again"),
    "hub.met_another": later("the hub is busy with another console; nothing is lost, try again"),
    "hub.login_refused": later("the hub does not let this login in ({reason}); check name and password"),
    "hub.no_database": later("the server has no such database ({reason}); check the end of the address"),
    "hub.too_many": later("the server has no connection left ({reason}); try again in a minute"),
    "hub.not_certain": later(
        "the line to the hub cannot be made certain ({reason}); name its certificate with ?sslrootcert=FILE"
    ),
    "hub.server_too_old": later("the server is PostgreSQL {found}; a hub needs 15 or newer"),
    "hub.encoding_wrong": later(
        "the database is encoded as {found}; make one with ENCODING 'UTF8' TEMPLATE template0 for the hub"
    ),
    "hub.exists_already": later("there is a hub in that database already; lampboard hub status shows it"),
    "hub.not_a_hub": later("there is no hub in that database; lampboard hub init makes one"),
    "hub.newer": later(
        "the hub was made by a newer Lampboard (schema {found}, this one knows {known}); update this one"
    ),
    "hub.extra_missing": later("setting up a hub needs the extra hub; install lampboard[hub], then try again"),
    "hub.rights_missing": later(
        "this login may not do that ({reason}); use one that may make roles and schemas, or that owns the hub"
    ),
    "hub.no_stream": later("the hub has no stream {stream}; lampboard hub status lists them"),
    "hub.not_a_member": later("{login} has no right in {stream} that could be taken back"),
    "hub.no_login": later("{login} is a role of the hub's own, nobody's login; name the login of a person"),
    "hub.no_room": later("the server has no room left ({reason}); nothing was changed, tell who runs it"),
    "hub.refused_call": later("the hub refused ({reason}); please report this"),
    "hub.no_right": later("the hub does not let this login do that ({reason}); who runs it may: lampboard hub grant"),
    "hub.read_only": later("you may read this hub; what was done here stays on this desk until you may write"),
    "hub.person_taken": later("you are known to the hub under another login; use that one"),
    "hub.other_epoch": later("this is not the hub that the desk has joined ({reason}); nothing was sent"),
    "hub.gap": later("the hub lacks operations of this console ({reason}); nothing was sent"),
    "hub.console_copied": later(
        "this desk is a copy of one that went on elsewhere, or an old state of it, and could not be told apart from it;"
        " nothing is lost, try again"
    ),
    "hub.signed_twice": later(
        "something of what is unsent here is on the hub already, from another copy of this desk, and could not be told"
        " apart from it; nothing is lost, try again"
    ),
    "hub.console_too_old": later("the hub takes nothing of this age of program; update it, what is unsent is kept"),
    "hub.log_cut": later(
        "the hub's log and this desk no longer meet ({reason}); lampboard sync rebuild makes the desk's file anew and"
        " takes along what is unsent"
    ),
    "hub.unknown_here": later("the desk's file no longer says which hub it had joined; name it with --url"),
    "hub.log_differs": later(
        "the hub's log is another one than this desk has read ({reason}); perhaps it was restored; nothing was sent"
    ),
    "hub.restored_untold": later(
        "the hub seems to have been restored from a backup ({reason}); who runs it says lampboard hub restored, then"
        " everything comes back by itself; nothing was sent and nothing is lost"
    ),
    "state_document.newer": later("a document of the hub is of a newer Lampboard ({version}); update this one"),
    "state_document.unfit": later("a document of the hub cannot be read ({reason}); tell who runs it"),
    "hub.log_broken": later(
        "the hub's log does not fit together at {seq}; nothing of it was taken in, tell who runs it"
    ),
    "hub.not_the_keeper": later("another keeper is at work on this hub ({reason}); nothing is lost, try again"),
    "hub.fault": later(
        "what the hub answered cannot be read ({reason}); nothing of it was taken in, please report this"
    ),
    "hub.not_joined": later("this desk has joined no hub; lampboard login URL joins one"),
    "hub.joined_already": later("this desk has joined {url} already; lampboard logout leaves it"),
    "hub.left_another": later(
        "this desk holds what another hub ({url}) has numbered; only that one can be joined again; join with a new desk"
    ),
    "hub.desk_in_use": later("another console has this desk open; close it, then try again; nothing was erased"),
    "hub.not_refused": later("operation {n} was not refused; lampboard sync log --refused lists those that were"),
    "hub.refused_of_several": later(
        "of several consoles that this desk was an operation {n} was refused; write it as lampboard sync log --refused"
        " does"
    ),
    "hub.refused_settled": later("operation {n} was settled already ({settled})"),
    "hub.demo_desk": later("a demo desk is made up and joins no hub; use a desk of your own"),
}


COUNTED = ("hub.unsent_left", "hub.refused_left")
"""Those that `counted` words."""


def counted(code: str, count: int) -> str | None:
    """The refusals that tell a number of operations."""
    if code == "hub.unsent_left":
        return ngettext(
            "{count} operation of this desk is nowhere but here; lampboard sync --once sends it, then leave",
            "{count} operations of this desk are nowhere but here; lampboard sync --once sends them, then leave",
            count,
        )
    if code == "hub.refused_left":
        return ngettext(
            "{count} operation was refused by the hub; lampboard sync log --refused shows it,"
            " lampboard sync resend N or lampboard sync drop N settles it; then leave",
            "{count} operations were refused by the hub; lampboard sync log --refused shows them,"
            " lampboard sync resend N or lampboard sync drop N settles each; then leave",
            count,
        )
    return None


REASONS = {
    "too_large": later("larger than the hub takes"),
    "schema_newer": later("newer than the hub; who runs it has to upgrade it"),
    "schema_older": later("older than the hub takes"),
    "kind_unknown": later("of a kind the hub does not know; who runs it has to upgrade it"),
    "no_right": later("in a stream you may not write"),
    "malformed": later("not written as the hub reads it"),
    "hash_wrong": later("changed after it was written"),
    "with_another": later("part of an act of which something else was refused"),
}
"""Why the hub would not take an operation."""
