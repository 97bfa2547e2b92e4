"""Rows read straight from the pages of a broken SQLite file, where the library finds no way in any more.

Only what the file format says of a leaf page of a table is used (https://www.sqlite.org/fileformat2.html, 1.6 and 2.1);
whether a row is one of ours is for the caller to judge. Pages in the log beside the file are read as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MAGIC = b"SQLite format 3\0"
USUAL_PAGE = 8192
FILE_HEADER, LOG_HEADER, FRAME_HEADER = 100, 32, 24
LEAF = 0x0D
MOST_COLUMNS = 100

Value = int | float | str | bytes | None
Pages = dict[int, bytes]


def raw_rows(path: Path) -> Iterator[list[Value]]:
    """Every row of every table that can be made out, those that were written over since among them."""
    whole = path.read_bytes()
    size = _page_size(whole)
    main = {at // size + 1: whole[at : at + size] for at in range(0, len(whole) - size + 1, size)}
    newer = list(_frames(path.with_name(path.name + "-wal"), size))
    latest = {**main, **dict(newer)}
    for number, page in [*main.items(), *newer]:
        yield from _rows_of(page, FILE_HEADER if number == 1 else 0, latest)


def _page_size(whole: bytes) -> int:
    told = int.from_bytes(whole[16:18], "big") if whole.startswith(MAGIC) else USUAL_PAGE
    told = 65536 if told == 1 else told
    return told if told in {2**power for power in range(9, 17)} else USUAL_PAGE


def _frames(log: Path, size: int) -> Iterator[tuple[int, bytes]]:
    if not log.exists():
        return
    told = log.read_bytes()
    for at in range(LOG_HEADER, len(told) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        begin = at + FRAME_HEADER
        yield int.from_bytes(told[at : at + 4], "big"), told[begin : begin + size]


def _rows_of(page: bytes, begin: int, pages: Pages) -> Iterator[list[Value]]:
    if page[begin] != LEAF:
        return
    count = int.from_bytes(page[begin + 3 : begin + 5], "big")
    for place in range(min(count, len(page) // 4)):
        pointer = begin + 8 + 2 * place
        try:
            yield _row(_payload(page, int.from_bytes(page[pointer : pointer + 2], "big"), pages))
        except (IndexError, KeyError, ValueError):
            continue


def _payload(page: bytes, at: int, pages: Pages) -> bytes:
    """The bytes of a row, those on overflow pages among them."""
    length, at = _varint(page, at)
    _rowid, at = _varint(page, at)
    usable = len(page)
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if length <= most:
        return page[at : at + length]
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts, left = [page[at : at + local]], length - local
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    while left > 0:
        more = pages[following]
        parts.append(more[4 : 4 + min(left, usable - 4)])
        left -= usable - 4
        following = int.from_bytes(more[:4], "big")
    return b"".join(parts)


def _row(payload: bytes) -> list[Value]:
    header, at = _varint(payload, 0)
    kinds: list[int] = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if at != header or len(kinds) > MOST_COLUMNS:
        raise ValueError("it is no row")
    row: list[Value] = []
    for kind in kinds:
        length = _length(kind)
        raw = payload[at : at + length]
        if len(raw) != length:
            raise ValueError("it is not whole")
        row.append(_value(kind, raw))
        at += length
    return row


def _length(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind]


def _value(kind: int, raw: bytes) -> Value:
    if kind >= 12:
        return raw.decode() if kind % 2 else raw
    if kind in (8, 9):
        return kind - 8
    # Times and numbers of ours are whole.
    return None if kind in (0, 7) else int.from_bytes(raw, "big", signed=True)


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        byte = page[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("it is no number")
