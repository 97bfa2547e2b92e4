"""One sentence per code: what happened, why not, what to do. Codes come from core and storage, words live here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.clock import Instant
from core.delivery import BY_KEEPER, NOT_SENT, QUEUED
from core.errors import DomainError
from core.text import plain
from tui.presenters.times import date_time
from tui.words import _, later, ngettext

if TYPE_CHECKING:
    from core.handlers.plan import Title

REFUSALS = {
    "ticket.owner_changed": later("{number} was taken or given to somebody else meanwhile; look again, then decide"),
    "ticket.yours_already": later("{number} is yours already"),
    "ticket.owned_already": later("{number} is held by that person already"),
    "ticket.move_not_legal": later("{number} cannot go from {stage} to {to}; s lists the moves that are legal"),
    "ticket.stage_changed": later("{number} moved to {stage} meanwhile; look again, then decide"),
    "ticket.priority_changed": later("{number} got priority {priority} meanwhile; look again, then decide"),
    "ticket.priority_same": later("{number} has priority {priority} already"),
    "ticket.priority_unknown": later("there is no priority {priority}; choose 1, 2, 3 or 4"),
    "ticket.wait_cause_missing": later("{number} needs a cause to wait for; w asks for it"),
    "ticket.wait_party_unknown": later("{number} needs somebody to wait for: {allowed}"),
    "ticket.archived": later("{number} was taken off the desk; U does again what u took back"),
    "ticket.archived_already": later("{number} was taken off the desk or put back meanwhile"),
    "ticket.exists_already": later("{number} is on this desk already"),
    "ticket.subject_missing": later("a ticket needs a subject"),
    "ticket.unknown": later("there is no such ticket on this desk"),
    "ticket.coming_in": later("no such ticket here yet; its history is still coming in, try again in a moment"),
    "person.unknown": later("there is no such person on this desk; lampboard knows the people you see under A"),
    "entry.text_missing": later("there is nothing to save on {number}; write something first"),
    "entry.handed_over": later("the reply on {number} was handed to the mail command already; it cannot be taken back"),
    "entry.hidden_already": later("that entry on {number} was taken back or shown again meanwhile"),
    "entry.unknown": later("that entry is not on this desk"),
    "entry.kind_unknown": later("there is no entry of the kind {kind}; choose message, note, call or work"),
    "entry.delivery_missing": later("the reply on {number} does not say whether it is to be sent; write it again"),
    "entry.said_before_opening": later("{number} was not open at that time; write a time after its opening"),
    "entry.said_in_the_future": later(
        "that time is still to come; for another day write its date too, as 2026-11-24 15:00"
    ),
    "entry.not_said_in_a_call": later(
        "only what was said in a call is written down later; {number} has no such {kind}"
    ),
    "operation.unknown_kind": later("an act of the kind {kind} is newer than this program; update it"),
    "document.unknown": later("there is no such document on this desk"),
    "document.unknown_kind": later(
        "there is no document of the kind {kind}; there are calendar, policy, view and grade"
    ),
    "document.number_taken": later("version {number} of that document is there already"),
    "document.changed_meanwhile": later(
        "{name} got version {number} from somebody else meanwhile; look at it, then edit again"
    ),
    "document.policy_in_the_past": later(
        "{name} would move the deadlines of tickets that are open; a policy changes from now on, or later"
    ),
    "contract.unknown": later("there is no such contract on this desk"),
    "ticket.contract_changed": later("{number} was put under another contract meanwhile; look again, then decide"),
    "ticket.no_contract_already": later("{number} counts by no contract already"),
    "ticket.contract_of_another": later("{number} belongs to another company than that contract"),
    "ticket.equipment_changed": later("the equipment of {number} was changed meanwhile; look again"),
    "ticket.equipment_same": later("{number} is about that already"),
    "ticket.equipment_of_another": later("that equipment stands at another company than {number}"),
    "record.unknown_entity": later("there is no record of the kind {entity} on a desk"),
    "delivery.changed": later("the reply was handled by another console meanwhile"),
    "delivery.no_command": later("no mail command is set; set mail_command in settings.toml, then send {number} again"),
    "ticket.reporter_already": later("that person joined or left {number} meanwhile; look again, then decide"),
    "call.symptom_missing": later("say what is wrong before the call is saved"),
    "call.saved_already": later(
        "this call was saved on {number} already; saving once more makes a call of its own of what is written here"
    ),
    "call.ticket_closed": later("{number} was closed meanwhile; shift+tab, then another one, or enter for a new one"),
    "call.ticket_archived": later(
        "{number} was taken off the desk meanwhile; shift+tab, then another one, or enter for a new one"
    ),
    "call.contact_gone": later(
        "{name} was taken off the desk meanwhile; saving once more keeps the name, shift+tab asks anew who calls"
    ),
    "call.contact_elsewhere": later(
        "{name} is not at {company} any more; saving once more keeps it so, shift+tab asks anew who calls"
    ),
    "call.company_gone": later(
        "{company} was taken off the desk meanwhile; saving once more keeps it so, shift+tab asks anew who calls"
    ),
    "call.equipment_gone": later(
        "that equipment left {company} meanwhile; saving once more keeps it so, shift+tab chooses another"
    ),
    "call_back.past": later("that time has passed; choose a later one"),
    "call_back.changed": later("that call back was changed meanwhile"),
    "call_back.unknown": later("that call back is not on this desk"),
    "terms.zone_unknown": later("{field}: there is no time zone {zone}; use a name as Europe/Warsaw"),
    "supposition.unknown": later("try {known}; not {text}"),
    "supposition.before_opening": later("the ticket was not open then; suppose something later"),
    "policy.unknown": later("no policy {name} here; there are {known}"),
    "terms.malformed": later("{field} must be {wanted}"),
    "terms.never_open": later("{field}: this calendar has no open time; give it at least one shift"),
    "terms.shift_empty": later("{field}: from {time} to {time} is no shift; a whole day is written 00:00 to 24:00"),
    "terms.unknown_field": later("there is no field {field}; did you mean {known}?"),
    "terms.too_far": later("{field} leads beyond the years 1900 to 2300; choose a nearer one"),
    "terms.before_creation": later("{field} is before the ticket was created"),
    "record.unknown_field": later("{entity} has no field {field}"),
    "record.name_missing": later("{entity} needs a name"),
    "undo.nothing": later("nothing of yours to undo"),
    "undo.irreversible": later("what was done last cannot be taken back; the next u goes to the act before it"),
    "redo.nothing": later("nothing to redo"),
    "desk.nobody_sits": later("nobody sits at the desk {path} yet; start lampboard without a verb first"),
    "store.missing": later("there is no desk at {path}; start lampboard to make one, or name it with --desk"),
    "store.exists": later("there is a desk at {path} already; choose another name with --desk"),
    "store.foreign": later("{path} is not a desk of Lampboard; name another file with --desk"),
    "store.newer": later(
        "{path} was written by a newer Lampboard (schema {found}, this one knows {known}); update this program"
    ),
    "store.unfinished": later("{path} was never finished; move it away and start again"),
    "store.broken": later("{path} is damaged ({reason}); copy it to a safe place, then restore a backup over it"),
    "store.rule_broken": later("the desk refused to write ({reason}): nothing was changed; please report this"),
    "store.not_writable": later("{path} cannot be written ({reason}); check the folder's rights"),
    "ticket.numbered_already": later("{number} keeps its number"),
    "conflict.unknown": later("there is no such conflict here; somebody's later work may have ended it"),
    "conflict.settled_already": later("somebody settled that meanwhile"),
    "conflict.open_already": later("that is open again already"),
    "store.disk_full": later("the disk is full: nothing was changed; make room and try again"),
    "store.disk_failed": later("the disk failed ({reason}): nothing was changed"),
    "store.open_elsewhere": later("{path} is open in another console or program; close it there, then try again"),
    "store.busy": later("another program holds the desk; nothing was changed, try again"),
    "store.sqlite_too_old": later("SQLite {version} is too old; Lampboard needs 3.37 or newer"),
    "keeping.exists": later("{path} is there already; choose another name (a file is written over with --replace)"),
    "keeping.being_written": later("another program is writing {path} at this moment; wait for it"),
    "keeping.itself": later("{path} is the desk itself; name another file"),
    "keeping.no_file": later("there is no file {path}; check the name"),
    "keeping.unreadable": later("{path} cannot be read ({reason}); nothing was changed"),
    "keeping.unknown_file": later("{path} is neither a backup nor an export of Lampboard; nothing was changed"),
    "keeping.newer": later(
        "{path} was written by a newer Lampboard ({what} {found}, this one knows {known}); update this program"
    ),
    "keeping.cut_short": later("{path} is cut short after line {line}: it is not whole; nothing was changed"),
    "keeping.altered": later(
        "{path} is not as it was written: its last line tells of other lines; nothing was changed"
    ),
    "keeping.file_changed": later("{path} changed while it was read, so the export is not whole; try again"),
    "keeping.line_broken": later("{path} is unfit at line {line}, {field}: {reason}; nothing was changed"),
    "keeping.backup_broken": later("{path} is damaged ({reason}); take another backup, nothing was changed"),
    "keeping.log_broken": later(
        "the log of {path} does not fit together at operation {operation} ({reason}); nothing was changed"
    ),
    "keeping.no_parquet": later("writing Parquet needs the extra parquet; install lampboard[parquet], then try again"),
    "query.unknown_field": later("there is no field {field}; nearest are {near}; text with a colon goes in quotes"),
    "query.unknown_word": later("{field} is never {word}; it may be {known}"),
    "query.nobody": later("nobody is called {word}; nearest are {near}"),
    "query.value_missing": later("{field}: needs a value, as {example}"),
    "query.no_number": later("{field} needs a number, as {example}; not {word}"),
    "query.no_time": later("{field} needs a time, as {example}; not {word}"),
    "query.no_comparison": later("{field} has no order: < and > are for numbers and times"),
    "query.quote_open": later("this quote is never closed"),
    "query.bracket_open": later("this bracket is never closed"),
    "query.bracket_unopened": later("there is no bracket to close here"),
    "query.part_missing": later("something to look for is missing here"),
    "query.words_missing": later("there is no word between these quotes"),
    "query.too_deep": later("brackets and - go at most {deepest} deep"),
    "query.too_long": later("a filter has at most {longest} characters"),
    "import.mapping_unknown": later("there is no mapping {mapping}; shipped are {known}, or name a TOML file"),
    "import.mapping_missing": later("there is no mapping file {path}; check the name"),
    "import.mapping_unreadable": later("the mapping {path} cannot be read ({reason})"),
    "import.mapping_broken": later("the mapping {path} cannot be used: line {line}, {field}: {reason}"),
    "import.zone_missing": later(
        "{mapping} cannot know the zone of the source's times; name it with --zone, as --zone Europe/Warsaw"
    ),
    "import.zone_not_asked": later("the mapping {mapping} says the zone itself ({zone}); leave --zone out"),
    "import.zone_unknown": later("the zone {zone} is not in the time zone list; write it as Europe/Warsaw"),
    "import.source_missing": later("there is no file {path}; check the name"),
    "import.source_unreadable": later("{path} cannot be read ({reason}); nothing was written"),
    "import.source_broken": later("{path} is broken at line {line} ({reason}); nothing was written"),
    "import.source_unpacks_too_far": later(
        "{path} unpacks to more than {limit_mib} MiB at line {line}; nothing was written; --unpack-limit 8G allows more"
    ),
    "import.not_whole": later("{path} cannot be taken whole: line {line}, {reason}; nothing was written"),
    "import.column_twice": later("{path} has the column {field} twice; nothing was written"),
    "import.column_missing": later("{path} has no column {field}, which the mapping {mapping} needs; it has {found}"),
    "import.temporary_failed": later("the folder {folder} for temporary files failed ({reason}); nothing was written"),
    "import.runs_already": later("another import onto this desk is running; wait until it has ended"),
    "import.not_beside_the_desk": later("nothing can be written beside {path} ({reason}); nothing was written"),
    "import.overtaken": later("tickets of this source or their numbers came from the hub meanwhile; run it again"),
    "import.as_of_broken": later(
        "{text} is no time; write it as 2016-04-15T00:00, with Z or +02:00 where that is meant"
    ),
    "import.as_of_needs_zone": later("{text} needs an offset such as Z or +02:00, as the times of {mapping} have one"),
    "import.unknown": later("there is no import {n} on this desk; lampboard imports lists them"),
    "import.undone_already": later("import {n} is undone; lampboard imports redo {n} brings it back"),
    "import.stands_already": later("import {n} stands on the desk; there is nothing to bring back"),
    "import.worked_on": later(
        "somebody worked on tickets of import {n} since: {numbers}, {count} in all; --leave-worked-on undoes the others"
    ),
    "import.made_unknown": later("import {n} was made by an older program, which did not note what it made"),
    "import.rejects_not_writable": later("{path} cannot be written ({reason}); name another file with --rejects"),
    "import.rejects_in_the_way": later("{path} is the desk or the source; name another file with --rejects"),
}

DONE = {
    "ticket.taken": later("{number} is yours"),
    "ticket.assigned": later("{number} has a new owner"),
    "ticket.given_back": later("{number} is nobody's again"),
    "ticket.moved": later("{number} is now {stage}"),
    "ticket.prioritised": later("{number} has priority {priority}"),
    "ticket.numbered": later("{number} has a number of the hub"),
    "ticket.opened": later("{number} is open"),
    "ticket.retargeted": later("{number} counts by its contract as it stands now"),
    "ticket.equipped": later("{number} is about {equipment}"),
    "ticket.without_equipment": later("{number} is about no equipment"),
    "ticket.without_contract": later("{number} counts by no contract now"),
    "document.changed": later("{kind} {name} has version {number}"),
    "sync.resent": later("what was refused is done again"),
    "import.undone": later("an import is taken back"),
    "import.redone": later("an import is brought back"),
    "attachment.added": later("{name} attached to {number}"),
    "attachment.removed": later("{name} taken off {number}"),
    "person.purged": later("a person was purged"),
    "entry.note": later("note on {number}"),
    "entry.work": later("step on {number}"),
    "entry.message": later("reply on {number}"),
    "entry.call": later("call on {number}"),
    "call.opened": later("{number} is open and yours"),
    "call.added": later("call on {number}"),
    "delivery.again": later("sending again on {number}"),
    "delivery.recorded": later("the mail command answered for {number}"),
    "call_back.planned": later("call back for {number} at {due}"),
    "call_back.dropped": later("no call back for {number} at {due} any more"),
    "record.added": later("{entity} {name}"),
    "record.changed": later("{entity} {name} changed: {fields}"),
    "record.archived": later("{entity} {name} is archived"),
    "record.restored": later("{entity} {name} is on the desk again"),
    "record.merged": later("{entity} {name} is now {into}"),
    "conflict.kept": later("{name} stays as it is"),
    "conflict.taken": later("{name}: the other side holds now"),
}

ACTS = {
    "ticket.taken": later("taking {number}"),
    "ticket.assigned": later("assigning {number}"),
    "ticket.given_back": later("giving {number} back"),
    "ticket.moved": later("moving {number} to {stage}"),
    "ticket.prioritised": later("priority {priority} of {number}"),
    "ticket.opened": later("opening {number}"),
    "ticket.retargeted": later("the other contract of {number}"),
    "ticket.equipped": later("the equipment {equipment} of {number}"),
    "ticket.without_equipment": later("taking {number} off its equipment"),
    "ticket.without_contract": later("taking {number} off its contract"),
    "document.changed": later("version {number} of {kind} {name}"),
    "attachment.added": later("attaching {name} to {number}"),
    "attachment.removed": later("taking {name} off {number}"),
    "entry.note": later("the note on {number}"),
    "entry.work": later("the step on {number}"),
    "entry.message": later("the reply on {number}"),
    "entry.call": later("the call on {number}"),
    "call.opened": later("the call that opened {number}"),
    "call.added": later("the call on {number}"),
    "call_back.planned": later("the call back for {number}"),
    "conflict.kept": later("keeping {name} as it was"),
    "conflict.taken": later("taking the other side of {name}"),
    "record.added": later("adding {entity} {name}"),
    "record.changed": later("changing {fields} of {entity} {name}"),
    "record.archived": later("archiving {entity} {name}"),
    "record.restored": later("bringing back {entity} {name}"),
    "record.merged": later("merging {entity} {name} into {into}"),
    "call_back.dropped": later("dropping the call back for {number}"),
    "delivery.again": later("sending again on {number}"),
}
"""What undo and redo call an act."""

STAGES = {
    "new": later("new"),
    "active": later("active"),
    "on_site": later("on site"),
    "waiting": later("waiting"),
    "resolved": later("resolved"),
    "closed": later("closed"),
}

PARTIES = {
    "customer": later("customer"),
    "vendor": later("vendor"),
    "contractor": later("contractor"),
    "part": later("part"),
    "us": later("our own team"),
}


CARE_CODES = ("purge.", "attachment.")
RECORD_CODES = frozenset(("record", "company", "contact", "contract", "equipment", "grade", "person"))
"""What codes about master data begin with; their words are read when first needed."""


def stage_word(stage: str) -> str:
    """A stage as people say it; an imported one that we do not know stays as it is."""
    return _(STAGES[stage]) if stage in STAGES else plain(stage, 40)


def party_word(party: str) -> str:
    """Who has to act, as people say it."""
    return _(PARTIES[party]) if party in PARTIES else plain(party, 40)


def why_not(error: DomainError) -> str:
    """A refusal as a sentence that says what to do."""
    template, facts = REFUSALS.get(error.code), error.facts
    if error.code.partition(".")[0] in RECORD_CODES:
        from tui.presenters import record_words

        if error.code in record_words.DOUBTS:
            return _("{doubt}; saving again keeps both").format(doubt=doubt_told(error.code, facts))
        template = template or record_words.REFUSALS.get(error.code)
        facts = record_words.worded(facts)
    if error.code.startswith("hub."):
        from tui.presenters.hub_words import REFUSALS as OF_HUBS
        from tui.presenters.hub_words import counted

        count = facts.get("count")
        if isinstance(count, int) and (told := counted(error.code, count)):
            return _fill(told, facts)
        template = OF_HUBS.get(error.code)
    if error.code.startswith(CARE_CODES):
        from tui.presenters.care_words import REFUSALS as OF_CARE

        template = OF_CARE.get(error.code)
    if template is None:
        return plain(str(error), 300)
    return _fill(_(template), facts)


def doubt_told(code: str, facts: Mapping[str, Any]) -> str:
    """What may be a mistake, as a sentence."""
    from tui.presenters.record_words import DOUBTS

    return _fill(_(DOUBTS[code]), facts) if code in DOUBTS else plain(code, 60)


def filter_refused(error: DomainError) -> str:
    """Why a filter cannot be read and at which of its characters, counted from 1."""
    column = error.facts.get("column")
    if not isinstance(column, int):
        return why_not(error)
    return _("column {column} of the filter: {reason}").format(column=column + 1, reason=why_not(error))


def what_was_done(title: Title, now: Instant, zone: str) -> str:
    """An act as a sentence, with what became of a reply and how to take it back."""
    facts = dict(title.facts)
    if facts.get("due_at"):
        facts["due"] = date_time(Instant(int(facts["due_at"])), now, zone)
    if title.code in ("undone", "redone"):
        told = act_name(str(facts.get("of", "")), facts)
        return (_("undone: {act}. U does it again") if title.code == "undone" else _("done again: {act}")).format(
            act=told
        )
    told = short_title(title.code, facts)
    if facts.get("delivery") == NOT_SENT:
        return _("{act} kept, NOT SENT: set mail_command in settings.toml").format(act=told)
    if facts.get("delivery") == QUEUED and facts.get(BY_KEEPER):
        return _("{act} saved, waits for the keeper of the hub. u takes it back until then").format(act=told)
    if facts.get("delivery") == QUEUED:
        return _("{act} saved, waits for the mail command. u takes it back until then").format(act=told)
    if facts.get("doubts"):
        warned = doubt_told(*facts["doubts"][0])
        return _("{act}, but {warned}. u undoes it").format(act=told, warned=warned)
    if facts.get("filled"):
        count = len(facts["filled"])
        taken = ngettext("{count} field from grade {grade}", "{count} fields from grade {grade}", count)
        taken = taken.format(count=count, grade=plain(str(facts.get("grade", "")), 60))
        return _("{act}, {taken}. u undoes it").format(act=told, taken=taken)
    return _("{act}. u undoes it").format(act=told)


def taken_over(facts: Mapping[str, Any]) -> str:
    """Which fields a contract took over from its grade."""
    return _fill(_("from grade {grade}: {filled}"), _worded("record.added", facts))


def short_title(code: str, facts: Mapping[str, Any]) -> str:
    """The act alone, for undo and for lists of what was done."""
    if code == "together":
        return _("done: {act}").format(act=act_name(code, facts))
    template = DONE.get(code)
    return _fill(_(template), _worded(code, facts)) if template else code


def act_name(code: str, facts: Mapping[str, Any]) -> str:
    """What an act is called when it is taken back: `taking T-12`, `taking 3 tickets`."""
    if code == "together":
        count = int(facts.get("count", 0))
        several = ngettext("{count} ticket", "{count} tickets", count).format(count=count)
        return act_name(str(facts.get("each", "")), {**facts, "number": several})
    template = ACTS.get(code)
    return _fill(_(template), _worded(code, facts)) if template else code


def _worded(code: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    if not code.startswith("record."):
        return facts
    from tui.presenters.record_words import worded

    return worded(facts)


def _fill(template: str, facts: Mapping[str, Any]) -> str:
    shown: dict[str, str] = {}
    for name, value in facts.items():
        if name in ("stage", "to"):
            shown[name] = stage_word(str(value))
        elif isinstance(value, list | tuple):
            shown[name] = ", ".join(plain(str(part), 60) for part in value)
        else:
            shown[name] = plain(str(value), 200)
    try:
        return template.format_map(shown)
    except KeyError:
        return template
