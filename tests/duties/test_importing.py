"""Tables of organisations, people and duties: from real bytes, whole or not at all, again without effect."""

import contextlib
import io
import stat
import zipfile
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geogrid.core.actor import System
from geogrid.core.importing.models import ImportFinding, ImportRun
from geogrid.core.models import City
from geogrid.organisations.models import Organisation, User
from grid_units.duties.importing import commands
from grid_units.duties.importing.columns import TABLES
from grid_units.duties.importing.findings import Tally, UnreadableFile
from grid_units.duties.importing.links import people_without_password, write_links
from grid_units.duties.importing.sheets import read_bytes
from grid_units.duties.importing.tables import import_bytes
from grid_units.duties.importing.templates import template
from grid_units.duties.importing.values import clock, weekdays
from grid_units.duties.models import Duty, DutyShift, Membership
from tests.duties.conftest import CELL, COMMUNITY, NEIGHBOUR, STREET

Person = Callable[..., User]
CLERK = System("clerk")


def csv_of(*lines: str) -> bytes:
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def bring_in(kind: str, data: bytes, **options: Any) -> Tally:
    return import_bytes(kind=kind, name=f"{kind}.csv", data=data, actor=CLERK, **options)


UNITS = csv_of(
    "单位编码,单位名称,英文名称,单位类型,上级单位编码,电话,在用",
    "LIGHT,路灯所,Lighting,养护单位、处置单位,ROADS,010-1,",
    "ROADS,道路局,,主管单位 authority,,,是",
)
PEOPLE = csv_of(
    "username,name,phone,organisation,role,area,language",
    f"li,李明,138,,网格员,{CELL},zh",
    f"li,李明,138,,volunteer,{STREET},zh",
    "zhao,赵强,139,LIGHT,处置员 handler,,",
)
DUTIES = csv_of(
    "username,role,units,weekdays,starts,ends,note",
    f'li,,"{CELL}, {NEIGHBOUR}",周一至周五,8:00,17:00,白班',
    f'li,grid_worker,"{NEIGHBOUR} {CELL}",Sat,20:00,06:00,',
)


class TestOrganisations:
    def test_they_come_in_with_their_tree_and_again_unchanged(self, db: None):
        first, again = bring_in("organisations", UNITS), bring_in("organisations", UNITS)

        assert (first.added, first.updated, first.unchanged) == (2, 0, 0)
        assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
        light = Organisation.objects.get(code="LIGHT")
        assert light.kinds == ["handling_unit", "maintainer"]
        assert light.parent is not None and light.parent.code == "ROADS"

    def test_what_changed_is_updated(self, db: None):
        bring_in("organisations", UNITS)

        tally = bring_in("organisations", UNITS.replace("路灯所".encode(), "照明中心".encode()))

        assert (tally.added, tally.updated, tally.unchanged) == (0, 1, 1)
        assert Organisation.objects.get(code="LIGHT").name == "照明中心"

    def test_one_bad_row_keeps_the_file_out_and_says_where_and_what_to_do(self, db: None):
        bad = csv_of("code,name,kinds,parent", "A,甲,owner,", ",乙,,", "C,丙,king,NONE", "A,丁,,")

        tally = bring_in("organisations", bad)

        assert not tally.written and Organisation.objects.count() == 0
        assert [(one.row, one.column) for one in tally.findings] == [
            (3, "code"), (4, "parent"), (4, "kinds"), (5, "code"),
        ]  # fmt: skip
        assert ImportRun.objects.get().state == "failed"
        assert ImportFinding.objects.filter(row=4, reason_zh="没有单位 NONE。").exists()

    def test_the_good_rows_alone_when_asked(self, db: None):
        bad = csv_of("code,name", "A,甲", ",乙")

        tally = bring_in("organisations", bad, partial=True)

        assert (tally.added, tally.refused) == (1, 1)

    def test_a_dry_run_writes_nothing(self, db: None):
        tally = bring_in("organisations", UNITS, dry_run=True)

        assert not tally.written
        assert Organisation.objects.count() == 0 and ImportRun.objects.count() == 0


