"""The companies, people and things that rows speak of: each met value becomes one record with an id of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.clock import Instant
from core.ids import EntityId, derived
from core.operations.record_added import RecordAdded
from storage.importers.check_row import Cells
from storage.importers.mapping import ENTITY_OF_ROLE, PLACE, Mapping, RecordRule

KEY_JOINT = "\x1f"
"""Between the parts of a key made of several columns; no source writes it into a value by accident."""

BELONGS_TO_COMPANY = frozenset(["site", "equipment", "contract"])
WRITTEN_IN_ORDER = (
    "company",
    "site",
    "contact",
    "affiliation",
    "model",
    "team",
    "person",
    "equipment",
    "contract",
    "contract_version",
)


@dataclass(slots=True)
class MetRecord:
    """A record the source speaks of; `key` names its columns, because equal values of two columns are two things."""

    entity: str
    key: str
    id: EntityId
    fields: dict[str, Any]

    def operation(self) -> RecordAdded:
        """What the log says of it."""
        return RecordAdded(self.entity, self.id, self.fields)


class MetRecords:
    """Every record met so far. Ids come from name space, entity and key alone, so that a second run knows them."""

    def __init__(self, mapping: Mapping, column: dict[str, int]) -> None:
        self._namespace = mapping.namespace
        self._zone = mapping.time.zone if "/" in mapping.time.zone else "UTC"
        self._rules = dict(mapping.rules())
        self._places = {role: [column[name] for name in rule.columns] for role, rule in self._rules.items()}
        self._known: dict[str, dict[str | tuple[str, ...] | None, str | None]] = {role: {} for role in self._rules}
        self._met: dict[tuple[str, str], MetRecord] = {}
        self.company_names: dict[str, str] = {}
        """By id as hex: what the queue sorts tickets by."""

    def __iter__(self) -> Iterator[MetRecord]:
        """In an order in which nothing stands before what it belongs to."""
        return iter(sorted(self._met.values(), key=lambda met: WRITTEN_IN_ORDER.index(met.entity)))

    def count(self, entity: str) -> int:
        """How many of them there are."""
        return sum(1 for known, _ in self._met if known == entity)

    def is_named(self, role: str, cells: Cells) -> bool:
        """True when the row says who or what has the role, whether or not it could be met."""
        places = self._places.get(role)
        if places is None:
            return False
        for place in places:
            text = cells[place]
            if text is None or not text.strip():
                return False
        return True

    def meet(self, role: str, cells: Cells, company: str | None = None) -> str | None:
        """The id as hex of who or what has `role` in this row, or None if that is not known.

        What belongs to a company cannot be met without one: it stays unmet until a row says more.
        """
        places = self._places.get(role)
        if places is None:
            return None
        value = cells[places[0]] if len(places) == 1 else tuple(cells[place] or "" for place in places)
        known = self._known[role]
        try:
            return known[value]
        except KeyError:
            pass
        values = (value,) if isinstance(value, str) else value if value is not None else ("",)
        if not all(part.strip() for part in values):
            known[value] = None
            return None
        if role in BELONGS_TO_COMPANY and company is None:
            return None
        rule = self._rules[role]
        fields = self._fields(role, rule, values, cells, company)
        met = self._add(ENTITY_OF_ROLE[role], key_of(rule, values), fields)
        found = known[value] = met.id.hex()
        if role == "company":
            self.company_names[found] = met.fields["name"]
        return found

    def finder(self, role: str) -> Callable[[Cells], str | None]:
        """`meet` for one role, quick for a value that was met before."""
        places = self._places.get(role, [])
        if len(places) != 1:
            return lambda cells: self.meet(role, cells)
        known, place = self._known[role], places[0]

        def find(cells: Cells) -> str | None:
            try:
                return known[cells[place]]
            except KeyError:
                return self.meet(role, cells)

        return find

    def meet_contract(self, cells: Cells, company: str | None, opened_at: Instant) -> str | None:
        """The version of the contract of a ticket; it counts from the first ticket known under it."""
        contract = self.meet("contract", cells, company)
        if contract is None:
            return None
        rule = self._rules["contract"]
        values = tuple(cells[place] or "" for place in self._places["contract"])
        fields = {
            "contract": contract,
            "valid_from": opened_at,
            "grade": _filled(rule.grade, values),
            "derived_by": rule.derived_by,
        }
        version = self._add("contract_version", key_of(rule, values), fields)
        version.fields["valid_from"] = min(version.fields["valid_from"], opened_at)
        return version.id.hex()

    def meet_affiliation(self, contact: str, company: str, since: Instant) -> None:
        """The contact spoke for the company in a ticket."""
        fields = {"contact": contact, "company": company, "role": "", "since": since}
        met = self._add("affiliation", KEY_JOINT.join((contact, company)), fields)
        met.fields["since"] = min(met.fields["since"], since)

    def _add(self, entity: str, key: str, fields: dict[str, Any]) -> MetRecord:
        met = self._met.get((entity, key))
        if met is None:
            record_id = derived(0, 0, self._namespace.encode(), entity.encode(), key.encode())
            met = self._met[entity, key] = MetRecord(entity, key, record_id, fields)
        return met

    def _fields(
        self, role: str, rule: RecordRule, values: tuple[str, ...], cells: Cells, company: str | None
    ) -> dict[str, Any]:
        name, derived_by = _filled(rule.name, values), rule.derived_by
        if role == "company":
            return {"name": name, "kind": "customer", "derived_by": derived_by}
        if role == "site":
            return {"name": name, "company": company, "derived_by": derived_by}
        if role == "equipment":
            return {
                "inventory_number": name,
                "company": company,
                "model": self.meet("product", cells),
                "site": self.meet("site", cells, company),
                "derived_by": derived_by,
            }
        if role == "contract":
            return {"number": name, "company": company, "derived_by": derived_by}
        if ENTITY_OF_ROLE[role] == "person":
            return {"name": name, "zone": self._zone, "derived_by": derived_by}
        return {"name": name, "derived_by": derived_by}


def key_of(rule: RecordRule, values: tuple[str, ...]) -> str:
    """The imported key of a record: each value with the column it stands in; its name where it stands in none."""
    if not values:
        return rule.name
    return KEY_JOINT.join(f"{column}:{value}" for column, value in zip(rule.columns, values, strict=True))


def _filled(template: str, values: tuple[str, ...]) -> str:
    return PLACE.sub(lambda place: values[int(place[1] or 0)], template)
