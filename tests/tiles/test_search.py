"""Search finds by code, number and name, in Chinese and English, and only what may be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geogrid.changes.passes import Pass
from geogrid.organisations.models import User
from tests.tiles import drawn_city
from tests.tiles.drawn_city import MIDDLE, A, C, add_lamp, report
from tiles.search import search

pytestmark = pytest.mark.django_db
ANYONE = Pass(user_id=-1, epoch=0)


@pytest.fixture
def drawn(db: None) -> None:
    drawn_city.draw()


def refs(words: str, asked_by: Pass = ANYONE, language: str = "zh") -> list[tuple[str, str]]:
    return [(one["kind"], one["ref"]) for one in search(words, language, asked_by)]


@pytest.mark.parametrize("words", ["井盖", "长安街3号井盖", "3号", "安街", "井盖 "])
def test_a_part_of_a_chinese_name_is_enough(drawn: None, words: str):
    add_lamp(*MIDDLE[A], name="长安街3号井盖")

    assert "长安街3号井盖" in [one["title"] for one in search(words, "zh", ANYONE)]


@pytest.mark.parametrize("words", ["harbour", "HARB", "lamp 12", "our la", "100%"])
def test_a_part_of_an_english_name_is_enough(drawn: None, words: str):
    add_lamp(*MIDDLE[A], name="Harbour lamp 12 at 100%")

    assert next(one["title"] for one in search(words, "en", ANYONE)) == "Harbour lamp 12 at 100%"


@pytest.mark.parametrize("words", ["%", "_", "100_", "\\", "a%b", "井%盖"])
def test_signs_of_patterns_are_only_signs(drawn: None, words: str):
    add_lamp(*MIDDLE[A], name="长安街井盖")

    assert refs(words) == []


def test_codes_are_found_by_their_beginning(drawn: None):
    assert ("cell", A) in refs(A)
    assert refs(A)[0] == ("cell", A)
    assert ("cell", C) in refs("910101001002")
    assert refs("910101001002")[0] == ("unit", "910101001002")
    assert [kind for kind, _ in refs("9101010901")] == ["asset"] * 4


def test_units_and_streets_are_found_by_name_with_their_box(drawn: None):
    [unit] = [one for one in search("码头", "zh", ANYONE) if one["kind"] == "unit"]
    [street] = [one for one in search("长安", "en", ANYONE) if one["kind"] == "street"]

    assert unit["subtitle"] == "社区 910101001002"
    assert unit["bbox"] == [24.9375, 60.1328125, 24.953125, 60.140625]
    assert (street["ref"], street["subtitle"]) == ("长安街", "Street")


def test_what_has_no_name_is_found_by_its_class(drawn: None):
    found = search("试验路灯", "en", ANYONE)

    assert {one["kind"] for one in found} == {"asset"}
    assert found[0]["subtitle"].startswith("Test lamp 910101")


def test_incidents_are_found_only_by_those_who_may_see_them(drawn: None):
    worker = User.objects.create(username="ann")
    report("C-2026-0007", MIDDLE[A], worker.id)

    assert refs("C-2026") == []
    assert refs("C-2026", Pass(-1, 0, prefixes=(C,))) == []
    assert refs("c-2026", Pass(-1, 0, prefixes=(A,))) == [("incident", "C-2026-0007")]
    assert refs("C-2026-0007", Pass(worker.id, 0)) == [("incident", "C-2026-0007")]
    assert refs("C-2026-0007", Pass(-1, 0, everywhere=True)) == [("incident", "C-2026-0007")]


@pytest.mark.parametrize("words", ["", "  ", "\x00"])
def test_nothing_is_found_for_nothing(drawn: None, words: str):
    assert refs(words) == []


@given(words=st.text(max_size=120))
def test_whatever_is_typed_is_answered(words: str):
    search(words, "en", ANYONE)
