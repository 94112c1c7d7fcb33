"""The tile square: which piece of Web Mercator a z/x/y is."""

import math
from dataclasses import dataclass
from typing import Final

from tiles.layers import BUFFER, EXTENT

HALF: Final = 20037508.342789244  # metres from the middle of Web Mercator to its edge
DEEPEST: Final = 22


@dataclass(frozen=True, order=True)
class Square:
    """A tile address. x runs east, y south."""

    z: int
    x: int
    y: int

    @property
    def is_real(self) -> bool:
        """Whether there is such a tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z

    @property
    def width(self) -> float:
        """Edge in Web Mercator metres."""
        return 2 * HALF / float(2**self.z)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in Web Mercator metres."""
        west, north = -HALF + self.x * self.width, HALF - self.y * self.width
        return west, north - self.width, west + self.width, north

    @property
    def buffered(self) -> tuple[float, float, float, float]:
        """The bounds with the strip beyond the edge that is drawn too."""
        west, south, east, north = self.bounds
        strip = self.width * BUFFER / EXTENT
        return west - strip, south - strip, east + strip, north + strip

    def touches(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a box (west, south, east, north) reaches into what this tile draws."""
        west, south, east, north = self.buffered
        return box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south


def mercator(lng: float, lat: float) -> tuple[float, float]:
    """Longitude and latitude in degrees as Web Mercator metres."""
    x = lng * HALF / 180
    y = math.log(math.tan((90 + lat) * math.pi / 360)) * HALF / math.pi
    return x, y


def square_at(lng: float, lat: float, z: int) -> Square:
    """The tile of zoom z that holds a point."""
    x, y = mercator(lng, lat)
    edge = 2 * HALF / 2**z
    return Square(z, int((x + HALF) // edge), int((HALF - y) // edge))
