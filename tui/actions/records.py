"""Master data by keys: enter, edit, archive and merge records on forms of one field a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from core.commands import ArchiveRecord, MergeRecords
from core.ids import EntityId
from tui.actions.action import Action
from tui.actions.scene import Option, Scene
from tui.presenters.frame import REFUSED
from tui.words import _, later

if TYPE_CHECKING:
    from core.ticket_shown import TicketShown


class _New(Action):
    entity: ClassVar[str]
    group = "records"

    async def run(self, scene: Scene) -> None:
        row = scene.current
        await scene.fill_form(self.entity, company=row.company if row is not None else None)


class NewCompany(_New):
    id = "company.new"
    title = later("New company")
    help = later("enter a company on a form")
    entity = "company"

    async def run(self, scene: Scene) -> None:
        await scene.fill_form("company")


class NewContact(_New):
    id = "contact.new"
    title = later("New contact")
    help = later("enter a person at the company of the ticket, with numbers and role")
    entity = "contact"


class NewSite(_New):
    id = "site.new"
    title = later("New site")
    help = later("enter a site of the company of the ticket")
    entity = "site"


class NewEquipment(_New):
    id = "equipment.new"
    title = later("New equipment")
    help = later("enter equipment of the company of the ticket")
    entity = "equipment"


class NewContract(_New):
    id = "contract.new"
    title = later("New contract")
    help = later("enter a contract of the company of the ticket")
    entity = "contract"


class NewRecord(Action):
    id = "record.new"
    title = later("New record")
    help = later("enter a model, territory, colleague, team or any other record")
    group = "records"

    async def run(self, scene: Scene) -> None:
        entity = await _entity(scene, _("Enter a new record"))
        if entity:
            await scene.fill_form(entity)


class _EditOfTicket(Action):
    entity: ClassVar[str]
    group = "records"

    async def run(self, scene: Scene) -> None:
        page = await scene.ticket_shown()
        record = self.of(page) if page is not None else None
        if page is None or record is None:
            scene.tell(REFUSED, _("there is none on this ticket; Edit record finds any"))
            return
        await scene.fill_form(self.entity, record, company=page.row.company)

    def of(self, page: TicketShown) -> EntityId | None:
        """The record of a ticket that is meant."""
        raise NotImplementedError


class EditCompany(_EditOfTicket):
    id = "company.edit"
    title = later("Edit company")
    help = later("the form of the company of the ticket")
    entity = "company"

    def of(self, page: TicketShown) -> EntityId | None:
        return page.row.company


class EditContact(_EditOfTicket):
    id = "contact.edit"
    title = later("Edit contact (caller)")
    help = later("the form of who called: numbers, best hours, notes, what they are at the company")
    entity = "contact"

    def of(self, page: TicketShown) -> EntityId | None:
        return page.caller.id if page.caller is not None else None


class EditSite(_EditOfTicket):
    id = "site.edit"
    title = later("Edit site")
    help = later("the form of the site of the ticket")
    entity = "site"

    def of(self, page: TicketShown) -> EntityId | None:
        return page.site_id


class EditEquipment(_EditOfTicket):
    id = "equipment.edit"
    title = later("Edit equipment")
    help = later("the form of the equipment of the ticket")
    entity = "equipment"

    def of(self, page: TicketShown) -> EntityId | None:
        return page.equipment_id


class EditContract(_EditOfTicket):
    id = "contract.edit"
    title = later("Edit contract")
    help = later("the form of the contract of the ticket and its newest version")
    entity = "contract"

    def of(self, page: TicketShown) -> EntityId | None:
        return page.contract_id


class EditRecord(Action):
    id = "record.edit"
    title = later("Edit record")
    help = later("choose a company, contact, site, model, colleague or any other record and edit it")
    group = "records"

    async def run(self, scene: Scene) -> None:
        entity = await _entity(scene, _("Edit a record"))
        line = await scene.pick_record(_("EDIT {entity}").format(entity=_word(entity)), entity) if entity else None
        if entity and line is not None:
            await scene.fill_form(entity, line.id)


class ArchiveOne(Action):
    id = "record.archive"
    title = later("Archive record")
    help = later("choose a record that is needed no more; u brings it back")
    group = "records"

    async def run(self, scene: Scene) -> None:
        entity = await _entity(scene, _("Archive a record"))
        line = await scene.pick_record(_("ARCHIVE {entity}").format(entity=_word(entity)), entity) if entity else None
        if entity and line is not None:
            await scene.act(ArchiveRecord(entity, line.id))


class _Merge(Action):
    entity: ClassVar[str]
    group = "records"

    async def run(self, scene: Scene) -> None:
        await _merge(scene, self.entity)


class MergeCompanies(_Merge):
    id = "company.merge"
    title = later("Merge two companies")
    help = later("the same company entered twice becomes one; u takes it back")
    entity = "company"


class MergeContacts(_Merge):
    id = "contact.merge"
    title = later("Merge two contacts")
    help = later("the same person entered twice becomes one with all numbers; u takes it back")
    entity = "contact"


class MergeOthers(Action):
    id = "record.merge"
    title = later("Merge two records")
    help = later("two of the same site, equipment, model, contract, colleague or team become one")
    group = "records"

    async def run(self, scene: Scene) -> None:
        entity = await _entity(scene, _("Merge two of"))
        if entity:
            await _merge(scene, entity)


async def _merge(scene: Scene, entity: str) -> None:
    word = _word(entity)
    merged = await scene.pick_record(_("MERGE which {entity}").format(entity=word), entity)
    if merged is None:
        return
    title = _("{name} is the same {entity} as").format(name=merged.name, entity=word)
    kept = await scene.pick_record(title, entity)
    if kept is not None:
        await scene.act(MergeRecords(entity, merged.id, kept.id))


async def _entity(scene: Scene, title: str) -> str | None:
    # Not at the top: the first frame names no record.
    from core.record_fields import DESK_ENTITIES

    chosen: str | None = await scene.pick(title, [Option(_word(entity), entity) for entity in DESK_ENTITIES])
    return chosen


def _word(entity: str | None) -> str:
    from tui.presenters.record_words import entity_word

    return entity_word(entity or "")
