"""`geogrid import terrain FILE`."""

from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from assets.terrain import actions, tasks
from assets.terrain.checking import VerticalUnit
from geogrid.core.actor import System

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="GeoTIFF of heights, one band.")]
Unit = Annotated[VerticalUnit, typer.Option(help="What the heights are counted in.")]
Name = Annotated[str, typer.Option(help="What to call it; else the name of the file.")]
Source = Annotated[str, typer.Option(help="Who measured it, and when: shown with it.")]
Crs = Annotated[str, typer.Option(help="Coordinate system, EPSG:4547 for example; else as the file says.")]
Nodata = Annotated[float | None, typer.Option(help="The value of unknown ground; else as the file says.")]


def terrain(
    file: File, unit: Unit, name: Name = "", source: Source = "", crs: Crs = "", nodata: Nodata = None
) -> None:
    """Bring in a terrain model. The worker converts it and finds its depressions."""
    with file.open("rb") as content:
        made = actions.register(
            file=content,
            name=name or file.stem,
            vertical_unit=unit,
            actor=System("import"),
            at=timezone.now(),
            crs=crs,
            nodata=nodata,
            source=source,
        )
    tasks.line_up(made)
    typer.echo(
        f"Terrain {made.pk}: {made.width} x {made.height} pixels of {made.pixel_m:.2f} m; the worker has it."
    )
