"""The files of a terrain. They lie outside of everything that is served, and are read piece by piece.

source.tif   as it was brought in
ground.tif   heights in metres, float32, NaN where not known, tiles that lie plain on the disk
depth.tif    how deep water can stand before it runs off, in metres
pieces/      what a job that was cut off has done so far
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window

from assets.terrain.checking import HIGHEST_M, LOWEST_M, READING, NotATerrain, Sheet
from assets.terrain.depressions import Heights
from assets.terrain.grids import Box, Grid, Piece

SOURCE, GROUND, DEPTH, PIECES = "source.tif", "ground.tif", "depth.tif", "pieces"
_TILE: Final = 256
_PIECE_BYTES: Final = 2**20
_PLAIN: Final = {
    "driver": "GTiff",
    "count": 1,
    "dtype": "float32",
    "nodata": float("nan"),
    "tiled": True,
    "blockxsize": _TILE,
    "blockysize": _TILE,
    "BIGTIFF": "IF_SAFER",
}
_OVERVIEWS: Final = (2, 4, 8, 16, 32)


class Store:
    """The folder of one terrain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def ground(self) -> Path:
        return self.folder / GROUND

    @property
    def depth(self) -> Path:
        return self.folder / DEPTH

    @property
    def source(self) -> Path:
        return self.folder / SOURCE

    def take(self, file: IO[bytes], most_bytes: int) -> int:
        """Copy what was brought in; its size in bytes.

        Raises:
            NotATerrain: when it is larger than `most_bytes`.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        size = 0
        with self.source.open("wb") as out:
            while piece := file.read(_PIECE_BYTES):
                size += len(piece)
                if size > most_bytes:
                    raise NotATerrain(f"The file has more than {most_bytes // 2**20} MB. 文件过大。")
                out.write(piece)
        return size

    def remove(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def convert(self, sheet: Sheet, metres: float, goes_on: Callable[[float], None]) -> tuple[float, float]:
        """Write ground.tif from the source; lowest and highest ground in metres.

        metres: how long a unit of the heights is. goes_on: told what part is done; may raise to stop.

        Raises:
            NotATerrain: when the values are no heights.
        """
        grid, lowest, highest = sheet.grid, np.inf, -np.inf
        fresh = self.folder / f"fresh.{GROUND}"
        with (
            rasterio.Env(**READING),
            rasterio.open(self.source, driver="GTiff") as source,
            rasterio.open(fresh, "w", **_PLAIN, **_profile(grid)) as out,
        ):
            # Bands of whole rows: a file whose blocks are rows is then unpacked once.
            bands = [Box(r, 0, min(r + _TILE, grid.height), grid.width) for r in range(0, grid.height, _TILE)]
            for number, band in enumerate(bands):
                heights = _metres(source.read(1, window=_window(band)), sheet.nodata, metres)
                if not np.isnan(heights).all():
                    lowest = min(lowest, float(np.nanmin(heights)))
                    highest = max(highest, float(np.nanmax(heights)))
                out.write(heights, 1, window=_window(band))
                goes_on((number + 1) / len(bands))
        if lowest > highest:
            raise NotATerrain("The file knows no height anywhere. 没有任何高程值。")
        if lowest < LOWEST_M or highest > HIGHEST_M:
            raise NotATerrain(
                f"Heights from {lowest:.0f} to {highest:.0f} m are no ground: are the unit and the value "
                "for unknown ground (nodata) right? 高程不合理：请检查高程单位与无数据值。"
            )
        _add_overviews(fresh)
        fresh.replace(self.ground)
        return lowest, highest

    def heights(self, window: Box) -> Heights:
        """Heights of the ground in a window, in metres."""
        return self._read(self.ground, window)

    def depths(self, window: Box) -> Heights:
        """How deep water can stand in a window before it runs off, in metres."""
        return self._read(self.depth, window)

    def depth_at(self, row: int, column: int) -> float:
        """How deep water can stand on a pixel before it runs off, in metres; 0 where it runs off at once."""
        depth = float(self.depths(Box(row, column, row + 1, column + 1))[0, 0])
        return 0.0 if np.isnan(depth) else depth

    def _read(self, path: Path, window: Box) -> Heights:
        with rasterio.Env(**READING), rasterio.open(path, driver="GTiff") as file:
            read: Heights = file.read(1, window=_window(window))
        return read

    def keep_piece(self, piece: Piece, depth: Heights) -> None:
        """Keep the depths of the core of a piece until all are done."""
        folder = self.folder / PIECES
        folder.mkdir(exist_ok=True)
        fresh = folder / f"fresh.{piece.number}.npy"
        np.save(fresh, depth)
        fresh.replace(folder / f"{piece.number}.npy")

    def has_piece(self, piece: Piece) -> bool:
        return (self.folder / PIECES / f"{piece.number}.npy").exists()

    def join_pieces(self, grid: Grid) -> None:
        """Write depth.tif of all pieces, and forget them."""
        fresh = self.folder / f"fresh.{DEPTH}"
        with rasterio.open(fresh, "w", **_PLAIN, compress="deflate", predictor=3, **_profile(grid)) as out:
            for piece in grid.pieces():
                part = np.load(self.folder / PIECES / f"{piece.number}.npy")
                out.write(part, 1, window=_window(piece.core))
        _add_overviews(fresh)
        fresh.replace(self.depth)
        shutil.rmtree(self.folder / PIECES)

    def room_for(self, pixels: int) -> bool:
        """Whether the disk has room for what is made of so many pixels, with a quarter to spare."""
        return shutil.disk_usage(self.folder).free > pixels * 4 * 3 * 1.25


def _profile(grid: Grid) -> dict[str, Any]:
    return {"width": grid.width, "height": grid.height, "crs": grid.crs, "transform": grid.transform}


def _window(box: Box) -> Window:
    return Window(box.left, box.top, box.right - box.left, box.bottom - box.top)


def _metres(values: NDArray[Any], nodata: float | None, metres: float) -> Heights:
    """Heights in metres, NaN where not known."""
    heights: Heights = values.astype(np.float32)
    if metres != 1.0:
        heights = (values.astype(np.float64) * metres).astype(np.float32)
    if nodata is not None and not np.isnan(nodata):
        heights[values == nodata] = np.nan
    heights[~np.isfinite(heights)] = np.nan
    return heights


def _add_overviews(path: Path) -> None:
    """Smaller copies inside the file, for maps seen from afar."""
    with rasterio.open(path, "r+") as file:
        wanted = [factor for factor in _OVERVIEWS if min(file.width, file.height) >= factor * 64]
        if wanted:
            file.build_overviews(wanted, Resampling.average)
