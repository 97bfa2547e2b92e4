"""Files of an export at the door: every line is checked, and a file is taken when all its bytes have its hash."""

from __future__ import annotations

import binascii
import hashlib
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

from core.attachments import is_digest
from storage.attachments import MOST_BYTES, Named
from storage.safekeeping.export_file import ExportFile
from storage.safekeeping.file_lines import BLOCK_BYTES

FIELDS = ("file", "at", "size", "base64")
TakeFile = Callable[[str, Iterator[bytes]], None]


def take_files(file: ExportFile, named: Named, take: TakeFile) -> set[str]:
    """Hand each file of an export to `take`; KeepingFailed with line and field of what is unfit."""
    known, taken, before = frozenset(named.every), set[str](), ""
    while (line := file.file_line()) is not None:
        block = _block(file, line)
        digest = block["file"]
        if digest <= before:
            raise file.broken("file", "it is to stand behind the one before it, by their hashes, and only once")
        if digest not in known:
            raise file.broken("file", "no ticket names it")
        pieces = _pieces(file, block)
        take(digest, pieces)
        for _unwanted in pieces:
            """It is here already; its lines are checked all the same."""
        taken.add(digest)
        before = digest
    return taken


def _pieces(file: ExportFile, block: dict[str, Any]) -> Iterator[bytes]:
    digest, size, at, hashed = block["file"], block["size"], 0, hashlib.sha256()
    while True:
        if (block["file"], block["at"], block["size"]) != (digest, at, size):
            raise file.broken("at", f"the bytes of {digest[:8]} from {at:,} of {size:,} were to come here")
        piece = _decoded(file, block["base64"])
        if len(piece) != min(BLOCK_BYTES, size - at):
            raise file.broken("base64", f"{min(BLOCK_BYTES, size - at):,} bytes were to come here")
        hashed.update(piece)
        at += len(piece)
        if at == size and hashed.hexdigest() != digest:
            raise file.broken("base64", "the file does not have this hash")
        yield piece
        if at == size:
            return
        line = file.file_line()
        if line is None:
            raise file.broken("the line", f"more of the file {digest[:8]} was to come behind it")
        block = _block(file, line)


def _block(file: ExportFile, line: bytes) -> dict[str, Any]:
    try:
        block = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise file.broken("the line", "no JSON in UTF-8") from error
    if tuple(block) != FIELDS:
        raise file.broken("the line", f"the fields {', '.join(FIELDS)} are wanted")
    if type(block["file"]) is not str or not is_digest(block["file"]):
        raise file.broken("file", "a SHA-256 in hex is wanted")
    for name in ("at", "size"):
        if type(block[name]) is not int or not 0 <= block[name] <= MOST_BYTES:
            raise file.broken(name, f"a whole number up to {MOST_BYTES:,} is wanted")
    return dict(block)


def _decoded(file: ExportFile, text: object) -> bytes:
    if type(text) is not str:
        raise file.broken("base64", "a text is wanted")
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise file.broken("base64", "that is none") from error
