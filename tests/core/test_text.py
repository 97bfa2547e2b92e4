"""Text from outside is kept whole, shown harmless, and found however it is typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import REPLACEMENT, fold, plain, plain_lines, storable

HOSTILE = "\x00\x07\x1b\x7f\x80\x9b\x9d\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufffa"
hostile_texts = st.text(st.one_of(st.characters(), st.sampled_from(HOSTILE + "\r\n\t[]0;m\U000e0041")), max_size=60)
ACTS = {"Cc", "Cs", "Zl", "Zp"}
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(hostile_texts)
def test_what_is_shown_cannot_act(text: str) -> None:
    shown = plain(text)
    assert not [character for character in shown if unicodedata.category(character) in ACTS]
    assert not [character for character in shown if unicodedata.bidirectional(character) in BIDI]
    shown.encode()


@given(hostile_texts)
def test_what_is_harmless_is_shown_as_it_is(text: str) -> None:
    harmless = "".join(character for character in text if character.isprintable())
    kept = "".join(character for character in plain(text) if character.isprintable())
    assert harmless.replace(" ", "") == kept.replace(" ", "")


def test_an_escape_sequence_in_a_subject_becomes_ordinary_letters() -> None:
    assert plain("\x1b]0;owned\x07\x1b[2Jrouter") == " ]0;owned [2Jrouter"


def test_an_override_cannot_turn_a_file_name_round() -> None:
    assert plain("invoice\u202egpj.exe") == "invoice gpj.exe"


def test_half_a_character_from_a_file_name_does_not_stop_the_screen() -> None:
    assert plain("log\udcff.csv").encode() == b"log .csv"


def test_marks_that_write_a_language_are_kept() -> None:
    for text in ("Zażółć gęślą jaźń", "Ёлка у подъезда", "เครื่องพิมพ์เสีย", "क्‍ष", "👩‍🔧"):
        assert plain(text) == text


def test_a_subject_of_a_megabyte_is_cut_before_it_is_looked_at() -> None:
    assert plain("a" * 1_000_000, limit=100) == "a" * 100


def test_lines_are_the_only_structure_that_is_kept() -> None:
    assert plain_lines("one\r\ntwo\rthree\n\tfour\x1b[31m") == ["one", "two", "three", "    four [31m"]


@given(hostile_texts)
def test_no_line_of_a_text_can_act(text: str) -> None:
    assert all(unicodedata.category(character) not in ACTS for line in plain_lines(text) for character in line)


def test_what_both_databases_refuse_is_replaced_and_counted() -> None:
    assert storable("a\x00b\ud800c\udfff") == (f"a{REPLACEMENT}b{REPLACEMENT}c{REPLACEMENT}", 3)


@given(st.text(st.characters(codec=None), max_size=50))
def test_whatever_is_storable_can_be_encoded_and_is_otherwise_untouched(text: str) -> None:
    kept, replaced = storable(text)
    kept.encode()
    assert len(kept) == len(text) and "\x00" not in kept
    assert sum(one != other for one, other in zip(text, kept, strict=True)) == replaced


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Łódź", "lodz"),
        ("ŻÓŁĆ", "zolc"),
        ("Ёлкин", "елкин"),
        ("ЖУРАВЛЁВА", "журавлева"),
        ("Straße", "STRASSE"),
        ("Ærø Ørsted", "aero orsted"),
        ("İstanbul", "istanbul"),
        ("ISPARTA ılıca", "isparta ilica"),
        ("cafe\u0301", "café"),
    ],
)
def test_a_name_is_found_without_its_marks(written: str, typed: str) -> None:
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(("one", "other"), [("ขาว", "ข่าว"), ("มา", "ม้า"), ("ปี", "ปิ")])
def test_thai_marks_tell_words_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_thai_word_is_found_however_its_marks_are_composed() -> None:
    assert fold(unicodedata.normalize("NFD", "น้ำ")) == fold(unicodedata.normalize("NFC", "น้ำ"))


@given(st.text(max_size=40))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=40))
def test_case_never_counts(text: str) -> None:
    assert fold(text.casefold()) == fold(text)
