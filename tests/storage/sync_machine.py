"""Three consoles that do anything at any time, over lines that lose anything: the rules of the machine of sync.

After each step: every operation once in the hub's log (I3), acts whole wherever they are seen (I5), what is shown is
the fold of what was read and written (I8), authors are who logged in (I11). At the end everybody sends and reads:
nothing is lost (I2), numbers and times keep their order (I4), logs are dense (I6), all show the same (I1, I7), and
nothing is left to do (I10).
"""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.commands import Command, OpenTicket
from core.errors import DomainError
from storage.hub.connecting import HubError
from storage.sync import incoming
from tests.storage.sync_model import COMPARED, File, Model, Op, copy_of, operation
from tests.storage.sync_wishes import WORDS, wish
from tests.storage.sync_world import Desk, Died, Fault, Ground, World, awake

OWN_LOG = "SELECT console, n, txn, kind, id, payload, base, hlc FROM operation WHERE console = ? AND n > ? ORDER BY n"
HUB_LOG = (
    "SELECT uuid_send(console), n, uuid_send(txn), kind, uuid_send(id), payload, base, hlc, seq, eff,"
    " uuid_send(author), seen FROM lampboard.op WHERE stream = 1 AND seq > %s ORDER BY seq"
)
REFUSED = "SELECT n FROM operation WHERE state = 'refused' AND console = ?"
ACTS = "SELECT txn, count(*) FROM operation GROUP BY txn"
CONFLICTS = ("priority", "owner", "stage", "closed", *COMPARED["company"])
numbers = st.integers(min_value=0, max_value=1 << 16)
desks = st.integers(min_value=0, max_value=2)


