"""Rules of codes, in plain Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_units.codes import CodePlan, reading_order

PLAN = CodePlan()
COMMUNITY = "990101001001"


def test_a_code_holds_the_codes_of_all_units_above() -> None:
    assert PLAN.prefixes(COMMUNITY + "007") == ["990101", "990101001", COMMUNITY, COMMUNITY + "007"]
    assert PLAN.parent(COMMUNITY + "007") == COMMUNITY
    assert PLAN.parent("990101") == ""


def test_older_data_has_two_digits_for_the_cell() -> None:
    older = CodePlan((6, 3, 3, 2))

    assert older.lengths == (6, 9, 12, 14)
    assert older.cell_code(COMMUNITY, 7) == COMMUNITY + "07"


@pytest.mark.parametrize(
    ("code", "parent", "words"),
    [
        ("99010100100100A", "", "not made of digits"),
        ("9901010010010001", "", "has 16 digits"),
        ("990102001001001", "990101001001", "does not begin with its parent's code"),
    ],
)
def test_a_wrong_code_is_explained(code: str, parent: str, words: str) -> None:
    assert words in str(PLAN.fault(code, parent))


def test_a_right_code_has_no_fault() -> None:
    assert PLAN.fault(COMMUNITY + "001", COMMUNITY) is None


def test_the_lowest_number_never_used_comes_when_the_highest_is_taken() -> None:
    used = {COMMUNITY + "001", COMMUNITY + "999"}

    assert PLAN.next_code(COMMUNITY, used) == COMMUNITY + "002"


def test_a_full_community_is_refused() -> None:
    used = {f"{COMMUNITY}{number:03d}" for number in range(1, 1000)}

    with pytest.raises(ValueError, match="has used all its cell numbers"):
        PLAN.next_code(COMMUNITY, used)


@given(st.sets(st.integers(1, 999), max_size=998))
def test_the_next_code_was_never_used(numbers: set[int]) -> None:
    used = {f"{COMMUNITY}{number:03d}" for number in numbers}

    code = PLAN.next_code(COMMUNITY, used)

    assert code not in used
    assert PLAN.fault(code, COMMUNITY) is None
    assert max(numbers, default=0) == 999 or int(code[-3:]) > max(numbers, default=0)


def test_first_numbers_run_west_to_east_in_rows_from_north_to_south() -> None:
    """The cells of a row are seldom exactly level.

    north-west  north-east
    south-west  south-east
    """
    places = {
        "south-east": (1.0, 0.1),
        "north-east": (1.1, 1.1),
        "north-west": (0.0, 0.9),
        "south-west": (0.1, -0.1),
    }

    order = reading_order(places, [1.0, 1.0, 1.0, 1.0])

    assert order == ["north-west", "north-east", "south-west", "south-east"]


@given(st.dictionaries(st.integers(), st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=30))
def test_every_cell_is_numbered_once(places: dict[int, tuple[float, float]]) -> None:
    order = reading_order(places, [0.1] * len(places))

    assert sorted(order) == sorted(places)
