"""GPX files read into fixes."""

from datetime import UTC
from typing import Any
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import gpxpy
import gpxpy.gpx
from defusedxml.common import DefusedXmlException

from grid_units.patrols.fixes import Fix, accuracy_of_hdop
from grid_units.patrols.protocols import Unreadable

LARGEST_BYTES = 10 * 2**20
MOST_POINTS = 100_000


def fixes_of(content: bytes) -> list[Fix]:
    """The track points of a GPX file, which must have times; speeds are metres per second.

    Raises:
        Unreadable: when it is too large, no GPX, declares entities, or a point has no time or place.
    """
    if len(content) > LARGEST_BYTES:
        raise Unreadable("file", f"is larger than {LARGEST_BYTES // 2**20} MB; split the track")
    try:
        # Entities and document types are refused before the reader proper sees the file.
        defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
        read = gpxpy.parse(content)
    except DefusedXmlException:
        raise Unreadable("file", "declares a document type or entities; export the track again") from None
    except (ParseError, gpxpy.gpx.GPXException, ValueError, LookupError) as error:
        raise Unreadable("file", f"is no GPX: {str(error)[:200]}") from None
    fixes: list[Fix] = []
    for t, track in enumerate(read.tracks, 1):
        for s, segment in enumerate(track.segments, 1):
            for p, point in enumerate(segment.points, 1):
                fixes.append(_fix(point, f"track {t}, segment {s}, point {p}"))
                if len(fixes) > MOST_POINTS:
                    raise Unreadable("file", f"has more than {MOST_POINTS} points; split the track")
    if not fixes:
        raise Unreadable("file", "holds no track point; routes and waypoints say nothing about a patrol")
    return fixes


def _fix(point: Any, where: str) -> Fix:
    if point.time is None:
        raise Unreadable(where, "has no time; record the track with times")
    if not (abs(point.longitude) <= 180 and abs(point.latitude) <= 90):
        raise Unreadable(where, "is not on the earth; degrees in WGS 84 belong here")
    hdop = point.horizontal_dilution
    at = point.time.astimezone(UTC) if point.time.tzinfo else point.time.replace(tzinfo=UTC)
    return Fix(
        at=at,
        lng=point.longitude,
        lat=point.latitude,
        accuracy_m=accuracy_of_hdop(hdop) if hdop else None,
        speed_mps=point.speed if point.speed is not None and point.speed >= 0 else None,
        altitude_m=point.elevation,
    )
