"""Past cases from a CSV file: their own times, what is refused, a second run, one that was cut off."""

import io
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from geogrid.core.actor import System
from geogrid.core.errors import Forbidden, Invalid
from incidents.evaluation.asking import Asked, By, Seen
from incidents.evaluation.figures import total
from incidents.evaluation.keeping import keep_all
from incidents.models import Incident, StepTaken
from incidents.past_cases.importing import import_past_cases
from incidents.past_cases.mapping import Wrong, case_of, read_mapping
from tests.incidents.conftest import MIDDLE, A, People, lasting_city

__all__ = ["lasting_city"]
NOW = datetime(2026, 1, 14, 12, tzinfo=UTC)
MAPPING = """
source = "old-system"
zone = "Europe/Helsinki"
time_format = "%d.%m.%Y %H:%M"
channel = "hotline"
[columns]
number = "Nr"
reported_at = "Reported"
deadline_at = "Limit"
closed_at = "Closed"
lng = "X"
lat = "Y"
description = "What"
"""
X, Y = MIDDLE[A]
FILE = f"""Nr,Reported,Limit,Closed,X,Y,What
1,05.01.2026 09:00,06.01.2026 09:00,05.01.2026 17:00,{X},{Y},积水
2,05.01.2026 10:00,06.01.2026 10:00,08.01.2026 10:00,{X},{Y},井盖
3,06.01.2026 10:00,07.01.2026 10:00,,{X},{Y},路灯
4,06.01.2026 10:00,,,,,没有坐标
5,yesterday,,,{X},{Y},no time
6,06.01.2026 10:00,,05.01.2026 10:00,{X},{Y},closed before
1,05.01.2026 09:00,,,{X},{Y},twice
,05.01.2026 09:00,,,{X},{Y},no number
8,05.01.2026 09:00,,,200,{Y},not on earth
9,05.01.2027 09:00,,,{X},{Y},to come
"""


def run(text: str = FILE, **more):
    return import_past_cases(
        io.StringIO(text), read_mapping(MAPPING), actor=System("import"), now=NOW, **more
    )


def test_cases_come_with_their_own_times_and_count_at_once(lasting_city: People):
    outcome = run()

    assert (outcome.rows, outcome.added, outcome.known, outcome.unplaced) == (10, 4, 0, 1)
    assert [(one.line, one.number) for one in outcome.refused] == [
        (6, "5"), (7, "6"), (8, "1"), (9, ""), (10, "8"), (11, "9"),
    ]  # fmt: skip
    first = Incident.objects.get(source_number="1")
    assert (first.stage, first.unit_code, first.channel) == ("CLOSED", A, "hotline")
    assert first.closed_at == datetime(2026, 1, 5, 15, tzinfo=UTC)
    steps = StepTaken.objects.filter(incident=first).order_by("id").values_list("move", "taken_at")
    assert [move for move, _ in steps] == ["report", "file", "close_past"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT incidents, steps, fault FROM core.verify_steps(0, 1000000)")
        assert cursor.fetchone() == (4, 10, None)
    keep_all()
    counts = total(Asked(By.DISTRICT, date(2026, 1, 5), date(2026, 1, 8), seen=Seen(("",), unplaced=True)))
    told = ("received", "filed", "due", "due_closed", "due_on_time")
    assert [counts[name] for name in told] == [4, 4, 3, 2, 1]


def test_a_second_run_changes_nothing_and_one_cut_off_goes_on(lasting_city: People):
    head, *rows = FILE.splitlines(keepends=True)
    run("".join([head, *rows[:2]]))

    outcome = run()
    again = run()

    assert (outcome.added, outcome.known) == (2, 2) and (again.added, again.known) == (0, 4)
    assert (Incident.objects.count(), StepTaken.objects.count()) == (4, 10)


def test_a_dry_run_writes_nothing_and_a_stranger_may_not_import(lasting_city: People):
    outcome = run(dry_run=True)

    assert outcome.added == 4 and not Incident.objects.exists()
    with pytest.raises(Forbidden):
        import_past_cases(io.StringIO(FILE), read_mapping(MAPPING), actor=lasting_city.ann, now=NOW)


def test_a_file_without_a_column_is_refused(lasting_city: People):
    with pytest.raises(Invalid, match="Closed"):
        run(FILE.replace("Closed", "Ended", 1))


@pytest.mark.fast
def test_clocks_that_differ_a_little_close_a_case_with_its_report():
    mapping = MAPPING.replace("[columns]", "clock_skew_s = 60\n[columns]")
    row = {"Nr": "1", "Reported": "05.01.2026 09:01", "Closed": "05.01.2026 09:00", "What": "x"}

    case = case_of(row, read_mapping(mapping), NOW)

    assert case.closed_at == case.reported_at
    for wrong in (MAPPING, mapping.replace("60", "59")):
        with pytest.raises(Wrong, match="before"):
            case_of(row, read_mapping(wrong), NOW)


@pytest.mark.fast
@pytest.mark.parametrize(
    "said",
    [
        "",
        "source = 'x'",
        "source='x'\n[columns]\nnumber='a'",
        "source='x'\n[columns]\nwhat='a'",
        "= =",
        "source='x'\nzone='Mars/Olympus'\n[columns]\nnumber='a'\nreported_at='b'",
        "source='x'\n[columns]\nnumber='a'\nreported_at='b'\n[classes]\nx='0128'",
    ],
)
def test_a_mapping_that_says_too_little_is_refused(said: str):
    with pytest.raises(Wrong):
        read_mapping(said)


@pytest.mark.fast
@given(st.dictionaries(st.sampled_from(["Nr", "Reported", "Limit", "Closed", "X", "Y", "What"]), st.text()))
def test_whatever_stands_in_a_row_it_is_taken_or_refused_in_words(row: dict[str, str]):
    try:
        case = case_of(row, read_mapping(MAPPING), NOW)
    except Wrong as wrong:
        assert str(wrong)
    else:
        assert case.number and case.reported_at <= case.filed_at <= NOW
