"""Tables of this app: the personal database roles of analysts. Tiles themselves have none."""

from tiles.gis.models import AnalystRole

__all__ = ["AnalystRole"]
