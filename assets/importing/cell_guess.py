"""Which cell a point will lie in, looked up beside the transaction.

The database believes it only where it finds the point in that cell itself.
"""

import numpy as np
import shapely

from geogrid.core.importing.batch import Shapes
from grid_units.models import Cell

_POINT = 0  # as shapely numbers the kinds of shapes


class CellGuess:
    """The cells as they stood when the import began."""

    def __init__(self) -> None:
        cells = [(pk, bytes(geom.wkb)) for pk, geom in Cell.objects.values_list("id", "geom").iterator()]
        self._ids = [str(pk) for pk, _ in cells]
        self._tree = shapely.STRtree(shapely.from_wkb([wkb for _, wkb in cells]))

    def guess(self, shapes: Shapes) -> list[str | None]:
        """The id of the only cell at each point; None on a border, outside, and for lines and areas."""
        points = np.flatnonzero(shapely.get_type_id(shapes) == _POINT)
        at, cells = self._tree.query(shapes[points], predicate="intersects")
        found = np.bincount(at, minlength=len(points))
        out: list[str | None] = [None] * len(shapes)
        for place, cell in zip(points[at].tolist(), cells.tolist(), strict=True):
            out[place] = self._ids[cell]
        for place in points[found != 1].tolist():
            out[place] = None
        return out
