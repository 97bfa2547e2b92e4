"""From what stands on a form to wishes: only fields that were changed are asked for, each with what was seen there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.commands import AddRecord, ChangeRecord, Command
from core.ids import EntityId
from core.record_fields import FIELDS, ON_ONE_FORM, OWNERS, PROMISED
from core.record_shown import RecordShown

USUAL = {"company": {"kind": "customer"}}
"""What a new record says where nobody said anything."""


def wishes_of(
    entity: str,
    record: RecordShown | None,
    part: RecordShown | None,
    values: Mapping[str, Any],
    new_id: Callable[[], EntityId],
) -> tuple[Command, ...]:
    """The wishes that make the record (None: a new one) and the second record on its form say `values`.

    Empty when nothing was changed. Fields that `values` leaves out stay as they are; one of a new contract version that
    is there and says nothing is meant to, so that its grade does not fill it.
    """
    second = ON_ONE_FORM.get(entity)
    if record is None:
        wish = AddRecord(entity, {**USUAL.get(entity, {}), **_said(entity, values)}, new_id())
        # A contract says nothing before its first version does.
        has_second = second is not None and (entity == "contract" or bool(_said(second, values)))
        return (wish, _second(second, wish.record, values, new_id)) if second and has_second else (wish,)
    wishes: list[Command] = [*_changed(entity, record, values)]
    if second and part is not None:
        wishes += _changed(second, part, values)
    elif second and _said(second, values):
        wishes.append(_second(second, record.id, values, new_id))
    return tuple(wishes)


def begun_at(
    contact: RecordShown,
    left: RecordShown | None,
    values: Mapping[str, Any],
    day: int | None,
    new_id: Callable[[], EntityId],
) -> tuple[Command, ...]:
    """A contact is at the company among `values` from `day` on, where nothing else is said; at `left` they end then.

    The affiliations stay two, so that earlier tickets keep who reported them from where.
    """
    told = {"since": day, **values} if day is not None else values
    wishes = [*_changed("contact", contact, values), _second("affiliation", contact.id, told, new_id)]
    if left is not None and day is not None:
        wishes += left_at(left, {"until": told["since"]}, day)
    return tuple(wishes)


def left_at(part: RecordShown, values: Mapping[str, Any], day: int) -> tuple[Command, ...]:
    """What a contact is at a company ends, on `until` among the values or on `day`."""
    ended = {name: value for name, value in values.items() if name in _OF_AFFILIATION}
    return tuple(_changed("affiliation", part, {"until": day, **ended}))


_OF_AFFILIATION = frozenset(field.name for field in FIELDS["affiliation"])


def new_version(
    contract: RecordShown, newest: RecordShown, values: Mapping[str, Any], new_id: Callable[[], EntityId]
) -> tuple[Command, ...]:
    """Another version of a contract that says what the newest did but for `values`; that one ends where it begins.

    A grade among the values says anew what is promised, before what the newest said. Without one all of that stays,
    also what was left empty.
    """
    told = {**dict.fromkeys(PROMISED), **_said("contract_version", newest.fields), **values}
    carried: dict[str, Any] = {}
    if values.get("grade"):
        carried = {name: told.pop(name) for name in PROMISED if name not in values}
    if newest.fields.get("rates"):
        told["rates"] = newest.fields["rates"]
    begins, ended = told.get("valid_from"), newest.fields.get("valid_until")
    if "valid_until" not in values:
        told.pop("valid_until", None)
    wish = AddRecord("contract_version", {**told, "contract": contract.id.hex()}, new_id(), carried)
    if isinstance(begins, int) and begins > newest.fields["valid_from"] and (ended is None or ended > begins):
        end = ChangeRecord("contract_version", newest.id, {"valid_until": begins}, {"valid_until": ended})
        return (end, wish)
    return (wish,)


def _second(
    second: str, owner: EntityId | None, values: Mapping[str, Any], new_id: Callable[[], EntityId]
) -> AddRecord:
    assert owner is not None
    fields = _said(second, values)
    if second == "contract_version":
        fields |= {name: None for name in PROMISED if name in values and name not in fields}
    return AddRecord(second, {**fields, OWNERS[second]: owner.hex()}, new_id())


def _said(entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entity that say something."""
    names = [field.name for field in FIELDS[entity]]
    # A nought is said; only an unset flag is as good as none.
    return {name: values[name] for name in names if values.get(name) or type(values.get(name)) in (int, float)}


def _changed(entity: str, record: RecordShown, values: Mapping[str, Any]) -> list[Command]:
    known = record.fields
    differs = {
        field.name: values[field.name]
        for field in FIELDS[entity]
        if field.name in values and (values[field.name] or None) != (known.get(field.name) or None)
    }
    if not differs:
        return []
    return [ChangeRecord(entity, record.id, differs, {name: known.get(name) for name in differs})]
