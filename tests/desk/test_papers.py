"""Papers and files: letters in time and under a number, the case file, lists as files."""

import csv
import io
import json
import subprocess
from pathlib import Path

import openpyxl
import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from geogrid.core.errors import Conflict, Forbidden, Invalid
from incidents.desk.export import rows
from incidents.loop import handling
from incidents.messages.models import Message
from incidents.papers.actions import issue
from incidents.papers.contents import letter_pdf
from incidents.papers.models import Letter
from incidents.workflow import Move
from tests.incidents.conftest import client_of, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, filed, lead, picture, reported
from tiles.downloads.file_writing import write
from tiles.downloads.orders import Order


def test_a_letter_has_a_number_goes_to_the_unit_and_stays_as_it_was(loop: Loop):
    incident = filed(loop)
    with pytest.raises(Conflict):
        issue(incident=incident, move=Move.REMIND, actor=loop.street, at=NOON, note="请抓紧")
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)

    first = issue(incident=incident, move=Move.REMIND, actor=loop.street, at=NOON + HOUR, note="请抓紧")
    second = issue(incident=incident, move=Move.REMIND, actor=loop.street, at=NOON + HOUR, note="再次提醒")
    with pytest.raises(Forbidden):  # a supervision notice is for who approves
        issue(incident=incident, move=Move.SUPERVISE, actor=loop.street, at=NOON + HOUR, note="x")
    third = issue(incident=incident, move=Move.SUPERVISE, actor=loop.chief, at=NOON + HOUR, note="限期办结")

    settle()
    assert [one.number for one in (first, second, third)] == [
        "提〔2026〕1号",
        "提〔2026〕2号",
        "督〔2026〕1号",
    ]
    assert (first.unit, first.due_at, incident.stage) == (loop.roads, NOON + 4 * HOUR, "DISPATCHED")
    told = Message.objects.get(step=first.step, channel="app")
    assert (told.to_unit, told.ack_due_at) == (loop.roads, first.issued_at + 30 * MINUTE)
    assert "提〔2026〕1号" in told.text_zh
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Letter.objects.filter(pk=first.pk).update(text="anders")
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(
            incident=incident, step=incident.steps_taken.latest("id"), kind="remind", year=2026, nth=9,
            unit=loop.roads, issued_at=NOON, issued_by=loop.street, due_at=NOON, text="x", said={},
        )  # fmt: skip


def test_no_letter_is_issued_once_the_limit_has_passed(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)

    with pytest.raises(Invalid, match="before the limit"):
        issue(incident=incident, move=Move.REMIND, actor=loop.street, at=NOON + 5 * HOUR, note="x")
    with pytest.raises(Invalid, match="say why"):
        issue(incident=incident, move=Move.REMIND, actor=loop.street, at=NOON + HOUR, note=" ")


def text_of(pdf: bytes, tmp_path: Path) -> str:
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True
    ).stdout


def test_papers_are_pdf_that_say_what_happened(loop: Loop, tmp_path: Path):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.accept(incident=incident, actor=loop.rod, at=NOON)
    letter = issue(incident=incident, move=Move.REMIND, actor=loop.street, at=NOON + HOUR, note="请抓紧办理")
    settle()
    address = f"/api/incidents/{incident.number}"
    client_of(loop.rod).post(f"{address}/photos", {"file": picture(), "role": "after"}, "multipart")

    case = client_of(loop.street).get(f"{address}/case-file")
    [listed] = client_of(loop.rod).get(f"{address}/letters").json()
    paper = client_of(loop.rod).get(f"{address}/letters/{listed['id']}")

    assert (case.status_code, case["Content-Type"]) == (200, "application/pdf")
    assert (listed["number"], paper.status_code) == (letter.number, 200)
    for content in (case.content, paper.content):
        assert content.startswith(b"%PDF") and len(content) > 5000
    assert client_of(loop.lou).get(f"{address}/case-file").status_code == 404
    said = text_of(case.content, tmp_path)
    for words in (incident.number, "道路所", "接单", "提〔2026〕1号", "环节"):
        assert words in said
    said = text_of(letter_pdf(letter), tmp_path)
    assert "请抓紧办理" in said and letter.number in said


def written(made, tmp_path: Path, driver: str, suffix: str) -> Path:
    path = tmp_path / f"list.{suffix}"
    order = Order(
        made.sql, made.columns, made.point, "Point" if made.point else None, "desk", driver, {}, str(path)
    )
    write(order)
    return path


@pytest.mark.django_db(transaction=True)
def test_a_list_is_written_as_csv_xlsx_and_geojson(lasting_loop: Loop, tmp_path: Path, monkeypatch):
    loop = lasting_loop
    filed(loop)
    wild = reported(loop.people.oona)
    with transaction.atomic():
        type(wild).objects.filter(pk=wild.pk).update(description="=HYPERLINK(1) 井盖")
    monkeypatch.setenv("DATABASE_URL", "")
    settings = connection.settings_dict
    url = (
        f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
        f"/{settings['NAME']}"
    )
    monkeypatch.setattr("tiles.downloads.file_writing.reader_url", lambda role: url)
    table, map_of = (
        rows(loop.district, {"queue": "open"}, True),
        rows(loop.district, {"queue": "to_file"}, False),
    )

    lines = list(csv.DictReader(io.StringIO(written(table, tmp_path, "CSV", "csv").read_text("utf-8-sig"))))
    sheet = openpyxl.load_workbook(written(table, tmp_path, "XLSX", "xlsx")).active
    features = json.loads(written(map_of, tmp_path, "GeoJSON", "geojson").read_text())["features"]

    assert (table.count, map_of.count, len(lines), len(features)) == (2, 1, 2, 1)
    assert {line["description"] for line in lines} == {"积水", "'=HYPERLINK(1) 井盖"}
    assert lines[0]["reported_at"] == "2026-01-14 10:00:00"  # the city's clock
    assert sheet is not None and sheet.max_row == 3
    assert features[0]["properties"]["number"] == wild.number
    assert features[0]["geometry"]["type"] == "Point"


def test_a_list_is_asked_for_by_who_has_it(loop: Loop):
    filed(loop)
    settle()
    client = client_of(loop.street)
    body = {"layer": "desk", "format": "xlsx", "list": {"queue": "to_dispatch", "q": "积水"}}

    made = client.post("/api/downloads", body, "json")

    assert (made.status_code, made.json()["rows_expected"]) == (202, 1)
    assert client.post("/api/downloads", body | {"format": "gpkg"}, "json").status_code == 422
    assert client.post("/api/downloads", body | {"list": {"queue": "nothing"}}, "json").status_code == 422
    assert client_of(loop.rod).post("/api/downloads", body, "json").status_code == 422  # no such queue
    assert client.post("/api/downloads", {"layer": "cell", "format": "xlsx"}, "json").status_code == 422
