"""What sync has to do, in plain lists and dicts, written from the design alone: a log, who may write, and a slow fold.

It knows operations only by what their payloads say in the documented names. What it does not know of (calls, merges,
documents) it counts and orders like the rest and leaves out of the values that it compares.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
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
BIRTHS = ("ticket.opened", "record.added")
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
    stamped_seen: int = -1

    @property
    def seen(self) -> int:
        """How far its author had read: as the hub has it, else as the author says."""
        return int(self.base.get("@seen", 0)) if self.stamped_seen < 0 else self.stamped_seen

    @property
    def name(self) -> tuple[bytes, int]:
        """What it is called."""
        return self.console, self.n

    @property
    def act(self) -> tuple[bytes, int]:
        """What it is, whatever it is called: it stays when a copied file signs it anew."""
        return self.txn, self.hlc

    @property
    def was(self) -> tuple[bytes, int] | None:
        """What it was called before it was signed anew."""
        console, _colon, n = self.base.get("@was", "").partition(":")
        return (bytes.fromhex(console), int(n)) if n else None

    def is_same(self, other: Op) -> bool:
        """Whether both say the same under one name, whatever a hub made of it."""
        return self[:8] == other[:8]


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
        self._born: set[bytes] = set()
        self._told: set[bytes] = set()
        self._early: list[Op] = []
        for op in (*log, *pending):
            self._add(op)
        self.seen.values = {at: value for at, (_op, value) in self._holds.items()}
        self.seen.unsettled = {clash.at for clash in self._clashes}

    def _add(self, op: Op) -> None:
        """One more, and what stood in the log before what it speaks of: it counts right behind that."""
        self._early.append(op)
        while ready := [one for one in self._early if not self._is_early(one)]:
            self._early.remove(ready[0])
            if ready[0].kind == "conflict.settled":
                self._settle(ready[0])
            else:
                self._take(ready[0])
            self._told |= {conflict_id(clash) for clash in self._clashes}

    def _is_early(self, op: Op) -> bool:
        if op.kind == "conflict.settled":
            return bytes.fromhex(op.payload["conflict"]) not in self._told
        return op.kind not in BIRTHS and op.record not in self._born

    def _take(self, op: Op) -> None:
        if op.kind in BIRTHS:
            self._born.add(op.record)
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
        # Whoever speaks of a record knows that it began.
        if knows(op, holder) or holder.kind in BIRTHS:
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
            if not (
                clash.at[0] == op.record
                and clash.at[1] in fields
                and knows(op, clash.first)
                and knows(op, clash.second)
            )
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
        """Somebody said that it is well as it stands; another question about the same field stays open."""
        wanted = bytes.fromhex(op.payload["conflict"])
        self._clashes = [clash for clash in self._clashes if conflict_id(clash) != wanted]


def conflict_id(clash: Clash) -> bytes:
    """The id that everybody gives to a conflict: of the operation that met another one, and the field."""
    told = clash.second.console + clash.second.n.to_bytes(8, "big") + clash.at[1].encode()
    return hashlib.sha256(told).digest()[:16]


def _order(op: Op) -> tuple[int, bytes, int]:
    # What no hub has stamped yet comes after all that one has.
    return (op.eff or NEVER, op.console if op.eff else b"", op.n)


@dataclass
class File:
    """A console's file: who it is, what was written there, how much of which log was read, and what that log has lost.

    `lost` operations stand behind everything that the hub has, in the order they had, own and others' alike.
    """

    console: bytes
    epoch: str
    written: list[Op] = field(default_factory=list)
    read: list[Op] = field(default_factory=list)
    lost: list[Op] = field(default_factory=list)
    began: int = 0
    """The number of the log from which on it is here; what was before came folded."""

    def copy(self) -> File:
        """The same for another file."""
        return replace(self, written=list(self.written), read=list(self.read), lost=list(self.lost))

    def read_log(self, log: list[Op]) -> None:
        """It has read so much of the log that is in force now; what it had read besides was lost by the hub."""
        had = {op.name: op for op in (*self.lost, *self.read)}
        before = {op.name: op for op in self.read}
        for op in log:
            known = had.pop(op.name, None)
            if op.name in before and before[op.name] == op:
                continue
            if op.console != self.console and known is not None and not known.is_same(op):
                # Another one in its place: nobody sends what followed there.
                had = {name: one for name, one in had.items() if name[0] != op.console or name[1] < op.n}
            was = None if op.was is None else had.get(op.was)
            if was is not None and was.console != self.console and was.author == op.author:
                del had[was.name]
        self.read, self.lost = log, sorted(had.values(), key=lambda op: (op.seq == 0, op.seq, op.n))

    def becomes(self, console: bytes, ops: list[Op], refused: Collection[tuple[bytes, int]]) -> None:
        """It goes on as another console, with those of its operations that the hub did not have as the first of it."""
        known = len(self.written) - len(ops)
        for before, after in zip(self.written[known:], ops, strict=True):
            assert after.was == before.name, "who was told of it under its old name need not wait for that"
            assert (after.act, after.kind, after.record) == (before.act, before.kind, before.record)
            assert after.base.get("@seen") == before.base.get("@seen")
        self.lost = [op for op in self.lost if op.name not in refused]
        own = {op.name for op in (*self.read, *self.lost)} | set(refused)
        unread = [op for op in self.written[:known] if op.name not in own]
        self.lost = [op for op in self.lost if op.console != self.console or op.n <= known] + unread
        self.console, self.written = console, list(ops)

    def pending(self, refused: set[int]) -> list[Op]:
        """What stands behind the log."""
        lost = [op for op in self.lost if op.console != self.console or op.n not in refused]
        here = {op.name for op in (*self.read, *lost)}
        return [*lost, *(op for op in self.written if op.name not in here and op.n not in refused)]


@dataclass
class Model:
    """One hub and who writes to it."""

    epoch: str
    people: dict[bytes, tuple[str, bytes]]
    """By console: the login, and the person it speaks for."""
    log: list[Op] = field(default_factory=list)
    refused: dict[tuple[bytes, int], str] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    heard: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    last_eff: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    rights: dict[str, str | None] = field(default_factory=dict)
    began: int | None = None
    """The lowest number of the log at which a later epoch than the first began."""
    sizes: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    """How many operations each act has."""
    were_refused: set[tuple[bytes, int]] = field(default_factory=set)
    """Of all hubs that were."""

    def write(self, name: str, ops: list[Op], cursor: int | None) -> None:
        """An act was done at a file that had read up to `cursor`; None where it moved meanwhile."""
        file = self.files[name]
        for op in ops:
            assert op.n == len(file.written) + 1, "numbers of a console are dense"
            assert cursor is None or op.seen == cursor, "an operation says how far its author had read"
            assert cursor is None or op.base["@epoch"] == file.epoch
            self.sizes[op.txn] += 1
            file.written.append(op)

    def push(self, name: str, last_n: int, hub_ms: int, console_ms: int) -> None:
        """The hub heard the console of a file up to `last_n`."""
        file = self.files[name]
        console, written = file.console, file.written
        ops = written[self.heard[console] : last_n]
        assert not ops or last_n <= len(written), "the hub heard more than was written"
        assert not ops or last_n == len(written) or written[last_n].txn != ops[-1].txn
        login, person = self.people[console]
        assert not ops or self.rights[login] is not None, "nobody without a right is heard"
        head = len(self.log)
        for op in ops:
            if self.rights[login] not in ("write", "keep"):
                self.refused[op.name] = "no_right"
                self.were_refused.add(op.name)
                continue
            at = min(op.hlc + ((hub_ms - console_ms) << 16), hub_ms << 16)
            known = min(int(op.base.get("@hub", 0)), (hub_ms + A_DAY_MS) << 16)
            eff = max(at, known + 1, self.last_eff[console] + 1)
            self.last_eff[console] = eff
            self.log.append(
                op._replace(seq=len(self.log) + 1, eff=eff, author=person, stamped_seen=min(self._seen_of(op), head))
            )
        self.heard[console] = max(last_n, self.heard[console])

    def _seen_of(self, op: Op) -> int:
        """What was read in an earlier epoch counts up to where a later one began."""
        said = int(op.base.get("@seen", 0))
        return said if op.base.get("@epoch") == self.epoch else min(said, self.began or 0)

    def back_up(self) -> Model:
        """What a backup of the hub has."""
        return replace(
            self,
            log=list(self.log),
            refused=dict(self.refused),
            heard=defaultdict(int, self.heard),
            last_eff=defaultdict(int, self.last_eff),
            rights=dict(self.rights),
            files={},
        )

    def restore(self, backup: Model) -> None:
        """The hub is what it was; whoever wrote to it stands where they stand."""
        kept = backup.back_up()
        self.log, self.refused, self.heard, self.last_eff = kept.log, kept.refused, kept.heard, kept.last_eff
        self.rights, self.epoch, self.began = kept.rights, kept.epoch, kept.began

    def begin_epoch(self, epoch: str, began: int) -> None:
        """What is read from now on is counted anew."""
        self.epoch = epoch
        self.began = began if self.began is None else min(self.began, began)

    def shown_on(self, name: str, told_refused: set[int]) -> Seen:
        """What a console shows."""
        file = self.files[name]
        return Fold(file.read, file.pending(told_refused)).seen

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
    files = {name: file.copy() for name, file in model.files.items()}
    return replace(
        model.back_up(), files=files, sizes=defaultdict(int, model.sizes), were_refused=set(model.were_refused)
    )
