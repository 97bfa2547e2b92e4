"""What `lampboard doctor` says: for each thing that was looked at a fact, and what to do where it is not well."""

from __future__ import annotations

from tui.words import later

TOLD: dict[str, tuple[str, str]] = {
    "versions": (later("Lampboard {lampboard}, Python {python}, SQLite {sqlite}, {system}"), ""),
    "sqlite_too_old": (later("SQLite {sqlite}"), later("Lampboard needs SQLite 3.37; use a newer Python")),
    "terminal": (later("{term}, {columns}x{rows}"), ""),
    "terminal_in": (later("{term}, {columns}x{rows}, inside {inside}"), ""),
    "terminal_small": (
        later("{term}, {columns}x{rows}"),
        later("the console needs 40x12, and 80x24 to show two panes; make the window larger"),
    ),
    "terminal_dumb": (later("TERM is {term}"), later("set TERM to what your terminal is, as TERM=xterm-256color")),
    "no_terminal": (later("no terminal here: nothing was asked"), later("run it where the console runs")),
    "encoding": (later("{encoding}"), ""),
    "encoding_wrong": (
        later("{encoding}: letters of most languages cannot be written"),
        later("set LC_ALL to a UTF-8 locale, as LC_ALL=C.UTF-8"),
    ),
    "colours": (later("{count} colours"), ""),
    "true_colour": (later("true colour"), ""),
    "colours_off": (later("off, as NO_COLOR is set; signs and words carry the meaning"), ""),
    "colours_few": (
        later("{count} colours"),
        later("themes come out coarse; if the terminal has more, set TERM=xterm-256color or COLORTERM=truecolor"),
    ),
    "width": (later("{script}: {text} takes {cells} cells, as reckoned"), ""),
    "width_reckoned": (
        later("{script}: {text} is reckoned as {cells} cells"),
        "",
    ),
    "width_differs": (
        later("{script}: {text} takes {found} cells here, {cells} in the console"),
        later("columns will stand askew in rows with such text; another terminal, or its newer version, may help"),
    ),
    "silent": (later("the terminal did not answer within {seconds} s"), later("widths and clipboard are not known")),
    "clipboard": (later("the terminal says that it takes OSC 52: y and Y copy"), ""),
    "clipboard_untold": (
        later("the terminal does not say whether it takes OSC 52; y, then a paste elsewhere, shows"),
        "",
    ),
    "clipboard_tmux_off": (
        later("tmux keeps what is copied to itself"),
        later("tmux set -s set-clipboard on, in ~/.tmux.conf as well"),
    ),
    "clipboard_tmux": (later("tmux hands on what is copied (set-clipboard {setting})"), ""),
    "clipboard_none": (
        later("{inside} takes no OSC 52"),
        later("what y copies reaches no clipboard here; use the verbs with --json instead"),
    ),
    "settings": (later("{path}"), ""),
    "settings_usual": (later("no settings.toml; everything is as usual"), ""),
    "settings_broken": (later("{reason}"), ""),
    "command_missing": (
        later("{setting} names {command}, which is not on this machine"),
        later("mend {setting} in settings.toml"),
    ),
    "no_desk": (later("there is no desk called {desk} yet"), later("lampboard makes one")),
    "store": (later("{reason}"), ""),
    "integrity": (later("{check} finds nothing; schema {schema}"), ""),
    "integrity_broken": (
        later("{check} finds {count}, first: {first}"),
        later(
            "copy the folder of the desk to a safe place, then restore a backup; on a desk with a hub lampboard sync"
            " rebuild makes it anew"
        ),
    ),
    "log": (later("{count} operations follow on each other, {purged} purged; --full computes their hashes"), ""),
    "log_hashed": (later("{count} operations hang together, {hashed} hashes computed again, {purged} purged"), ""),
    "log_broken": (
        later("the log does not hang together at {at}"),
        later("restore a backup; on a desk with a hub lampboard sync rebuild makes the desk anew"),
    ),
    "references": (later("{checks}: nothing names what is not there"), ""),
    "names_nothing": (
        later("{count} that should not be, first: {first}"),
        later("--json lists them; on a desk with a hub they may come in with the next sync, else please report this"),
    ),
    "twice": (later("{count} entered twice, first: {first}"), later("--json lists them; a merge makes two one")),
    "purge_unfinished": (
        later("a purge erased its rows and was cut off before the file was clean"),
        later("lampboard purge --finish, with no console open"),
    ),
    "set_aside": (later("{count} operations cannot be folded and wait"), later("lampboard sync log tells why")),
    "rights": (later("nobody else may read any of {count} files and folders"), ""),
    "open_to_others": (
        later("{count} may be read by others, first: {first}"),
        later("chmod -R go= FOLDER takes the rights from the folder it lies in"),
    ),
    "not_yours": (
        later("{count} belong to another user, first: {first}"),
        later("use the desk as one user; chown gives it back"),
    ),
    "room": (later("{free} MB free, the desk takes {size} MB"), ""),
    "little_room": (
        later("{free} MB free, the desk takes {size} MB"),
        later("a backup and a purge need {needed} MB; make room before"),
    ),
    "no_room": (later("{free} MB free, the desk takes {size} MB"), later("make room: acts are refused on a full disk")),
    "keyring": (later("{backend}"), ""),
    "keyring_none": (later("none on this machine; nobody needs one without a hub"), ""),
    "keyring_missing": (
        later("none on this machine, and the hub asks for a password"),
        later("keep it in ~/.pgpass, readable by you alone, so that an open console can sync"),
    ),
    "no_hub": (later("none joined"), ""),
    "hub": (later("{login} at {url}: answers in {milliseconds} ms, {unsent} unsent, {refused} refused"), ""),
    "hub_unreached": (later("{url}: {reason}"), later("work goes on; {unsent} unsent wait for the line")),
    "attachments": (later("{count} files, {size} MB, every hash fits"), ""),
    "attachments_sized": (later("{count} files, {size} MB; --full computes their hashes"), ""),
    "attachments_none": (later("none"), ""),
    "attachments_missing": (
        later("{count} are not on this machine, first: {first}"),
        later("files do not travel between consoles; ask who attached it"),
    ),
    "attachments_altered": (
        later("{count} are not what was attached any more, first: {first}"),
        later("they are not opened; bring them back from a backup, or attach them again"),
    ),
    "attachments_unused": (
        later("{count} files that no ticket names, {size} MB"),
        later("they are kept for undo; attachment remove --erase is how one is deleted"),
    ),
}
