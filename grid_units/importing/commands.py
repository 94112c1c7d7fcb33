"""`geogrid import grid FILE`."""

from pathlib import Path
from typing import Annotated

import typer
from django.db import IntegrityError

from geogrid.core.actor import System
from geogrid.core.errors import Invalid
from geogrid.core.importing.console import sentences_for_errors
from grid_units.importing.loading import TOLERANCE_M, import_grid


def grid(
    file: Annotated[
        Path, typer.Argument(help="Cells: shapefile (zipped too), GeoPackage, GeoJSON, CSV, XLSX.")
    ],
    crs: Annotated[str | None, typer.Option(help="Coordinate system: EPSG:4547, gcj02, bd09...")] = None,
    encoding: Annotated[str | None, typer.Option(help="How texts are written, for example gbk.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer or sheet.")] = None,
    tolerance: Annotated[
        float, typer.Option(help="Widest gap or overlap in metres that is healed.")
    ] = TOLERANCE_M,
    holes: Annotated[
        bool, typer.Option("--holes", help="Ground that cells enclose without a cell is meant.")
    ] = False,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="Do not ask whether the places can be meant.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the edition of the grid.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Where to write the report (.csv and .geojson).")
    ] = None,
) -> None:
    """Import the cells of a city: all or none; small faults are healed, large ones refuse the file."""
    with sentences_for_errors():
        try:
            outcome = import_grid(
                file,
                actor=System("import"),
                reason=reason,
                crs=crs,
                encoding=encoding,
                layer=layer,
                tolerance_m=tolerance,
                holes_are_meant=holes,
                anywhere=anywhere,
                dry_run=dry_run,
                report=report,
            )
        except IntegrityError as error:
            raise Invalid(str(error).strip().splitlines()[0]) from error
    head = "Would be (dry run) 试运行" if dry_run else "Done 完成"
    typer.echo(
        f"{head}: {outcome.rows} cells 网格; {len(outcome.loaded.added)} added 新增, "
        f"{len(outcome.loaded.changed)} changed 变更, {len(outcome.loaded.unchanged)} unchanged 未变, "
        f"{len(outcome.loaded.vanished)} not in the file 文件中没有; {len(outcome.healed)} healed 修复; "
        f"{len(outcome.units_made)} units made 新建单元"
    )
    for path in outcome.report:
        typer.echo(f"Report 报告: {path}")