class TestPeople:
    @pytest.fixture(autouse=True)
    def units(self, city: City) -> None:
        bring_in("organisations", UNITS)

    def test_they_come_in_with_memberships_and_without_passwords(self):
        first, again = bring_in("people", PEOPLE), bring_in("people", PEOPLE)

        assert (first.added, first.updated, first.unchanged) == (3, 0, 0)
        assert (again.added, again.updated, again.unchanged) == (0, 0, 3)
        assert not User.objects.get(username="li").has_usable_password()
        assert set(
            Membership.objects.values_list("user__username", "role", "unit_prefix", "organisation__code")
        ) == {
            ("li", "grid_worker", CELL, None),
            ("li", "volunteer", STREET, None),
            ("zhao", "handler", "", "LIGHT"),
        }

    def test_a_new_telephone_or_role_updates_and_takes_nothing_away(self):
        bring_in("people", PEOPLE)
        again = csv_of("username,name,phone,role,area", f"li,李明,555,巡查员,{COMMUNITY}")

        tally = bring_in("people", again)

        assert (tally.added, tally.updated) == (0, 1)
        assert User.objects.get(username="li").phone == "555"
        assert Membership.objects.filter(user__username="li").count() == 3

    @pytest.mark.parametrize(
        ("line", "column"),
        [
            (",李,,,网格员,,", "username"),
            ("li ming,李,,,网格员,,", "username"),
            ("li,,,,网格员,,", "name"),
            ("li,李,,,king,,", "role"),
            ("li,李,,,,,", "role"),
            ("li,李,,NONE,网格员,,", "organisation"),
            ("li,李,,,处置员,,", "organisation"),
            ("li,李,,,网格员,999999,", "area"),
            ("li,李,,,网格员,,fr", "language"),
            (f"li,{'李' * 101},,,网格员,,", "name"),
        ],
    )
    def test_what_cannot_be_is_said(self, line: str, column: str):
        tally = bring_in("people", csv_of("username,name,phone,organisation,role,area,language", line))

        assert {(one.row, one.column) for one in tally.findings} == {(2, column)}
        assert all(one.reason.zh and one.reason.en for one in tally.findings)
        assert User.objects.count() == 0

    def test_links_are_for_those_without_a_password_in_a_file_for_its_owner(
        self, tmp_path: Path, client: Any
    ):
        bring_in("people", PEOPLE)
        path = tmp_path / "links.csv"

        written = write_links(path, people_without_password(["li", "zhao"]), address="https://grid.example/")

        assert written == 2
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "https://grid.example/office/password/" in path.read_text("utf-8-sig")


class TestDuties:
    @pytest.fixture(autouse=True)
    def people(self, city: City) -> None:
        bring_in("organisations", UNITS)
        bring_in("people", PEOPLE)

    def test_rows_of_one_person_and_area_are_one_duty_with_all_shifts(self):
        first, again = bring_in("duties", DUTIES), bring_in("duties", DUTIES)

        assert (first.added, first.updated, first.unchanged) == (1, 0, 0)
        assert (again.added, again.updated, again.unchanged) == (0, 0, 1)
        duty = Duty.objects.get()
        assert {area.unit_code for area in duty.areas.all()} == {CELL, NEIGHBOUR}
        assert duty.shifts.count() == 6
        night = DutyShift.objects.get(weekday=5)
        assert (night.starts, night.ends) == (time(20), time(6))

    def test_other_shifts_replace_those_that_were(self):
        bring_in("duties", DUTIES)

        tally = bring_in("duties", csv_of("username,units", f'li,"{CELL},{NEIGHBOUR}"'))

        assert (tally.added, tally.updated) == (0, 1)
        assert Duty.objects.get().shifts.count() == 0

    def test_other_units_end_the_duty_that_was(self):
        bring_in("duties", DUTIES)

        tally = bring_in("duties", csv_of("username,units", f"li,{COMMUNITY}"))

        assert (tally.added, tally.updated) == (1, 1)
        old, new = Duty.objects.order_by("id")
        assert old.valid_to == new.valid_from

    @pytest.mark.parametrize(
        ("line", "column"),
        [
            (f"nobody,,{CELL},,,", "username"),
            ("li,,,,,", "units"),
            (f'li,,"{CELL},1234",,,', "units"),
            (f"li,king,{CELL},,,", "role"),
            (f"li,,{CELL},someday,8:00,9:00", "weekdays"),
            (f"li,,{CELL},Mon,25:00,9:00", "starts"),
            (f"li,,{CELL},Mon,8:00,", "ends"),
        ],
    )
    def test_what_cannot_be_is_said(self, line: str, column: str):
        tally = bring_in("duties", csv_of("username,role,units,weekdays,starts,ends", line))

        assert {one.column for one in tally.findings} == {column}
        assert Duty.objects.count() == 0

    def test_two_ends_of_one_shift_are_refused(self):
        lines = [f"li,{CELL},Mon,8:00,{end}" for end in ("12:00", "13:00")]

        tally = bring_in("duties", csv_of("username,units,weekdays,starts,ends", *lines))

        assert [(one.row, one.column) for one in tally.findings] == [(3, "ends")]


