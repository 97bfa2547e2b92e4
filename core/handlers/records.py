"""Wishes about master data: add, change, archive, merge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.commands import AddRecord, ArchiveRecord, ChangeRecord, MergeRecords
from core.documents import GRADE
from core.errors import ChangedMeanwhile, NotFound, Refused
from core.handlers.grades import check_new_grade, with_grade
from core.handlers.plan import Desk, Plan, Step, Title
from core.ids import EntityId
from core.operations.record_added import FIELDS, MERGEABLE, RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.phones import digits_of, same_number
from core.record_doubts import check_doubts, doubts_of
from core.record_fields import FIELDS as PERSON_FIELDS
from core.record_rules import check_record, circle, numbers_of, record_name

OF_ONE_COMPANY = ("contract", "equipment", "site")
COMPUTED = ("phone_digits",)
"""What no person writes: it follows from what they do."""


def add_record(command: AddRecord, desk: Desk) -> Plan:
    """The record gets an id of its own; a contract version takes over its grade; what it says is checked."""
    record = command.record or desk.new_id()
    fields = _with_digits(dict(command.fields))
    filled: tuple[str, ...] = ()
    if command.entity == "contract_version":
        fields, filled = with_grade(fields, command.carried, desk)
    elif command.entity == GRADE:
        check_new_grade(fields, desk)
    written = [field.name for field in PERSON_FIELDS.get(command.entity, ())]
    check_record(command.entity, record, fields, written, desk)
    doubts = _doubts(command, record, fields, fields.keys(), desk)
    operation = RecordAdded(command.entity, record, fields)
    desk.expect(command.entity, record, fields)
    title = _title("record.added", command.entity, fields, fields.keys(), desk)
    title = title._replace(facts=title.facts | doubts)
    if filled:
        title = title._replace(facts={**title.facts, "grade": fields["grade"], "filled": filled})
    # Undo must not remove the chair somebody sits on: colleagues leave a desk by name, never by one key too many.
    return Plan(title, (Step(record, operation),), reversible=command.entity != "person")


def change_record(command: ChangeRecord, desk: Desk) -> Plan:
    """Only fields that differ are changed; one that somebody else changed meanwhile is told with what it says now."""
    known = _known(command.entity, command.record, desk)
    wanted = _with_digits(dict(command.changes))
    for name in sorted(wanted.keys() - FIELDS[command.entity]):
        raise Refused("record.unknown_field", entity=command.entity, field=name)
    # An empty field of a record that never had it is not a change.
    differs = {name: value for name, value in wanted.items() if (known.get(name) or None) != (value or None)}
    other = {
        name: known.get(name) for name in differs if name in command.seen and known.get(name) != command.seen[name]
    }
    if other:
        name = record_name(command.entity, known)
        raise ChangedMeanwhile(
            "record.changed_meanwhile", entity=command.entity, name=name, fields=sorted(other), now=other
        )
    if not differs:
        raise Refused("record.nothing_changed", entity=command.entity, name=record_name(command.entity, known))
    fields = {**known, **differs}
    check_record(command.entity, command.record, fields, differs, desk)
    doubts = _doubts(command, command.record, fields, differs, desk)
    changes = {name: Change(known.get(name), value) for name, value in differs.items()}
    desk.expect(command.entity, command.record, fields)
    title = _title("record.changed", command.entity, fields, differs, desk)
    title = title._replace(facts=title.facts | doubts)
    return Plan(title, (Step(command.record, RecordChanged(command.entity, command.record, changes)),))


def archive_record(command: ArchiveRecord, desk: Desk) -> Plan:
    """Refused for what is archived already, and for the person at the keys."""
    known = _known(command.entity, command.record, desk, is_archived=True)
    if command.archived and command.record == desk.author:
        raise Refused("person.sits_here", name=record_name(command.entity, known))
    operation = RecordArchived(command.entity, command.record, command.archived)
    code = "record.archived" if command.archived else "record.restored"
    facts = {"entity": command.entity, "name": record_name(command.entity, known)}
    desk.expect(command.entity, command.record, {**known, "archived": command.archived})
    return Plan(Title(code, facts), (Step(command.record, operation),))


def merge_records(command: MergeRecords, desk: Desk) -> Plan:
    """What only the second one knew is given to the first, and what both are at a company stands once."""
    if command.entity not in MERGEABLE:
        raise Refused("record.not_mergeable", entity=command.entity)
    if command.record == command.into:
        raise Refused("record.merge_with_itself", entity=command.entity)
    merged = _known(command.entity, command.record, desk)
    kept = _known(command.entity, command.into, desk)
    if command.record == desk.author:
        raise Refused("person.sits_here", name=record_name(command.entity, merged))
    names = {"name": record_name(command.entity, merged), "into": record_name(command.entity, kept)}
    for one, fields, other in ((command.record, merged, command.into), (command.into, kept, command.record)):
        if _is_above(command.entity, one, fields, other, desk):
            raise Refused("record.merge_with_parent", entity=command.entity, **names)
    if command.entity in OF_ONE_COMPANY and merged.get("company") != kept.get("company"):
        raise Refused("record.merge_across_companies", entity=command.entity, **names)
    if command.entity == "contract":
        _check_periods(command, names, desk)
    steps = [Step(command.record, RecordsMerged(command.entity, command.record, command.into))]
    gained = _gained(command.entity, merged, kept)
    if gained:
        changes = {name: Change(kept.get(name), value) for name, value in gained.items()}
        steps.insert(0, Step(command.into, RecordChanged(command.entity, command.into, changes)))
    twice = desk.affiliations_twice(command.entity, command.record, command.into)
    steps[:0] = [Step(one, RecordArchived("affiliation", one)) for one in twice]
    return Plan(Title("record.merged", {"entity": command.entity, **names}), tuple(steps))


def _known(entity: str, record: EntityId, desk: Desk, *, is_archived: bool = False) -> dict[str, Any]:
    if entity not in FIELDS:
        raise Refused("record.unknown_entity", entity=entity)
    known = desk.record(entity, record)
    if known is None:
        raise NotFound("record.unknown", entity=entity)
    if known.get("merged_into"):
        into = desk.record(entity, EntityId(bytes.fromhex(known["merged_into"]))) or {}
        facts = {"name": record_name(entity, known), "into": record_name(entity, into)}
        raise ChangedMeanwhile("record.merged_meanwhile", entity=entity, **facts)
    if known.get("archived") and not is_archived:
        raise ChangedMeanwhile("record.archived_meanwhile", entity=entity, name=record_name(entity, known))
    return known


def _with_digits(fields: dict[str, Any]) -> dict[str, Any]:
    if "phone" in fields:
        return {**fields, "phone_digits": digits_of(str(fields["phone"] or ""))}
    return fields


def _doubts(
    command: AddRecord | ChangeRecord, record: EntityId, fields: dict[str, Any], changed: Iterable[str], desk: Desk
) -> dict[str, Any]:
    """Who can be asked reads each doubt before it is done; else they are told in the facts of the title."""
    doubts = doubts_of(command.entity, record, fields, changed, desk)
    if command.accepted is not None:
        check_doubts(doubts, command.accepted, command.entity)
        return {}
    told = [[doubt.code, {"entity": command.entity, "field": doubt.field, **doubt.facts}] for doubt in doubts]
    return {"doubts": told} if told else {}


def _title(code: str, entity: str, fields: dict[str, Any], changed: Any, desk: Desk) -> Title:
    facts: dict[str, Any] = {"entity": entity, "name": record_name(entity, fields)}
    if entity in ("affiliation", "contract_version"):
        facts["name"] = _owner_name(entity, fields, desk)
    if code == "record.changed":
        facts["fields"] = [name for name in changed if name not in COMPUTED]
    return Title(code, facts)


def _owner_name(entity: str, fields: dict[str, Any], desk: Desk) -> str:
    owner = "contact" if entity == "affiliation" else "contract"
    record = fields.get(owner)
    known = desk.record(owner, EntityId(bytes.fromhex(record))) if record else None
    return record_name(owner, known or {})


def _is_above(entity: str, one: EntityId, fields: dict[str, Any], other: EntityId, desk: Desk) -> bool:
    """True when `other` stands among the parents of `one`."""
    return bool(fields.get("parent")) and bool(circle(entity, other, fields, desk))


def _check_periods(command: MergeRecords, names: dict[str, str], desk: Desk) -> None:
    theirs = list(desk.periods_of(command.record))
    for mine in desk.periods_of(command.into):
        for other in theirs:
            if (mine.valid_until is None or other.valid_from < mine.valid_until) and (
                other.valid_until is None or mine.valid_from < other.valid_until
            ):
                raise Refused("contract.merge_overlaps", **names)


def _gained(entity: str, merged: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Fields that the kept record takes over: where it says nothing, and every number of a contact."""
    no_gain = {"id", "archived", "merged_into", "derived_by", "other_phones", "phone", "phone_digits", "parent"}
    gained = {name: value for name, value in merged.items() if value and not kept.get(name) and name not in no_gain}
    if gained.get("currency") and kept.get("annual_value"):
        # A currency alone would say something else of a value that is there.
        del gained["currency"]
    if entity == "contact":
        numbers = list(numbers_of(kept))
        for number in numbers_of(merged):
            if not any(same_number(number, known) for known in numbers):
                numbers.append(number)
        if numbers != list(numbers_of(kept)):
            gained |= _with_digits({"phone": numbers[0]}) if not kept.get("phone") else {}
            gained["other_phones"] = numbers[1:]
    return gained
