"""Files that belong to a ticket: what one is called, what it is by its content, and which of them stand.

A file is known by the SHA-256 of its bytes. Its name came from outside: what is kept of it can be no path, and what is
handed to another program is called by what the file is, not by what its name says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.text import plain, storable
from core.timeline import Entry

ADDED, REMOVED = "attachment.added", "attachment.removed"
LONGEST_NAME_BYTES = 200
"""File systems take 255; what is saved may need a number behind its name."""

NAMELESS = "file"
HEAD_BYTES = 4096
"""So much of a file says what it is."""

UNKNOWN, TEXT = "application/octet-stream", "text/plain"
PROGRAMS = frozenset(
    (
        "application/x-executable",
        "application/vnd.microsoft.portable-executable",
        "application/x-mach-binary",
        "application/x-script",
        "application/x-desktop",
        "application/x-ms-shortcut",
        "application/java-archive",
    )
)
"""What another program might run when it is handed over; such a file is saved, never opened."""

ENDINGS = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/x-ole-storage": ".doc",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "video/mp4": ".mp4",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "text/html": ".html",
    "text/xml": ".xml",
    "message/rfc822": ".eml",
    TEXT: ".txt",
}

_BEGINS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"ID3", "audio/mpeg"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"#!", "application/x-script"),
)
_IN_ZIP = (
    (b"META-INF/", "application/java-archive"),
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
)
_SEPARATORS = re.compile(r"[/\\]")
_ODD_IN_NAMES = re.compile(r'[<>:"|?*]')
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MAIL = re.compile(rb"(?:[A-Za-z-]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}")


class Attached(NamedTuple):
    """A file of a ticket: `entry` is the line of the timeline that says so, `digest` the SHA-256 of it in hex."""

    entry: EntityId
    name: str
    size: int
    media_type: str
    digest: str
    at: Instant
    person: EntityId | None


def standing(entries: Iterable[Entry]) -> tuple[Attached, ...]:
    """The files that a ticket's entries leave it with, the oldest first; an entry that cannot be read is left out."""
    added: dict[EntityId, Attached] = {}
    gone: dict[str, bool] = {}
    for entry in sorted(entries, key=lambda one: (one.at, one.id)):
        if entry.code == ADDED and (one := attached_in(entry)) is not None:
            added[entry.id] = one
        elif entry.code == REMOVED:
            gone[str(entry.data.get("entry", ""))] = entry.data.get("removed") is not False
    return tuple(one for id_, one in added.items() if not gone.get(id_.hex(), False))


def attached_in(entry: Entry) -> Attached | None:
    """The file that a line of the timeline speaks of; None where somebody's program wrote nonsense."""
    name, size, media_type, digest = (entry.data.get(field) for field in ("name", "size", "type", "hash"))
    is_sound = isinstance(name, str) and isinstance(media_type, str) and type(size) is int and size >= 0
    if not is_sound or not isinstance(digest, str) or not is_digest(digest):
        return None
    return Attached(entry.id, str(name), int(size or 0), str(media_type), digest, entry.at, entry.person)


def is_digest(text: str) -> bool:
    """True for the SHA-256 of something in hex: it becomes a name in a folder, and must be nothing else."""
    return _DIGEST.fullmatch(text) is not None


def safe_name(name: str) -> str:
    """The last part of a name, harmless on a screen and as a file: no path, no control codes, not hidden, not long."""
    last = _SEPARATORS.split(storable(name)[0])[-1]
    composed = unicodedata.normalize("NFC", last)
    shown = " ".join(plain(composed, len(composed)).split())
    shown = _ODD_IN_NAMES.sub("_", shown).strip(". ")
    return _short(shown) or NAMELESS


def name_to_open(name: str, media_type: str) -> str:
    """What a copy is called that another program opens: its ending says what the file is, whatever the name says."""
    stem = safe_name(name).rpartition(".")[0] or safe_name(name)
    ending = ENDINGS.get(media_type, ".bin")
    given = safe_name(name)
    return given if given.lower().endswith(ending) else _short(stem + ending)


def media_type_of(head: bytes) -> str:
    """What a file is by its first `HEAD_BYTES`; its name is not asked."""
    for begin, media_type in _BEGINS:
        if head.startswith(begin):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        return next((media_type for sign, media_type in _IN_ZIP if sign in head), "application/zip")
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    return _of_text(head)


def _of_text(head: bytes) -> str:
    if b"\x00" in head:
        return UNKNOWN
    try:
        # The head may end in the middle of a sign.
        text = head.decode() if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1 or len(head) - 4].decode()
    except UnicodeDecodeError:
        return UNKNOWN
    begin = text.lstrip("\ufeff \t\r\n").lower()
    if "[desktop entry]" in begin:
        return "application/x-desktop"
    if begin.startswith(("<!doctype html", "<html", "<head", "<script", "<svg")) or "<script" in begin:
        return "text/html"
    if begin.startswith("<?xml"):
        return "text/xml"
    return "message/rfc822" if _MAIL.match(head) else TEXT


def _short(name: str) -> str:
    """The name cut to what file systems take; its ending is kept."""
    if len(name.encode()) <= LONGEST_NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > LONGEST_NAME_BYTES // 10:
        stem, ending = name, ""
    room = LONGEST_NAME_BYTES - len((dot + ending).encode()) if ending else LONGEST_NAME_BYTES
    kept = stem.encode()[:room].decode(errors="ignore").rstrip()
    return f"{kept}.{ending}" if ending else kept
