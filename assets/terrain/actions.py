"""What writes terrains: bringing in, the work on it step by step, cancelling, removing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import connection, transaction
from django.db.models import F
from rasterio.errors import RasterioError

from assets.terrain import depressions
from assets.terrain.checking import METRES, NotATerrain, Sheet, VerticalUnit, examine
from assets.terrain.grids import Grid, Piece
from assets.terrain.models import Depression, Terrain, TerrainState
from assets.terrain.store import Store
from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User

MOST_BYTES: Final = 4 * 2**30
_LOCK: Final = 72110  # first half of the advisory lock's key; the second is the id
_UNDER_WORK: Final = (TerrainState.WAITING.value, TerrainState.WORKING.value)
_ADVANCE_AT_LEAST: Final = 0.02  # progress is written when it has grown by this part


class Stopped(Exception):
    """The work was cancelled, or somebody else does it."""


def register(
    *,
    file: IO[bytes],
    name: str,
    vertical_unit: str,
    actor: Actor,
    at: datetime,
    crs: str = "",
    nodata: float | None = None,
    source: str = "",
    is_simulated: bool = False,
) -> Terrain:
    """Bring in a GeoTIFF of heights; a job then makes it ready (`assets.terrain.tasks.line_up`).

    crs: `EPSG:n`, for a file that says none. nodata: the value of unknown ground, where the file says none.

    Raises:
        Invalid: when it is no terrain model, with what is wrong and what to do.
    """
    if vertical_unit not in set(VerticalUnit):
        raise Invalid(
            "Say what the heights are counted in. 请说明高程单位。",
            {"vertical_unit": [f"Known are: {', '.join(VerticalUnit)}."]},
        )
    with acting_as(actor):
        terrain = Terrain(id=_next_id(), name=name, source=source, vertical_unit=vertical_unit)
        try:
            terrain.store.take(file, MOST_BYTES)
            sheet = examine(terrain.store.source, crs=crs, nodata=nodata)
            if not terrain.store.room_for(sheet.grid.width * sheet.grid.height):
                raise NotATerrain("The disk has no room for what is made of it. 磁盘空间不足。")
            _describe(terrain, sheet)
            terrain.is_simulated = is_simulated
            terrain.registered_by = actor if isinstance(actor, User) else None
            terrain.registered_at = at
            terrain.save(force_insert=True)
        except NotATerrain as why:
            terrain.store.remove()
            raise Invalid(str(why), {"file": [str(why)]}) from None
        except BaseException:
            terrain.store.remove()
            raise
    return terrain


def file_on_server(said: str) -> Path:
    """A file that an administrator has laid into the inbox on the server.

    Raises:
        Invalid: when there is none of that name there; nothing outside of the inbox is looked at.
    """
    inbox = Path(settings.TERRAIN_INBOX).resolve()
    path = (inbox / said).resolve()
    if not path.is_relative_to(inbox) or not path.is_file():
        words = f"The folder {inbox.name} on the server holds no such file. 服务器收件夹中没有该文件。"
        raise Invalid(words, {"path": [words]})
    return path


def _next_id() -> int:
    """The id is taken before the row is written: the folder is named after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('terrain', 'id'))")
        return int(cursor.fetchone()[0])


def _describe(terrain: Terrain, sheet: Sheet) -> None:
    grid = sheet.grid
    terrain.crs = grid.crs
    terrain.transform = list(grid.transform)[:6]
    terrain.width, terrain.height = grid.width, grid.height
    terrain.nodata, terrain.pixel_m = sheet.nodata, sheet.pixel_m
    terrain.outline = Polygon(grid.outline(), srid=STORAGE_SRID)
    terrain.pieces = sum(1 for _ in grid.pieces())


def make_ready(terrain: Terrain, *, at: datetime) -> None:
    """Do what is still to do. Killed, it goes on where it was; cancelled, it stops after the present piece.

    Raises:
        Stopped: when it was cancelled or removed meanwhile.
    """
    with _alone(terrain):
        _make_ready(terrain, at)


