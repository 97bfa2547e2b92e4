"""A line to a PostgreSQL server that goes wrong as told.

It understands so much of the protocol that it knows what is a request and what the answer to it, and loses, cuts or
repeats them; it is slow, half open or down, resets connections, and shows certificates.
"""

from __future__ import annotations

import random
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
PIECE_BYTES = 4096
SLOW_PIECE_BYTES = 256
REST_SECONDS = 0.02
RESET = struct.pack("ii", 1, 0)
"""Lingering for no time: the other end sees a reset instead of an end."""

Address = Path | tuple[str, int]


class Fate(Enum):
    """What becomes of a request and of the server's answer to it."""

    PASS = "passes"
    LOSE_REQUEST = "the request is lost with the line"
    CUT_REQUEST = "half of the request arrives, then the line is cut"
    LOSE_ANSWER = "the server does it, and its answer is lost with the line"
    CUT_ANSWER = "half of the answer arrives, then the line is cut"
    TWICE = "the request arrives twice, one answer comes back"


ENDS_THE_LINE = frozenset((Fate.LOSE_REQUEST, Fate.CUT_REQUEST, Fate.LOSE_ANSWER, Fate.CUT_ANSWER))


@dataclass
class Line:
    """How the line is at the moment; may be changed while it is in use."""

    delay_seconds: float = 0.0
    """Of each piece, in each direction."""
    bytes_a_second: int | None = None
    is_half_open: bool = False
    """Connections stand, everything is taken and nothing passed on."""
    is_down: bool = False
    """Nobody gets through."""
    reset_share: float = 0.0
    """Of new connections: they are reset somewhere within their first bytes."""


@dataclass
class Counted:
    """What went over the line."""

    connections: int = 0
    requests: int = 0
    fates: dict[Fate, int] = field(default_factory=dict)
    resets: int = 0


class FaultProxy:
    """Listens on loopback and speaks with the server at `address`; `fate` is asked for every request by its query."""

    def __init__(self, address: Address, *, certificate: ssl.SSLContext | None = None, seed: int = 1) -> None:
        self.line = Line()
        self.counted = Counted()
        self.fate: Callable[[str], Fate] = lambda query: Fate.PASS
        self._address = address
        self._certificate = certificate
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._standing: set[_Connection] = set()
        self._is_ending = False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="fault-proxy", daemon=True)
        self._thread.start()

    def url(self, database: str, role: str, host: str = "127.0.0.1", **options: str) -> str:
        """Where a role finds a database through this line; without certificates nothing is verified."""
        if self._certificate is None:
            options.setdefault("sslmode", "disable")
        told = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://{role}@{host}:{self.port}/{database}?{told}"

    def cut(self) -> int:
        """Cut every connection that stands; how many there were."""
        with self._lock:
            standing = list(self._standing)
        for connection in standing:
            connection.end(reset=True)
        return len(standing)

    def close(self) -> None:
        """End everything."""
        self._is_ending = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self._is_ending:
            try:
                client, _peer = self._listening.accept()
            except OSError:
                return
            if self.line.is_down:
                _reset(client)
                continue
            self.counted.connections += 1
            connection = _Connection(self, client)
            with self._lock:
                self._standing.add(connection)
            threading.Thread(target=connection.run, name="fault-proxy-line", daemon=True).start()

    # What a connection asks.

    def forget(self, connection: _Connection) -> None:
        """It has ended."""
        with self._lock:
            self._standing.discard(connection)

    def fate_of(self, query: str) -> Fate:
        """What becomes of a request."""
        with self._lock:
            fate = self.fate(query)
            self.counted.requests += 1
            self.counted.fates[fate] = self.counted.fates.get(fate, 0) + 1
        return fate

    def bytes_until_reset(self) -> int | None:
        """After how many bytes a new connection is reset; None for one that lives."""
        with self._lock:
            if self._chance.random() >= self.line.reset_share:
                return None
            self.counted.resets += 1
            return self._chance.randrange(1, 6000)

    def reach(self) -> socket.socket:
        """A connection to the server."""
        if isinstance(self._address, Path):
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._address))
            return server
        server = socket.create_connection(self._address, timeout=10)
        server.settimeout(None)
        return server

    def secured(self, client: socket.socket) -> socket.socket | None:
        """The same connection under TLS; None where this line has no certificate."""
        return None if self._certificate is None else self._certificate.wrap_socket(client, server_side=True)


@contextmanager
def fault_proxy(address: Address, *, certificate: ssl.SSLContext | None = None, seed: int = 1) -> Iterator[FaultProxy]:
    """A line that is ended with the block."""
    proxy = FaultProxy(address, certificate=certificate, seed=seed)
    try:
        yield proxy
    finally:
        proxy.close()


class _Ended(Exception):
    """The line is at its end."""


