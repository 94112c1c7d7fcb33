"""What `geogrid grid audit` says of a sound grid and of a poor one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grid_units.audit import audit
from grid_units.commands import app
from grid_units.coverage import FaultKind
from tests.grid_units.conftest import WESTERN, PaperGrid, rectangle


@pytest.fixture
def poor(paper: PaperGrid) -> PaperGrid:
    """Loaded as it was: an overlap a tenth of a side wide, and a gap enclosed by four cells."""
    with paper.transaction():
        paper.run("SELECT core.permit_extent_change('start again')")
        paper.run("DELETE FROM cell")
    with paper.transaction():
        paper.run("SELECT core.permit_first_load('a poor file')")
        paper.insert(rectangle(0, 0, 3, 1))
        paper.insert(rectangle(0, 1, 1, 2))
        paper.insert(rectangle(2, 0.9, 3, 2))
        paper.insert(rectangle(0, 2, 3, 3))
    return paper


def test_a_sound_grid_is_called_sound(paper: PaperGrid) -> None:
    found = audit()

    assert found.is_sound
    assert (found.cells, found.parts, found.holes) == (8, 1, 0)
    assert found.lines()[-1] == "The grid is sound."


def test_gaps_and_overlaps_are_listed_with_names_and_outlines(poor: PaperGrid) -> None:
    found = audit()

    gap = next(fault for fault in found.faults if fault.kind == FaultKind.GAP)
    overlap = next(fault for fault in found.faults if fault.kind == FaultKind.OVERLAP)
    assert not found.is_sound
    assert gap.names == (WESTERN + "005", WESTERN + "006", WESTERN + "007", WESTERN + "008")
    assert overlap.names == (WESTERN + "005", WESTERN + "007")
    assert found.unequal_outlines == (), "the outlines are the unions all the same"
    assert overlap.outline.area == pytest.approx(rectangle(2, 0.9, 3, 1).area, rel=1e-4)
    assert found.lines()[-1] == "The grid is NOT sound."


def test_the_command_fails_and_writes_the_outlines_for_qgis(poor: PaperGrid, tmp_path: Path) -> None:
    file = tmp_path / "faults.geojson"

    done = CliRunner().invoke(app, ["audit", "--geojson", str(file)])

    assert done.exit_code == 1
    assert f"overlap at {WESTERN}005 and {WESTERN}007" in done.output
    written = json.loads(file.read_text(encoding="utf-8"))
    assert {feature["properties"]["kind"] for feature in written["features"]} == {"gap", "overlap"}
    assert all(feature["geometry"]["type"] == "Polygon" for feature in written["features"])


def test_the_command_is_content_with_a_sound_grid(paper: PaperGrid) -> None:
    done = CliRunner().invoke(app, ["audit"])

    assert done.exit_code == 0
    assert "8 cells in 1 part(s) with 0 hole(s)" in done.output
