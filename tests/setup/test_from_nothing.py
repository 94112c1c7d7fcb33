"""A12: from an empty database to the first assigned report, through `geogrid init` and the templates."""

import csv
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pytest
import typer
from django.test import Client
from typer.testing import CliRunner

from geogrid.organisations.models import User
from geogrid.setup import commands
from grid_units.duties.models import Duty
from grid_units.duties.roster import who_answers
from grid_units.models import Cell
from incidents.models import Incident
from tests.grid_units.made_up_city import COUNTY, MadeUpCell, made_up_city

CELLS, PEOPLE = 610, 592
BY_HAND_S = 600
PASSWORD = "a-long-first-word"


@pytest.fixture(scope="module")
def ground() -> list[MadeUpCell]:
    """610 cells, 26 communities, 13 streets."""
    return made_up_city(61, 10)


def write_grid(path: Path, ground: list[MadeUpCell]) -> None:
    table = {"code": [cell.code for cell in ground], "name": [f"网格{cell.code[-6:]}" for cell in ground]}
    outlines = [cell.outline for cell in ground]
    geopandas.GeoDataFrame(table, geometry=outlines, crs="EPSG:4326").to_file(path, driver="GPKG")


def fill_in(path: Path, rows: list[list[str]]) -> None:
    """Fill a template as a clerk does: below the headers and the example."""
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def fill_in_all(folder: Path, ground: list[MadeUpCell]) -> None:
    communities = sorted({cell.community for cell in ground})
    fill_in(
        folder / "organisations.xlsx",
        [["LIGHT", "市政路灯所", "Street lighting", "养护单位, 处置单位", "", "010-5550100", "yes"]]
        + [[f"C{code}", f"{code}社区居委会", "", "社区 community", "", "", ""] for code in communities],
    )
    workers = [f"worker{number:03d}" for number in range(PEOPLE - len(communities) - 2)]
    people = [
        *([name, f"网格员{name[-3:]}", "138", "", "网格员 grid_worker", COUNTY, ""] for name in workers),
        *([f"lead{code}", f"{code}网格长", "139", f"C{code}", "网格长", code, "zh"] for code in communities),
        ["operator", "受理员", "110", "", "operator", COUNTY, "zh"],
        ["zhao", "赵强", "119", "LIGHT", "处置员 handler", "", ""],
    ]
    fill_in(folder / "people.xlsx", people)
    # Fewer workers than cells: the last ones answer for two.
    duties = [
        [workers[place % len(workers)], "grid_worker 网格员", cell.code, "每天", "00:00", "24:00", ""]
        for place, cell in enumerate(ground)
    ]
    duties += [[f"lead{code}", "supervisor 网格长", code, "", "", "", ""] for code in communities]
    fill_in(folder / "duties.xlsx", duties)
    assert len(people) == PEOPLE


def geogrid(*arguments: str, **environment: str) -> Any:
    app = typer.Typer()
    app.command()(commands.init)
    app.command()(commands.templates)
    return CliRunner().invoke(app, list(arguments), env=environment)


def test_a_city_of_610_cells_and_592_people_takes_its_first_report(
    transactional_db: None, tmp_path: Path, settings: Any, ground: list[MadeUpCell]
):
    settings.VAR_DIR = tmp_path / "var"
    begun = time.monotonic()
    folder, grid = tmp_path / "templates", tmp_path / "grid.gpkg"

    geogrid("templates", str(folder))
    write_grid(grid, ground)
    fill_in_all(folder, ground)
    files = [f"--{name}={folder / name}.xlsx" for name in ("organisations", "people", "duties")]
    names = ["--name=示例区", "--county-code", COUNTY, "--zone", "Europe/Helsinki", "--admin", "chief"]
    done = geogrid("init", *names, f"--grid={grid}", *files, GEOGRID_ADMIN_PASSWORD=PASSWORD)

    assert done.exit_code == 0, done.output
    assert Cell.objects.count() == CELLS
    assert User.objects.count() == PEOPLE + 1
    with (tmp_path / "var" / "first-logins.csv").open(encoding="utf-8-sig") as links:
        assert len(list(csv.DictReader(links))) == PEOPLE
    assert "0 h at most" in done.output

    operator = first_log_in(tmp_path / "var" / "first-logins.csv", "operator")
    cell = Cell.objects.get(code=ground[300].code)
    inside = cell.geom.point_on_surface
    body = {"lng": inside.x, "lat": inside.y, "description": "井盖缺失", "channel": "hotline"}
    receipt = operator.post("/api/incidents", body, "application/json")

    assert receipt.status_code == 201, receipt.content
    incident = Incident.objects.get(number=receipt.json()["number"])
    answering = who_answers(cell.code, datetime.now(UTC))
    assert incident.unit_code == cell.code
    assert answering is not None and incident.cell_worker_id == answering.user_id
    assert incident.cell_worker.duties.filter(areas__unit_code=cell.code).exists()

    again = geogrid("init", f"--grid={grid}", *files)
    assert again.exit_code == 0, again.output
    assert again.output.count("0 added, 0 updated") == 4
    assert Duty.objects.filter(valid_to=None).count() == Duty.objects.count()
    took = time.monotonic() - begun
    print(f"{CELLS} cells and {PEOPLE} people in {took:.1f} s")
    assert took < BY_HAND_S


def first_log_in(links: Path, username: str) -> Client:
    """Follow the one-time link, choose a password, log in with it."""
    with links.open(encoding="utf-8-sig") as file:
        link = next(row["link"] for row in csv.DictReader(file) if row["username"] == username)
    browser = Client()
    form = browser.get(link.partition(":8000")[2], follow=True)
    browser.post(form.request["PATH_INFO"], {"new_password1": PASSWORD, "new_password2": PASSWORD})
    answer = browser.post("/api/login", {"username": username, "password": PASSWORD}, "application/json")
    assert answer.status_code == 200
    return browser
