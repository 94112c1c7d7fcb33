"""`geogrid import assets|buildings|roads FILE`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from assets.importing import loading
from geogrid.core.actor import System
from geogrid.core.importing.console import say_outcome, sentences_for_errors
from geogrid.core.importing.pipeline import Options, Outcome
from geogrid.core.importing.progress import for_terminal

File = Annotated[
    Path, typer.Argument(help="Shapefile (zipped too), GeoPackage, GeoJSON, CSV, XLSX or OSM PBF.")
]
ProfileName = Annotated[
    str, typer.Option("--profile", help="Mapping profile: osm, plain, or your own .toml.")
]
Source = Annotated[str, typer.Option(help="Name of the data source; rows are told apart by it and their id.")]
Crs = Annotated[
    str | None, typer.Option(help="Coordinate system: EPSG:4547, gcj02, bd09... Else as the file says.")
]
Encoding = Annotated[str | None, typer.Option(help="How texts are written, for example gbk.")]
Layer = Annotated[list[str] | None, typer.Option(help="Layer or sheet; may be given several times.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]
Anywhere = Annotated[bool, typer.Option("--anywhere", help="Places far from the city's grid are meant.")]
Report = Annotated[Path | None, typer.Option(help="Where to write the report (.csv and .geojson).")]


def _command(work: Callable[..., Outcome], sentence: str) -> Callable[..., None]:
    """A command of the three: they take the same options and differ in what they import."""

    def command(
        file: File,
        profile: ProfileName = "plain",
        source: Source = "",
        crs: Crs = None,
        encoding: Encoding = None,
        layer: Layer = None,
        dry_run: DryRun = False,
        anywhere: Anywhere = False,
        report: Report = None,
    ) -> None:
        options = Options(crs, encoding, layer or None, dry_run, anywhere, report)
        with sentences_for_errors():
            outcome = work(
                file,
                profile=profile,
                source=source,
                actor=System("import"),
                options=options,
                progress=for_terminal(),
            )
        say_outcome(outcome, dry_run=dry_run)

    command.__doc__ = sentence
    return command


assets = _command(
    loading.import_assets,
    "Import public objects: lamps, manholes, trees... A killed import goes on when called again.",
)
buildings = _command(
    loading.import_buildings, "Import buildings with levels, height, dwellings and households."
)
roads = _command(loading.import_roads, "Import streets, paths and rails.")
