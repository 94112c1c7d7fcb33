"""Import a file of assets, buildings or roads."""

from pathlib import Path

from django.db import connection

from assets.importing.asset_target import AssetTarget
from assets.importing.profile import Profile, read_profile
from assets.importing.targets import BuildingTarget, GroundTarget, RoadTarget
from geogrid.core.actor import Actor
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.pipeline import Options, Outcome, run_import
from geogrid.core.importing.places import Box, Whereabouts
from geogrid.core.importing.progress import Quiet


def import_assets(
    path: Path,
    *,
    profile: str = "plain",
    source: str = "",
    actor: Actor,
    options: Options | None = None,
    progress: Quiet | None = None,
) -> Outcome:
    """Import public objects.

    `source` is the name of the data source; with the id of a row in it, it tells the row from all others, so
    importing a newer file again updates. Without it: what the profile says, else the name of the file.

    Raises:
        ImportRefused: when the file or the profile cannot be taken.
        Conflict: when another import of assets is running.
    """
    return _import(AssetTarget, path, profile, source, actor, options, progress)


def import_buildings(
    path: Path,
    *,
    profile: str = "plain",
    source: str = "",
    actor: Actor,
    options: Options | None = None,
    progress: Quiet | None = None,
) -> Outcome:
    """Import buildings; as import_assets."""
    return _import(BuildingTarget, path, profile, source, actor, options, progress)


def import_roads(
    path: Path,
    *,
    profile: str = "plain",
    source: str = "",
    actor: Actor,
    options: Options | None = None,
    progress: Quiet | None = None,
) -> Outcome:
    """Import streets; as import_assets."""
    return _import(RoadTarget, path, profile, source, actor, options, progress)


def _import(
    kind: type[GroundTarget],
    path: Path,
    profile_name: str,
    source: str,
    actor: Actor,
    options: Options | None,
    progress: Quiet | None,
) -> Outcome:
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}.", f"没有文件 {path}。")
    profile = read_profile(profile_name)
    _check_use(kind, profile)
    options = options or Options()
    if options.layers is None and profile.layers and path.suffix.lower() in {".pbf", ".osm"}:
        options.layers = list(profile.layers)
    named = source or profile.source or path.stem
    if len(named) > 100:
        raise ImportRefused("The name of a source has at most 100 characters.", "数据来源名称不超过 100 字。")
    dataset = f"{named}/{path.name.split('.')[0]}"[:100]
    target = kind(profile, source=named, dataset=dataset)
    options.marks |= target.marks()
    return run_import(
        path,
        target,
        options=options,
        whereabouts=Whereabouts(grid_box(), options.anywhere),
        actor=actor,
        progress=progress or Quiet(),
    )


def _check_use(kind: type[GroundTarget], profile: Profile) -> None:
    lacking = {
        AssetTarget: not profile.rules,
        BuildingTarget: profile.buildings is None,
        RoadTarget: profile.roads is None,
    }
    if lacking[kind]:
        raise ImportRefused(
            f"The profile {profile.name} says nothing about {kind.kind}.",
            f"映射方案 {profile.name} 未说明如何导入 {kind.kind}。",
        )


def grid_box() -> Box | None:
    """West, south, east and north of all cells in degrees; None before there is a grid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) "
            "FROM (SELECT ST_Extent(geom) FROM cell) e (b)"
        )
        west, south, east, north = cursor.fetchone()
    return None if west is None else (west, south, east, north)
