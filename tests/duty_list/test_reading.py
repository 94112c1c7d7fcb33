"""Excel files of cities: merged cells, codes in every spelling, mistakes named by their cells."""

import io
import zipfile

import openpyxl
import pytest

from incidents.clocks.limits import Limit
from incidents.duty_list.comparing import Kept, compare
from incidents.duty_list.conditions import ClassKind, ConditionText
from incidents.duty_list.sheet import COLUMNS, UnreadableSheet, read_workbook
from tests.duty_list.lists import rows_of, twenty_mistakes, workbook

EVENT = ClassKind.EVENT
ONE = ["01", "公用设施", "01", "上水井盖", "水务局", "建委", "缺失", "归位", "2小时"]


def test_merged_cells_inherit_downwards():
    reading = read_workbook(workbook(rows_of(38)))

    assert reading.mistakes == []
    assert len(reading.lines) == 76
    assert {line.of_class.code for line in reading.lines} >= {"0101", "0102", "1902"}
    assert all(line.condition.handling_unit_text == "区城市管理局" for line in reading.lines)


@pytest.mark.parametrize(
    ("major", "minor", "code"),
    [
        ("01", "01", "0101"),
        ("01", "0101", "0101"),
        (1, 1, "0101"),
        (1, 101, "0101"),
        (1.0, 1.0, "0101"),
        ("01", "001", "01001"),
    ],
)
def test_codes_are_known_however_they_are_written(major, minor, code: str):
    row = [major, "公用设施", minor, *ONE[3:]]

    (line,) = read_workbook(workbook([row])).lines

    assert line.of_class.code == code


def test_each_of_twenty_planted_mistakes_is_reported_with_its_cell_and_nothing_else_is():
    rows = rows_of(400)
    planted = twenty_mistakes(rows)

    reading = read_workbook(workbook(rows, planted=planted))

    assert sorted(one.cell for one in reading.mistakes) == sorted(one.cell for one in planted)
    assert len(reading.lines) == len(rows) - 20
    assert all(one.zh and one.en for one in reading.mistakes)


def test_a_sheet_says_by_its_name_which_kind_it_is():
    (line,) = read_workbook(workbook([ONE], title="部件立案标准")).lines

    assert line.of_class.kind == ClassKind.ASSET
    assert line.condition.limit == Limit.hours(2)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused_in_words(data: bytes):
    with pytest.raises(UnreadableSheet, match="no XLSX file"):
        read_workbook(data)


def test_a_workbook_without_the_columns_is_told_which_ones_are_wanted():
    book, data = openpyxl.Workbook(), io.BytesIO()
    book.save(data)

    with pytest.raises(UnreadableSheet, match=COLUMNS[0]):
        read_workbook(data.getvalue())


def test_a_bomb_is_not_unpacked():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (201 * 2**20))

    with pytest.raises(UnreadableSheet, match="far too large"):
        read_workbook(data.getvalue())


def _kept(pk: int, code: str, text: str, limit: str = "2", closing: str = "归位") -> Kept:
    said = ConditionText(
        text=text, closing=closing, limit=Limit.hours(limit), closing_en="back", text_en="gone"
    )
    return Kept(pk, (EVENT, code), "上水井盖", said)


def test_new_changed_unchanged_and_gone_are_told_apart():
    rows = [
        ONE,
        [*ONE[:6], "破损", "更换", "4工作时"],
        [*ONE[:6], "松动", "不响", "2个工作日"],
        [*ONE[:2], "02", "污水井盖", *ONE[4:]],
    ]
    units = {"handling_unit_text": "水务局", "authority_text": "建委"}
    there = _kept(1, "0101", "缺失")
    same = Kept(1, there.key, there.class_name, ConditionText(**{**there.condition.__dict__, **units}))

    plan = compare(
        read_workbook(workbook(rows)),
        [same, _kept(2, "0101", "破损"), _kept(3, "0101", "沉陷"), _kept(4, "0777", "别的")],
        {(EVENT, "0101"): "上水井盖"},
        usual=EVENT,
    )

    assert plan.unchanged == 1
    assert [(one.kept.pk, one.columns) for one in plan.changed] == [
        (2, ("closing", "limit", "handling_unit_text", "authority_text"))
    ]
    assert plan.changed[0].becomes.closing_en == "", "it translated what is no longer said"
    assert plan.changed[0].becomes.text_en == "gone"
    assert [line.condition.text for line in plan.new] == ["松动", "缺失"]
    assert [one.code for one in plan.new_classes] == ["0102"]
    assert [one.pk for one in plan.gone] == [3, 4]


def test_a_class_with_a_wrong_row_is_held_and_nothing_of_it_is_gone():
    rows = [ONE, [*ONE[:6], "破损", "更换", "尽快"]]

    plan = compare(
        read_workbook(workbook(rows)),
        [_kept(1, "0101", "缺失"), _kept(2, "0101", "破损"), _kept(3, "0101", "沉陷")],
        {(EVENT, "0101"): "上水井盖"},
        usual=EVENT,
    )

    assert plan.held == [(EVENT, "0101")]
    assert plan.is_empty


def test_a_code_that_means_something_else_here_is_a_mistake_in_the_cell_of_its_name():
    plan = compare(
        read_workbook(workbook([ONE])), [_kept(1, "0101", "缺失")], {(EVENT, "0101"): "私搭乱建"}, usual=EVENT
    )

    (mistake,) = plan.mistakes
    assert mistake.cell == "D3"
    assert plan.is_empty
