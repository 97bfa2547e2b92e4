"""`make mutants`: faults that were sown into a copy of the sync, and the test that has to catch each.

    python -m tests.mutants [--only NAME,...]

A mutant whose text is no longer there is stale, and counts as not caught. Before anything is sown the named tests have
to pass.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("core", "storage", "themes", "tui", "tests", "pyproject.toml")
PASSED, FAILED = 0, 1
"""How pytest ends."""

FUNCTIONS = "storage/hub/migrations/versions/0001_functions.sql"
FAULTS, PUSH = "tests/storage/test_sync_faults.py", "tests/storage/test_hub_push.py"
ARRIVALS, MACHINE = "tests/storage/test_sync_arrivals.py", "tests/storage/test_sync_machine.py"
MERGING = "tests/core/test_merging.py"
RESTORED = "tests/storage/test_sync_hub_restored.py"


class Mutant(NamedTuple):
    """What stands where, what is put in its place, which invariant that breaks, and the test that says so."""

    name: str
    file: str
    before: str
    after: str
    invariant: str
    test: str


MUTANTS = (
    Mutant(
        "cursor before data",
        "storage/sync/incoming.py",
        "    after = check_arrivals(before, arrivals)\n",
        "    after = check_arrivals(before, arrivals)\n"
        "    connection.execute('INSERT OR REPLACE INTO hub_cursor (stream, seq, chain) VALUES (?, ?, ?)',"
        " (stream, *after))\n"
        "    connection.execute('COMMIT')\n"
        "    connection.execute('BEGIN IMMEDIATE')\n",
        "I6",
        f"{FAULTS}::test_a_console_killed_between_rows_and_cursor_has_neither",
    ),
    Mutant(
        "prev is not checked",
        FUNCTIONS,
        "IF v_prev[i] IS DISTINCT FROM v_last OR octet_length",
        "IF octet_length",
        "I3",
        f"{PUSH}::test_an_operation_that_does_not_follow_on_the_last_is_refused",
    ),
    Mutant(
        "comparator swapped",
        "core/merging/tickets.py",
        "if order_of(stamp) > order_of(present.stamp):\n            after = wrote(rebased",
        "if order_of(stamp) < order_of(present.stamp):\n            after = wrote(rebased",
        "I7",
        f"{MERGING}::test_of_two_priorities_the_later_by_the_hubs_time_holds_in_whatever_order_they_came",
    ),
    Mutant(
        "holes are not counted",
        "storage/sync/incoming.py",
        "follows = arrival.seq == cursor.seq + 1 and chain_after",
        "follows = chain_after",
        "I6",
        f"{ARRIVALS}::test_numbers_with_a_hole_are_refused_though_the_chain_fits_them",
    ),
    Mutant(
        "the last to arrive wins",
        "core/merging/telling.py",
        "return stamp.eff or UNSTAMPED, stamp.console, stamp.n",
        "return stamp.seq or UNSTAMPED, stamp.console, stamp.n",
        "I7",
        f"{MERGING}::test_what_a_field_says_in_the_end_does_not_hang_on_the_order_of_the_log",
    ),
    Mutant(
        "chain is not checked",
        "storage/sync/incoming.py",
        "arrival.seq == cursor.seq + 1 and chain_after(cursor.chain, arrival) == arrival.chain",
        "arrival.seq == cursor.seq + 1",
        "I6",
        f"{PUSH}::test_a_log_that_was_tampered_with_is_not_taken_in",
    ),
    Mutant(
        "an answer acknowledges without a stamp",
        "storage/sync/outgoing.py",
        "    note_sent(connection, last_n)\n",
        "    note_sent(connection, last_n)\n"
        "    connection.execute(\"UPDATE operation SET state = 'acked' WHERE state = 'local'\")\n",
        "I2",
        f"{MACHINE}::test_what_the_hub_heard_is_acknowledged_by_its_stamp_alone",
    ),
    Mutant(
        "what an author had seen is forgotten",
        FUNCTIONS,
        "coalesce((t.told->>'@hub')::bigint, 0) AS hub",
        "0::bigint AS hub",
        "I4",
        f"{PUSH}::test_an_operation_is_later_than_what_its_author_had_seen",
    ),
    Mutant(
        "a late answer is taken in again",
        "storage/sync/incoming.py",
        "    if cursor_of(connection, stream) != before:\n        return False\n",
        "    if cursor_of(connection, stream) != before:\n        pass\n",
        "I3",
        f"{FAULTS}::test_what_is_read_a_second_time_is_not_taken_in_again",
    ),
    Mutant(
        "pending work is not folded again",
        "storage/sync/refold.py",
        " WHERE o.id IN ({}) ORDER BY s.seq IS NULL, s.seq, o.n",
        " WHERE o.id IN ({}) AND s.seq IS NOT NULL ORDER BY s.seq IS NULL, s.seq, o.n",
        "I1",
        f"{FAULTS}::test_work_that_was_not_sent_stands_on_top_of_what_came_in",
    ),
    Mutant(
        "a refusal holds up the queue",
        FUNCTIONS,
        "            last_push_at = clock_timestamp()\n        WHERE id = p_console;\n",
        "            last_push_at = clock_timestamp()\n        WHERE id = p_console AND NOT v_is_refused;\n",
        "I10",
        "tests/storage/test_hub_roles.py::test_poison_is_refused_alone_and_the_queue_moves_on",
    ),
    Mutant(
        "a pull ends in the middle of an act",
        FUNCTIONS,
        "    WHILE FOUND LOOP\n        v_upto := v_upto + 1;\n",
        "    WHILE FOUND LOOP\n        v_upto := v_upto + 1;\n        EXIT;\n",
        "I5",
        f"{PUSH}::test_an_act_is_read_whole_however_little_is_asked_for",
    ),
    Mutant(
        "a refusal is lost with its answer",
        "storage/sync/once.py",
        "        check_heads(reading, before, heads)\n",
        "        check_heads(reading, before, heads)\n"
        '        self._write(lambda one: one.execute("UPDATE hub SET sent_n = max(sent_n, ?)", (heads.last_n,)))\n',
        "I2",
        f"{MACHINE}::test_a_refusal_whose_answer_was_lost_is_told_all_the_same",
    ),
    Mutant(
        "what has another name is another act",
        FUNCTIONS,
        "            IF v_twice IS NOT NULL THEN\n                RAISE EXCEPTION 'operation % is here",
        "            IF false THEN\n                RAISE EXCEPTION 'operation % is here",
        "I3",
        "tests/storage/test_sync_signed_twice.py::test_a_packet_that_comes_late_does_no_work_twice",
    ),
    Mutant(
        "what was read of a log that is lost counts in the new one",
        "storage/sync/once.py",
        "self._clock.now_ms(), envelopes, back)\n",
        "self._clock.now_ms(), envelopes)\n",
        "I8",
        f"{RESTORED}::test_nobody_counts_as_having_read_what_came_between_a_restore_and_its_being_found",
    ),
    Mutant(
        "an author is believed",
        FUNCTIONS,
        "f.said_author, v_author, f.eff",
        "f.said_author, f.said_author, f.eff",
        "I11",
        f"{PUSH}::test_the_author_is_who_logged_in_whatever_the_operation_says",
    ),
    Mutant(
        "who knew of what is not asked",
        "core/conflicts.py",
        "    return 0 < earlier.seq <= later.seen\n",
        "    return True\n",
        "I8",
        f"{MERGING}::test_of_two_who_took_a_ticket_the_first_has_it_and_both_names_are_shown",
    ),
    Mutant(
        "knowledge of what was not written yet",
        FUNCTIONS,
        "v_seen[i] := least(v_seen[i], v_head,",
        "v_seen[i] := least(v_seen[i],",
        "I4",
        "tests/storage/test_hub_roles.py::test_nobody_knows_of_what_was_not_written_yet",
    ),
)


def main() -> int:
    """Sow, test, print; 1 unless every mutant was caught."""
    parser = argparse.ArgumentParser(prog="mutants", description="Faults sown, and whether the tests catch them.")
    parser.add_argument("--only", default="", help="some of them by name")
    wanted = set(filter(None, parser.parse_args().only.split(",")))
    mutants = [mutant for mutant in MUTANTS if not wanted or mutant.name in wanted]
    with tempfile.TemporaryDirectory(prefix="lampboard-mutants-") as name:
        tree = Path(name)
        _copy_to(tree)
        if _run(tree, sorted({mutant.test for mutant in mutants})) != PASSED:
            print("the tests fail without any mutant")
            return 1
        caught = 0
        for mutant in mutants:
            told = _try(tree, mutant)
            caught += told == "caught"
            print(f"{mutant.name:42} {mutant.invariant:4} {told:16} {mutant.test.partition('::')[2]}", flush=True)
    print(f"{caught} of {len(mutants)} caught")
    return 0 if caught == len(mutants) else 1


def _copy_to(tree: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "__snapshots__", ".*_cache", ".hypothesis")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tree / part, ignore=ignored)
        else:
            shutil.copy(source, tree / part)


def _try(tree: Path, mutant: Mutant) -> str:
    path = tree / mutant.file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if text.count(mutant.before) != 1:
        return "STALE"
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        ended = _run(tree, [mutant.test])
    finally:
        path.write_text(text, encoding="utf-8")
    return {PASSED: "NOT CAUGHT", FAILED: "caught"}.get(ended, f"NO TEST ({ended})")


def _run(tree: Path, tests: list[str]) -> int:
    argv = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(argv, cwd=tree, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
