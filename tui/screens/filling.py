"""Filling in the form of a record: what each key does, what is looked up meanwhile, how it is kept and saved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import record_fields as kinds
from core.drafts_left import FORM_KIND, DraftOf
from core.errors import ChangedMeanwhile, DomainError, Refused
from core.ids import EntityId
from core.record_draft import NEW, FormDraft, draft_of
from core.record_fields import Field, form_fields
from core.record_form import wishes_of
from core.record_shown import FindRecords, RecordLine, RecordPage, RecordShown
from core.record_text import shown_value, typed_value
from tui.gateway import Gateway
from tui.panes.form import FormPane
from tui.presenters.form_page import FormShown
from tui.presenters.frame import REFUSED, SAYS
from tui.presenters.record_words import DOUBTS, entity_word, field_label
from tui.presenters.sentences import why_not
from tui.widgets.ink import Ink
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.workbench import Workbench

KEEP_SECONDS = 0.1
"""From a change to its way to the disk, also while typing goes on."""
FOUND = 20
MOVES = {"up": -1, "down": 1, "pageup": -5, "pagedown": 5}
OF_COMPANY = frozenset(("site", "equipment", "contact"))
"""References that are looked for at the company that stands on the form."""


class Filling:
    """One form at a time; `_texts` is what stands in its fields, `_chosen` what its references name, in hex."""

    def __init__(self, bench: Workbench, gateway: Gateway, ink: Ink) -> None:
        self._bench = bench
        self._gateway = gateway
        self._ink = ink
        self._pane: FormPane | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._kept = ""
        self._clear("")

    def _clear(self, entity: str) -> None:
        self._entity = entity
        self._shown: RecordShown | None = None
        self._part: RecordShown | None = None
        self._fields: tuple[Field, ...] = tuple(field for _owner, field in form_fields(entity)) if entity else ()
        self._begun: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._chosen: dict[str, str | None] = {}
        self._seen: dict[str, Any] = {}
        self._place = 0
        self._options: tuple[RecordLine, ...] = ()
        self._choice = -1
        self._problem = ""
        self._asks_to_drop = False
        self._passed: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """True while there is a form."""
        return bool(self._entity)

    # Beginning and ending.

    async def begin(self, entity: str, record: EntityId | None, preset: Mapping[str, EntityId]) -> None:
        """Open the form with what the desk says, and over it what was typed the last time."""
        if self.is_open:
            await self.keep()
        shown = await self._gateway.page(RecordPage(entity, record)) if record is not None else None
        if record is not None and shown is None:
            raise DomainError("record.unknown", entity=entity)
        about = EntityId(NEW) if record is None else record
        kept = await self._gateway.page(DraftOf(self._bench.scene.person.id, FORM_KIND + entity, about))
        self._clear(entity)
        self._shown, self._part = shown, _part_of(shown, preset)
        names = {**(shown.names if shown else {}), **(self._part.names if self._part else {})}
        said = {**(shown.fields if shown else {}), **(self._part.fields if self._part else {})}
        self._seen = {field.name: said.get(field.name) for field in self._fields}
        for field in self._fields:
            self._begun[field.name] = shown_value(field, self._seen[field.name], self._bench.scene.zone, names)
            if field.kind == kinds.REFERENCE:
                self._chosen[field.name] = self._seen[field.name]
        self._texts = dict(self._begun)
        if record is None:
            await self._choose_preset(preset)
        self._take_draft(draft_of(kept))
        self._kept = kept
        await self._the_pane()
        self._bench.add_class("-filling")
        self._draw(is_anew=True)
        if kept:
            self._bench.tell(SAYS, _("as you left it; F7 drops what was typed"))
        self._bench.draw_frame()

    async def _choose_preset(self, preset: Mapping[str, EntityId]) -> None:
        for field in self._fields:
            if field.kind == kinds.REFERENCE and field.name in preset:
                named = await self._gateway.page(RecordPage(field.refers_to, preset[field.name]))
                if named is not None:
                    self._texts[field.name] = self._begun[field.name] = named.name
                    self._chosen[field.name] = named.id.hex()

    def _take_draft(self, draft: FormDraft) -> None:
        names = [field.name for field in self._fields]
        for name, text in draft.texts.items():
            if name in names:
                self._texts[name] = text
                if name in self._chosen:
                    self._chosen[name] = draft.chosen.get(name)
                if name in draft.seen:
                    self._seen[name] = draft.seen[name]
        if draft.at in names:
            self._place = names.index(draft.at)

    async def _the_pane(self) -> FormPane:
        if self._pane is None:
            self._pane = FormPane(self._ink, self.takes, self._typed, self._draw)
            await self._bench.mount(self._pane, before="#body")
        return self._pane

    def _close(self) -> None:
        self._clear("")
        self._bench.remove_class("-filling")
        self._bench.uncovered()

    def take_focus(self) -> bool:
        """Give the keys to the field; True when it has them."""
        return self.is_open and self._pane is not None and self._pane.take_focus()

    # Keys.

    def takes(self, key: str, character: str) -> bool:
        """Do what a key means on a form; False for what is text of the field."""
        if not self.is_open:
            return False
        run = self._bench.running.action
        if self._asks_to_drop:
            self._asks_to_drop = False
            self._bench.tell(SAYS, "")
            if character == "y":
                run(self._drop())
            return True
        if key == "escape":
            run(self._leave())
        elif key in ("ctrl+s", "f8"):
            run(self._save())
        elif key in ("enter", "tab"):
            run(self._accept())
        elif key == "shift+tab":
            self._go(-1)
        elif key in MOVES:
            self._move(MOVES[key])
        elif key == "f7":
            self._asks_to_drop = True
            self._bench.tell(SAYS, _("drop what was typed? y drops it, n keeps it"))
        else:
            return False
        return True

    @property
    def _field(self) -> Field:
        return self._fields[self._place]

    def _go(self, step: int) -> None:
        place = max(0, min(self._place + step, len(self._fields) - 1))
        if place == self._place and step > 0:
            self._bench.tell(SAYS, _("that was the last field; ctrl+s saves"))
        self._go_to(place)

    def _go_to(self, place: int, problem: str = "") -> None:
        self._place, self._problem = place, problem
        self._options, self._choice = (), -1
        self._draw(is_anew=True)
        self._keep_soon()
        self._look_around()

    def _look_around(self) -> None:
        """What there is to choose from, where something is chosen; what stands there already needs no list."""
        if self._is_choosing and not self._texts[self._field.name]:
            self._bench.running.beside(self._look_up, "form")

    @property
    def _is_choosing(self) -> bool:
        return self._field.kind in (kinds.REFERENCE, kinds.CHOICE)

    def _move(self, rows: int) -> None:
        if not self._options:
            self._go(rows)
            return
        self._choice = max(0, min(self._choice + rows, len(self._options) - 1))
        self._draw()

    # What is typed.

    def _typed(self, text: str) -> None:
        field = self._field if self.is_open else None
        if field is None or text == self._texts[field.name]:
            return
        self._texts[field.name] = text
        self._problem, self._passed = "", ()
        if field.kind == kinds.REFERENCE:
            is_as_before = text == self._begun[field.name]
            self._chosen[field.name] = self._seen.get(field.name) if is_as_before else None
        if self._is_choosing:
            self._bench.running.beside(self._look_up, "form")
        self._keep_soon()
        self._draw()

    async def _look_up(self) -> None:
        await self._find()

    async def _find(self) -> tuple[RecordLine, ...]:
        """The records, or choices, that what stands in the field may mean; an older answer is dropped."""
        field = self._field
        text = self._texts[field.name]
        if field.kind == kinds.CHOICE:
            wanted = text.strip().casefold()
            options = tuple(RecordLine(EntityId(b""), one) for one in field.options if one.startswith(wanted))
        else:
            company = self._company() if field.refers_to in OF_COMPANY else None
            options = await self._gateway.page(FindRecords(field.refers_to, text, company, FOUND))
            own = self._shown.id if self._shown is not None and field.refers_to == self._entity else None
            options = tuple(line for line in options if line.id != own)
        if self.is_open and field is self._field and text == self._texts[field.name]:
            self._options = options
            self._choice = 0 if text.strip() and options else -1
            self._draw()
        return options

    def _company(self) -> EntityId | None:
        chosen = self._chosen.get("company")
        return EntityId(bytes.fromhex(chosen)) if chosen else None

    async def _accept(self) -> None:
        """Enter: what is under the cursor of the list is chosen; then the next field."""
        field, text = self._field, self._texts[self._field.name]
        if self._is_choosing and text.strip() and not self._chosen.get(field.name):
            # The list may be that of an older text: keys come faster than answers.
            options = self._options if self._choice > 0 else await self._find()
            if not options:
                told = _("there is no {entity} {text}").format(entity=entity_word(field.refers_to), text=text.strip())
                self._refuse(self._place, told)
                return
            self._choose(field, options[max(0, min(self._choice, len(options) - 1))])
        elif self._is_choosing and self._choice >= 0 and self._options:
            self._choose(field, self._options[self._choice])
        elif not self._is_choosing:
            try:
                typed_value(field, text, self._bench.scene.zone)
            except Refused as error:
                self._refuse(self._place, why_not(error))
                return
        self._bench.tell(SAYS, "")
        self._go(1)

    def _choose(self, field: Field, line: RecordLine) -> None:
        self._texts[field.name] = line.name
        if field.kind == kinds.REFERENCE:
            self._chosen[field.name] = line.id.hex()

    def _refuse(self, place: int, told: str) -> None:
        self._bench.tell(REFUSED, told)
        self._go_to(place, told)
        if self._is_choosing:
            self._bench.running.beside(self._look_up, "form")

    # Keeping and saving.

    def _keep_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._begin_keeping)

    def _begin_keeping(self) -> None:
        self._timer = None
        self._bench.running.beside(self.keep, "form draft", exclusive=False)

    async def keep(self) -> None:
        """Keep what is typed as it stands now; nothing is kept of a form on which nothing was changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._writing:
            if not self.is_open:
                return
            text = self._draft().to_text()
            if text != self._kept:
                self._kept = text
                await self._write_draft(text)

    def _draft(self) -> FormDraft:
        texts = {name: text for name, text in self._texts.items() if text != self._begun[name]}
        if self._shown is None and texts:
            texts = {name: text for name, text in self._texts.items() if text}
        chosen = {name: self._chosen[name] or "" for name in texts if name in self._chosen}
        return FormDraft(texts, chosen, {name: self._seen.get(name) for name in texts}, self._field.name)

    async def _write_draft(self, text: str) -> None:
        about = EntityId(NEW) if self._shown is None else self._shown.id
        await self._gateway.keep_draft(self._bench.scene.person.id, FORM_KIND + self._entity, about, text)

    async def _leave(self) -> None:
        await self.keep()
        is_kept = bool(self._kept)
        self._close()
        self._bench.tell(SAYS, _("draft kept; the same form goes on with it") if is_kept else "")

    async def _drop(self) -> None:
        async with self._writing:
            self._kept = ""
            await self._write_draft("")
        self._close()
        self._bench.tell(SAYS, _("dropped; nothing was changed"))

    async def _save(self) -> None:
        """All fields are read, then one act; what is refused puts the cursor on its field and says why."""
        values = await self._values()
        if values is None:
            return
        wishes = wishes_of(self._entity, self._shown, self._part, values, self._gateway.new_id)
        wishes = tuple(self._with_seen(wish)._replace(accepted=self._passed) for wish in wishes)
        if not wishes:
            self._bench.tell(SAYS, _("nothing was changed; escape closes the form"))
            return
        try:
            await self._bench.scene.act_openly(*wishes)
        except ChangedMeanwhile as error:
            self._take_in(error)
        except DomainError as error:
            if not self._show_problem(error):
                raise
        else:
            async with self._writing:
                self._kept = ""
                await self._write_draft("")
            self._close()

    def _with_seen(self, wish: Any) -> Any:
        """What the fields said when the form was opened, perhaps in another run of the program."""
        if not hasattr(wish, "seen"):
            return wish
        return wish._replace(seen={name: self._seen.get(name) for name in wish.changes})

    async def _values(self) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for place, field in enumerate(self._fields):
            text = self._texts[field.name]
            if not text.strip() and not self._begun[field.name]:
                # Nothing stood there and nothing does: not the same as a field that was emptied.
                continue
            if field.kind == kinds.REFERENCE:
                if text.strip() and not self._chosen.get(field.name) and not await self._choose_only(place):
                    return None
                values[field.name] = self._chosen.get(field.name) if text.strip() else None
            elif text == self._begun[field.name] and self._shown is not None:
                # Not read again: what it says may be more than what it shows.
                values[field.name] = self._seen.get(field.name)
            else:
                try:
                    values[field.name] = typed_value(field, text, self._bench.scene.zone)
                except Refused as error:
                    self._refuse(place, why_not(error))
                    return None
        return values

    async def _choose_only(self, place: int) -> bool:
        """A reference that was typed and not chosen is the one record it can mean, or the cursor goes there."""
        field = self._fields[place]
        text = self._texts[field.name].strip()
        company = self._company() if field.refers_to in OF_COMPANY else None
        found = await self._gateway.page(FindRecords(field.refers_to, text, company, FOUND))
        if len(found) == 1 or (found and found[0].name == text and (len(found) < 2 or found[1].name != text)):
            self._choose(field, found[0])
            return True
        told = _("{field}: choose one of {count}") if found else _("{field}: there is none called so")
        self._refuse(place, told.format(field=field_label(field.name), count=len(found)))
        return False

    def _show_problem(self, error: DomainError) -> bool:
        names = [field.name for field in self._fields]
        name = str(error.facts.get("field", ""))
        if name not in names:
            self._bench.tell(REFUSED, why_not(error))
            return not error.code.startswith("store.")
        if error.code in DOUBTS:
            self._passed = (*self._passed, error.code)
        self._refuse(names.index(name), why_not(error))
        return True

    def _take_in(self, error: ChangedMeanwhile) -> None:
        """Somebody changed the same fields: what they say now counts as seen, so that saving again overwrites it."""
        now = error.facts.get("now")
        names = [field.name for field in self._fields]
        if isinstance(now, dict):
            self._seen |= now
            self._refuse(names.index(next(iter(now))) if next(iter(now)) in names else self._place, why_not(error))
        else:
            self._bench.tell(REFUSED, why_not(error))

    # Showing.

    def _draw(self, *, is_anew: bool = False) -> None:
        if not self.is_open or self._pane is None or self._bench.calls.is_open:
            return
        word = entity_word(self._entity)
        title = _("NEW {entity}") if self._shown is None else _("EDIT {entity}  {name}")
        texts = tuple(self._texts[field.name] for field in self._fields)
        changed = sum(self._texts[name] != self._begun[name] for name in self._texts)
        fact = _("{count} changed").format(count=changed) if changed else f"{self._place + 1}/{len(self._fields)}"
        name = self._shown.name if self._shown is not None else ""
        self._pane.show(
            FormShown(
                title.format(entity=word, name=name),
                fact,
                self._fields,
                texts,
                self._place,
                [(line.name, line.detail) for line in self._options],
                self._choice,
                self._problem,
            ),
            is_anew=is_anew,
        )

    def hints(self) -> list[tuple[str, str]]:
        """Keys of a form."""
        told = [("ctrl+s", _("saves")), ("Enter", _("next")), ("shift+tab", _("back")), ("ctrl+u", _("clears"))]
        return [*told, ("F7", _("drops")), ("Esc", _("keeps the draft"))]


def _part_of(shown: RecordShown | None, preset: Mapping[str, EntityId]) -> RecordShown | None:
    """The second record on the form: what a contact is at the company meant, else the newest."""
    parts = shown.parts if shown is not None else ()
    company = preset.get("company")
    meant = [part for part in parts if part.id == preset.get("part")]
    meant += [part for part in parts if company is not None and part.fields.get("company") == company.hex()]
    return next(iter([*meant, *parts]), None)
