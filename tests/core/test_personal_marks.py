"""A text without a person still says everything else, however their name and number were written in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.personal_marks import PURGED_ADDRESS, PURGED_NAME, PURGED_NUMBER, Eraser, Marks
from core.phones import dialled

EWA = Marks(("Ewa Żak", "สมชาย ใจดี"), ("ewa.zak@huta.example",), ("+48 32 555 01 02", "600 555 017"))
ERASER = Eraser(EWA, Marks())


def erased(text: str) -> str:
    return ERASER.text(text, is_theirs=False)


@pytest.mark.parametrize(
    "written", ["Ewa Żak", "EWA ŻAK", "ewa zak", "Żak, Ewa", "Ewa  Żak", "Ewa Z\u0307ak", "ewa_zak"]
)
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert erased(f"Ring {written} today") == f"Ring {PURGED_NAME} today"


def test_a_name_between_thai_words_without_blanks_is_found() -> None:
    assert erased("คุณสมชาย ใจดีครับ") == f"คุณ{PURGED_NAME}ครับ"


@pytest.mark.parametrize(
    "written",
    ["+48 32 555 01 02", "0048 32 555-01-02", "+48325550102", "48325550102", "32 555 01 02", "032 555 01 02",
     "(32) 555 01 02", "+48 (0) 32 555 01 02", "600555017", "+48 600-555-017"],
)  # fmt: skip
def test_a_number_is_found_with_and_without_its_country_code(written: str) -> None:
    assert erased(f"tel. {written}.") == f"tel. {PURGED_NUMBER}."


def test_an_address_is_found_in_any_case() -> None:
    assert erased("mail Ewa.Zak@HUTA.example, please") == f"mail {PURGED_ADDRESS}, please"


@pytest.mark.parametrize(
    "text",
    ["Ewa Żakowska", "Marewa Żak", "info@huta.example", "xewa.zak@huta.example", "+49 32 555 01 02",
     "7f600555017a", "1600555017", "6005550171", "T-104180", "zakład"],
)  # fmt: skip
def test_what_is_another_ones_is_left_alone(text: str) -> None:
    assert erased(text) == text


def test_what_others_have_too_is_erased_only_in_what_is_about_the_person() -> None:
    eraser = Eraser(Marks(), Marks(("Service",), (), ("22 555 00 00",)))
    text = "Service at 22 555 00 00"
    assert eraser.text(text, is_theirs=False) == text
    assert eraser.text(text, is_theirs=True) == f"{PURGED_NAME} at {PURGED_NUMBER}"


def test_a_document_in_a_text_is_read_as_one_so_that_no_escape_hides_a_name() -> None:
    text = json.dumps({"who": "Ewa Żak", "phone": 48325550102, "nested": json.dumps(["Ewa Żak"]), "at": 1795530729})
    assert "Ż" not in text
    after = json.loads(erased(text))
    assert after == {"who": PURGED_NAME, "phone": PURGED_NUMBER, "nested": f'["{PURGED_NAME}"]', "at": 1795530729}


def test_whole_numbers_of_our_own_documents_are_times_and_stay() -> None:
    assert ERASER.document({"at": 48325550102}, is_theirs=True) == {"at": 48325550102}


def test_a_document_about_nobody_stays_the_same_bytes() -> None:
    text = '{"b": 1,  "a": "\\u017b"}'
    assert erased(text) == text


@given(st.lists(st.text(min_size=1, max_size=20).filter(str.strip), min_size=2, max_size=4).map(" ".join))
def test_whatever_somebody_is_called_the_name_is_gone(name: str) -> None:
    called = " ".join(name.split())
    eraser = Eraser(Marks((called,)), Marks())
    for text in (called, f"call {called} today", json.dumps({"who": called}), json.dumps([called], ensure_ascii=False)):
        assert PURGED_NAME in eraser.text(text, is_theirs=False)


def test_a_page_pasted_in_the_place_of_a_name_is_found_as_it_is() -> None:
    page = "Ewa (Żak) [a.*b] " * 60_000
    assert Eraser(Marks((page,)), Marks()).text(f"x {page.strip()} y", is_theirs=True) == f"x {PURGED_NAME} y"


@given(st.from_regex(r"\+?[0-9 ()/.\-]{7,25}", fullmatch=True).filter(lambda number: len(dialled(number)) >= 3))
def test_whatever_number_somebody_has_it_is_gone_as_it_was_written(number: str) -> None:
    eraser = Eraser(Marks(numbers=(number,)), Marks())
    assert PURGED_NUMBER in eraser.text(f"call {number.strip()} today", is_theirs=False)
