"""Nobody is left with a code: each refusal and each act has a sentence, and each sentence finds its facts."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import Instant
from core.errors import DomainError
from core.handlers.plan import Title
from storage.hub.connecting import CODES
from tests.support.fixed import NOON
from tests.support.worlds import ROOT
from tui.presenters import care_words, hub_words, record_words
from tui.presenters.sentences import DONE, REFUSALS, what_was_done, why_not

NOW = Instant(NOON // 1000)
ERRORS = {"DomainError", "Refused", "NotFound", "ChangedMeanwhile", "StoreError", "QueryError", "HubError"}


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    for folder in ("core", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                    yield path.relative_to(ROOT), node


def told_by(node: ast.expr) -> list[str]:
    """The texts an argument may be: a constant, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return told_by(node.body) + told_by(node.orelse)
    return []


REFUSED = sorted({(code, str(path)) for path, call in calls(*ERRORS) if call.args for code in told_by(call.args[0])})
TITLES = sorted({(code, str(path)) for path, call in calls("Title") if call.args for code in told_by(call.args[0])})


def fields_of(template: str) -> set[str]:
    return {name for _text, name, _form, _change in string.Formatter().parse(template) if name}


def test_the_scan_finds_the_codes() -> None:
    assert len(REFUSED) > 25
    assert len(TITLES) > 3


@pytest.mark.parametrize(("code", "path"), REFUSED)
def test_every_refusal_has_a_sentence(code: str, path: str) -> None:
    told = {*REFUSALS, *record_words.REFUSALS, *hub_words.REFUSALS, *hub_words.COUNTED, *care_words.REFUSALS}
    assert code in told or code.startswith(("import.", "mapping.", "demo.")), f"{code} of {path} has no sentence"


def test_every_error_of_the_hubs_functions_has_a_sentence() -> None:
    assert set(CODES.values()) <= hub_words.REFUSALS.keys()


@pytest.mark.parametrize(("code", "path"), TITLES)
def test_every_act_has_a_sentence(code: str, path: str) -> None:
    assert code in DONE or code in ("undone", "redone", "together"), f"{code} of {path} has no sentence"


def literal_facts() -> Iterator[tuple[str, str, set[str]]]:
    for path, call in calls(*ERRORS):
        if call.args and all(keyword.arg for keyword in call.keywords):
            for code in told_by(call.args[0]):
                yield str(path), code, {keyword.arg for keyword in call.keywords if keyword.arg}


@pytest.mark.parametrize(("path", "code", "given"), sorted((p, c, tuple(sorted(g))) for p, c, g in literal_facts()))
def test_every_refusal_brings_the_facts_of_its_sentence(path: str, code: str, given: tuple[str, ...]) -> None:
    missing = fields_of(REFUSALS.get(code, "")) - set(given)

    assert not missing, f"{path}: {code} lacks {missing}"


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_with_its_facts_leaves_no_placeholder(code: str) -> None:
    facts = dict.fromkeys(fields_of(REFUSALS[code]), "X")

    said = why_not(DomainError(code, **facts))

    assert "{" not in said and "}" not in said


def test_facts_from_outside_act_neither_as_placeholders_nor_as_controls() -> None:
    said = why_not(DomainError("ticket.owned_already", number="{number.__class__} \x1b[31m\u202e[/x]"))

    assert said.startswith("{number.__class__}  [31m [/x] is held")


def test_an_act_says_how_to_take_it_back() -> None:
    assert what_was_done(Title("ticket.taken", {"number": "T-1"}), NOW, "UTC") == "T-1 is yours. u undoes it"


def test_what_was_undone_is_told_with_how_to_do_it_again() -> None:
    title = Title("undone", {"of": "ticket.taken", "number": "T-1"})

    assert what_was_done(title, NOW, "UTC") == "undone: taking T-1. U does it again"


def test_a_reply_that_was_not_sent_names_the_setting() -> None:
    title = Title("entry.message", {"number": "T-1", "delivery": "not_sent"})

    assert "NOT SENT: set mail_command in settings.toml" in what_was_done(title, NOW, "UTC")
