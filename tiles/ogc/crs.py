"""Coordinate systems that the OGC API speaks, each with its axis order."""

from dataclasses import dataclass
from typing import Final

from geogrid.core.geo import STORAGE_SRID, TILE_SRID

CGCS2000_SRID: Final = 4490


@dataclass(frozen=True)
class Crs:
    """A coordinate system by its address. `latitude_first`: how its coordinates are written.

    `digits`: decimals that are written, finer than the grid of corners (2^-27 degree) and than a millimetre.
    """

    uri: str
    srid: int
    latitude_first: bool
    digits: int

    @property
    def is_geographic(self) -> bool:
        return self.srid != TILE_SRID


_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84: Final = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", STORAGE_SRID, False, 9)
KNOWN: Final[dict[str, Crs]] = {
    crs.uri: crs
    for crs in (
        CRS84,
        Crs(f"{_EPSG}{STORAGE_SRID}", STORAGE_SRID, True, 9),
        Crs(f"{_EPSG}{TILE_SRID}", TILE_SRID, False, 4),
        Crs(f"{_EPSG}{CGCS2000_SRID}", CGCS2000_SRID, True, 9),
    )
}


class UnknownCrs(ValueError):
    """A coordinate system is named that is not spoken here. The message lists those that are."""


def crs_of(uri: str) -> Crs:
    """The coordinate system of an address; `<uri>` of a Content-Crs header and `[EPSG:4326]` are taken too.

    Raises:
        UnknownCrs: when it is none of ours.
    """
    bare = uri.strip().removeprefix("<").removesuffix(">").replace("https://", "http://", 1)
    short = bare.removeprefix("[").removesuffix("]").upper()
    if short.startswith("EPSG:") and short[5:].isdigit():
        bare = f"{_EPSG}{short[5:]}"
    elif short in ("OGC:CRS84", "CRS84"):
        bare = CRS84.uri
    found = KNOWN.get(bare)
    if found is None:
        raise UnknownCrs(f"'{uri[:80]}' is not spoken here. Spoken are: {', '.join(KNOWN)}.")
    return found


Box = tuple[float, float, float, float]


def boxes_of(text: str, crs: Crs) -> list[Box]:
    """The one box of a `bbox` parameter, or two where it lies over the antimeridian; in x, y order.

    Raises:
        ValueError: with what is wrong.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError("bbox is four numbers with commas between, such as 24.9,60.1,25.0,60.2.") from None
    if len(numbers) not in (4, 6):
        raise ValueError("it takes four numbers, or six with heights.")
    if not all(abs(number) < 1e9 for number in numbers):
        raise ValueError("bbox: a number is beyond the earth.")
    half = len(numbers) // 2
    first, second = numbers[0:2], numbers[half : half + 2]
    if crs.latitude_first:
        first.reverse()
        second.reverse()
    (west, south), (east, north) = first, second
    if south > north:
        raise ValueError("bbox: the lower edge lies above the upper one.")
    if west <= east:
        return [(west, south, east, north)]
    if not crs.is_geographic:
        raise ValueError("bbox: the left edge lies right of the right one.")
    return [(west, south, 180.0, north), (-180.0, south, east, north)]
