"""What must be true of the grid after every commit, looked at from outside the database."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import shapely

from tests.grid_units.made_up_city import METRES_PER_DEGREE, in_metres


@dataclass(frozen=True)
class Coverage:
    """The grid as Shapely sees it. `doubled_area` is exact, in squared grid steps; rim in metres."""

    cells: int
    doubled_area: int
    parts: int
    holes: int
    rim_m: float

    def area_m2(self, exponent: int = 27) -> float:
        return float(Fraction(self.doubled_area, 2) * Fraction(2) ** (-2 * exponent)) * float(
            METRES_PER_DEGREE.prod()
        )


def coverage(cursor: Any, exponent: int = 27) -> tuple[Coverage, list[str]]:
    """The grid now, and what is wrong with it (in words; empty when it is sound). One snapshot."""
    cursor.execute("SELECT code, geom FROM cell")
    rows = cursor.fetchall()
    codes = [code for code, _ in rows]
    outlines = shapely.from_wkb([geom for _, geom in rows])
    faults = []
    steps = shapely.get_coordinates(outlines) * 2.0**exponent
    if (steps % 1 != 0).any():
        faults.append("a corner is off the grid")
    if not shapely.is_valid(outlines).all():
        faults.append("a cell is invalid")
    if not shapely.coverage_is_valid(outlines):
        faults.append("the coverage has a gap, an overlap or unequal corners")
    if len(set(codes)) != len(codes):
        faults.append("two cells have one code")
    joined = shapely.coverage_union_all(outlines)
    parts = [part for part in shapely.get_parts(joined) if not part.is_empty]
    seen = Coverage(
        cells=len(rows),
        doubled_area=_doubled_area(outlines, exponent),
        parts=len(parts),
        holes=sum(len(part.interiors) for part in parts),
        rim_m=float(sum(in_metres(part).length for part in parts)),
    )
    return seen, faults


def _doubled_area(outlines: Any, exponent: int) -> int:
    """Twice the area in squared grid steps, in whole numbers."""
    total = 0
    for outline in outlines:
        for index, ring in enumerate([outline.exterior, *outline.interiors]):
            steps = np.rint(shapely.get_coordinates(ring) * 2.0**exponent).astype(np.int64)
            x, y = steps[:, 0] - steps[0, 0], steps[:, 1] - steps[0, 1]
            area = abs(int((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()))
            total += area if index == 0 else -area
    return total


def faults_inside(cursor: Any) -> list[str]:
    """What the database itself finds wrong: units that are not their unions, versions with holes."""
    cursor.execute("SELECT unit_code FROM core.unequal_outlines()")
    faults = [f"the outline of unit {code} is not the union of its cells" for (code,) in cursor.fetchall()]
    cursor.execute("SELECT cell_id, fault FROM core.unsound_versions()")
    faults += [f"cell {cell_id}: {fault}" for cell_id, fault in cursor.fetchall()]
    cursor.execute("SELECT bad, excess_m2 FROM core.grid_audit()")
    bad, excess_m2 = cursor.fetchone()
    if bad or excess_m2:
        faults.append(f"audit: {bad} bad segments, {excess_m2} m2 too much")
    return faults


def faults_in_codes(cursor: Any) -> list[str]:
    """Codes that do not fit their community, or that two different cells have had."""
    cursor.execute(
        "SELECT c.code FROM cell AS c JOIN grid_unit AS u ON u.id = c.community_id"
        " WHERE NOT starts_with(c.code, u.code)"
    )
    faults = [f"cell {code} does not begin with its community's code" for (code,) in cursor.fetchall()]
    cursor.execute("SELECT code FROM cell_version GROUP BY code HAVING count(DISTINCT cell_id) > 1")
    return faults + [f"code {code} was used twice" for (code,) in cursor.fetchall()]
