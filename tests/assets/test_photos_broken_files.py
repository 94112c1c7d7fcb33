"""A file that is not what it says never breaks the server: it is a photo, or it is refused."""

import io
from datetime import UTC
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assets.photos.pictures import NotAPicture, examine

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")


@cache
def picture(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3
    exif.get_ifd(0x8769)[0x9003] = "2026:01:14 12:00:00"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (60.0, 7.0, 44.0), "E", (24.0, 56.0, 29.0)
    out = io.BytesIO()
    Image.radial_gradient("L").resize((60, 40)).save(out, kind, exif=exif.tobytes())
    return out.getvalue()


@settings(max_examples=400, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    kept=st.floats(0, 1),
)
def test_a_spoilt_file_is_taken_or_refused(kind: str, changes: list[tuple[float, int]], kept: float):
    content = bytearray(picture(kind))
    for place, value in changes:
        content[int(place * len(content))] = value
    # Mostly whole, sometimes cut off.
    if kept < 0.3:
        del content[int(kept * 3 * len(content)) :]

    try:
        found = examine(io.BytesIO(bytes(content)), UTC)
    except NotAPicture as why:
        assert str(why)
    else:
        assert found.width > 0 and all(made.startswith(b"\xff\xd8") for made in found.smaller.values())
