"""`geogrid grid ...`: what an operator does with the grid from a terminal."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Look after the grid.")


@app.callback()
def grid() -> None:
    """Look after the grid."""


@app.command()
def audit(
    geojson: Annotated[
        Path | None, typer.Option(help="Write the outlines of gaps and overlaps here, for QGIS.")
    ] = None,
    holes_are_meant: Annotated[
        bool, typer.Option("--holes-are-meant", help="Enclosed ground without a cell is a lake, not a gap.")
    ] = False,
) -> None:
    """Check cells, codes, outlines of units and versions. Exit code 1 when something is wrong."""
    from grid_units.audit import audit as look

    found = look(holes_are_meant=holes_are_meant)
    for line in found.lines():
        typer.echo(line)
    if geojson is not None:
        geojson.write_text(json.dumps(found.as_geojson(), ensure_ascii=False), encoding="utf-8")
        typer.echo(f"{len(found.faults)} outlines written to {geojson}")
    if not found.is_sound:
        raise typer.Exit(1)
