"""What sync has to do, in plain lists and dicts, written from the design alone: a log, who may write, and a slow fold.

It knows operations only by what their payloads say in the documented names. What it does not know of (calls, merges,
documents) it counts and orders like the rest and leaves out of the values that it compares.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

MOVES = {
    "new": {"active", "on_site", "waiting", "resolved", "closed"},
    "active": {"on_site", "waiting", "resolved", "closed"},
    "on_site": {"active", "waiting", "resolved", "closed"},
    "waiting": {"active", "on_site", "resolved", "closed"},
    "resolved": {"active", "closed"},
    "closed": {"active"},
}
CLOSED = {"resolved", "closed"}
WORK = {"entry.posted", "ticket.assigned", "call_back.planned", "reporter.joined"}
COMPARED = {"company": ("name", "tier", "archived")}
"""Fields of records whose values are compared; of tickets priority, owner, stage and what was written."""
A_DAY_MS = 86_400_000
NEVER = 2**80


class Op(NamedTuple):
    """An operation as its author wrote it, and what the hub said of it once it was there."""

    console: bytes
    n: int
    txn: bytes
    kind: str
    record: bytes
    payload: Any
    base: Any
    hlc: int
    seq: int = 0
    eff: int = 0
    author: bytes = b""

    @property
    def seen(self) -> int:
        """How far its author had read."""
        return int(self.base.get("@seen", 0))


class Wish(NamedTuple):
    """What an operation wants of one field: `rule` is last (writer wins), first (holds), move or add."""

    at: tuple[bytes, str]
    rule: str
    value: Any
    is_new: bool = False


class Clash(NamedTuple):
    """Two operations on one field whose authors did not know of each other."""

    at: tuple[bytes, str]
    first: Op
    second: Op


@dataclass
class Seen:
    """What a console shows: values by record and field, texts by ticket, and what waits for a person to settle it."""

    values: dict[tuple[bytes, str], Any] = field(default_factory=dict)
    texts: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))
    unsettled: set[tuple[bytes, str]] = field(default_factory=set)


def wishes(op: Op) -> list[Wish]:
    """The fields an operation speaks of."""
    told, one = op.payload, op.record
    if op.kind == "ticket.opened":
        kinds = (("priority", "last"), ("owner", "first"))
        born = [Wish((one, name), rule, told[name], is_new=True) for name, rule in kinds]
        return [*born, Wish((one, "stage"), "move", "new", is_new=True)]
    if op.kind == "ticket.prioritised":
        return [Wish((one, "priority"), "last", told["priority"])]
    if op.kind == "ticket.assigned":
        return [Wish((one, "owner"), "first", told["owner"])]
    if op.kind == "ticket.staged":
        return [Wish((one, "stage"), "move", told["to"]["stage"])]
    if op.kind == "entry.posted":
        return [Wish((one, "text"), "add", told["text"])]
    compared = COMPARED.get(told.get("entity", ""), ())
    if op.kind == "record.added":
        fields = {**dict.fromkeys(compared, ""), **told["fields"], "archived": told["archived"]}
        return [Wish((one, name), "last", fields[name], is_new=True) for name in compared]
    if op.kind == "record.changed":
        return [Wish((one, name), "last", told["changes"][name]["now"]) for name in compared if name in told["changes"]]
    if op.kind == "record.archived" and compared:
        return [Wish((one, "archived"), "last", told["archived"])]
    return []


def knows(later: Op, earlier: Op) -> bool:
    """Whether the author of `later` had seen `earlier`."""
    if later.console == earlier.console:
        return earlier.n < later.n
    return 0 < earlier.seq <= later.seen


class Fold:
    """What has to be seen by whom read `log` and wrote `pending` besides, one operation after the other."""

    def __init__(self, log: list[Op], pending: list[Op]) -> None:
        self.seen = Seen()
        self._holds: dict[tuple[bytes, str], tuple[Op, Any]] = {}
        self._clashes: list[Clash] = []
        self._work: dict[bytes, list[Op]] = defaultdict(list)
        born = {op.record for op in (*log, *pending) if op.kind in ("ticket.opened", "record.added")}
        for op in (*log, *pending):
            if op.kind == "conflict.settled":
                self._settle(op)
            elif op.record in born:
                self._take(op)
        self.seen.values = {at: value for at, (_op, value) in self._holds.items()}
        self.seen.unsettled = {clash.at for clash in self._clashes}

    def _take(self, op: Op) -> None:
        for wish in wishes(op):
            now = self._holds.get(wish.at)
            if wish.rule == "add":
                self.seen.texts[op.record].append(wish.value)
            elif now is not None:
                self._decide(wish, op, *now)
            elif wish.is_new:
                self._holds[wish.at] = (op, wish.value)
        if op.kind in WORK:
            self._worked(op)

    def _decide(self, wish: Wish, op: Op, holder: Op, value: Any) -> None:
        is_later = _order(op) > _order(holder)
        if knows(op, holder):
            self._hold(wish, op, value)
        elif wish.value == value:
            # One effect of two who wanted the same; of an assignment the first one stays the one that holds.
            if wish.rule != "first" and is_later:
                self._holds[wish.at] = (op, value)
        elif wish.rule == "move" and value in CLOSED and wish.value not in CLOSED:
            self._worked(op)
        else:
            self._clashes.append(Clash(wish.at, holder, op))
            is_legal = wish.rule == "move" and wish.value in MOVES[value]
            if is_legal or (wish.rule == "last" and is_later):
                self._hold(wish, op, value)

    def _hold(self, wish: Wish, op: Op, before: Any) -> None:
        self._holds[wish.at] = (op, wish.value)
        fields = {"stage", "closed"} if wish.rule == "move" else {wish.at[1]}
        self._clashes = [
            clash
            for clash in self._clashes
            if not (clash.at[0] == op.record and clash.at[1] in fields and knows(op, clash.first) and knows(op, clash.second))
        ]
        if wish.rule != "move":
            return
        if wish.value not in CLOSED:
            self._work[op.record].append(op)
        elif before not in CLOSED:
            unseen = [work for work in self._work[op.record] if not knows(op, work)]
            self._clashes += [Clash((op.record, "closed"), op, work) for work in unseen]

    def _worked(self, op: Op) -> None:
        """Work on what was closed without its author's knowledge is told."""
        self._work[op.record].append(op)
        holder, stage = self._holds.get((op.record, "stage"), (op, ""))
        if stage in CLOSED and not knows(op, holder):
            self._clashes.append(Clash((op.record, "closed"), holder, op))

    def _settle(self, op: Op) -> None:
        """Somebody said that it is well as it stands: what they knew of that field is settled."""
        wanted = bytes.fromhex(op.payload["conflict"])
        fields = {clash.at for clash in self._clashes if conflict_id(clash) == wanted}
        self._clashes = [
            clash
            for clash in self._clashes
            if not (clash.at in fields and knows(op, clash.first) and knows(op, clash.second))
        ]


