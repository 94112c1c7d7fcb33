"""Asking for downloads, making them, cancelling them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from geogrid.changes.passes import Pass
from geogrid.core.errors import Conflict, Invalid
from geogrid.embedded.paths import REPOSITORY
from geogrid.organisations.models import User
from tiles.downloads import lists
from tiles.downloads.formats import WRITINGS, Format, Writing
from tiles.downloads.models import KEPT, Download, folder
from tiles.downloads.orders import Order
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.granting import pass_of
from tiles.ogc.asking import add_conditions
from tiles.ogc.filtering import Where, quoted
from tiles.ogc.reading import count, view
from tiles.ogc.refusing import BadQuery
from tiles.ogc.scoping import seen_with

MOST_AT_ONCE: Final = 3
LOOK_EVERY_S: Final = 0.5
# The writer gives memory back at once, and keeps no heap for threads that it has none of.
SMALL: Final = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
CHANGED: Final = (
    "Your rights have changed since this was asked for; ask for it again. 权限已变更,请重新申请。"
)
_FLAT: Final = {"MultiLineStringM": "MultiLineString", "Geometry": "Unknown"}


class Stopped(Exception):
    """The download was cancelled, or its rights are gone."""


def ask(*, layer: str, file_format: Format, query: dict[str, str], actor: User, at: datetime) -> Download:
    """Note down what somebody wants; a worker makes it.

    Raises:
        Invalid: when there is no such layer, or the query cannot be understood.
        Conflict: when this person has MOST_AT_ONCE unfinished already.
    """
    if lists.is_list(layer):
        return _ask_list(layer, file_format, query, actor, at)
    found = GIS_LAYERS.get(layer)
    if found is None:
        raise Invalid(f"There is no layer '{layer[:60]}'. 没有该图层。", {"layer": [", ".join(GIS_LAYERS)]})
    if file_format == Format.XLSX:
        raise Invalid("A layer is no table; choose CSV. 图层不能存为 XLSX。", {"format": ["gpkg, csv"]})
    if file_format == Format.SHAPEFILE and found.geometry_type in ("Geometry", "NoGeometry"):
        raise Invalid(
            "A Shapefile holds one kind of geometry; choose GeoPackage or CSV. 该图层不能存为 Shapefile。",
            {"format": ["gpkg, csv"]},
        )
    granted = pass_of(actor)
    try:
        wanted = _wanted(found, granted, query)
    except BadQuery as error:
        raise Invalid(str(error), {"query": [str(error)]}) from None
    return _line_up(layer, file_format, query, actor, at, count(found, wanted))


def _ask_list(layer: str, file_format: Format, query: dict[str, str], actor: User, at: datetime) -> Download:
    rows = lists.rows_of(layer, actor, query, file_format)
    if file_format == Format.XLSX and rows.count > lists.MOST_IN_A_SHEET:
        raise Invalid("A sheet holds a million rows; choose CSV. 行数超过 XLSX 上限。", {"format": ["csv"]})
    return _line_up(layer, file_format, query, actor, at, rows.count)


def _line_up(
    layer: str, file_format: Format, query: dict[str, str], actor: User, at: datetime, expected: int
) -> Download:
    granted = pass_of(actor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        if Download.objects.filter(asked_by=actor).unfinished().count() >= MOST_AT_ONCE:
            raise Conflict(
                f"{MOST_AT_ONCE} of your downloads are being made; wait or cancel one. 下载任务过多。"
            )
        return Download.objects.create(
            asked_by=actor,
            permission_epoch=granted.epoch,
            granted=_as_json(granted),
            layer=layer,
            format=file_format.value,
            query=query,
            rows_expected=expected,
            asked_at=at,
            expires_at=at + KEPT,
        )


def cancel(*, download: Download) -> None:
    """Stop the making, and remove the file; the row stays for its day and says what became of it."""
    Download.objects.filter(pk=download.pk).update(state="cancelled", bytes=None, ready_at=None)
    download.path.unlink(missing_ok=True)


def make(download_id: int, at: datetime | None = None) -> str:
    """Make a download that waits, or that a dead worker left; the state it is then in."""
    at = at or timezone.now()
    taken = Download.objects.filter(pk=download_id).unfinished().update(state="working", rows_written=0)
    download = Download.objects.select_related("asked_by").filter(pk=download_id).first()
    if download is None or not taken:
        return download.state if download else "removed"
    # With its suffix at the end: without, some of GDAL's drivers make a folder.
    partial = download.path.with_name(download.path.name.replace(".", ".part.", 1))
    _clear(partial, partial.with_suffix(""))
    try:
        _require_same_rights(download)
        _run(download, _order(download, str(partial)))
        partial.rename(download.path)
        download.path.chmod(0o600)
        kept = Download.objects.filter(pk=download.pk, state="working").update(
            state="ready", bytes=download.path.stat().st_size, ready_at=at
        )
        if not kept:  # cancelled in the last moment
            download.path.unlink(missing_ok=True)
    except Stopped:
        pass
    except _NotWritten as error:
        Download.objects.filter(pk=download.pk, state="working").update(state="refused", problem=str(error))
    finally:
        _clear(partial, partial.with_suffix(""))
    return str(Download.objects.filter(pk=download_id).values_list("state", flat=True).first())


def sweep(at: datetime) -> int:
    """Remove files whose day is over, with their rows, and files that no row names. How many files."""
    lying = list(folder().iterdir())  # first: a file that begins from now on has its row already
    Download.objects.over(at).delete()
    known = {str(one) for one in Download.objects.values_list("public_id", flat=True)}
    removed = 0
    for path in lying:
        if path.name.partition(".")[0] not in known:
            _clear(path)
            removed += 1
    return removed


def may_fetch(download: Download, asker: User) -> bool:
    """Whether the file is handed to `asker`: it is theirs, and they see now what they saw when they asked.

    A token that is narrower than the one that asked gets nothing.
    """
    return (
        download.asked_by_id == asker.pk
        and download.state == "ready"
        and download.expires_at > timezone.now()
        and download.granted == _as_json(pass_of(asker))
    )


def _as_json(granted: Pass) -> dict[str, Any]:
    said = asdict(granted)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


class _NotWritten(Exception):
    """The file could not be written. The message says why."""


def _wanted(layer: GisLayer, granted: Pass, query: dict[str, str]) -> Where:
    where = seen_with(layer, granted)
    add_conditions(where, layer, query)
    return where


def _require_same_rights(download: Download) -> None:
    asker = User.objects.get(pk=download.asked_by_id)
    if not asker.is_active or asker.permission_epoch != download.permission_epoch:
        raise _NotWritten(CHANGED)


def _order(download: Download, target: str) -> Order:
    writing = WRITINGS[Format(download.format)]
    if lists.is_list(download.layer):
        return lists.order_of(download, writing, target)
    layer = GIS_LAYERS[download.layer]
    said: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in download.granted.items()
    }
    where = _wanted(layer, Pass(**said), download.query)
    names = [_column(column.name, column.kind, writing) for column in layer.columns]
    if layer.geometry is not None:
        names.append(f"encode(ST_AsBinary(ST_Force2D({quoted(layer.geometry)})), 'hex')")
    sql = f"SELECT {', '.join(names)} FROM {view(layer)} WHERE {where.sql}"  # noqa: S608 - names of our list
    with connection.cursor() as cursor:
        whole = cursor.cursor.mogrify(sql, where.values).decode()
    kinds = {column.name: _kind(column.kind, writing) for column in layer.columns}
    return Order(
        sql=whole,
        columns=list(kinds.items()),
        geometry=layer.geometry,
        geometry_type=_FLAT.get(layer.geometry_type, layer.geometry_type) if layer.geometry else None,
        layer=layer.id,
        driver=writing.driver,
        options=writing.options
        if layer.geometry
        else {k: v for k, v in writing.options.items() if k != "GEOMETRY"},
        target=target,
        is_zipped=writing.is_zipped,
    )


def _kind(kind: str, writing: Writing) -> str:
    return "text" if kind == "moment" and writing.moments_as_text else str(kind)


def _column(name: str, kind: str, writing: Writing) -> str:
    if kind == "moment" and writing.moments_as_text:
        return f"""to_char({quoted(name)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    return f"{quoted(name)}::text" if kind == "uuid" else quoted(name)


def _run(download: Download, order: Order) -> None:
    """Have a process write the file, and look now and then whether it is still wanted.

    Raises:
        Stopped: when it is not. _NotWritten: when the process could not.
    """
    command = [sys.executable, "-m", "tiles.downloads.file_writing"]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=os.environ | SMALL,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout and process.stderr  # noqa: S101 - all three are pipes
    try:
        process.stdin.write(json.dumps(asdict(order)) + "\n")
        process.stdin.flush()
        looked_at, written = 0.0, 0
        for line in process.stdout:
            written = int(line)
            if time.monotonic() - looked_at < LOOK_EVERY_S:
                continue
            looked_at = time.monotonic()
            if not Download.objects.filter(pk=download.pk, state="working").update(rows_written=written):
                raise Stopped
        words = process.stderr.read()
        if process.wait() != 0:
            raise _NotWritten(_kindly(words))
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()
    Download.objects.filter(pk=download.pk, state="working").update(rows_written=written)


def _kindly(words: str) -> str:
    last = words.strip().rpartition("\n")[2][:300]
    return f"The file could not be written. 文件未能生成。({last})"


def _clear(*paths: Path) -> None:
    """Remove a file, or a folder of files, where there is one."""
    for path in paths:
        if path.is_dir():
            for part in path.iterdir():
                part.unlink()
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
