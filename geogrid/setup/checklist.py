"""What a city still lacks before it can run, in zh and en."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from assets.models import Asset, AssetClass
from geogrid.core.models import the_city
from geogrid.organisations.models import Organisation
from grid_units.duties.models import Duty, Membership, has_administrator
from grid_units.duties.roster import gaps_of_the_city, units_that_are_gone
from grid_units.models import Cell
from incidents.models import EventClass

BACKUPS = "backups"
FRESH = timedelta(days=7)


@dataclass(frozen=True)
class Item:
    """One thing that a city needs. `count` says how many there are, or how many are missing."""

    key: str
    done: bool
    zh: str
    en: str
    count: int | None = None


def checklist(at: datetime) -> list[Item]:
    """All items, the first steps first."""
    return [*_people_and_ground(), *_staffing(at), *_registers(), *_keeping(at)]


def _people_and_ground() -> Iterator[Item]:
    yield Item("city", the_city() is not None, "城市名称、编码、时区", "City: name, codes, time zone")
    yield Item("administrator", has_administrator(), "首位管理员", "First administrator")
    cells = Cell.objects.count()
    yield Item(
        "grid",
        cells > 0,
        f"网格：{cells} 个单元网格" if cells else "网格：尚未导入（geogrid import grid）",
        f"Grid: {cells} cells" if cells else "Grid: not imported yet (geogrid import grid)",
        cells,
    )
    units = Organisation.objects.filter(is_active=True).count()
    yield Item(
        "organisations",
        units > 0,
        f"责任单位：{units} 个",
        f"Units that own, maintain and handle: {units}",
        units,
    )
    people = Membership.objects.in_force().filter(user__is_active=True).values("user").distinct().count()
    yield Item("people", people > 1, f"人员：{people} 人", f"People with a role: {people}", people)


def _staffing(at: datetime) -> Iterator[Item]:
    duties = Duty.objects.in_force(at).count()
    yield Item("duties", duties > 0, f"值守：{duties} 项", f"Duties: {duties}", duties)
    named = set(Duty.objects.in_force(at).values_list("areas__unit_code", flat=True))
    bare = sum(code not in named for code in Cell.objects.values_list("code", flat=True))
    yield Item(
        "cells_without_duty",
        bare == 0,
        f"没有专人的单元网格：{bare} 个（由上级值守）",
        f"Cells that no duty names: {bare} (the level above answers)",
        bare,
    )
    gone = units_that_are_gone(at)
    yield Item(
        "duties_of_gone_units",
        not gone,
        f"值守中已不存在的网格编码：{len(gone)} 个" + (f"，如 {gone[0]}" if gone else ""),
        f"Unit codes in duties that no longer exist: {len(gone)}" + (f", such as {gone[0]}" if gone else ""),
        len(gone),
    )
    found = gaps_of_the_city((at, at + timedelta(days=7)))
    where = f"，如 {found.examples[0]}" if found.examples else ""
    where_en = f", such as {found.examples[0]}" if found.examples else ""
    yield Item(
        "hours_without_anybody",
        found.cells == 0,
        f"未来七天内有时段各级均无人值守的网格：{found.cells} 个，最多 {found.worst_h:.0f} 小时{where}",
        f"Cells with hours in the next seven days without anybody at any level: {found.cells}, "
        f"{found.worst_h:.0f} h at most{where_en}",
        found.cells,
    )


def _registers() -> Iterator[Item]:
    classes, events = AssetClass.objects.count(), EventClass.objects.count()
    yield Item(
        "classes",
        classes > 0 and events > 0,
        f"类别表：部件 {classes} 类、事件 {events} 类",
        f"Classes: {classes} of assets, {events} of events",
        classes + events,
    )
    some = Asset.objects.exists()
    yield Item(
        "assets",
        some,
        "管理部件已导入" if some else "管理部件：尚未导入（geogrid import assets）",
        "Assets are imported" if some else "Assets: none imported yet (geogrid import assets)",
    )


def _keeping(at: datetime) -> Iterator[Item]:
    photos = Path(settings.MEDIA_ROOT)
    writable = os.access(photos if photos.is_dir() else photos.parent, os.W_OK)
    yield Item(
        "photos",
        writable,
        "照片目录可写" if writable else f"照片目录不可写：{photos}",
        "The folder of photos can be written"
        if writable
        else f"The folder of photos cannot be written: {photos}",
    )
    folder = Path(settings.VAR_DIR) / BACKUPS
    newest = max((path.stat().st_mtime for path in folder.glob("*.tar*")), default=0.0)
    fresh = newest > (at - FRESH).timestamp()
    yield Item(
        "backup",
        fresh,
        "七天内有备份" if fresh else f"七天内没有备份：geogrid db backup {folder}/日期.tar",
        "There is a backup of the last seven days"
        if fresh
        else f"No backup of the last seven days: geogrid db backup {folder}/<date>.tar",
    )