def conflict_id(clash: Clash) -> bytes:
    """The id that everybody gives to a conflict: of the operation that met another one, and the field."""
    told = clash.second.console + clash.second.n.to_bytes(8, "big") + clash.at[1].encode()
    return hashlib.sha256(told).digest()[:16]


def _order(op: Op) -> tuple[int, bytes, int]:
    # What no hub has stamped yet comes after all that one has.
    return (op.eff or NEVER, op.console if op.eff else b"", op.n)


@dataclass
class Model:
    """One hub and who writes to it."""

    epoch: str
    people: dict[bytes, tuple[str, bytes]]
    """By console: the login, and the person it speaks for."""
    log: list[Op] = field(default_factory=list)
    refused: dict[tuple[bytes, int], str] = field(default_factory=dict)
    written: dict[bytes, list[Op]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    last_eff: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    rights: dict[str, str | None] = field(default_factory=dict)

    def write(self, console: bytes, ops: list[Op], cursor: int | None) -> None:
        """An act was done on a console that had read up to `cursor`; None where it moved meanwhile."""
        for op in ops:
            assert op.n == len(self.written[console]) + 1, "numbers of a console are dense"
            assert cursor is None or op.seen == cursor, "an operation says how far its author had read"
            assert op.base["@epoch"] == self.epoch
            self.written[console].append(op)

    def push(self, console: bytes, last_n: int, hub_ms: int, console_ms: int) -> None:
        """The hub heard the console up to `last_n`."""
        ops = self.written[console][self.heard[console] : last_n]
        assert last_n <= len(self.written[console]), "the hub heard more than was written"
        assert not ops or last_n == len(self.written[console]) or self.written[console][last_n].txn != ops[-1].txn
        login, person = self.people[console]
        assert not ops or self.rights[login] is not None, "nobody without a right is heard"
        for op in ops:
            if self.rights[login] != "write":
                self.refused[console, op.n] = "no_right"
                continue
            at = min(op.hlc + ((hub_ms - console_ms) << 16), hub_ms << 16)
            known = min(int(op.base.get("@hub", 0)), (hub_ms + A_DAY_MS) << 16)
            eff = max(at, known + 1, self.last_eff[console] + 1)
            self.last_eff[console] = eff
            self.log.append(op._replace(seq=len(self.log) + 1, eff=eff, author=person))
        self.heard[console] = last_n

    def shown_on(self, console: bytes, cursor: int, told_refused: set[int]) -> Seen:
        """What a console that has read up to `cursor` shows."""
        log = self.log[:cursor]
        arrived = {op.n for op in log if op.console == console}
        mine = [op for op in self.written[console] if op.n not in arrived and op.n not in told_refused]
        return Fold(log, mine).seen

    def refused_of(self, console: bytes) -> set[int]:
        """What the hub did not take of a console."""
        return {n for one, n in self.refused if one == console}

    def check_order(self) -> None:
        """I4: what was known comes before, in number and in time."""
        for place, op in enumerate(self.log):
            for earlier in self.log[:place]:
                if knows(op, earlier):
                    assert earlier.eff < op.eff, f"{op.n} is stamped before {earlier.n}, which its author knew"
            assert not any(knows(op, later) for later in self.log[place + 1 :])


def operation(row: tuple[Any, ...], **stamped: Any) -> Op:
    """An operation of a log: console, n, txn, kind, id, payload, base, hlc."""
    console, n, txn, kind, record, payload, base, hlc = row
    op = Op(console, n, txn, kind, record, json.loads(payload), json.loads(base), hlc)
    return op._replace(**stamped) if stamped else op


def copy_of(model: Model) -> Model:
    """The same, to begin another story from."""
    written = defaultdict(list, {console: list(ops) for console, ops in model.written.items()})
    return replace(
        model,
        log=list(model.log),
        refused=dict(model.refused),
        written=written,
        heard=defaultdict(int, model.heard),
        last_eff=defaultdict(int, model.last_eff),
        rights=dict(model.rights),
    )
