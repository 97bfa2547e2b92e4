"""A console without a screen that takes calls until it is killed: `python -m tests.storage.calling_console DESK SEED`.

Letters are kept as they are typed, a few at a time; what is told on standard output was kept or saved before.
"""

from __future__ import annotations

import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from core.clock import instant
from core.commands import SaveCall
from core.ids import EntityId, IdMaker
from core.intake import CallDraft
from storage.desk import OpenDesk
from tests.storage.acting_console import MachineClock

TEXT = "Drukarka na hali 4 stoi od rana, na ekranie E07, operator dwa razy ja wylaczyl"


def take_calls(path: Path, seed: int) -> None:
    """Type and save call after call; every third one is parked in the middle."""
    clock = MachineClock()
    desk = OpenDesk(path, clock, IdMaker(clock.now_ms, os.urandom))
    (person,) = desk._first.execute("SELECT person FROM store").fetchone()
    anna = EntityId(person)
    chance = random.Random(seed)
    while True:
        _take_call(desk, anna, CallDraft(desk.new_id(), instant(clock.now_ms())), chance)


def _take_call(desk: OpenDesk, anna: EntityId, draft: CallDraft, chance: random.Random) -> None:
    seen, is_parked = "", chance.random() < 0.3
    last = len(TEXT) // 2 if is_parked else len(TEXT)
    letters = 0
    while letters < last:
        letters = min(last, letters + chance.randint(1, 9))
        draft = replace(draft, symptom=TEXT[:letters])
        text = draft.to_text()
        desk.keep_call(anna, draft.id, text, seen).result()
        seen = text
        _tell("typed", draft, letters)
        time.sleep(chance.random() * 0.002)
    if not is_parked:
        desk.submit(SaveCall(draft.id, draft.started_at, draft.symptom, contact_name="Ewa"), anna).result()
        _tell("saved", draft, letters)


def _tell(word: str, draft: CallDraft, letters: int) -> None:
    sys.stdout.write(f"{word} {draft.id.hex()} {letters}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    take_calls(Path(sys.argv[1]), int(sys.argv[2]))
