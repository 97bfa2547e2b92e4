"""Files of tickets in an export: blocks of base64, one a line, in the order of the hash and of the bytes."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import NotFound, Refused
from storage.attachments import Named, folder_of, opened_alone
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.files_along import Files, pieces_of

BLOCK_BYTES = 3 << 18
"""A line of a MiB of base64; only the last one of a file is shorter."""

PutLine = Callable[[str], None]


def put_files(desk: Path, named: Named, put_line: PutLine) -> tuple[Files, frozenset[str]]:
    """Hand each named file that is whole beside the desk to `put_line`, line by line; answers the hashes as well."""
    put: set[str] = set()
    missing = altered = 0
    for digest in named.every:
        try:
            _put_file(desk, digest, put_line)
            put.add(digest)
        except NotFound:
            missing += digest in named.standing
        except Refused:
            altered += 1
    return Files(len(put), len(put), missing, altered), frozenset(put)


def _put_file(desk: Path, digest: str, put_line: PutLine) -> None:
    with opened_alone(desk, digest) as reading:
        hashed = hashlib.sha256()
        for piece in pieces_of(reading):
            hashed.update(piece)
        if hashed.hexdigest() != digest:
            raise Refused("attachment.altered")
        size = reading.tell()
        reading.seek(0)
        again, at = hashlib.sha256(), 0
        while True:
            piece = b""
            with suppress(OSError):
                piece = reading.read(BLOCK_BYTES)
            again.update(piece)
            put_line(f'{{"file":"{digest}","at":{at},"size":{size},"base64":"{b64encode(piece).decode()}"}}\n')
            at += len(piece)
            if at >= size or not piece:
                break
        if again.hexdigest() != digest:
            # Lines of it are written: the export cannot be whole any more.
            raise KeepingFailed("keeping.file_changed", path=str(folder_of(desk) / digest))
