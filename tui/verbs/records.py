"""The verbs of master data, made from the table of fields: new, edit, show, list, archive, restore, merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from core import record_fields as kinds
from core.commands import ArchiveRecord, Command, MergeRecords, Together
from core.errors import NotFound
from core.ids import EntityId
from core.record_fields import Field, form_fields
from core.record_form import new_version, wishes_of
from core.record_shown import FindRecords, RecordLine, RecordPage, RecordShown
from core.record_text import typed_value
from core.text import fold, plain
from storage import places
from storage.sitting import open_sitting
from tui.presenters.record_words import entity_word, field_hint, field_label, one_of
from tui.verbs.contact_companies import company_options, contact_wishes
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, say, say_json
from tui.verbs.record_told import document, lines
from tui.verbs.seat import Ask, fresh_ids, perform, text_of, writing

if TYPE_CHECKING:
    from core.ports import Applied
    from tui.bootstrap import Seat

OF_COMPANY = frozenset(("contact", "contract", "equipment", "site"))
PRESENT, ARCHIVED, PRESENT_OR_ARCHIVED = (False,), (True,), (False, True)
"""Among which records one is looked for by name, in this order."""
CANDIDATES = 8
USUAL_LIST = 50
as_json = click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex, times in UTC.")


def record_group(entity: str) -> click.Group:
    """The verbs of an entity."""
    group = click.Group(entity, help=f"Enter {one_of(entity)}, edit, show and list them, archive or merge them.")
    group.add_command(show_verb(entity))
    add_record_verbs(group, entity)
    return group


def add_record_verbs(group: click.Group, entity: str) -> None:
    """All verbs of an entity but `show`."""
    for made in (_new, _edit, _list, _archive, _restore, _merge):
        group.add_command(made(entity))


def show_verb(entity: str) -> click.Command:
    """`show WHICH`: every field of a record."""

    @click.command("show", help=f"Print {one_of(entity)}. {_which_help(entity)}")
    @click.argument("which")
    @_of_company(entity)
    @as_json
    @click.pass_obj
    def show(desk: str, which: str, is_json: bool, of: str | None = None) -> None:
        sitting = open_sitting(places.desk_path(desk))
        try:
            shown = the_record(sitting.page, entity, which, of, among=PRESENT_OR_ARCHIVED)
        finally:
            sitting.close()
        if is_json:
            say_json(document(shown))
            return
        for line in lines(shown, sitting.zone):
            say(line)

    return show


def _new(entity: str) -> click.Command:
    @click.command("new", help=f"Enter {one_of(entity)}; each field is an option.")
    @_field_options(entity)
    @as_json
    @click.pass_obj
    def new(desk: str, /, is_json: bool, **typed: Any) -> None:
        with writing(desk) as seat:
            values = _values(seat, entity, typed)
            applied = _perform(seat, wishes_of(entity, None, None, values, fresh_ids(seat)))
            _tell(seat, entity, applied.touched[0], applied, is_json)

    return new


def _edit(entity: str) -> click.Command:
    @click.command("edit", help=f"Change fields of {one_of(entity)}; '' empties one. {_which_help(entity)}")
    @click.argument("which")
    @_field_options(entity)
    @_of_company(entity)
    @_versions(entity)
    @_companies(entity)
    @as_json
    @click.pass_obj
    def edit(
        desk: str, /, which: str, is_json: bool, of: str | None = None, is_new_version: bool = False, **typed: Any
    ) -> None:
        with writing(desk) as seat:
            shown = the_record(seat.desk.page_now, entity, which, of)
            values = _values(seat, entity, typed)
            if entity == "contact":
                named = (_company(seat.desk.page_now, typed[name]) for name in ("add_company", "leave_company"))
                wishes = contact_wishes(seat, shown, values, *named)
            elif is_new_version and shown.parts:
                wishes = new_version(shown, shown.parts[0], values, fresh_ids(seat))
            else:
                part = shown.parts[0] if shown.parts else None
                wishes = wishes_of(entity, shown, part, values, fresh_ids(seat))
            if not wishes:
                raise Refusal(f"nothing of {entity_word(entity)} {shown.name} was changed; give a field as an option")
            _tell(seat, entity, shown.id, _perform(seat, wishes), is_json)

    return edit


def _list(entity: str) -> click.Command:
    @click.command("list", help=f"List them by name. TEXT keeps those that hold it. {entity_word(entity)}")
    @click.argument("text", required=False, default="")
    @_of_company(entity)
    @click.option("--limit", type=click.IntRange(1, 1_000_000), default=USUAL_LIST, show_default=True)
    @click.option("--archived", "with_archived", is_flag=True, help="Those that are archived, too.")
    @as_json
    @click.pass_obj
    def list_(desk: str, text: str, limit: int, with_archived: bool, is_json: bool, of: str | None = None) -> None:
        sitting = open_sitting(places.desk_path(desk))
        try:
            company = _company(sitting.page, of)
            found = sitting.page(FindRecords(entity, text, company, limit + 1, with_archived))
        finally:
            sitting.close()
        if is_json:
            say_json([_line_document(line) for line in found[:limit]])
            return
        for line in found[:limit]:
            from tui.verbs.printing import fit

            mark = "  (archived)" if line.archived else ""
            say(f"{fit(line.name, 36)} {plain(line.detail, 120)}{mark}".rstrip())
        if len(found) > limit:
            complain(f"there are more than {limit}; give a part of the name, or --limit")

    return list_


def _archive(entity: str) -> click.Command:
    return _archiving(entity, "archive", f"Take {one_of(entity)} off the desk. {_which_help(entity)}", True)


def _restore(entity: str) -> click.Command:
    return _archiving(entity, "restore", f"Bring {one_of(entity)} that was archived back. {_which_help(entity)}", False)


def _archiving(entity: str, name: str, told: str, archived: bool) -> click.Command:
    @click.command(name, help=told)
    @click.argument("which")
    @_of_company(entity)
    @as_json
    @click.pass_obj
    def archive(desk: str, which: str, is_json: bool, of: str | None = None) -> None:
        with writing(desk) as seat:
            shown = the_record(seat.desk.page_now, entity, which, of, among=PRESENT if archived else ARCHIVED)
            applied = _perform(seat, (ArchiveRecord(entity, shown.id, archived),))
            _tell(seat, entity, shown.id, applied, is_json)

    return archive


def _merge(entity: str) -> click.Command:
    @click.command("merge", help="WHICH and INTO are the same, entered twice: what names WHICH follows to INTO.")
    @click.argument("which")
    @click.argument("into")
    @_of_company(entity)
    @as_json
    @click.pass_obj
    def merge(desk: str, which: str, into: str, is_json: bool, of: str | None = None) -> None:
        with writing(desk) as seat:
            merged = the_record(seat.desk.page_now, entity, which, of)
            kept = the_record(seat.desk.page_now, entity, into, of)
            applied = _perform(seat, (MergeRecords(entity, merged.id, kept.id),))
            _tell(seat, entity, kept.id, applied, is_json)

    return merge


# Looking up.


def the_record(
    ask: Ask, entity: str, wanted: str, of: str | None = None, *, among: Sequence[bool] = PRESENT
) -> RecordShown:
    """The one record with that name, number or id, or Refusal with the candidates; `among` says where to look first."""
    record = _id_in(wanted)
    if record is None:
        request = FindRecords(entity, wanted, _company(ask, of), CANDIDATES + 1, True in among)
        found = ask(request) if wanted.strip() else ()
        # A namesake that was archived, or undone, makes the one that is there no less plain.
        kept = (tuple(line for line in found if line.archived == is_archived) for is_archived in among)
        record = _the_one(entity, wanted, next((lines for lines in kept if lines), ()))
    shown: RecordShown | None = ask(RecordPage(entity, record))
    if shown is None:
        raise NotFound("record.unknown", entity=entity)
    return shown


def _the_one(entity: str, wanted: str, found: tuple[RecordLine, ...]) -> EntityId:
    same = [line for line in found if line.name == wanted.strip()]
    same = same or [line for line in found if fold(line.name) == fold(wanted.strip())]
    if len(same) == 1 or len(found) == 1:
        return (same or list(found))[0].id
    word = entity_word(entity)
    if not found:
        raise Refusal(f"there is no {word} {wanted!r} on this desk; lampboard {entity} list shows them")
    told = ", ".join(f"{plain(line.name, 60)} ({line.id.hex()})" for line in (same or found)[:CANDIDATES])
    more = " and others" if len(found) > CANDIDATES else ""
    raise Refusal(f"{word} {wanted!r} may be {told}{more}; write the whole name or the id")


def _id_in(text: str) -> EntityId | None:
    try:
        return EntityId(bytes.fromhex(text)) if len(text) == 32 else None
    except ValueError:
        return None


def _company(ask: Ask, name: str | None) -> EntityId | None:
    return None if name is None else the_record(ask, "company", name).id


# Options.


def _field_options(entity: str) -> Callable[[Any], Any]:
    """One option for each field; `--phone` of a contact may be given several times."""

    def decorate(function: Any) -> Any:
        for _owner, field in reversed(form_fields(entity)):
            if field.kind != kinds.PHONES:
                function = _option(field)(function)
        return function

    return decorate


def _option(field: Field) -> Callable[[Any], Any]:
    flag, told = field.name.replace("_", "-"), f"{field_label(field.name)}: {field_hint(field)}".rstrip(": ")
    if field.kind == kinds.FLAG:
        return click.option(f"--{flag}/--no-{flag}", field.name, default=None, help=told)
    if field.kind == kinds.PHONE:
        return click.option(f"--{flag}", field.name, multiple=True, metavar="NUMBER", help=f"{told}; may be repeated")
    return click.option(f"--{flag}", field.name, metavar=field.kind.upper(), help=told)


def _of_company(entity: str) -> Callable[[Any], Any]:
    if entity not in OF_COMPANY:
        return _nothing
    return click.option("--of", metavar="COMPANY", help="Only among those of this company.")


def _versions(entity: str) -> Callable[[Any], Any]:
    if entity != "contract":
        return _nothing
    told = "Another version, like the one before but for what is given; that one ends where it begins."
    return click.option("--new-version", "is_new_version", is_flag=True, help=told)


def _companies(entity: str) -> Callable[[Any], Any]:
    return company_options if entity == "contact" else _nothing


def _nothing(function: Any) -> Any:
    return function


def _which_help(entity: str) -> str:
    how = {"contact": "a part of the name, a number or an address", "equipment": "an inventory or serial number"}
    return f"WHICH is {how.get(entity, 'a part of the name')}, or the id."


def _values(seat: Seat, entity: str, typed: dict[str, Any]) -> dict[str, Any]:
    """What the options say, as in payloads; those not given are left out."""
    values: dict[str, Any] = {}
    for _owner, field in form_fields(entity):
        told = typed.get(field.name)
        if told is None or told == ():
            continue
        if field.kind == kinds.FLAG:
            values[field.name] = told
        elif field.kind == kinds.PHONE:
            numbers = [text_of(one).strip() for one in told]
            values[field.name] = numbers[0]
            values["other_phones"] = [number for number in numbers[1:] if number]
        elif field.kind == kinds.REFERENCE:
            told = text_of(told).strip()
            record = the_record(seat.desk.page_now, field.refers_to, told) if told else None
            values[field.name] = None if record is None else record.id.hex()
        else:
            values[field.name] = typed_value(field, text_of(told), seat.zone)
    return values


def _perform(seat: Seat, wishes: tuple[Command, ...]) -> Applied:
    return perform(seat, wishes[0] if len(wishes) == 1 else Together(wishes))


def _tell(seat: Seat, entity: str, record: EntityId, applied: Applied, is_json: bool) -> None:
    from tui.presenters.sentences import doubt_told, short_title, taken_over

    warnings = [doubt_told(*doubt) for doubt in applied.title.facts.get("doubts", ())]
    for warning in warnings:
        complain(warning)
    if is_json:
        shown: RecordShown = seat.desk.page_now(RecordPage(entity, record))
        say_json({"done": applied.title.code, "warnings": warnings, **document(shown)})
        return
    say(short_title(applied.title.code, applied.title.facts))
    if applied.title.facts.get("filled"):
        say(taken_over(applied.title.facts))


def _line_document(line: RecordLine) -> dict[str, Any]:
    return {"id": line.id.hex(), "name": line.name, "detail": line.detail, "archived": line.archived}


site, territory, contact, equipment = map(record_group, ("site", "territory", "contact", "equipment"))
model, contract, person, team = map(record_group, ("model", "contract", "person", "team"))