class Consoles(RuleBasedStateMachine):
    """The rules; each ends in a look at what the model expects."""

    ground: ClassVar[Ground]
    beginning: ClassVar[Model | None] = None
    ROUNDS: ClassVar[int] = 2
    """After which everybody has sent and read everything."""
    met: ClassVar[Counter[str]]
    """What the stories so far have brought about: nothing is proved about what never happened."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World = awake(self.ground)
        self.model = copy_of(self._beginning())
        self.seen_log = len(self.model.log)
        self.touched: set[int] = set()
        self.is_merged: set[bytes] = set()

    # What happens.

    @initialize(kinds=st.lists(numbers, min_size=2, max_size=4))
    def begin_with_some_tickets(self, kinds: list[int]) -> None:
        for choice in kinds:
            self._act(self.world.desks[0], OpenTicket(f"{WORDS[choice % 3]} {choice}", None, choice % 4 + 1))
        for desk in self.world.desks:
            self._sync(desk)
        self._sync(self.world.desks[0])

    @rule(acts=st.lists(st.tuples(desks, numbers, numbers), min_size=1, max_size=4))
    def act(self, acts: list[tuple[int, int, int]]) -> None:
        for who, kind, choice in acts:
            desk = self.world.desks[who]
            asked = wish(desk, kind, choice)
            if asked is not None:
                self._act(desk, asked)

    @rule(kind=numbers, choice=numbers)
    def everybody_does_much_the_same(self, kind: int, choice: int) -> None:
        for place, desk in enumerate(self.world.desks):
            asked = wish(desk, kind, choice ^ place)
            if asked is not None:
                self._act(desk, asked)

    @rule(kind=numbers, choice=numbers, who=st.permutations((0, 1, 2)))
    def everybody_does_much_the_same_and_sends_it(self, kind: int, choice: int, who: list[int]) -> None:
        self.everybody_does_much_the_same(kind, choice)
        for one in who:
            self._sync(self.world.desks[one])

    @rule(who=st.lists(desks, min_size=1, max_size=3))
    def sync(self, who: list[int]) -> None:
        for one in who:
            self._sync(self.world.desks[one])

    @rule(who=desks, fault=st.sampled_from(Fault), at=st.integers(1, 6))
    def sync_over_a_line_that_breaks(self, who: int, fault: Fault, at: int) -> None:
        self._sync(self.world.desks[who], fault, at)

    @rule(who=desks, offline=st.booleans())
    def go_offline_or_back(self, who: int, offline: bool) -> None:
        self.world.desks[who].is_offline = offline

    @precondition(lambda self: any(desk.wire.pushes for desk in self.world.desks))
    @rule(who=desks, which=numbers)
    def an_old_push_arrives_again(self, who: int, which: int) -> None:
        desk = self.world.desks[who]
        if not desk.wire.pushes:
            return
        epoch, now_ms, envelopes = desk.wire.pushes[which % len(desk.wire.pushes)]
        try:
            desk.wire._session.push(epoch, desk.console, now_ms, envelopes)
        except HubError as error:
            if not self._is_late(desk, error):
                raise
        self._check_hub(desk, now_ms)
        self.touched.add(who)

    @rule(who=desks, which=numbers)
    def an_old_answer_arrives_again(self, who: int, which: int) -> None:
        desk = self.world.desks[who]
        if desk.wire.pulls:
            stream, cursor, arrivals = desk.wire.pulls[which % len(desk.wire.pulls)]
            if cursor != desk.cursor:
                assert desk.take_in_again(stream, cursor, arrivals) is False
            else:
                # It was never taken in: the console died before.
                assert desk.take_in_again(stream, cursor, arrivals) is bool(arrivals) or not arrivals
                self._read(desk)
            self.touched.add(who)

    @rule(who=desks, seconds=st.sampled_from((0, 1, 60, 3600)))
    def time_passes(self, who: int, seconds: int) -> None:
        self.world.pass_time(seconds)

    @rule(who=desks, days=st.integers(-30, 30))
    def a_clock_jumps(self, who: int, days: int) -> None:
        self.world.desks[who].clock.forward(hours=24 * days)

    @rule(who=desks)
    def a_console_is_killed(self, who: int) -> None:
        self.world.desks[who].reopen()
        self.touched.add(who)

    @rule(who=desks)
    def a_console_is_killed_while_it_takes_in(self, who: int) -> None:
        desk = self.world.desks[who]
        if self._rights(desk) is None:
            return
        cursor = desk.cursor
        try:
            arrivals = desk.wire._session.pull(desk.epoch, "shared", cursor)
        except HubError as error:
            if not self._is_late(desk, error):
                raise
            return
        if arrivals:
            desk.break_off(lambda one: incoming.take_in(one, "shared", cursor, arrivals, 0))
            desk.reopen()
            self.touched.add(who)

    @rule(who=desks, rights=st.sampled_from((None, "read", "write", "write")))
    def rights_change(self, who: int, rights: str | None) -> None:
        login = self.world.desks[who].login
        self.world.grant(login, rights)
        self.model.rights[login] = rights

    @rule(who=desks, kind=numbers, choice=numbers, fault=st.sampled_from((None, *Fault)), stays=st.booleans())
    def what_one_may_not_write_is_refused(
        self, who: int, kind: int, choice: int, fault: Fault | None, stays: bool
    ) -> None:
        self.rights_change(who, "read")
        self.act([(who, kind, choice), (who, kind >> 3, choice >> 3)])
        wire = self.world.desks[who].wire
        wire.is_right_lost_late = True
        self._sync(self.world.desks[who], fault, 2)
        wire.is_right_lost_late = False
        if not stays:
            self.rights_change(who, "write")

    # What holds.

    @invariant()
    def every_console_and_the_hub_are_what_they_have_to_be(self) -> None:
        if not self.touched:
            return
        self._check_hub()
        for who in sorted(self.touched):
            self._check_desk(self.world.desks[who])
        self.touched.clear()

    def teardown(self) -> None:
        try:
            self._settle()
        finally:
            self.world.close()

    # How.

    def _act(self, desk: Desk, command: Command) -> None:
        cursor = desk.cursor.seq
        try:
            desk.act(command)
            is_done = True
        except DomainError:
            is_done = False
        assert self._write(desk, cursor) == is_done, "an act that is refused writes nothing"
        self._touch(desk)

    def _write(self, desk: Desk, cursor: int | None) -> bool:
        """Tell the model what stands in the console's log since the last look; a round writes, too, now and then."""
        file = self.model.files[desk.name]
        ops = [operation(row) for row in desk.seen.execute(OWN_LOG, (desk.console, len(file.written)))]
        self.is_merged |= {
            op.record for op in ops if op.kind == "records.merged" or not op.payload.get("is_settled", True)
        }
        self.model.write(desk.name, ops, cursor)
        return bool(ops)

    def _sync(self, desk: Desk, fault: Fault | None = None, at: int = 1) -> None:
        self.world.pass_time(0.01)
        is_whole, rights = False, self._rights(desk)
        try:
            desk.sync(fault, at)
            is_whole = True
        except Died:
            self.met["died"] += 1
            desk.reopen()
        except HubError as error:
            self.met[error.code] += 1
            wanted = "hub.no_server" if desk.is_offline else "hub.no_right" if rights is None else "hub.line_lost"
            is_told = error.code == "hub.line_lost" and fault is not None
            if error.code != wanted and not is_told and not self._is_expected(desk, error):
                raise
        self._write(desk, None)
        self._check_hub(desk)
        self._read(desk)
        self._touch(desk)
        if is_whole:
            self._check_clean(desk)

    def _touch(self, desk: Desk) -> None:
        self.touched.add(self.world.desks.index(desk))

    def _read(self, desk: Desk) -> None:
        """Tell the model how far the file has read."""
        self.model.files[desk.name].read_log(self.model.log[: desk.cursor.seq])

    def _is_late(self, desk: Desk, error: HubError) -> bool:
        """Whether an error is what somebody has to be told who comes late."""
        return error.code == "hub.no_right" and self._rights(desk) is None

    def _is_expected(self, desk: Desk, error: HubError) -> bool:
        """Whether a round may end with an error though nothing was done to its line."""
        return False

    def _check_hub(self, desk: Desk | None = None, now_ms: int | None = None) -> None:
        """What the hub heard since the last look is what it had to make of it (I3, I11); nothing but from `desk`."""
        admin = self.ground.admin
        heard = dict(admin.execute("SELECT uuid_send(id), last_n FROM lampboard.console").fetchall())
        if desk is not None and desk.console in heard:
            self.model.push(desk.name, heard[desk.console], self.world.hub_ms, now_ms or desk.clock.now_ms())
        rows = admin.execute(HUB_LOG, (self.seen_log,)).fetchall()
        found, expected = [arrived(row) for row in rows], self.model.log[self.seen_log :]
        different = [(one, other) for one, other in zip_longest(found, expected) if one != other]
        assert different == [], list(zip(*different[0], strict=False)) if None not in different[0] else different[:1]
        counted = admin.execute("SELECT count(*), count(DISTINCT (console, n)) FROM lampboard.op").fetchone()
        assert counted == (len(self.model.log), len(self.model.log))
        refused = admin.execute("SELECT uuid_send(console), n FROM lampboard.refused").fetchall()
        assert {(console, n) for console, n in refused} == set(self.model.refused)
        self.seen_log = len(self.model.log)

    def _check_desk(self, desk: Desk) -> None:
        seen = desk.seen
        refused = {n for (n,) in seen.execute(REFUSED, (desk.console,))}
        assert {(desk.console, n) for n in refused} <= self.model.were_refused
        self._check_acts(seen.execute(ACTS).fetchall())
        file = self.model.files[desk.name]
        values, texts = self._shown(seen)
        conflicts = seen.execute("SELECT record, field FROM conflict WHERE is_open = 1").fetchall()
        stamped = seen.execute("SELECT console, n, seq, eff FROM stamp ORDER BY seq").fetchall()
        acked = {n for (n,) in seen.execute("SELECT n FROM operation WHERE state = 'acked'")}
        assert acked == {op.n for op in file.read if op.console == desk.console}
        assert stamped == [(op.console, op.n, op.seq, op.eff) for op in file.read[file.began :]]
        self._check_lost(desk, file)
        expected = self.model.shown_on(desk.name, refused)
        self.met.update(at[1] for at in expected.unsettled)
        unsettled = {at for at in conflicts if at[1] in CONFLICTS and self._is_compared(at)}
        wanted = {at: value for at, value in expected.values.items() if self._is_compared(at)}
        different = {at: (values.get(at), wanted.get(at)) for at in values | wanted if values.get(at) != wanted.get(at)}
        assert different == {}, different
        assert unsettled == {at for at in expected.unsettled if self._is_compared(at)}
        assert texts == {ticket: sorted(told) for ticket, told in expected.texts.items()}

    def _check_acts(self, counted: list[tuple[bytes, int]]) -> None:
        """I5: an act is there whole or not at all."""
        broken = {txn: (count, self.model.sizes[txn]) for txn, count in counted if self.model.sizes[txn] != count}
        assert broken == {}, broken

    def _check_lost(self, desk: Desk, file: File) -> None:
        """What the hub lost waits for whoever wrote it."""
        waiting = desk.seen.execute("SELECT console, n FROM operation WHERE state = 'awaited'").fetchall()
        assert set(waiting) == {op.name for op in file.lost if op.console != desk.console and op.seq}

    def _shown(self, seen: Any) -> tuple[dict[tuple[bytes, str], Any], dict[bytes, list[str]]]:
        values: dict[tuple[bytes, str], Any] = {}
        for ticket, priority, owner, stage in seen.execute("SELECT id, priority, owner, stage FROM ticket"):
            told = {"priority": priority, "owner": owner and owner.hex(), "stage": stage}
            values |= {(ticket, name): value for name, value in told.items()}
        names = COMPARED["company"]
        for company, *fields in seen.execute(f"SELECT id, {', '.join(names)} FROM company"):
            values |= {(company, name): value for name, value in zip(names, fields, strict=True)}
        texts: dict[bytes, list[str]] = {}
        for ticket, text in seen.execute("SELECT ticket, text FROM entry WHERE kind = 'note' ORDER BY text"):
            texts.setdefault(ticket, []).append(text)
        return {at: value for at, value in values.items() if self._is_compared(at)}, texts

    def _is_compared(self, at: tuple[bytes, str]) -> bool:
        # What was merged leads elsewhere; what was settled and taken up again is told by other tests.
        return at[0] not in self.is_merged

    def _check_clean(self, desk: Desk) -> None:
        """A round that went through leaves nothing to do (I10), and every refusal told (I2)."""
        assert desk.cursor.seq == len(self.model.log)
        written, heard = len(self.model.files[desk.name].written), self.model.heard[desk.console]
        assert heard == written or (self._rights(desk) == "read" and heard < written)
        told = {n for (n,) in desk.seen.execute("SELECT n FROM refused")}
        (waiting,) = desk.seen.execute("SELECT count(*) FROM operation WHERE state = 'local'").fetchone()
        assert told == self.model.refused_of(desk.console), "what was refused is told to its author"
        assert waiting == written - heard, "what may not be written stays here, all else was sent"

    def _settle(self) -> None:
        everybody = self._everybody()
        for desk in everybody:
            desk.is_offline = False
            self.world.grant(desk.login, "write")
            self.model.rights[desk.login] = "write"
        for _round in range(self.ROUNDS):
            for desk in everybody:
                self._sync(desk)
        self.every_console_and_the_hub_are_what_they_have_to_be()
        self.model.check_order()
        written = {op.name: op for desk in everybody for op in self.model.files[desk.name].written}
        logged = {op.name: op for op in self.model.log}
        assert len(logged) == len({op.act for op in logged.values()}) == len(self.model.log), "nothing is there twice"
        assert written.keys() <= logged.keys() | set(self.model.refused), "nothing that was written is lost"
        assert all(logged.get(name, op).is_same(op) for name, op in written.items())
        self.met["refused"] += len(self.model.refused)
        self.met["logged"] += len(self.model.log)
        self._check_alike(everybody)

    def _everybody(self) -> list[Desk]:
        return self.world.desks

    def _check_alike(self, desks: list[Desk]) -> None:
        """I1: who has sent and read everything shows the same."""
        first, *others = [desk.rows() for desk in desks]
        for rows in others:
            assert {table: rows[table] for table in rows if rows[table] != first[table]} == {}

    def _rights(self, desk: Desk) -> str | None:
        return self.model.rights[desk.login]

    def _beginning(self) -> Model:
        """The model of what the consoles had done when their files were put to rest; taken once."""
        kind = type(self)
        if kind.beginning is None:
            kind.beginning = _model_of(self.ground, self.world)
        return kind.beginning


