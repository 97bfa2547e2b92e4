"""Files of tickets that go along with a desk: copied from beside one file of it to beside another, by their hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.errors import NotFound, Refused
from storage.attachments import AT_ONCE, Named, folder_of, opened_alone, put, sweep, verified
from storage.safekeeping.whole_file import sync_folder


class Files(NamedTuple):
    """How many files went along: `there` are whole in their place now, `new` of them since just now.

    `missing` are named by a ticket and nowhere to be had, `altered` are no longer what was attached.
    """

    there: int = 0
    new: int = 0
    missing: int = 0
    altered: int = 0


@contextmanager
def coming_in(desk: Path) -> Iterator[set[str]]:
    """A set for the hashes of files that are put beside a desk; they go again where it does not come to be."""
    new: set[str] = set()
    folder = folder_of(desk)
    try:
        yield new
    except BaseException:
        with suppress(OSError):
            for digest in new:
                (folder / digest).unlink(missing_ok=True)
            folder.rmdir()
        raise


def is_whole(desk: Path, digest: str) -> bool:
    """Whether the file with that hash lies beside a desk, as it was attached."""
    try:
        verified(desk, digest)
    except (NotFound, Refused):
        return False
    return True


def bring(source: Path, target: Path, named: Named, new: set[str]) -> Files:
    """Copy named files from beside `source` to beside `target` where they are not there; `new` grows by them."""
    there = missing = altered = 0
    if named.every and folder_of(target).is_dir():
        sweep(folder_of(target))
    for digest in named.every:
        try:
            if not is_whole(target, digest):
                with opened_alone(source, digest) as reading:
                    put(target, digest, pieces_of(reading))
                new.add(digest)
            there += 1
        except NotFound:
            missing += digest in named.standing
        except Refused:
            altered += 1
    if new:
        sync_folder(folder_of(target))
    return Files(there, len(new), missing, altered)


def pieces_of(reading: BinaryIO, at_once: int = AT_ONCE) -> Iterator[bytes]:
    """What is left of an open file; Refused where the disk does not give it."""
    while True:
        try:
            piece = reading.read(at_once)
        except OSError as error:
            raise Refused("attachment.altered") from error
        if not piece:
            return
        yield piece
