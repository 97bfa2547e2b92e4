"""A file's name from outside is harmless wherever it goes, and what a file is stands in its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attachments import (
    LONGEST_NAME_BYTES,
    PROGRAMS,
    Attached,
    is_digest,
    media_type_of,
    name_to_open,
    safe_name,
    standing,
)
from core.clock import Instant
from core.ids import EntityId
from core.text import plain
from core.timeline import BY_SYSTEM, Entry

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("Zażółć gęślą.pdf", "Zażółć gęślą.pdf"),
        ("ใบเสนอราคา.pdf", "ใบเสนอราคา.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("a/b\\c.txt", "c.txt"),
        ("C:\\Users\\x\\bill.doc", "bill.doc"),
        (".bashrc", "bashrc"),
        ("\x1b[31mred\x07.txt", "[31mred .txt"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("a\x00b.txt", "a\ufffdb.txt"),
        ("a\nb.txt", "a b.txt"),
        ("  . ", "file"),
        ("", "file"),
        ("what?*.txt", "what__.txt"),
        ("-rf", "-rf"),
    ],
)
def test_a_name_is_a_name_and_nothing_else(name: str, kept: str) -> None:
    assert safe_name(name) == kept


@given(st.text(max_size=400))
def test_no_name_leads_out_of_a_folder_or_acts_on_a_screen(name: str) -> None:
    kept = safe_name(name)
    assert kept and "/" not in kept and "\\" not in kept and kept not in (".", "..")
    assert not kept.startswith(".")
    assert plain(kept) == kept
    assert len(kept.encode()) <= LONGEST_NAME_BYTES
    assert safe_name(kept) == kept


def test_a_long_name_keeps_its_ending() -> None:
    kept = safe_name("ż" * 500 + ".pdf")
    assert kept.endswith("ż.pdf")
    assert LONGEST_NAME_BYTES - 2 <= len(kept.encode()) <= LONGEST_NAME_BYTES


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.textPK", "application/vnd.oasis.opendocument.text"),
        (b"PK\x03\x04....META-INF/MANIFEST.MF", "application/java-archive"),
        (b"PK\x03\x04....notes.txt", "application/zip"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b"MZ\x90\x00", "application/vnd.microsoft.portable-executable"),
        (b"#!/bin/sh\nrm -rf /\n", "application/x-script"),
        (b"[Desktop Entry]\nExec=sh\n", "application/x-desktop"),
        (b"  <!DOCTYPE html><p>", "text/html"),
        (b"From: a@b.example\r\nTo: c@d.example\r\n\r\nHello", "message/rfc822"),
        ("Zażółć gęślą jaźń".encode(), "text/plain"),
        ("ż".encode() * 4096, "text/plain"),
        (b"a\x00b", "application/octet-stream"),
        (b"\xff\xfe\xfa\xfb", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_what_a_file_is_stands_in_its_bytes(head: bytes, media_type: str) -> None:
    assert media_type_of(head[:4096]) == media_type


@pytest.mark.parametrize(
    ("name", "media_type", "called"),
    [
        ("bill.pdf", "application/pdf", "bill.pdf"),
        ("bill.PDF", "application/pdf", "bill.PDF"),
        ("bill.exe", "application/pdf", "bill.pdf"),
        ("run.desktop", "text/plain", "run.txt"),
        ("run.sh", "application/octet-stream", "run.bin"),
        ("../x", "image/png", "x.png"),
    ],
)
def test_another_program_is_told_what_a_file_is_and_not_what_it_is_called(
    name: str, media_type: str, called: str
) -> None:
    assert name_to_open(name, media_type) == called


def test_no_ending_is_that_of_a_program() -> None:
    assert all(name_to_open("x", media_type).endswith(".bin") for media_type in PROGRAMS)


def line(place: int, code: str, **data: object) -> Entry:
    return Entry(
        EntityId(bytes([place]) * 16), EntityId(b"t"), Instant(place), "system", BY_SYSTEM, code=code, data=data
    )


def added(place: int, name: str = "x", **more: object) -> Entry:
    return line(place, "attachment.added", **{"name": name, "size": 3, "type": "text/plain", "hash": DIGEST, **more})


def test_files_stand_that_came_and_were_not_taken_off_or_were_put_back() -> None:
    gone, back = bytes([1]).hex() * 16, bytes([2]).hex() * 16
    entries = [
        added(1, "gone"),
        added(2, "back"),
        added(3, "there"),
        line(4, "attachment.removed", entry=gone, name="gone", removed=True),
        line(5, "attachment.removed", entry=back, name="back", removed=True),
        line(6, "attachment.removed", entry=back, name="back", removed=False),
    ]
    assert [one.name for one in standing(reversed(entries))] == ["back", "there"]


@pytest.mark.parametrize(
    "nonsense",
    [{"hash": "../../etc/passwd"}, {"hash": "AB" * 32}, {"hash": None}, {"size": -1}, {"size": True}, {"name": 3},
     {"type": None}],
)  # fmt: skip
def test_a_line_that_another_program_wrote_wrongly_is_no_file(nonsense: dict[str, object]) -> None:
    assert standing([added(1, **nonsense)]) == ()  # type: ignore[arg-type]


def test_a_hash_is_a_hash_and_no_path() -> None:
    assert is_digest(DIGEST)
    assert not any(is_digest(one) for one in ("", DIGEST + "\n", DIGEST[:-1], "../" + DIGEST[3:], DIGEST.upper()))


def test_what_stands_tells_who_brought_it_and_when() -> None:
    (one,) = standing([added(1)])
    assert one == Attached(EntityId(bytes([1]) * 16), "x", 3, "text/plain", DIGEST, Instant(1), None)