@contextmanager
def _alone(terrain: Terrain) -> Iterator[None]:
    """One job at a time works on a terrain: one that was resumed waits for the cancelled one to notice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK, terrain.pk])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, terrain.pk])


def _make_ready(terrain: Terrain, at: datetime) -> None:
    started = Terrain.objects.filter(pk=terrain.pk, state__in=_UNDER_WORK).update(state=TerrainState.WORKING)
    if not started:
        raise Stopped
    try:
        if not terrain.store.ground.exists() or terrain.lowest_m is None:
            _convert(terrain)
        _find_depressions(terrain)
    except NotATerrain as why:
        _refuse(terrain, str(why))
        return
    except (OSError, RasterioError, MemoryError):
        _refuse(terrain, "Its files could not be read or written; the server's log says why. 文件读写失败。")
        raise
    done = Terrain.objects.filter(pk=terrain.pk, state=TerrainState.WORKING, pieces_done=F("pieces"))
    if not done.update(state=TerrainState.READY, ready_at=at):
        raise Stopped


def _refuse(terrain: Terrain, problem: str) -> None:
    Terrain.objects.filter(pk=terrain.pk).update(state=TerrainState.REFUSED, problem=problem)


def _convert(terrain: Terrain) -> None:
    sheet = Sheet(terrain.grid, terrain.nodata, terrain.pixel_m)
    told = 0.0

    def goes_on(part: float) -> None:
        nonlocal told
        if part - told < _ADVANCE_AT_LEAST and part < 1:
            return
        told = part
        _advance(terrain, converted=part)

    metres = METRES[VerticalUnit(terrain.vertical_unit)]
    terrain.lowest_m, terrain.highest_m = terrain.store.convert(sheet, metres, goes_on)
    _advance(terrain, lowest_m=terrain.lowest_m, highest_m=terrain.highest_m)


def _find_depressions(terrain: Terrain) -> None:
    grid, store = terrain.grid, terrain.store
    if store.depth.exists():
        return
    terrain.refresh_from_db(fields=["pieces_done"])
    for piece in grid.pieces():
        if piece.number < terrain.pieces_done and store.has_piece(piece):
            continue
        _work_on(terrain, grid, piece)
    store.join_pieces(grid)


def _work_on(terrain: Terrain, grid: Grid, piece: Piece) -> None:
    ground = terrain.store.heights(piece.seen)
    full = depressions.filled(ground)
    found = depressions.depressions_of(ground, full, grid, piece)
    top, left = piece.core.top - piece.seen.top, piece.core.left - piece.seen.left
    rows, columns = piece.core.shape
    terrain.store.keep_piece(piece, (full - ground)[top : top + rows, left : left + columns])
    with transaction.atomic():
        # Found again after a kill between the file and the row: what was written then is written anew.
        Depression.objects.filter(terrain=terrain, piece=piece.number).delete()
        Depression.objects.bulk_create(
            Depression(
                terrain=terrain,
                piece=piece.number,
                geom=_stored(one.shape),
                deepest=Point(*one.deepest, srid=STORAGE_SRID),
                area_m2=one.area_m2,
                volume_m3=one.volume_m3,
                depth_m=one.depth_m,
                deepest_level_m=one.deepest_level_m,
                spill_level_m=one.spill_level_m,
                at_edge=one.at_edge,
            )
            for one in found
        )
        _advance(terrain, pieces_done=piece.number + 1)
    terrain.pieces_done = piece.number + 1


def _stored(shape: Any) -> MultiPolygon:
    """A shapely multipolygon for Django."""
    made: Any = GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=STORAGE_SRID)
    return made  # type: ignore[no-any-return]


def _advance(terrain: Terrain, **values: float) -> None:
    """Write how far the work is.

    Raises:
        Stopped: when it was cancelled or removed meanwhile.
    """
    if not Terrain.objects.filter(pk=terrain.pk, state=TerrainState.WORKING).update(**values):
        raise Stopped


def cancel(*, terrain: Terrain, actor: Actor) -> None:
    """Stop the work after the present piece; what is done is kept for going on.

    Raises:
        Conflict: when there is nothing to stop.
    """
    with acting_as(actor):
        if not Terrain.objects.filter(pk=terrain.pk, state__in=_UNDER_WORK).update(
            state=TerrainState.CANCELLED
        ):
            raise Conflict("This terrain is not being worked on. 该地形不在处理中。")


def resume(*, terrain: Terrain, actor: Actor) -> None:
    """Let the work that was cancelled go on; the caller lines the job up.

    Raises:
        Conflict: when it was not cancelled.
    """
    with acting_as(actor):
        stopped = Terrain.objects.filter(pk=terrain.pk, state=TerrainState.CANCELLED)
        if not stopped.update(state=TerrainState.WAITING):
            raise Conflict("This terrain was not cancelled. 该地形未被取消。")


def sweep_files(*, at: datetime, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete folders that no terrain has, as a killed upload leaves them; how many went."""
    top = Path(settings.TERRAIN_DIR)
    folders = [path for path in top.iterdir() if path.name.isdecimal()] if top.is_dir() else []
    known = set(Terrain.objects.values_list("pk", flat=True))
    gone = 0
    for path in folders:
        changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if int(path.name) not in known and changed_at < at - older_than:
            Store(path).remove()
            gone += 1
    return gone


def remove(*, terrain: Terrain, actor: Actor) -> None:
    """Delete a terrain with its depressions and files."""
    with acting_as(actor):
        Terrain.objects.filter(pk=terrain.pk).delete()
    terrain.store.remove()