def garbled_inside(changes: list[tuple[int, int]]) -> bytes:
    """A template with changed bytes in its first sheet, in a sound archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template("people"))) as whole, zipfile.ZipFile(out, "w") as copy:
        for name in whole.namelist():
            content = bytearray(whole.read(name))
            if name == "xl/worksheets/sheet1.xml":
                for place, value in changes:
                    content[place % len(content)] = value
            copy.writestr(name, bytes(content))
    return out.getvalue()


class TestFiles:
    """What spreadsheet programs and people make of the templates."""

    @pytest.mark.parametrize("name", list(TABLES))
    def test_an_untouched_template_is_read_and_holds_no_row(self, name: str):
        assert read_bytes(f"{name}.xlsx", template(name), TABLES[name]) == []

    def test_a_filled_template_is_read_even_where_codes_became_numbers(self):
        book = openpyxl.load_workbook(io.BytesIO(template("duties")))
        book.worksheets[0].append(["li", "grid_worker 网格员", int(CELL), "Mon-Fri", time(8), "17:00", None])
        out = io.BytesIO()
        book.save(out)

        [row] = read_bytes("duties.xlsx", out.getvalue(), TABLES["duties"])

        assert (row.number, row["units"], row["starts"]) == (4, CELL, "08:00")

    def test_templates_offer_lists_to_choose_from(self):
        sheet = openpyxl.load_workbook(io.BytesIO(template("people"))).worksheets[0]

        assert [cell.value for cell in sheet[1]][:2] == ["账号 *", "姓名 *"]
        assert [cell.value for cell in sheet[2]][:2] == ["username", "name"]
        assert len(sheet.data_validations.dataValidation) == 2

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_text_of_three_encodings_is_read(self, encoding: str):
        data = "账号;姓名;角色\nli;李明;网格员\n".encode(encoding)

        [row] = read_bytes("people.csv", data, TABLES["people"])

        assert (row["name"], row["role"]) == ("李明", "网格员")

    @pytest.mark.parametrize(
        ("data", "word"),
        [
            (b"", "no header"),
            (b"a,b\n1,2\n", "no header"),
            ("账号,姓名,角色\n".encode("utf-16"), "encod|neither|no CSV|no header"),
            (template("people")[:3_000], "damaged"),
            (b"PK\x03\x04 no zip", "damaged"),
            (b"username,name,role\n\x00\x01,\n", "no CSV"),
            (b'username,name,role\n"open,\n', "cannot be read"),
        ],
    )
    def test_a_broken_file_is_one_sentence(self, data: bytes, word: str):
        with pytest.raises(UnreadableFile, match=word):
            read_bytes("people.csv", data, TABLES["people"])

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6), st.booleans()
    )
    def test_garbled_bytes_are_read_or_refused_and_never_a_crash(
        self, changes: list[tuple[int, int]], in_the_xml: bool
    ):
        data = bytearray(garbled_inside(changes) if in_the_xml else template("people"))
        if not in_the_xml:
            for place, value in changes:
                data[place % len(data)] = value

        with contextlib.suppress(UnreadableFile):
            read_bytes("people.xlsx", bytes(data), TABLES["people"])

    def test_a_missing_file_is_one_sentence(self, tmp_path: Path):
        with pytest.raises(UnreadableFile, match="There is no file"):
            commands.people(tmp_path / "none.xlsx")


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("周一至周五", [0, 1, 2, 3, 4]),
        ("Mon-Fri", [0, 1, 2, 3, 4]),
        ("1-5", [0, 1, 2, 3, 4]),
        ("周六、周日", [5, 6]),
        ("Sat - Mon", [0, 5, 6]),
        ("每天", list(range(7))),
        ("1,3, 5", [0, 2, 4]),
        ("someday", None),
        ("8", None),
    ],
)
def test_weekdays_are_read_as_people_write_them(said: str, days: list[int] | None):
    assert weekdays(said) == days


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("8:00", time(8)),
        ("08：30", time(8, 30)),
        ("24:00", time(0)),
        ("7", None),
        ("25:00", None),
        ("8:61", None),
    ],
)
def test_times_are_read_as_people_write_them(said: str, expected: time | None):
    assert clock(said) == expected
