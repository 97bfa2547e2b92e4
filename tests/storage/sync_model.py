"""What sync has to do, in plain lists and dicts, written from the design alone: a log, who may write, and a slow fold.

It knows operations only by what their payloads say in the documented names. What it does not know of (calls, merges,
documents) it counts and orders like the rest and leaves out of the values that it compares.
"""

from __future__ import annotations

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
    """Somebody did not know of somebody else: where, and which two operations."""

    at: tuple[bytes, str]
    first: tuple[bytes, int]
    second: tuple[bytes, int]


@dataclass
class Seen:
    """What a console shows: values by record and field, texts by ticket, and what clashed."""

    values: dict[tuple[bytes, str], Any] = field(default_factory=dict)
    texts: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))
    clashes: set[Clash] = field(default_factory=set)


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


def shown(log: list[Op], pending: list[Op]) -> Seen:
    """What has to be seen by whom read `log` and wrote `pending` besides."""
    seen, holds = Seen(), dict[tuple[bytes, str], tuple[Op, Any]]()
    born = {op.record for op in (*log, *pending) if op.kind in ("ticket.opened", "record.added")}
    for op in (*log, *pending):
        for wish in wishes(op):
            if wish.at[0] not in born:
                continue
            if wish.rule == "add":
                seen.texts[op.record].append(wish.value)
                continue
            now = holds.get(wish.at)
            if now is None:
                if wish.is_new:
                    holds[wish.at] = (op, wish.value)
                continue
            is_known = knows(op, now[0])
            if not is_known and now[1] != wish.value:
                seen.clashes.add(Clash(wish.at, (now[0].console, now[0].n), (op.console, op.n)))
            if _takes_effect(wish, op, now, is_known=is_known):
                holds[wish.at] = (op, wish.value)
    seen.values = {at: value for at, (_op, value) in holds.items()}
    return seen


def _takes_effect(wish: Wish, op: Op, now: tuple[Op, Any], *, is_known: bool) -> bool:
    if wish.rule == "first":
        return is_known or wish.value == now[1]
    if wish.rule == "move":
        # Who knew where it stood was let do it there: taking back is such a move, though no rule names it.
        return is_known or wish.value in MOVES.get(now[1], set(MOVES))
    return _order(op) > _order(now[0])


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

    def write(self, console: bytes, ops: list[Op], cursor: int) -> None:
        """An act was done on a console that had read up to `cursor`."""
        for op in ops:
            assert op.n == len(self.written[console]) + 1, "numbers of a console are dense"
            assert op.seen == cursor, "an operation says how far its author had read"
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
        return shown(log, mine)

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
