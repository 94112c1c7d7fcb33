"""The archive of a backup: a tar of database.dump, media/... and manifest.json with the SHA-256 of each."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from geogrid.embedded.errors import EmbeddedDatabaseError

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
MEDIA = "media/"


@dataclass
class Manifest:
    """What an archive holds. `files` maps a member's name to [sha256, bytes]."""

    made_at: str
    postgres: str
    format: int = FORMAT
    files: dict[str, tuple[str, int]] = field(default_factory=dict)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode()


class HashingReader:
    """Reads a file and digests what went by, so that a photo is read once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def add_file(archive: tarfile.TarFile, manifest: Manifest, *, name: str, path: Path) -> None:
    """Put one file into the archive and the manifest."""
    with path.open("rb") as file:
        member = archive.gettarinfo(arcname=name, fileobj=file)
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        reader = HashingReader(file)
        archive.addfile(member, reader)
    manifest.files[name] = (reader.hexdigest(), member.size)


def add_manifest(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """The manifest goes last: only then are all the digests known."""
    data = manifest.to_json()
    member = tarfile.TarInfo(MANIFEST)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def unpack(file: Path, into: Path) -> Manifest:
    """Unpack an archive into an empty folder and check every file against the manifest.

    Raises EmbeddedDatabaseError when the file is no archive of ours, was cut off, or a file in it differs.
    """
    found: dict[str, tuple[str, int]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(file, mode="r:") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or not _is_safe(member.name):
                    raise EmbeddedDatabaseError(
                        f"{file} holds '{member.name}', which no backup of GeoGrid holds."
                    )
                if member.name == MANIFEST:
                    manifest = _read_manifest(file, content.read())
                    continue
                found[member.name] = _copy_out(content, into / member.name)
    except tarfile.TarError as error:
        raise EmbeddedDatabaseError(
            f"{file} is not a backup of GeoGrid, or it was cut off: {error}."
        ) from None
    if manifest is None:
        raise EmbeddedDatabaseError(f"{file} was cut off: it has no manifest, which is written last.")
    for name in sorted(manifest.files.keys() | found.keys()):
        if manifest.files.get(name) != found.get(name):
            raise EmbeddedDatabaseError(
                f"{file} is damaged: '{name}' is not the file that its manifest describes."
            )
    if DUMP not in found:
        raise EmbeddedDatabaseError(f"{file} holds no database.")
    return manifest


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    known = name in (DUMP, MANIFEST) or name.startswith(MEDIA)
    return known and not path.is_absolute() and ".." not in path.parts


def _read_manifest(file: Path, data: bytes) -> Manifest:
    try:
        fields = json.loads(data)
        manifest = Manifest(**fields)
        manifest.files = {name: (str(digest), int(size)) for name, (digest, size) in manifest.files.items()}
    except (ValueError, TypeError, AttributeError):
        raise EmbeddedDatabaseError(f"{file} has a damaged manifest.") from None
    if manifest.format != FORMAT:
        raise EmbeddedDatabaseError(
            f"{file} has format {manifest.format}; this version of GeoGrid reads format {FORMAT}."
        )
    return manifest


def _copy_out(content: IO[bytes], to: Path) -> tuple[str, int]:
    to.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with to.open("wb") as out:
        for block in _blocks(content):
            out.write(block)
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(2**20):
        yield block
