"""Three consoles that do anything at any time, over lines that lose anything, stay what the design says they are.

After each step: every operation once in the hub's log (I3), acts whole wherever they are seen (I5), what is shown is
the fold of what was read and written (I8), authors are who logged in (I11). At the end everybody sends and reads:
nothing is lost (I2), numbers and times keep their order (I4), logs are dense (I6), all show the same (I1, I7), and
nothing is left to do (I10). `make soak` goes on with other seeds; a bug that was mended becomes a pinned schedule.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from core.clock import Instant
from core.commands import (
    AddRecord,
    ArchiveRecord,
    AssignTicket,
    ChangeRecord,
    Command,
    MergeRecords,
    MoveStage,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    Redo,
    SetPriority,
    SettleConflict,
    Together,
    Undo,
)
from core.errors import DomainError
from core.ids import EntityId
from storage.hub.connecting import HubError
from storage.sync import incoming
from tests.storage.sync_model import COMPARED, Model, copy_of, operation
from tests.storage.sync_world import Desk, Died, Fault, Ground, World, awake, lay_ground
from tests.support.hub_server import HubServer

EXAMPLES, STEPS, SEED = 60, 40, 20261124
MET = ("name", "tier", "priority", "owner", "stage", "closed", "refused", "died", "hub.line_lost")
WORDS = ("Printer jams", "No dial tone", "Smells burnt")
STAGES = ("new", "active", "on_site", "waiting", "resolved", "closed")
TIERS = ("gold", "silver", "")
OWN_LOG = "SELECT console, n, txn, kind, id, payload, base, hlc FROM operation WHERE console = ? AND n > ? ORDER BY n"
HUB_LOG = (
    "SELECT uuid_send(console), n, uuid_send(txn), kind, uuid_send(id), payload, base, hlc, seq, eff,"
    " uuid_send(author), seen FROM lampboard.op WHERE stream = 1 AND seq > %s ORDER BY seq"
)
CONFLICTS = ("priority", "owner", "stage", "closed", *COMPARED["company"])
numbers = st.integers(min_value=0, max_value=1 << 16)
desks = st.integers(min_value=0, max_value=2)


def one_of(desk: Desk, query: str, choice: int) -> EntityId | None:
    """One of what a query finds."""
    found = [EntityId(row[0]) for row in desk.seen.execute(query)]
    return found[choice % len(found)] if found else None


def wish(desk: Desk, kind: int, choice: int) -> Command | None:
    """Anything a person may do next; None where there is nothing to do it to."""
    ticket = one_of(desk, "SELECT id FROM ticket ORDER BY id", choice)
    company = one_of(desk, "SELECT id FROM company ORDER BY id", choice >> 2)
    other = one_of(desk, "SELECT id FROM company ORDER BY id", choice >> 4)
    contact = one_of(desk, "SELECT id FROM contact ORDER BY id", choice)
    colleague = one_of(desk, "SELECT id FROM person ORDER BY id", choice >> 3)
    word = WORDS[choice % len(WORDS)]
    on_records: list[Callable[[], Command]] = [lambda: AddRecord("company", {"name": word, "kind": "customer"})]
    if company is not None and other is not None:
        on_records += [
            lambda: ChangeRecord("company", company, {"name": f"{word} {choice}"}),
            lambda: ChangeRecord("company", company, {"tier": TIERS[choice % 3]}),
            lambda: ChangeRecord("company", company, {"tier": TIERS[choice % 3], "name": f"{word} {choice}"}),
            lambda: ArchiveRecord("company", company, bool(choice & 1)),
        ]
    opening = OpenTicket(f"{word} {choice}", company, choice % 4 + 1, reporters=() if contact is None else (contact,))
    if ticket is None:
        return opening if kind % 2 else on_records[kind % len(on_records)]()
    (owner,) = desk.seen.execute("SELECT owner FROM ticket WHERE id = ?", (ticket,)).fetchone()
    at = Instant(desk.clock.now_ms() // 1000 + 3600)
    note = PostEntry(ticket, "note", f"Note {choice}")
    makers: list[Callable[[], Command]] = [
        *on_records,
        *(lambda: AssignTicket(ticket, colleague, owner), lambda: AssignTicket(ticket, None, owner)),
        *(lambda: SetPriority(ticket, choice % 4 + 1), lambda: MoveStage(ticket, STAGES[choice % 6], "part", "vendor")),
        *(lambda: MoveStage(ticket, STAGES[(choice >> 3) % 6], "part", "vendor"), lambda: opening, lambda: note),
        lambda: Together((note, SetPriority(ticket, choice % 4 + 1))),
        lambda: PlanCallBack(ticket, at, "+48 22 555 01 02", contact),
        *(Undo, Redo),
    ]
    # What two people can differ about comes twice as often as what stands in between.
    makers += makers[len(on_records) : len(on_records) + 5]
    conflict = one_of(desk, "SELECT id FROM conflict WHERE is_open = 1 ORDER BY id", choice)
    if conflict is not None:
        makers += [lambda: SettleConflict(conflict, bool(choice & 1))] * 2
    if company is not None and other is not None and kind % 5 == 0:
        makers.append(lambda: MergeRecords("company", company, other))
    return makers[kind % len(makers)]()


class Consoles(RuleBasedStateMachine):
    """The rules; each ends in a look at what the model expects."""

    ground: ClassVar[Ground]
    beginning: ClassVar[Model | None] = None
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
            assert (error.code, self._rights(desk)) == ("hub.no_right", None)
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
        arrivals = desk.wire._session.pull(self._epoch, "shared", cursor)
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
        self._sync(self.world.desks[who], fault, 2)
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
        n = len(self.model.written[desk.console])
        ops = [operation(row) for row in desk.seen.execute(OWN_LOG, (desk.console, n))]
        self.is_merged |= {op.record for op in ops if op.kind == "records.merged" or not op.payload.get("is_settled", True)}
        self.model.write(desk.console, ops, cursor)
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
            assert error.code == wanted or (fault is not None and error.code == "hub.line_lost"), error.code
        self._write(desk, None)
        self._check_hub()
        self._touch(desk)
        if is_whole:
            self._check_clean(desk)

    def _touch(self, desk: Desk) -> None:
        self.touched.add(self.world.desks.index(desk))

    def _check_hub(self) -> None:
        """What the hub heard since the last look is what it had to make of it (I3, I11)."""
        admin = self.ground.admin
        heard = dict(admin.execute("SELECT uuid_send(id), last_n FROM lampboard.console").fetchall())
        for desk in self.world.desks:
            self.model.push(desk.console, heard[desk.console], self.world.hub_ms, desk.clock.now_ms())
        rows = admin.execute(HUB_LOG, (self.seen_log,)).fetchall()
        found = [operation(row[:8], seq=row[8], eff=row[9], author=row[10]) for row in rows]
        assert found == self.model.log[self.seen_log :]
        assert [row[11] for row in rows] == [op.seen for op in found]
        counted = admin.execute("SELECT count(*), count(DISTINCT (console, n)) FROM lampboard.op").fetchone()
        assert counted == (len(self.model.log), len(self.model.log))
        refused = admin.execute("SELECT uuid_send(console), n FROM lampboard.refused").fetchall()
        assert {(console, n) for console, n in refused} == set(self.model.refused)
        self.seen_log = len(self.model.log)

    def _check_desk(self, desk: Desk) -> None:
        cursor, seen = desk.cursor.seq, desk.seen
        refused = {n for (n,) in seen.execute("SELECT n FROM operation WHERE state = 'refused'")}
        assert refused <= self.model.refused_of(desk.console)
        self._check_acts(seen.execute("SELECT txn, count(*) FROM operation GROUP BY txn").fetchall())
        values, texts = self._shown(seen)
        conflicts = seen.execute("SELECT record, field FROM conflict WHERE is_open = 1").fetchall()
        stamped = seen.execute("SELECT console, n, seq, eff FROM stamp ORDER BY seq").fetchall()
        acked = {n for (n,) in seen.execute("SELECT n FROM operation WHERE state = 'acked'")}
        assert acked == {op.n for op in self.model.log[:cursor] if op.console == desk.console}
        assert stamped == [(op.console, op.n, op.seq, op.eff) for op in self.model.log[:cursor]]
        expected = self.model.shown_on(desk.console, cursor, refused)
        self.met.update(at[1] for at in expected.unsettled)
        unsettled = {at for at in conflicts if at[1] in CONFLICTS and self._is_compared(at)}
        assert values == {at: value for at, value in expected.values.items() if self._is_compared(at)}
        assert unsettled == {at for at in expected.unsettled if self._is_compared(at)}
        assert texts == {ticket: sorted(told) for ticket, told in expected.texts.items()}

    def _check_acts(self, counted: list[tuple[bytes, int]]) -> None:
        """I5: an act is there whole or not at all."""
        sizes: dict[bytes, int] = {}
        for ops in self.model.written.values():
            for op in ops:
                sizes[op.txn] = sizes.get(op.txn, 0) + 1
        assert {txn: count for txn, count in counted if sizes[txn] != count} == {}

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
        assert self.model.heard[desk.console] == len(self.model.written[desk.console])
        told = {n for (n,) in desk.seen.execute("SELECT n FROM refused")}
        (waiting,) = desk.seen.execute("SELECT count(*) FROM operation WHERE state = 'local'").fetchone()
        assert told == self.model.refused_of(desk.console), "what was refused is told to its author"
        assert waiting == 0

    def _settle(self) -> None:
        for desk in self.world.desks:
            desk.is_offline = False
            self.world.grant(desk.login, "write")
            self.model.rights[desk.login] = "write"
        for desk in (*self.world.desks, *self.world.desks):
            self._sync(desk)
        self.every_console_and_the_hub_are_what_they_have_to_be()
        self.model.check_order()
        written = {(op.console, op.n) for ops in self.model.written.values() for op in ops}
        logged = [(op.console, op.n) for op in self.model.log]
        assert len(logged) == len(set(logged))
        assert written == set(logged) | set(self.model.refused), "nothing that was written is lost"
        self.met["refused"] += len(self.model.refused)
        self.met["logged"] += len(self.model.log)
        first, *others = [desk.rows() for desk in self.world.desks]
        for rows in others:
            assert {table: rows[table] for table in rows if rows[table] != first[table]} == {}

    def _rights(self, desk: Desk) -> str | None:
        return self.model.rights[desk.login]

    @property
    def _epoch(self) -> bytes:
        return bytes.fromhex(self.model.epoch.replace("-", ""))

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
        model.log.append(operation(row[:8], seq=row[8], eff=row[9], author=row[10]))
    for desk in world.desks:
        rows = desk.seen.execute(OWN_LOG, (desk.console, 0))
        model.written[desk.console] = [operation(row) for row in rows]
        last = ground.admin.execute(
            "SELECT last_n, last_eff FROM lampboard.console WHERE id = %s", (desk.console.hex(),)
        ).fetchone()
        assert last is not None
        model.heard[desk.console], model.last_eff[desk.console] = last
    return model


@pytest.fixture(scope="module")
def ground(hub_server: HubServer) -> Iterator[Ground]:
    laid = lay_ground(hub_server)
    yield laid
    laid.close()


@pytest.fixture
def machine(ground: Ground) -> type[Consoles]:
    return type("Consoles", (Consoles,), {"ground": ground, "beginning": None, "met": Counter()})


def of(examples: int, steps: int) -> settings:
    """So many stories of so many steps, found again by their seed."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )


