"""Receipts, schemes, who sees which figures, the grid of then and of now."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents.evaluation.asking import Asked, By, Seen, View
from incidents.evaluation.figures import figures
from incidents.evaluation.indicators import FIRST_SCHEMES
from incidents.evaluation.keeping import keep_all
from incidents.evaluation.models import IndicatorScheme
from incidents.loop import handling, two_persons
from incidents.models import Incident
from incidents.workflow import Move
from tests.incidents.conftest import MIDDLE, SIDE, SOUTH, WEST, A, B, client_of
from tests.loop.conftest import HOUR, NOON, Loop, filed, lead, reported

DAY = "start=2026-01-14&end=2026-01-14"


def ask(user, path: str):
    answer = client_of(user).get(f"/api/evaluation/{path}")
    assert answer.status_code == 200, answer.content
    return answer


def suspended(loop: Loop) -> Incident:
    one = filed(loop)
    two_persons.apply(
        incident=one, move=Move.SUSPEND, actor=loop.street, at=NOON, note="缺件",
        until=NOON + timedelta(days=9), code=None,
    )  # fmt: skip
    asked = one.applications.get()
    two_persons.approve(application=asked, actor=loop.chief, at=NOON)
    one = Incident.objects.get(pk=one.pk)
    # The clocks stand still, and the limit moved: as if it were still due that day.
    Incident.objects.filter(pk=one.pk).update(deadline_at=NOON + 4 * HOUR)
    return one


def test_a_receipt_lists_what_is_counted_and_left_out_and_its_hash_can_be_checked(lasting_loop: Loop):
    cases = [filed(lasting_loop) for _ in range(3)]
    left_out = suspended(lasting_loop)
    keep_all()
    question = f"indicator=closing_rate&by=COMMUNITY&key={A[:12]}&{DAY}"

    receipt = ask(lasting_loop.chief, f"receipt?{question}").json()

    lists = {one["name"]: one for one in receipt["lists"]}
    counts = {name: one["count"] for name, one in lists.items()}
    assert counts == {"numerator": 0, "denominator": 3, "left_out_suspended": 1, "left_out_exempt": 0}
    assert (receipt["rate"]["value"], receipt["head"]["scheme"], receipt["head"]["version"]) == (
        0,
        "geogrid",
        "1",
    )
    for name, one in lists.items():
        answer = ask(lasting_loop.chief, f"receipt/numbers?{question}&list={name}")
        text = b"".join(answer.streaming_content)
        assert hashlib.sha256(text).hexdigest() == one["hash"]
    whole = receipt["head"] | {"lists": {name: one["hash"] for name, one in lists.items()}}
    said = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(said.encode()).hexdigest() == receipt["hash"]
    listed = ask(lasting_loop.chief, f"receipt/cases?{question}&list=denominator&count=3").json()
    assert [one["number"] for one in listed["results"]] == sorted(one.number for one in cases)
    out = ask(lasting_loop.chief, f"receipt/cases?{question}&list=left_out_suspended").json()
    assert [one["number"] for one in out["results"]] == [left_out.number]


def test_the_second_scheme_divides_by_filed(lasting_loop: Loop):
    for _ in range(2):
        filed(lasting_loop)
    suspended(lasting_loop)
    keep_all()

    by_scheme = {
        name: ask(lasting_loop.chief, f"figures?scheme={name}&by=DISTRICT&{DAY}").json()["total"]["rates"][0]
        for name in ("geogrid", "of-filed")
    }

    assert by_scheme["geogrid"]["denominator"] == 2 and by_scheme["of-filed"]["denominator"] == 3
    wrong = client_of(lasting_loop.chief).get("/api/evaluation/figures?scheme=none")
    assert wrong.status_code == 404


def test_everybody_is_answered_over_what_they_see(lasting_loop: Loop):
    people = lasting_loop.people
    for cell in (A, A, B):
        reported(people.oona, cell=cell)
    one = filed(lasting_loop)
    handling.dispatch(incident=one, units=[lead(lasting_loop.roads)], actor=lasting_loop.street, at=NOON)
    keep_all()

    def received(user, by: str = "CELL") -> dict[str, int]:
        rows = ask(user, f"figures?by={by}&{DAY}").json()["rows"]
        return {row["key"]: row["received"] for row in rows}

    assert received(lasting_loop.chief) == {A: 3, B: 1}
    assert received(people.ann) == {A: 3} and received(people.cai) == {B: 1}
    assert received(people.ann, "COMMUNITY") == {A[:12]: 3}
    assert received(lasting_loop.rod, "UNIT") == {str(lasting_loop.roads.pk): 1}
    assert received(lasting_loop.lou, "UNIT") == {} and received(people.stranger) == {}
    assert sum(received(people.ann, "PERSON").values()) == 3
    refused = client_of(lasting_loop.rod).get(f"/api/evaluation/figures?by=PERSON&{DAY}")
    assert refused.status_code == 403
    foreign = ask(people.cai, f"receipt?indicator=filing_rate&by=CELL&key={A}&{DAY}").json()
    assert [one["count"] for one in foreign["lists"]] == [0, 0]
    nobody = f"receipt?indicator=filing_rate&by=PERSON&key={people.ann.pk}&{DAY}"
    assert ask(people.cai, nobody).json()["name"] == str(people.ann.pk)
    assert ask(lasting_loop.chief, nobody).json()["name"] == "Ann"


def test_a_responsibility_grid_counts_the_cells_of_its_duty(lasting_loop: Loop):
    reported(lasting_loop.people.oona, cell=A)
    reported(lasting_loop.people.oona, cell=B)
    keep_all()

    rows = ask(lasting_loop.chief, f"figures?by=DUTY&{DAY}").json()["rows"]

    # Ann and Bo share A, Cai has B.
    assert sorted((row["name"].split()[0], row["received"]) for row in rows) == [
        ("Ann", 1),
        ("Bo", 1),
        ("Cai", 1),
    ]


def test_lines_and_the_file_say_what_the_table_says(lasting_loop: Loop):
    for n in range(3):
        filed(lasting_loop, NOON + timedelta(days=n))
    keep_all()
    period = "start=2026-01-14&end=2026-01-16"

    line = ask(lasting_loop.chief, f"series?indicator=filing_rate&by=CELL&keys={A}&{period}").json()
    text = b"".join(ask(lasting_loop.chief, f"export?by=CELL&{period}").streaming_content).decode("utf-8-sig")

    assert line["grain"] == "day"
    assert [(one["day"], one["value"]) for one in line["lines"][0]["points"]] == [
        (f"2026-01-{day}", 1.0) for day in (14, 15, 16)
    ]
    assert text.splitlines()[2].startswith(f"{A},格001,,3,3,")
    wrong = [
        "start=2026-02-01&end=2026-01-01",
        "start=x",
        "by=ALL",
        "under=x",
        "klass=12",
        "start=0001-01-01",
    ]
    client = client_of(lasting_loop.chief)
    assert [client.get(f"/api/evaluation/figures?{said}").status_code for said in wrong] == [422] * len(wrong)


def test_a_scheme_stays_as_it_is(loop: Loop):
    known = {(one.name, one.version): one.value for one in IndicatorScheme.objects.all()}
    assert known == {(one.name, one.version): one for one in FIRST_SCHEMES}
    for change in (
        lambda: IndicatorScheme.objects.update(version="2"),
        lambda: IndicatorScheme.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            change()


def test_the_grid_of_then_and_of_now(lasting_loop: Loop, owner):
    reported(lasting_loop.people.oona, cell=A)
    keep_all()
    # The cell keeps its west quarter only; its neighbours take the rest, and with it the place of the report.
    west, south, east, north = WEST, SOUTH, WEST + SIDE / 4, SOUTH + SIDE
    ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    with owner.cursor() as cursor:
        cursor.execute("UPDATE cell SET geom = %s WHERE code = %s", [f"SRID=4326;POLYGON(({ring}))", A])
        cursor.execute(
            "SELECT code FROM cell WHERE id = core.cell_at(ST_SetSRID(ST_MakePoint(%s, %s), 4326))", MIDDLE[A]
        )
        [(now,)] = cursor.fetchall()
    assert now != A
    keep_all()

    def keys(by: By, view: View) -> list[str]:
        asked = Asked(by, date(2026, 1, 14), date(2026, 1, 14), view, seen=Seen(("",), (), unplaced=True))
        return [one.key for one in figures(asked)]

    assert (keys(By.CELL, View.WAS), keys(By.CELL, View.IS)) == ([A], [now])
    assert (keys(By.COMMUNITY, View.WAS), keys(By.COMMUNITY, View.IS)) == ([A[:12]], [now[:12]])
