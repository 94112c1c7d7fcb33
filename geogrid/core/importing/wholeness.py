"""Is the file whole? Looked at before anything is written: a cut-off file must not be imported in part."""

import sqlite3
import struct
import zipfile
import zlib
from pathlib import Path

from geogrid.core.importing.errors import ImportRefused

MOST_UNPACKED = 20 * 2**30  # bytes
_CHUNK = 2**20
_LONGEST_BLOB_HEADER = 64 * 1024


def cut_off(name: str, detail_en: str, detail_zh: str) -> ImportRefused:
    return ImportRefused(
        f"{name} is not whole: {detail_en}. Get the file again.",
        f"{name} 不完整：{detail_zh}。请重新获取该文件。",
    )


def check_shapefile(path: Path) -> None:
    """The lengths that the headers of .shp, .shx and .dbf state are the lengths of the files.

    Raises:
        ImportRefused: when a part is missing or shorter than its header says.
    """
    for suffix, what in ((".shx", "index"), (".dbf", "attributes")):
        if sibling(path, suffix) is None:
            raise cut_off(path.name, f"its {suffix} file ({what}) is missing", f"缺少 {suffix} 文件")
    for part in (path, sibling(path, ".shx")):
        if part is None:
            continue
        with part.open("rb") as file:
            head = file.read(100)
        if len(head) < 100 or struct.unpack(">i", head[:4])[0] != 9994:
            raise cut_off(part.name, "it has no shapefile header", "没有 Shapefile 文件头")
        stated = struct.unpack(">i", head[24:28])[0] * 2
        if part.stat().st_size < stated:
            raise cut_off(
                part.name,
                f"{stated} bytes are announced and {part.stat().st_size} are there",
                f"应有 {stated} 字节，实有 {part.stat().st_size} 字节",
            )
    table = sibling(path, ".dbf")
    if table is not None:
        with table.open("rb") as file:
            head = file.read(32)
        if len(head) < 32:
            raise cut_off(table.name, "it has no dBASE header", "没有 dBASE 文件头")
        rows, start, width = struct.unpack("<IHH", head[4:12])
        if table.stat().st_size < start + rows * width:
            there = max(0, table.stat().st_size - start) // max(1, width)
            raise cut_off(
                table.name,
                f"{rows} rows are announced and {there} are there",
                f"应有 {rows} 行，实有 {there} 行",
            )


def sibling(path: Path, suffix: str) -> Path | None:
    """The part of a shapefile with this suffix, in capitals or not."""
    for ending in (suffix, suffix.upper()):
        if path.with_suffix(ending).exists():
            return path.with_suffix(ending)
    return None


def check_geopackage(path: Path) -> None:
    """SQLite's header states the number of pages; a shorter file was cut off.

    Raises:
        ImportRefused: when it is no SQLite database, or shorter than it says.
    """
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\x00"):
        raise cut_off(path.name, "it is no GeoPackage (SQLite)", "不是 GeoPackage（SQLite）文件")
    page = struct.unpack(">H", head[16:18])[0]
    page = 65536 if page == 1 else page
    stated = page * struct.unpack(">I", head[28:32])[0]
    if path.stat().st_size < stated:
        raise cut_off(
            path.name,
            f"{stated} bytes are announced and {path.stat().st_size} are there",
            f"应有 {stated} 字节，实有 {path.stat().st_size} 字节",
        )
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            database.execute("SELECT count(*) FROM gpkg_contents").fetchone()
    except sqlite3.Error as error:
        raise cut_off(path.name, str(error), "数据库无法读取") from None


def unpack(path: Path, into: Path) -> Path:
    """Unpack a zip archive and return the one data file in it.

    Raises:
        ImportRefused: when the archive is damaged, too large, or does not hold exactly one data set.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise ImportRefused(
                    f"{path.name} would unpack to more than {MOST_UNPACKED // 2**30} GB.",
                    f"{path.name} 解压后超过 {MOST_UNPACKED // 2**30} GB。",
                )
            for member in members:
                # Flat, by the last part of the name: a path inside an archive is never followed.
                target = into / Path(member.filename.replace("\\", "/")).name
                with archive.open(member) as source, target.open("wb") as out:
                    while chunk := source.read(_CHUNK):
                        out.write(chunk)
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise cut_off(path.name, str(error) or "a damaged archive", "压缩包已损坏") from None
    except RuntimeError as error:  # a password, or a way of packing that this Python cannot undo
        raise ImportRefused(
            f"{path.name} cannot be unpacked: {error}. Pack it again without a password, as plain zip.",
            f"{path.name} 无法解压（{error}）。请不加密码、以普通 zip 方式重新压缩。",
        ) from None
    except OSError as error:
        raise ImportRefused(
            f"{path.name} cannot be unpacked into {into}: {error.strerror}.",
            f"{path.name} 无法解压到 {into}：{error.strerror}。",
        ) from None
    found = [p for p in into.iterdir() if p.suffix.lower() in {".shp", ".gpkg", ".geojson", ".csv", ".xlsx"}]
    if len(found) != 1:
        names = ", ".join(sorted(p.name for p in found)) or "none"
        raise ImportRefused(
            f"{path.name} must hold one data file and holds {len(found)} ({names}).",
            f"{path.name} 应包含一个数据文件，现有 {len(found)} 个（{names}）。",
        )
    return found[0]


def check_osm(path: Path) -> None:
    """GDAL takes the end of a cut-off extract for its end, so the blocks of a PBF are counted here.

    Raises:
        ImportRefused: when the last block ends beyond the file, or an XML extract has no end.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if path.suffix.lower() == ".osm":
            file.seek(max(0, size - 200))
            if b"</osm>" not in file.read():
                raise cut_off(path.name, "it does not end with </osm>", "缺少结尾 </osm>")
            return
        at = 0
        while at < size:
            file.seek(at)
            length = int.from_bytes(file.read(4), "big")
            head = file.read(length) if length <= _LONGEST_BLOB_HEADER else b""
            data = _blob_size(head)
            at += 4 + length + data
            if not data or at > size:
                raise cut_off(path.name, "a block of it is damaged or cut off", "数据块损坏或被截断")


def _blob_size(head: bytes) -> int:
    """Field 3 (datasize) of a BlobHeader message; 0 when it is none."""
    at = 0
    while at < len(head):
        key, at = _varint(head, at)
        if key & 7 == 2:
            length, at = _varint(head, at)
            at += length
        elif key & 7 == 0:
            value, at = _varint(head, at)
            if key >> 3 == 3:
                return value
        else:
            return 0
    return 0


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            break
        shift += 7
    return value, at