def test_consoles_that_do_anything_at_any_time_stay_one_desk(machine: type[Consoles]) -> None:
    run_state_machine_as_test(seed(SEED)(machine), settings=of(EXAMPLES, STEPS))
    # What never happened would prove nothing.
    assert {one: machine.met[one] for one in MET if machine.met[one] == 0} == {}


def test_a_refusal_whose_answer_was_lost_is_told_all_the_same(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    story.rights_change(0, "read")
    story.act([(0, 8, 3)])
    story.sync_over_a_line_that_breaks(0, Fault.LOST_ANSWER, 2)
    story.sync([0])
    story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_what_the_hub_heard_is_acknowledged_by_its_stamp_alone(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    story.act([(1, 8, 3), (1, 9, 4)])
    story.sync_over_a_line_that_breaks(1, Fault.LOST_REQUEST, 3)
    story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_a_push_that_comes_again_after_its_refusal_changes_nothing(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([3])
    story.what_one_may_not_write_is_refused(2, 8, 3, None, stays=False)
    for which in range(4):
        story.an_old_push_arrives_again(2, which)
        story.an_old_answer_arrives_again(2, which)
        story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_a_console_killed_between_push_and_pull_goes_on(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([3, 4])
    for at in range(1, 6):
        story.everybody_does_much_the_same(9 + at, at)
        story.sync_over_a_line_that_breaks(0, Fault.CRASH, at)
        story.a_console_is_killed_while_it_takes_in(1)
        story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()
