"""Are the places where they can be? The whole file first (CRS, axes), then each row."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geogrid.core.importing.batch import Batch, Fault, Findings, Shapes
from geogrid.core.importing.errors import ImportRefused

Box = tuple[float, float, float, float]
NEAR_DEG = 1.0  # a city's data may reach beyond its grid, but not by a hundred kilometres
_MOST = 0.9
_LATITUDE_OF_MERCATOR = 85.06

NO_PLACE = Fault(
    "The row has no place", "该行没有位置", "Give it a place, or leave the row out", "请补充位置或删除该行"
)
NOT_ON_EARTH = Fault(
    "The place is no longitude and latitude on the map",
    "坐标超出地图经纬度范围",
    "Look at the row's coordinates, and at --crs",
    "请检查该行坐标及 --crs 参数",
)
MENDED = Fault(
    "The outline crossed itself and was mended",
    "轮廓自相交，已自动修复",
    "Compare the outline with the source",
    "请与来源数据核对轮廓",
)
NOT_MENDABLE = Fault(
    "The outline crosses itself and cannot be mended",
    "轮廓自相交且无法修复",
    "Draw the outline again in the source",
    "请在来源数据中重新绘制轮廓",
)


@dataclass(frozen=True)
class Whereabouts:
    """Where the city's grid lies (degrees), for telling a wrong CRS; None before there is a grid."""

    grid: Box | None
    anywhere: bool = False  # the operator has said that places far from the grid are meant

    def check(self, shapes: Shapes, file_name: str) -> None:
        """Refuse the file when most of its first places cannot be meant.

        Raises:
            ImportRefused: when they are no degrees, when longitude and latitude are swapped, or when they
            are far from the city's grid.
        """
        bounds = shapely.bounds(shapes)
        bounds = bounds[np.isfinite(bounds).all(axis=1)]
        if not len(bounds) or self.anywhere:
            return
        x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
        if self.grid is not None:
            if _share(x, y, self._near()) >= 1 - _MOST:
                return
            if _share(y, x, self._near()) >= _MOST:
                raise _swapped(file_name)
        if _share(x, y, (-180, -90, 180, 90)) < 1 - _MOST:
            if _share(y, x, (-180, -90, 180, 90)) >= _MOST:
                raise _swapped(file_name)
            raise ImportRefused(
                f"The coordinates of {file_name} ({x[0]:.1f} {y[0]:.1f}...) are no degrees. "
                "Say their system: --crs.",
                f"{file_name} 的坐标（{x[0]:.1f} {y[0]:.1f}…）不是经纬度，请用 --crs 指明坐标系。",
            )
        if self.grid is not None:
            raise ImportRefused(
                f"{file_name} lies at {x[0]:.4f} {y[0]:.4f}, far from the city's grid. "
                "Is the coordinate system right (--crs)? If the places are meant, say --anywhere.",
                f"{file_name} 的位置（{x[0]:.4f} {y[0]:.4f}）远离本市网格，"
                "请检查坐标系（--crs）；确认无误可加 --anywhere。",
            )

    def _near(self) -> Box:
        west, south, east, north = self.grid or (0, 0, 0, 0)
        return west - NEAR_DEG, south - NEAR_DEG, east + NEAR_DEG, north + NEAR_DEG


def _swapped(file_name: str) -> ImportRefused:
    return ImportRefused(
        f"Longitude and latitude are swapped in {file_name}: swap its columns or axes and import it again.",
        f"{file_name} 的经度和纬度颠倒，请交换后重新导入。",
    )


def _share(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], box: Box) -> float:
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return float(inside.mean())


def mend_places(batch: Batch, findings: Findings) -> None:
    """Refuse rows without a possible place, mend outlines that cross themselves. In storage's CRS."""
    for index, fault in batch.faults.items():
        findings.refuse(index, fault)
    shapes = batch.shapes
    lacking = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        off = ~lacking & ~(
            (bounds[:, 0] >= -180)
            & (bounds[:, 2] <= 180)
            & (bounds[:, 1] >= -_LATITUDE_OF_MERCATOR)
            & (bounds[:, 3] <= _LATITUDE_OF_MERCATOR)
        )
    for row in np.flatnonzero(lacking).tolist():
        findings.refuse(row, NO_PLACE)
    for row in np.flatnonzero(off).tolist():
        findings.refuse(row, NOT_ON_EARTH)
    for row in np.flatnonzero(~lacking & ~off & ~shapely.is_valid(shapes)).tolist():
        _mend(shapes, row, findings)


def _mend(shapes: Shapes, index: int, findings: Findings) -> None:
    dimension = shapely.get_dimensions(shapes[index])
    mended = shapely.make_valid(shapes[index])
    parts = [
        p for p in shapely.get_parts(mended, return_index=False) if shapely.get_dimensions(p) == dimension
    ]
    parts = [q for p in parts for q in shapely.get_parts(p)]
    if not parts:
        findings.refuse(index, NOT_MENDABLE)
        return
    collect: Callable[..., shapely.Geometry] = (
        shapely.multipolygons if dimension == 2 else shapely.multilinestrings
    )
    shapes[index] = parts[0] if len(parts) == 1 else collect(parts)
    findings.repair(index, MENDED)
