"""Where pictures lie: the original under its SHA-256, once however often it comes; the smaller ones apart.

Django's default storage holds them, outside of everything that is served as a file.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from assets.photos.models import Photo
from assets.photos.pictures import SIZES, Picture, smaller_of

ORIGINALS: Final = "photos/original"
SMALLER: Final = "photos/smaller"
_SWEEP_LOCK: Final = 7_204_110  # shared by who keeps a picture, alone by who sweeps


def path_of(sha256: str, size: str) -> str:
    """Path in the storage of an original (`original`), or of one of its smaller pictures."""
    if size == "original":
        return f"{ORIGINALS}/{sha256[:2]}/{sha256}"
    return f"{SMALLER}/{sha256[:2]}/{sha256}.{size}.jpg"


def keep(picture: Picture, file: IO[bytes]) -> None:
    """Keep an examined upload, in the transaction that writes its row: no sweep runs meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_SWEEP_LOCK])
    path = path_of(picture.sha256, "original")
    if not (default_storage.exists(path) and default_storage.size(path) == picture.size_bytes):
        file.seek(0)
        _write(path, File(file))
    for size, content in picture.smaller.items():
        if not default_storage.exists(path_of(picture.sha256, size)):
            _write(path_of(picture.sha256, size), ContentFile(content))


def _write(path: str, content: File) -> None:  # type: ignore[type-arg] # File is generic in the stubs only
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(path)  # half of it, from a process that was killed
    written = default_storage.save(path, content)
    if written != path:  # somebody else kept the same picture at the same moment
        default_storage.delete(written)


def open_picture(photo: Photo, size: str) -> IO[bytes]:
    """A photo's original, or a smaller picture, which is made anew when it is gone.

    Raises:
        FileNotFoundError: when the original is gone.
    """
    path = path_of(photo.sha256, size)
    if size in SIZES and not default_storage.exists(path):
        with default_storage.open(path_of(photo.sha256, "original")) as original:
            for name, content in smaller_of(original).items():
                _write(path_of(photo.sha256, name), ContentFile(content))
    return default_storage.open(path)


def sweep_orphans(*, at: datetime, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete pictures that no photo names and that are older than `older_than`; returns how many files went.

    Uploads wait for one of 256 folders at a time, not for the whole sweep.
    """
    gone = 0
    for top in (ORIGINALS, SMALLER):
        for folder in _folders(top):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SWEEP_LOCK])
                gone += _sweep(f"{top}/{folder}", before=at - older_than)
    return gone


def _folders(top: str) -> Iterator[str]:
    if default_storage.exists(top):
        yield from sorted(default_storage.listdir(top)[0])


def _sweep(folder: str, *, before: datetime) -> int:
    files = default_storage.listdir(folder)[1]
    named = {name.partition(".")[0] for name in files}
    wanted = set(Photo.objects.filter(sha256__in=named).values_list("sha256", flat=True))
    gone = 0
    for name in files:
        path = f"{folder}/{name}"
        if name.partition(".")[0] not in wanted and default_storage.get_modified_time(path) < before:
            default_storage.delete(path)
            gone += 1
    return gone
