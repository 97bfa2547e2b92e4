"""What holds of a record of master data or a document that two people changed without knowing of each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.conflicts import BOTH_STAND, FIELD, LATER, VERSION, Side, knows, side_of
from core.merging.telling import differed, order_of, side, wrote
from core.operations.document_changed import DocumentChanged
from core.operations.envelope import Stamp
from core.operations.operation import State
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.record_fields import NOTE, field_of
from core.text_merge import merged_text


def changed(state: State, operation: RecordChanged, stamp: Stamp) -> State:
    """Each field for itself: sets are joined, long texts too where no lines meet; of the rest the later one holds."""
    held: dict[str, Change] = {}
    differing: list[tuple[str, Any, Side, Side]] = []
    now = state.known_records.get(operation.record, {})
    for name, change in sorted(operation.changes.items()):
        present = state.writers.get(name)
        if present is None or knows(stamp, present.stamp):
            held[name] = change
            continue
        joined = _joined_values(operation.entity, name, change, now.get(name))
        if joined is not None:
            held[name] = Change(now.get(name), joined)
        elif present.value == change.now:
            if order_of(stamp) > order_of(present.stamp):
                held[name] = change
        elif order_of(stamp) > order_of(present.stamp):
            held[name] = change
            differing.append((name, change.was, side_of(stamp, change.now), side(present)))
        else:
            differing.append((name, change.was, side(present), side_of(stamp, change.now)))
    after = replace(operation, changes=held).apply(state, stamp) if held else state
    for name, change in held.items():
        after = wrote(after, name, stamp, change.now)
    for name, before, applied, other in differing:
        after = differed(after, stamp, operation.entity, operation.record, name, FIELD, LATER, before, applied, other)
    return after


def _joined_values(entity: str, name: str, change: Change, now: Any) -> Any:
    """What becomes of a set or a long text that two people changed; None where one of them has to give way."""
    if isinstance(change.now, list) and isinstance(change.was, list) and isinstance(now, list):
        removed = [one for one in change.was if one not in change.now]
        added = [one for one in change.now if one not in change.was and one not in now]
        return [one for one in now if one not in removed] + added
    known = field_of(entity, name)
    if known is not None and known.kind == NOTE and all(isinstance(one, str) for one in (*change, now)):
        return merged_text(change.was, now, change.now)
    return None


def record_stands(state: State, operation: RecordArchived | RecordsMerged, stamp: Stamp) -> State:
    """Whether a record is on the desk, and what it was merged into: one thing, of which the later word holds."""
    if isinstance(operation, RecordsMerged):
        value = {
            "archived": not operation.is_apart,
            "merged_into": None if operation.is_apart else operation.into.hex(),
        }
    else:
        value = {"archived": operation.archived, "merged_into": None}
    present = state.writers.get("archived")
    if present is None or knows(stamp, present.stamp):
        return wrote(operation.apply(state, stamp), "archived", stamp, value)
    if present.value == value:
        return wrote(state, "archived", stamp, value) if order_of(stamp) > order_of(present.stamp) else state
    if order_of(stamp) > order_of(present.stamp):
        # Whatever was merged before is apart again unless this says otherwise.
        after = operation.apply(state, stamp).with_record(operation.entity, operation.record, value)
        after = wrote(after, "archived", stamp, value)
        sides = side_of(stamp, value), side(present)
    else:
        after, sides = state, (side(present), side_of(stamp, value))
    return differed(after, stamp, operation.entity, operation.record, "archived", FIELD, LATER, None, *sides)


def versioned(state: State, operation: DocumentChanged, stamp: Stamp) -> State:
    """Versions are never changed; two that were written at once both stand, and the one in force last is told."""
    present = state.writers.get("version")
    after = operation.apply(state, stamp)
    value = operation.to_document()
    if present is None or knows(stamp, present.stamp) or present.value["version"] == value["version"]:
        return wrote(after, "version", stamp, value)
    mine, theirs = side_of(stamp, value), side(present)
    in_force = max((theirs, mine), key=lambda side: [side.value[name] for name in ("valid_from", "number", "version")])
    after = wrote(after, "version", stamp, value)
    if operation.archived or present.value["archived"]:
        return after
    other = theirs if in_force is mine else mine
    return differed(after, stamp, "document", operation.document, "version", VERSION, BOTH_STAND, None, in_force, other)