def _model_of(ground: Ground, world: World) -> Model:
    (epoch,) = ground.admin.execute("SELECT epoch::text FROM lampboard.hub_meta").fetchone() or ("",)
    model = Model(epoch, dict(world.people), rights=dict.fromkeys((desk.login for desk in world.desks), "write"))
    for row in ground.admin.execute(HUB_LOG.encode(), (0,)).fetchall():
        model.log.append(arrived(row))
    for desk in world.desks:
        ops = [operation(row) for row in desk.seen.execute(OWN_LOG, (desk.console, 0))]
        model.files[desk.name] = File(desk.console, epoch, ops, model.log[: desk.cursor.seq])
        for op in ops:
            model.sizes[op.txn] += 1
        last = ground.admin.execute(
            "SELECT last_n, last_eff FROM lampboard.console WHERE id = %s", (desk.console.hex(),)
        ).fetchone()
        assert last is not None
        model.heard[desk.console], model.last_eff[desk.console] = last
    return model


def arrived(row: tuple[Any, ...]) -> Op:
    """An operation in a row of `HUB_LOG`."""
    return operation(row[:8], seq=row[8], eff=row[9], author=row[10], stamped_seen=row[11])


Machine = TypeVar("Machine", bound=Consoles)


def on(ground: Ground, machine: type[Machine]) -> type[Machine]:
    """The machine at its beginning there: nothing was met yet."""
    return type(machine.__name__, (machine,), {"ground": ground, "beginning": None, "met": Counter()})


def of(examples: int, steps: int, *, shrinks: bool = False) -> settings:
    """So many stories of so many steps, found again by their seed."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        # Shrinking takes minutes and is for whoever looks for the fault: `make soak` does it.
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
    )
