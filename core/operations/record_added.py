"""A record of master data came to the desk: a company, a contact, a person, a piece of equipment."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar

from core.company import Affiliation, Company, Contact, Site, Territory
from core.contract import Contract, ContractVersion
from core.equipment import Equipment, Model
from core.errors import Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import Alias, State, alias_in, the_id, with_alias
from core.people import Person, Team

if TYPE_CHECKING:
    from core.operations.record_archived import RecordArchived

RECORDS: dict[str, type] = {
    "affiliation": Affiliation,
    "company": Company,
    "contact": Contact,
    "contract": Contract,
    "contract_version": ContractVersion,
    "equipment": Equipment,
    "model": Model,
    "person": Person,
    "site": Site,
    "team": Team,
    "territory": Territory,
}
FIELDS = {entity: frozenset(field.name for field in fields(record)) for entity, record in RECORDS.items()}
FIELDS |= dict.fromkeys(("calendar", "policy", "view", "grade"), frozenset(("id", "name", "body")))
"""What each entity may say of itself; calendars, policies, views and grades are documents under a name."""

ENTITIES = tuple(sorted(FIELDS))
MERGEABLE = ("company", "contact", "contract", "equipment", "model", "person", "site", "team", "territory")
"""What a person may have entered twice; the others belong to one of these."""


@dataclass(frozen=True, slots=True)
class RecordAdded:
    """`fields` are those of the entity's dataclass, ids as hex; `archived` true takes the record off the desk."""

    KIND: ClassVar[str] = "record.added"
    ENTITY: ClassVar[str] = "record"

    entity: str
    record: EntityId
    fields: dict[str, Any]
    archived: bool = False
    alias: Alias | None = None
    """Its key at the desk that it came from."""

    def to_document(self) -> dict[str, Any]:
        document = {
            "entity": self.entity,
            "record": self.record.hex(),
            "fields": self.fields,
            "archived": self.archived,
        }
        return with_alias(document, self.alias)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> RecordAdded:
        entity, record = document["entity"], the_id(document["record"])
        return cls(entity, record, document["fields"], document["archived"], alias_in(document))

    def validate(self, state: State) -> None:
        if self.entity not in FIELDS:
            raise Refused("record.unknown_entity", entity=self.entity)
        for name in sorted(self.fields.keys() - FIELDS[self.entity]):
            raise Refused("record.unknown_field", entity=self.entity, field=name)
        if "name" in self.fields and not str(self.fields["name"]).strip():
            raise Refused("record.name_missing", entity=self.entity)

    def apply(self, state: State, stamp: Stamp) -> State:
        added = state.with_record(self.entity, self.record, {**self.fields, "archived": self.archived}, is_new=True)
        return added if self.alias is None else replace(added, aliases=(*added.aliases, self.alias))

    def inverse(self, stamp: Stamp) -> RecordArchived:
        # Not the same fields again: what others changed in the record since is not to be lost.
        from core.operations.record_archived import RecordArchived

        return RecordArchived(self.entity, self.record, not self.archived)
