"""A slip of the finger is forgiven, another word is not: beside a slow edit distance."""

from __future__ import annotations

import random

import pytest

from core.near_words import SHORTEST_FORGIVEN, is_one_slip, kept_ends

LETTERS = "abcłйก็1"


def slow_distance(one: str, other: str) -> int:
    """Fewest wrong, missing, extra or swapped letters between two words (optimal string alignment)."""
    table = [[row + column for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            differs = one[row - 1] != other[column - 1]
            best = min(table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + differs)
            crossed = row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]
            table[row][column] = min(best, table[row - 2][column - 2] + 1) if crossed else best
    return table[-1][-1]


def slipped(word: str, rng: random.Random) -> str:
    place = rng.randrange(len(word))
    letter = rng.choice(LETTERS)
    return rng.choice(
        (
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        )
    )


def pairs(seed: int, count: int) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        meant = "".join(rng.choices(LETTERS, k=rng.randint(1, 9)))
        typed = slipped(meant, rng)
        found.append((slipped(typed, rng) if typed and rng.random() < 0.3 else typed, meant))
    return found


def test_it_says_what_a_slow_edit_distance_says() -> None:
    for typed, meant in pairs(1, 20_000):
        is_near = len(meant) >= SHORTEST_FORGIVEN and slow_distance(typed, meant) == 1
        assert is_one_slip(typed, meant) is is_near, (typed, meant)


def test_of_a_word_with_one_slip_the_beginning_or_the_end_is_kept() -> None:
    near = [(typed, meant) for typed, meant in pairs(2, 20_000) if is_one_slip(typed, meant)]
    assert len(near) > 5_000
    for typed, meant in near:
        beginning, end = kept_ends(typed)
        assert meant.startswith(beginning) or meant.endswith(end), (typed, meant)


@pytest.mark.parametrize("typed", ["kowalsky", "kowaski", "kowallski", "kowlaski"])
def test_a_name_is_recognised_with_a_wrong_a_missing_an_extra_or_a_swapped_letter(typed: str) -> None:
    assert is_one_slip(typed, "kowalski")


@pytest.mark.parametrize(("typed", "meant"), [("jna", "jan"), ("anna", "hanna"[:4]), ("ewaa", "ewa")])
def test_short_words_have_to_be_typed_right(typed: str, meant: str) -> None:
    assert not is_one_slip(typed, meant)
