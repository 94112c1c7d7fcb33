"""Pictures as bytes: what an upload really is, where and when it was taken, and the smaller ones made of it.

Nothing here knows the database or the web.
"""

import hashlib
import io
import math
import struct
import threading
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import IO, Any, Final

import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

pillow_heif.register_heif_opener()
Image.init()  # every kind is known before the first upload

LARGEST_BYTES: Final = 20 * 2**20
MOST_PIXELS: Final = 50_000_000  # the largest that telephones make; a bomb unpacks to more
LONGEST_SIDE: Final = 30_000
SIZES: Final = {"small": 400, "large": 1600}  # longest side in pixels
MEDIA_TYPES: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG with a second picture behind it, as some telephones write
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heif",
}
KINDS: Final = ("JPEG", "PNG", "WEBP", "HEIF")  # an MPO is opened as JPEG
# What Pillow raises on broken files, as fuzzing finds it.
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
# Fifty million pixels unpacked are 200 MB: two at a time.
_unpacking = threading.BoundedSemaphore(2)


class NotAPicture(Exception):
    """The file cannot be taken as a photo. The message is for whoever sent it."""


@dataclass(frozen=True)
class Picture:
    """What an uploaded file is. `place` is longitude and latitude (WGS 84) in degrees."""

    sha256: str
    media_type: str
    size_bytes: int
    width: int
    height: int
    taken_at: datetime | None
    place: tuple[float, float] | None
    smaller: dict[str, bytes]


def examine(file: IO[bytes], zone: tzinfo) -> Picture:
    """Check an upload by its content and make its smaller pictures; `file` is left at its beginning.

    A camera's clock without an offset is read in `zone`.

    Raises:
        NotAPicture: when it is too large, no picture of a kind we take, broken, or a decompression bomb.
    """
    sha256, size = _digest(file)
    file.seek(0)
    try:
        with _unpacking, Image.open(file, formats=KINDS) as image:
            media_type = MEDIA_TYPES[image.format or ""]
            if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST_SIDE:
                raise NotAPicture(f"A photo may have {MOST_PIXELS // 1_000_000} million pixels.")
            exif = image.getexif()
            turned = exif.get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8) and media_type != "image/heif"
            width, height = reversed(image.size) if turned else image.size
            taken_at, place = _taken_at(exif, zone), _place(exif)
            smaller = _smaller(image)
    except UnidentifiedImageError:
        raise NotAPicture("This is no photo: JPEG, PNG, WebP and HEIC are taken.") from None
    except _BROKEN:
        raise NotAPicture("This photo is broken: it cannot be opened.") from None
    finally:
        file.seek(0)
    return Picture(sha256, media_type, size, width, height, taken_at, place, smaller)


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that is whole.

    Raises:
        NotAPicture: when it is anything else, broken or cut off, or a decompression bomb.
    """
    try:
        with _unpacking, Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise NotAPicture(f"A photo may have {MOST_PIXELS // 1_000_000} million pixels.")
            size = image.size
            image.draft("RGB", (min(SIZES.values()),) * 2)  # unpacked small, but to its end
            image.load()
    except _BROKEN:
        raise NotAPicture("This is no JPEG, or a broken one.") from None
    return size


def smaller_of(file: IO[bytes]) -> dict[str, bytes]:
    """The smaller pictures (JPEG) of an original that was examined before, by name of their size."""
    with _unpacking, Image.open(file, formats=KINDS) as image:
        return _smaller(image)


def _digest(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 in hex, and the number of bytes."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(2**20):
        size += len(piece)
        if size > LARGEST_BYTES:
            raise NotAPicture(f"A photo may have {LARGEST_BYTES // 2**20} MB.")
        digest.update(piece)
    return digest.hexdigest(), size


def _smaller(image: Image.Image) -> dict[str, bytes]:
    """JPEGs without EXIF, turned as the camera was held, each no longer than its size."""
    longest = max(SIZES.values())
    # A JPEG is unpacked at a fraction of its size where that is enough; other kinds do not know how.
    image.draft("RGB", (longest, longest))
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright)
    shown = upright.convert("RGB")
    made = {}
    for name, side in sorted(SIZES.items(), key=lambda size: -size[1]):
        shown.thumbnail((side, side), Image.Resampling.LANCZOS)
        plain = Image.new("RGB", shown.size)  # nothing but pixels: no EXIF, XMP, comment or profile
        plain.paste(shown)
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=82, optimize=True, progressive=True)
        made[name] = out.getvalue()
    return made


def _taken_at(exif: Image.Exif, zone: tzinfo) -> datetime | None:
    """When the camera says it was; None when it does not, or not in a way that can be read."""
    details = exif.get_ifd(ExifTags.IFD.Exif)
    said = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    if not isinstance(said, str):
        return None
    try:
        local = datetime.strptime(said.strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
        offset = details.get(ExifTags.Base.OffsetTimeOriginal)
        if isinstance(offset, str) and offset.strip("\x00 "):
            local = datetime.strptime(
                f"{said.strip(chr(0) + ' ')} {offset.strip(chr(0) + ' ')}", "%Y:%m:%d %H:%M:%S %z"
            )
        return local.astimezone(UTC) if local.year >= 1990 else None
    except (ValueError, OverflowError):
        return None


def _place(exif: Image.Exif) -> tuple[float, float] | None:
    """Longitude and latitude in degrees; None without, and for 0 0: a camera without a fix."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    lng = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    if lng is None or lat is None or not (abs(lng) <= 180 and abs(lat) <= 85) or lng == lat == 0:
        return None
    return lng, lat


def _degrees(said: Any, half: Any, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in said)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not isinstance(half, str):
        return None
    return -value if half.strip("\x00 ").upper() == negative else value


def believable(taken_at: datetime | None, at: datetime) -> datetime | None:
    """The camera's time unless it lies in the future, as a wrongly set clock says."""
    return taken_at if taken_at is not None and taken_at <= at + timedelta(days=1) else None
