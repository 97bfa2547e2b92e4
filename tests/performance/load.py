"""`make load`: many simulated consoles at one hub, each pushing now and then and polling as a console in focus does.

    python -m tests.performance.load [--minutes 5] [--consoles 500] [--pushes 100] [--streams 20]

Consoles are connections of one program, spread over streams; each pushes three operations at random times, and looks
at the heads every two seconds, jittered. Told are the push as its console waits for it, and how long after it began an
operation was read by each other console of its stream. The exit code is 1 when a limit of the plan is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg

from core.ids import EntityId
from core.operations.envelope import FIRST_HASH, Envelope, canonical_json
from storage.hub.running import Hub
from storage.sync.session import NEVER, OPS_A_PULL, PULL, PUSH
from storage.sync.wire import parts_of
from tests.performance.meter import quantile
from tests.support.hub_server import HubServer, local_server

PUSH_LIMIT_SECONDS, VISIBLE_LIMIT_SECONDS = 0.05, 2.5
POLL_SECONDS, JITTER = 2.0, 0.25
OPS_A_TIME = 3
TEXT = "The customer says that the printer on the second floor jams again since Monday."
HEADS = b"SELECT lampboard.hub_heads(%s, %s)"
SETTINGS = ("max_connections = 700",)


class Told:
    """What was measured, in seconds."""

    def __init__(self) -> None:
        self.pushes: list[float] = []
        self.visible: list[float] = []
        self.begun: dict[tuple[bytes, int], float] = {}
        self.errors: list[str] = []


class Simulated:
    """A console that writes teams and reads everything in its stream."""

    def __init__(self, number: int, stream: str, login: str, told: Told) -> None:
        self.console = uuid.UUID(int=number + 1)
        self.person = EntityId(bytes([7]) * 15 + bytes([int(login.removeprefix("load_"))]))
        self.stream, self.login, self.told = stream, login, told
        self.epoch = uuid.UUID(int=0)
        self.n, self.last_hash = 0, FIRST_HASH
        self.seq, self.chain = 0, FIRST_HASH
        self.chance = random.Random(number)

    async def live(self, url: str, ended: float, pause_seconds: float) -> None:
        """Push and poll until the end, and read the rest."""
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as line:
            answer = await self._ask(
                line, b"SELECT lampboard.hub_join(%s, %s)", self.console, uuid.UUID(bytes=self.person)
            )
            self.epoch = uuid.UUID(answer["epoch"])
            poll_at = time.monotonic() + self.chance.random() * POLL_SECONDS
            push_at = time.monotonic() + self.chance.expovariate(1 / pause_seconds)
            while (now := time.monotonic()) < ended:
                if push_at <= now:
                    await self._push(line)
                    push_at = time.monotonic() + self.chance.expovariate(1 / pause_seconds)
                elif poll_at <= now:
                    await self._poll(line)
                    poll_at = time.monotonic() + POLL_SECONDS * self.chance.uniform(1 - JITTER, 1 + JITTER)
                else:
                    await asyncio.sleep(min(poll_at, push_at, ended) - now)

    async def _push(self, line: psycopg.AsyncConnection[Any]) -> None:
        first, txn = self.n + 1, uuid.uuid4().bytes
        envelopes = [self._operation(txn) for _one in range(OPS_A_TIME)]
        began = time.monotonic()
        for one in envelopes:
            self.told.begun[one.console, one.n] = began
        answer = await self._ask(
            line, PUSH, self.epoch, self.console, first, time.time_ns() // 1_000_000, *parts_of(envelopes), *NEVER
        )
        self.told.pushes.append(time.monotonic() - began)
        assert answer["last_n"] == self.n, "a push was cut"
        assert answer["refused"] == {}, answer["refused"]

    async def _poll(self, line: psycopg.AsyncConnection[Any]) -> None:
        heads = await self._ask(line, HEADS, self.epoch, self.console)
        while heads["streams"][self.stream]["head"] > self.seq:
            values = (self.epoch, self.stream, self.seq, self.chain, OPS_A_PULL)
            rows = await (await line.execute(PULL, values)).fetchall()
            now = time.monotonic()
            assert [row[0] for row in rows] == list(range(self.seq + 1, self.seq + 1 + len(rows))), "a hole"
            own = self.console.bytes
            begun = self.told.begun
            self.told.visible += [now - begun[row[1], row[2]] for row in rows if row[1] != own]
            self.seq, self.chain = rows[-1][0], rows[-1][-1]

    def _operation(self, txn: bytes) -> Envelope:
        self.n += 1
        record = EntityId(uuid.uuid4().bytes)
        fields = {"entity": "team", "record": record.hex(), "fields": {"name": TEXT}, "archived": False}
        made = Envelope(
            self.console.bytes,
            self.n,
            txn,
            self.stream,
            "record",
            record,
            "record.added",
            canonical_json(fields),
            b"{}",
            (time.time_ns() // 1_000_000) << 16,
            1,
            self.last_hash,
            self.person,
        )
        self.last_hash = made.hash
        return made

    @staticmethod
    async def _ask(line: psycopg.AsyncConnection[Any], query: bytes, *values: object) -> Any:
        row = await (await line.execute(query, values)).fetchone()
        assert row is not None
        return row[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, judge."""
    options = _options(arguments)
    told = Told()
    with local_server(settings=SETTINGS) as local:
        hub = _laid_out(local.server, options.streams)
        asyncio.run(_run(local.server, hub, options, told))
    for error in told.errors[:5]:
        print(error)
    if not told.visible:
        print("nothing that was pushed was seen")
        return 1
    push, visible = quantile(told.pushes, 0.95), quantile(told.visible, 0.95)
    rate = len(told.pushes) / (options.minutes * 60)
    print(f"{options.consoles} consoles, {options.streams} streams, {len(told.pushes)} pushes ({rate:.0f}/s)")
    print(f"push              p50 {quantile(told.pushes, 0.5) * 1000:7.1f} ms  p95 {push * 1000:7.1f} ms")
    print(f"visible elsewhere p50 {quantile(told.visible, 0.5) * 1000:7.1f} ms  p95 {visible * 1000:7.1f} ms")
    is_fine = not told.errors and push < PUSH_LIMIT_SECONDS and visible < VISIBLE_LIMIT_SECONDS
    print("kept" if is_fine else f"MISSED ({len(told.errors)} consoles failed)")
    return 0 if is_fine else 1


