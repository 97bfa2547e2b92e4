"""`lampboard` in processes of their own that need not import everything first.

One process imports what verbs import and is forked for every call: each call has its own arguments, folders,
environment, streams and exit code, and ends as an interpreter ends. What an interpreter reads as it starts - variables
like PYTHONHASHSEED or LC_ALL - is not read anew: such a call needs a process from the beginning.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tests.support.worlds import ROOT

SIZE_BYTES = 4
READ_AT_START = ("PYTHON", "LC_", "LANG")
PACKAGES = ("core", "storage", "tui.verbs")


def can_fork(changes: Mapping[str, str] | None) -> bool:
    """True when nothing in these variables is for the start of an interpreter."""
    return not any(name.startswith(READ_AT_START) for name in changes or ())


def run_forked(
    arguments: Sequence[str], *, told: str, env: Mapping[str, str], cwd: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` of `python -m tui` with `arguments`, `told` on its standard input and its output captured."""
    nursery = _nursery()
    with ExitStack() as stack:
        given = stack.enter_context(tempfile.TemporaryFile())
        given.write(told.encode())
        given.seek(0)
        pipes = [os.pipe(), os.pipe()]
        readers = [stack.enter_context(os.fdopen(reader, "rb", buffering=0)) for reader, _writer in pipes]
        order = json.dumps({"arguments": [*arguments], "env": {**env}, "cwd": str(cwd)}).encode()
        socket.send_fds(
            nursery, [len(order).to_bytes(SIZE_BYTES, "big")], [given.fileno(), *(writer for _reader, writer in pipes)]
        )
        for _reader, writer in pipes:
            os.close(writer)
        nursery.sendall(order)
        process = _number(nursery)
        try:
            written = _read_all([reader.fileno() for reader in readers], time.monotonic() + timeout)
        except TimeoutError:
            os.kill(process, 9)
            raise
        finally:
            code = _number(nursery)
    out, err = (part.decode("utf-8") for part in written)
    return subprocess.CompletedProcess([*arguments], code, out, err)


def _read_all(readers: list[int], until: float) -> list[bytes]:
    """What comes until all who could write have ended."""
    pieces: dict[int, list[bytes]] = {reader: [] for reader in readers}
    is_open = set(readers)
    while is_open:
        ready = select.select(list(is_open), [], [], max(0.0, until - time.monotonic()))[0]
        if not ready:
            raise TimeoutError("a verb did not end")
        for reader in ready:
            piece = os.read(reader, 65536)
            pieces[reader].append(piece)
            if not piece:
                is_open.remove(reader)
    return [b"".join(pieces[reader]) for reader in readers]


@cache
def _nursery() -> socket.socket:
    """The way to the process that is forked; it ends when this one closes it."""
    ours, its = socket.socketpair()
    plain = {name: value for name, value in os.environ.items() if not name.startswith(READ_AT_START)}
    with its:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from tests.support.forked import serve; serve({its.fileno()})"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**plain, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            pass_fds=(its.fileno(),),
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _number(way: socket.socket) -> int:
    return int.from_bytes(_exactly(way, SIZE_BYTES), "big", signed=True)


def _exactly(way: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        piece = way.recv(count - len(got))
        if not piece:
            raise EOFError
        got += piece
    return got


# In the process that is forked.


def serve(listens_on: int) -> None:
    """Fork for each call until the other side is gone; returns in no process but by its end."""
    way = socket.socket(fileno=listens_on)
    _import_what_verbs_import()
    gc.collect()
    gc.freeze()
    while True:
        head, streams, _flags, _address = socket.recv_fds(way, SIZE_BYTES, 3)
        if not head:
            return
        order = json.loads(_exactly(way, int.from_bytes(head, "big")))
        child = os.fork()
        if not child:
            way.close()
            _become(streams, order)
            return
        for stream in streams:
            os.close(stream)
        way.sendall(child.to_bytes(SIZE_BYTES, "big", signed=True))
        _child, status = os.waitpid(child, 0)
        way.sendall(os.waitstatus_to_exitcode(status).to_bytes(SIZE_BYTES, "big", signed=True))


def _import_what_verbs_import() -> None:
    from tui.command_line import _take_zones_from_package

    _take_zones_from_package()
    for name in PACKAGES:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".migrations." not in found.name:  # steps that a migration runs, not modules
                importlib.import_module(found.name)
    importlib.import_module("sqlalchemy.dialects.sqlite")


def _become(streams: Sequence[int], order: dict[str, object]) -> None:
    """Be the process that was asked for, to its end."""
    for number, (stream, name) in enumerate(zip(streams, ("stdin", "stdout", "stderr"), strict=True)):
        os.dup2(stream, number)
        os.close(stream)
        _open_anew(name, number)
    os.environ.clear()
    env, cwd, arguments = order["env"], order["cwd"], order["arguments"]
    assert isinstance(env, dict) and isinstance(cwd, str) and isinstance(arguments, list)
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    sys.argv = [str(ROOT / "tui" / "__main__.py"), *arguments]
    from tui.__main__ import main

    main()


def _open_anew(name: str, number: int) -> None:
    """A stream knows from its beginning whether it can be wound back, and what it was opened on was another file."""
    before = getattr(sys, name)
    stream = open(number, before.mode, encoding=before.encoding, errors=before.errors, closefd=False)  # noqa: SIM115
    stream.buffer.raw.name = before.buffer.raw.name
    stream.reconfigure(line_buffering=before.line_buffering)
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)
