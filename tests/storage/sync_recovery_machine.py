"""The machine of sync where hubs are restored and files are copied, put back and made anew.

The rules of `sync_machine.py` go on meanwhile. What a file has is never lost by it and never in the log twice, under
whatever console's name; what no file has any more may be lost with it.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from storage.desk import OpenDesk
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync.keeper_session import KeeperSession
from storage.sync.keeping import Keeper
from storage.sync.new_file import make_anew
from storage.sync.session import Session
from tests.storage.desk_story import look
from tests.storage.sync_machine import OWN_LOG, Consoles, desks
from tests.storage.sync_model import File, Model, in_common, operation
from tests.storage.sync_world import Desk, Wire, copy_file
from tests.support.fixed import ids_from

EPOCH = "SELECT m.epoch::text, e.began FROM lampboard.hub_meta m JOIN lampboard.hub_epoch e ON e.epoch = m.epoch"
LATE = ("hub.other_epoch", "hub.gap", "hub.log_differs", "hub.console_copied", "hub.signed_twice")
"""What a packet of before a restore meets."""


class _KeepersLine(KeeperSession):
    """A session that is kept from look to look."""

    def __init__(self, session: Session) -> None:
        self._connection = session._connection

    def close(self) -> None:
        """Kept for the next look."""


class Recovering(Consoles):
    """The rules of what is found back from."""

    ROUNDS = 4

    def __init__(self) -> None:
        super().__init__()
        self.copies: dict[int, Desk] = {}
        self.kept_files: dict[str, tuple[Path, File]] = {}
        self.backup: Model | None = None
        self.is_unfound = False
        """The hub was restored and nobody has said so."""

    # What happens.

    @rule()
    def the_hub_is_backed_up(self) -> None:
        self.ground.back_up()
        self.backup = self.model.back_up()

    @precondition(lambda self: self.backup is not None)
    @rule(is_told=st.booleans())
    def the_hub_is_restored(self, is_told: bool) -> None:
        assert self.backup is not None
        self.ground.restore()
        self.model.restore(self.backup)
        self.seen_log = len(self.model.log)
        self.is_unfound = True
        if is_told:
            self._tell()
        for desk in self._everybody():
            # What was on its way then is not any more.
            desk.wire.pulls.clear()
            self._touch(desk)
        self.met["restored"] += 1

    @precondition(lambda self: not self.copies)
    @rule(who=desks)
    def a_file_is_copied(self, who: int) -> None:
        desk = self.world.desks[who]
        name = f"{desk.name}-copy"
        path = desk.path.with_name(f"{name}.db")
        copy_file(desk.path, path)
        new_id = ids_from(20 + who, desk.clock)
        opened = OpenDesk(path, desk.clock, new_id)
        wire = Wire(self.ground.sessions[desk.login])
        self.copies[who] = Desk(desk.login, path, desk.console, desk.person, desk.clock, new_id, wire, opened, name)
        self.model.files[name] = self.model.files[desk.name].copy()
        desk.wire.pulls.clear()

    @precondition(lambda self: self.copies)
    @rule()
    def the_other_copy_is_used(self) -> None:
        for who, desk in self.copies.items():
            self.copies[who], self.world.desks[who] = self.world.desks[who], desk

    @rule(who=desks)
    def a_file_is_kept(self, who: int) -> None:
        desk = self.world.desks[who]
        path = desk.path.with_name(f"{desk.name}-kept-{desk.lives}.db")
        copy_file(desk.path, path)
        self.kept_files[desk.name] = path, self.model.files[desk.name].copy()

    @precondition(lambda self: self.kept_files)
    @rule(who=desks)
    def an_old_file_is_put_back(self, who: int) -> None:
        desk = self.world.desks[who]
        if desk.name not in self.kept_files:
            return
        kept, file = self.kept_files[desk.name]
        self.met["put back to before it was signed anew"] += file.console != desk.console
        desk.lives += 1
        path = desk.path.with_name(f"{desk.name}-{desk.lives}.db")
        copy_file(kept, path)
        desk.go_on_from(path)
        desk.console = file.console
        desk.wire.pushes.clear()
        desk.wire.pulls.clear()
        self.model.files[desk.name] = file.copy()
        self.met["put back"] += 1
        self._touch(desk)

    @rule()
    def a_keeper_writes_down_what_it_folded(self) -> None:
        desk = self.world.desks[2]
        self.world.grant(desk.login, "keep")
        self.model.rights[desk.login] = "keep"
        keeper = Keeper(desk.desk, desk.clock, lambda hub: _KeepersLine(self.ground.sessions[desk.login]))
        self.world.pass_time(0.01)
        try:
            kept = keeper.look()
            self.met["documents"] += kept.documents
        except HubError as error:
            if not self._is_expected(desk, error):
                raise
        finally:
            keeper.close()
        self._write(desk, None)
        self._check_hub(desk)
        self._read(desk)
        self._touch(desk)

    @rule(who=desks)
    def a_file_is_made_anew(self, who: int) -> None:
        desk = self.world.desks[who]
        if desk.is_offline or self._rights(desk) is None:
            return
        desk.close()
        try:
            make_anew(desk.path, desk.clock, desk.new_id, lambda url: desk.wire)
        finally:
            desk.desk, desk.seen = OpenDesk(desk.path, desk.clock, desk.new_id), look(desk.path)
        desk.wire.pushes.clear()
        desk.wire.pulls.clear()
        file = self.model.files[desk.name]
        self._finds_back_as_it_is_made_anew(file)
        self._is_renewed(desk)
        (began,) = desk.seen.execute("SELECT coalesce(max(seq), 0) FROM base_stream").fetchone()
        file.read, file.lost, file.began = self.model.log[: desk.cursor.seq], [], began
        file.epoch = self.model.epoch
        assert desk.cursor.seq == len(self.model.log)
        self.met["anew"] += 1
        self.met["from documents"] += bool(began)
        self._touch(desk)

    # How.

    def _finds_back_as_it_is_made_anew(self, file: File) -> None:
        common = in_common(file.read, self.model.log)
        if common == len(file.read):
            return
        upto, before = file.found_back
        # What came folded cannot be compared.
        now = common if common >= file.began else 0
        file.found_back = len(file.written), min(before, now) if upto else now

    def _write(self, desk: Desk, cursor: int | None) -> bool:
        file = self.model.files[desk.name]
        if str(UUID(bytes=desk.epoch)) != file.epoch:
            file.finds_back(self.model.log, self.model.heard[file.console])
        self._is_renewed(desk)
        return super()._write(desk, cursor)

    def _is_renewed(self, desk: Desk) -> None:
        """Whether it goes on as another console: what the hub did not have is signed anew."""
        (console,) = desk.seen.execute("SELECT console FROM store").fetchone()
        if console == desk.console:
            return
        ops = [operation(row) for row in desk.seen.execute(OWN_LOG, (console, 0))]
        again = next((place for place, op in enumerate(ops) if op.was is None), len(ops))
        self.model.people[console] = self.model.people[desk.console]
        self.model.files[desk.name].becomes(console, ops[:again], self.model.refused, self.model.log)
        desk.console = console
        desk.wire.pushes.clear()
        self.met["renewed"] += 1
        self.met["signed anew"] += again

    def _read(self, desk: Desk) -> None:
        file, epoch = self.model.files[desk.name], str(UUID(bytes=desk.epoch))
        log = self.model.log[: desk.cursor.seq]
        if epoch == self.model.epoch and (file.epoch != epoch or file.read == log[: len(file.read)]):
            file.read_log(log)
        file.epoch = epoch

    def _check_hub(self, desk: Desk | None = None, now_ms: int | None = None) -> None:
        self._check_epoch()
        super()._check_hub(desk, now_ms)

    def _tell(self) -> None:
        with Hub(self.ground.server.url(self.ground.hub)) as hub:
            assert hub.restored()["began"] == len(self.model.log)
        self._check_epoch()

    def _settle(self) -> None:
        # Who may not keep the hub waits until whoever runs it has said what happened.
        if self.is_unfound:
            self._tell()
        super()._settle()

    def _check_epoch(self) -> None:
        """An epoch begins where the log stands when somebody says or finds out that the hub was restored."""
        epoch, began = self.ground.admin.execute(EPOCH).fetchone() or ("", 0)
        if epoch != self.model.epoch:
            assert self.is_unfound, "an epoch began though nothing had happened"
            assert began == len(self.model.log)
            self.model.epoch = epoch
            self.is_unfound = False
            self.met["epochs"] += 1

    def _is_late(self, desk: Desk, error: HubError) -> bool:
        return super()._is_late(desk, error) or error.code in LATE

    def _is_expected(self, desk: Desk, error: HubError) -> bool:
        if error.code == "hub.log_cut":
            self.met["hub.log_cut"] += 1
            self.a_file_is_made_anew(self.world.desks.index(desk))
            return True
        # Who may not keep the hub cannot say that it was restored.
        if error.code == "hub.restored_untold":
            return self.is_unfound and self._rights(desk) != "keep"
        return error.code == "hub.no_right" and self.is_unfound and self._rights(desk) in (None, "read")

    def _everybody(self) -> list[Desk]:
        return [*self.world.desks, *self.copies.values()]

    def _touch(self, desk: Desk) -> None:
        if desk in self.world.desks:
            super()._touch(desk)

    def _check_alike(self, desks: list[Desk]) -> None:
        written = {op.name: op for desk in desks for op in self.model.files[desk.name].written}
        without = []
        for desk in desks:
            waiting = [op for op in self.model.files[desk.name].lost if op.seq]
            assert not any(op.name in written and written[op.name].is_same(op) for op in waiting)
            if not waiting:
                without.append(desk)
        self.met["alike"] += len(without) == len(desks)
        if without:
            super()._check_alike(without)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            for desk in self.copies.values():
                desk.close()
