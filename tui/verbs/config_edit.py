"""From a text in an editor to a version in force: checked, shown as a difference, asked about, saved, never lost."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches, unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from core.clock import Instant
from core.commands import AddRecord, ChangeDocument
from core.documents import GRADE, POLICY, TERMS, check_document
from core.errors import DomainError
from core.operations.envelope import canonical_json
from storage import places
from storage.documents import Document
from tui.presenters.sentences import filter_refused, short_title, why_not
from tui.verbs.config_text import Unreadable, read_text, toml_of
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, say
from tui.verbs.seat import perform, writing
from tui.verbs.ticket_told import whole
from tui.words import ngettext

if TYPE_CHECKING:
    from storage.rebuild import Progress
    from tui.bootstrap import Seat

USUAL_EDITOR = "vi"
ZONES_TOLD = 3


class Edit(NamedTuple):
    """What is edited: `found` None for a new document, `before` its body as it is in force at `since` (None: now)."""

    desk: str
    kind: str
    name: str
    found: Document | None
    before: dict[str, Any]
    since: int | None
    span: str
    is_sure: bool = False
    note: str = ""


def checked(kind: str, text: str) -> dict[str, Any]:
    """The document in a text a person wrote; Refusal with the sentence that names the field."""
    try:
        body = read_text(text)
    except Unreadable as error:
        raise Refusal(f"the text cannot be read: {error}") from error
    try:
        check_document(kind, body)
        canonical_json(body)
    except DomainError as error:
        raise Refusal(_explained(error)) from error
    except ValueError as error:
        raise Refusal(f"the text holds a number that cannot be kept: {error}") from error
    return body


def _explained(error: DomainError) -> str:
    told = filter_refused(error)
    if error.code == "terms.zone_unknown":
        from zoneinfo import available_timezones

        wanted = str(error.facts.get("zone"))
        by_lower = {name.lower(): name for name in available_timezones()}
        near = [by_lower[name] for name in get_close_matches(wanted.lower(), by_lower, ZONES_TOLD)]
        if near:
            told += f"; did you mean {', '.join(near)}?"
    return told


def by_editor(kind: str, name: str, text: str) -> tuple[dict[str, Any] | None, Path]:
    """What the person made of `text` (None: nothing), and the file that keeps it until it is saved.

    A text with an error is edited again as long as the person likes; whoever gives up is told where it is kept.
    """
    path = _kept_text(kind, name)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    while True:
        _run_editor(path)
        try:
            written = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise Refusal(f"the text is not UTF-8; it is kept in {path}") from error
        if not written.strip():
            return None, path
        try:
            return checked(kind, written), path
        except Refusal as error:
            complain(str(error))
        with keeping(path):
            if not click.confirm("Edit again?", default=True, err=True):
                raise Refusal(f"nothing was changed; your text is kept in {path}")


@contextmanager
def keeping(path: Path | None) -> Iterator[None]:
    """Tell where the text is kept when the person gives up or the desk refuses."""
    try:
        yield
    except click.exceptions.Abort:
        if path is not None:
            complain(f"your text is kept in {path}")
        raise
    except DomainError as error:
        if path is None:
            raise
        raise Refusal(f"{why_not(error)}; your text is kept in {path}") from error


def _kept_text(kind: str, name: str) -> Path:
    folder = places.state_folder() / "edits"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = "".join(character if character.isalnum() else "-" for character in name)[:40]
    return folder / f"{kind}-{told}-{os.getpid()}.toml"


def _run_editor(path: Path) -> None:
    told = os.environ.get("VISUAL") or os.environ.get("EDITOR") or USUAL_EDITOR
    try:
        command = shlex.split(told)
    except ValueError as error:
        raise Refusal(f"the editor {told!r} cannot be read ({error}); set VISUAL or EDITOR") from error
    if not command or shutil.which(command[0]) is None:
        raise Refusal(f"the editor {told!r} is not there; set VISUAL or EDITOR, or give the text with --file FILE")
    # Ctrl+C belongs to the editor; a handler of our own is not handed down to it.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 the person's own editor
    finally:
        signal.signal(signal.SIGINT, before)
    if code != 0:
        raise Refusal(f"the editor ended with {code}; nothing was changed, your text is kept in {path}")


def propose(edit: Edit, after: Mapping[str, Any], kept: Path | None = None) -> bool:
    """Show what changes and what it touches, ask, save; False when there was nothing to change."""
    if edit.found is not None and after == edit.before:
        say(f"nothing changed in {edit.kind} {whole(edit.name)}")
        _forget(kept)
        return False
    before = toml_of(edit.before).splitlines() if edit.found is not None else []
    for line in list(unified_diff(before, toml_of(after).splitlines(), lineterm="", n=2))[2:]:
        say(whole(line))
    say(edit.span)
    say(_touches(edit))
    with keeping(kept):
        if not edit.is_sure and not click.confirm("Save?", default=False, err=True):
            raise Refusal("nothing was changed" + (f"; your text is kept in {kept}" if kept else ""))
        _save(edit, after)
    _forget(kept)
    return True


def _touches(edit: Edit) -> str:
    if edit.kind == GRADE:
        return "contracts entered from now on take it over where they say nothing; what was signed stays as it is"
    if edit.kind not in TERMS:
        return (
            "everybody at this desk may choose it" if not edit.before.get("person") else "one colleague may choose it"
        )
    if edit.found is None:
        return f"a new {edit.kind}: no contract names it yet"
    contracts, tickets = edit.found.contracts, edit.found.open_tickets
    told = ngettext("{count} contract", "{count} contracts", contracts).format(count=f"{contracts:,}")
    opened = ngettext("{count} open ticket", "{count} open tickets", tickets).format(count=f"{tickets:,}")
    if edit.kind == POLICY:
        return f"it touches {told}; {opened} keep the version they were opened under"
    return f"it touches {told}, {opened}"


def _save(edit: Edit, after: Mapping[str, Any]) -> None:
    body = canonical_json(after).decode()
    with writing(edit.desk) as seat:
        if edit.found is None:
            applied = perform(seat, AddRecord(edit.kind, {"name": edit.name, "body": body}))
        else:
            since = None if edit.since is None else Instant(edit.since)
            wish = ChangeDocument(edit.kind, edit.found.id, body, edit.found.newest_number, since, edit.note)
            applied = perform(seat, wish)
        say(short_title(applied.title.code, applied.title.facts))
        _rebuild(seat)


def _rebuild(seat: Seat) -> None:
    """Compute the deadlines of open tickets; whoever does not want to wait leaves the rest to the next console."""
    is_watched = sys.stderr.isatty()

    def tell(progress: Progress) -> None:
        if is_watched:
            told = f"deadlines: {progress.done:,} of {progress.total:,} open tickets"
            click.echo(f"\r{told}\x1b[K", nl=False, err=True)

    try:
        seat.desk.finish_rebuild(tell)
    except KeyboardInterrupt:
        complain("the edit is saved; the next console of this desk computes the other deadlines")
    finally:
        if is_watched:
            click.echo("\r\x1b[K", nl=False, err=True)


def _forget(kept: Path | None) -> None:
    if kept is not None:
        kept.unlink(missing_ok=True)