class _Connection:
    """One client and its connection to the server: requests on one thread, answers on another."""

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._left = proxy.bytes_until_reset()
        self._queries: dict[bytes, str] = {}
        self._query = ""
        self._fates: list[Fate] = []
        self._has_ended = False
        # A client that sends more than the line takes has to wait, as on a real one.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)

    def run(self) -> None:
        """Speak until either side ends."""
        try:
            self._start()
            threading.Thread(target=self._guarded, args=(self._answers,), daemon=True).start()
            self._requests()
        except (OSError, _Ended, ssl.SSLError):
            pass
        finally:
            self.end()

    def end(self, *, reset: bool = False) -> None:
        """Let go of both sides."""
        self._has_ended = True
        self._proxy.forget(self)
        if reset:
            _reset(self._client)
        for one in (self._client, self._server):
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                with suppress(OSError):
                    one.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, _Ended, ssl.SSLError):
            pass
        finally:
            self.end()

    def _start(self) -> None:
        while True:
            told = self._exactly(self._client, 8)
            length, code = struct.unpack("!ii", told)
            if code in (SSL_REQUEST, GSS_REQUEST):
                is_secured = code == SSL_REQUEST and self._secure()
                if not is_secured:
                    self._client.sendall(b"N")
                continue
            rest = self._exactly(self._client, length - 8)
            self._server = self._proxy.reach()
            self._server.sendall(told + rest)
            if code == CANCEL_REQUEST:
                raise _Ended
            return

    def _secure(self) -> bool:
        if self._proxy._certificate is None:
            return False
        self._client.sendall(b"S")
        secured = self._proxy.secured(self._client)
        assert secured is not None
        self._client = secured
        return True

    def _requests(self) -> None:
        request = b""
        while True:
            message = self._message(self._client)
            request += message
            kind = message[:1]
            self._note(kind, message)
            if kind in b"SQ":
                self._ask(request)
            elif kind in b"pXHcdf":
                self._forward(request)
            else:
                continue
            request = b""

    def _note(self, kind: bytes, message: bytes) -> None:
        if kind == b"P":
            name, query = message[5:].split(b"\0", 2)[:2]
            self._queries[name] = self._query = query.decode(errors="replace")
        elif kind == b"B":
            self._query = self._queries.get(message[5:].split(b"\0", 2)[1], "")
        elif kind == b"Q":
            self._query = message[5:-1].decode(errors="replace")

    def _ask(self, request: bytes) -> None:
        fate = self._proxy.fate_of(self._query)
        if fate is Fate.LOSE_REQUEST:
            raise _Ended
        if fate is Fate.CUT_REQUEST:
            self._forward(request[: len(request) // 2])
            raise _Ended
        self._fates.append(fate)
        self._forward(request)
        if fate is Fate.TWICE:
            self._forward(request)

    def _answers(self) -> None:
        """Pass on answers; one that has a fate is gathered whole first."""
        assert self._server is not None
        gathered = b""
        while True:
            message = self._message(self._server)
            gathered += message
            is_end = message[:1] == b"Z"
            fate = self._fates[0] if self._fates else Fate.PASS
            if is_end and self._fates:
                self._fates.pop(0)
            if fate in (Fate.PASS, Fate.TWICE):
                self._back(gathered)
                gathered = b""
                if is_end and fate is Fate.TWICE:
                    while self._message(self._server)[:1] != b"Z":
                        pass
            elif is_end:
                if fate is Fate.CUT_ANSWER:
                    self._back(gathered[: len(gathered) // 2])
                raise _Ended

    def _message(self, source: socket.socket) -> bytes:
        head = self._exactly(source, 5)
        (length,) = struct.unpack("!i", head[1:])
        return head + self._exactly(source, length - 4)

    def _exactly(self, source: socket.socket, count: int) -> bytes:
        pieces = []
        while count > 0:
            piece = source.recv(
                min(count, PIECE_BYTES if self._proxy.line.bytes_a_second is None else SLOW_PIECE_BYTES)
            )
            if not piece:
                raise _Ended
            # Answers take their time where they are passed on, a few bytes at once as on a real line.
            self._travel(len(piece), is_slow=source is self._client)
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def _travel(self, count: int, *, is_slow: bool) -> None:
        """So long does it take; a half open line takes for ever."""
        line = self._proxy.line
        while line.is_half_open and not self._has_ended:
            time.sleep(REST_SECONDS)
        if line.is_down:
            raise _Ended
        if is_slow and line.bytes_a_second is not None:
            time.sleep(count / line.bytes_a_second)
        if self._left is not None:
            self._left -= count
            if self._left <= 0:
                _reset(self._client)
                raise _Ended

    def _forward(self, data: bytes) -> None:
        assert self._server is not None
        self._pause()
        self._server.sendall(data)

    def _back(self, data: bytes) -> None:
        self._pause()
        while (rate := self._proxy.line.bytes_a_second) is not None and data:
            self._client.sendall(data[:SLOW_PIECE_BYTES])
            time.sleep(len(data[:SLOW_PIECE_BYTES]) / rate)
            data = data[SLOW_PIECE_BYTES:]
        self._client.sendall(data)

    def _pause(self) -> None:
        if self._proxy.line.delay_seconds:
            time.sleep(self._proxy.line.delay_seconds)


def of_function(name: str, then: Callable[[], Fate]) -> Callable[[str], Fate]:
    """A fate for calls of one function of the hub; everything else passes."""
    called = re.compile(rf"\b{re.escape(name)}\b")
    return lambda query: then() if called.search(query) else Fate.PASS


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        # Who waits for bytes on another thread holds the socket open.
        one.shutdown(socket.SHUT_RD)
    one.close()
