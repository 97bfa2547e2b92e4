"""Disks that are full or read only, mounted for one story: beside a process of its own, or beside everybody."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.support.command_line import Account

_NOT_MOUNTED = 99
_AS_TOLD = f'{{mount}} || exit {_NOT_MOUNTED}; "$@"; code=$?; {{then}}; exit $code'


class NoDisk(Exception):
    """Here no test may mount anything."""


def run_on_small_disk(account: Account, disk: Path, kilobytes: int, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run `argv` while `disk` has so little room. Names of files that are left there follow on its standard output."""
    return _run(account, disk, f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0"', argv, then='find "$0" -type f')


def run_on_read_only_disk(account: Account, disk: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run `argv` while nobody can write to `disk`."""
    return _run(account, disk, 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"', argv)


def _run(
    account: Account, disk: Path, mount: str, argv: tuple[str, ...], then: str = ":"
) -> subprocess.CompletedProcess[str]:
    """In a namespace of its own, where `$0` is the disk; skips the test where this machine lets nobody have one."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("this machine cannot make a disk of its own for a test")
    as_root = ["--mount"] if os.getuid() == 0 else ["--user", "--map-root-user", "--mount"]
    answer = subprocess.run(
        [unshare, *as_root, "sh", "-c", _AS_TOLD.format(mount=mount, then=then), str(disk), *argv],
        env=account.environment(),
        cwd=account.folder,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    if answer.returncode == _NOT_MOUNTED or answer.stderr.startswith("unshare"):
        pytest.skip("this machine does not let a test mount a disk of its own")
    return answer


@contextmanager
def small_volume(megabytes: int) -> Iterator[Path]:
    """A folder with so little room, for servers as well; NoDisk where no test may mount it."""
    folder = Path(mkdtemp(prefix="lampboard-small-"))
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        if os.geteuid() != 0 or subprocess.run(mounted, capture_output=True, check=False).returncode:
            raise NoDisk("no small volume can be mounted here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
    finally:
        folder.rmdir()


@contextmanager
def filled(folder: Path, piece_bytes: int) -> Iterator[None]:
    """Nothing more finds room there, down to pieces of that size, until this ends."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(bytes(piece_bytes))
            file.flush()
    try:
        yield
    finally:
        ballast.unlink()