async def _run(server: HubServer, hub: str, options: argparse.Namespace, told: Told) -> None:
    ended = time.monotonic() + options.minutes * 60
    pause_seconds = options.consoles / options.pushes
    lives = []
    for number in range(options.consoles):
        place = number % options.streams
        console = Simulated(number, f"s{place}", f"load_{place}", told)
        lives.append(asyncio.create_task(console.live(server.url(hub, console.login), ended, pause_seconds)))
        if number % 20 == 0:
            # Connections are made little by little, as people sit down.
            await asyncio.sleep(0.05)
    for done in await asyncio.gather(*lives, return_exceptions=True):
        if isinstance(done, BaseException):
            told.errors.append(f"{type(done).__name__}: {done}")


def _laid_out(server: HubServer, streams: int) -> str:
    hub = server.hub()
    with server.admin(hub) as admin, Hub(server.url(hub)) as opened:
        for place in range(streams):
            admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (%s, %s)", (100 + place, f"s{place}"))
            opened.grant(f"load_{place}", f"s{place}", "write")
            admin.execute(f"ALTER ROLE load_{place} CONNECTION LIMIT -1".encode())
    return hub


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="load", description="Many consoles at one hub.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--consoles", type=int, default=500)
    parser.add_argument("--pushes", type=float, default=100, help="a second, of all consoles together")
    parser.add_argument("--streams", type=int, default=20)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
