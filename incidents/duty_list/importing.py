"""A duty list from an Excel file: looked at first, then applied as a new edition."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from assets import catalogue
from assets.models import AssetClass
from geogrid.core.actor import Actor
from geogrid.core.errors import Invalid
from incidents.duty_list.actions import (
    AnyClass,
    begin_edition,
    end_conditions,
    newest_edition,
    row_for,
    said_by,
    units_by_name,
)
from incidents.duty_list.comparing import Kept, Key, Plan, compare
from incidents.duty_list.conditions import ClassKind, ConditionText
from incidents.duty_list.models import DutyListEdition, FilingCondition
from incidents.duty_list.sheet import UnreadableSheet, read_workbook
from incidents.models import EventClass


@dataclass(frozen=True)
class Target:
    """Which classes a file is about: an edition of a scheme, and the kind where a sheet does not say."""

    scheme: str = catalogue.SCHEME
    version: str = catalogue.VERSION
    usual: ClassKind = ClassKind.EVENT


@dataclass(frozen=True)
class Preview:
    """What a file would change, against which edition, and the digest by which it is told again."""

    plan: Plan
    edition: int
    sha256: str
    unknown_units: list[str]


def preview(data: bytes, target: Target) -> Preview:
    """Compare a file with the list in force. Writes nothing.

    Raises:
        Invalid: when the file as a whole cannot be read.
    """
    try:
        reading = read_workbook(data)
    except UnreadableSheet as error:
        raise Invalid(str(error), {"file": [str(error)]}) from error
    edition = newest_edition()
    classes = _classes(target)
    plan = compare(
        reading, _kept(target), {key: one.name for key, one in classes.items()}, usual=target.usual
    )
    units = units_by_name()
    unknown = {line.condition.handling_unit_text for line in reading.lines} - set(units) - {""}
    return Preview(plan, edition, hashlib.sha256(data).hexdigest(), sorted(unknown))


@transaction.atomic
def apply(
    *,
    data: bytes,
    target: Target,
    actor: Actor,
    at: datetime,
    note: str = "",
    end_gone: bool = False,
    partial: bool = False,
    expected: int | None = None,
) -> tuple[Preview, DutyListEdition | None]:
    """Make the file's list the next edition; None when it changes nothing.

    end_gone: conditions that the file does not list end (they stay for what was filed under them); without
    it they stay in force. partial: take what is right although rows are wrong.

    Raises:
        Invalid: when rows are wrong and `partial` is not said; the first ones are named.
        Conflict: when the list has changed since edition `expected` was looked at.
    """
    seen = preview(data, target)
    plan = seen.plan
    if plan.mistakes and not partial:
        raise Invalid(
            f"有 {len(plan.mistakes)} 处错误，未导入。"
            f"{len(plan.mistakes)} cells are wrong, so nothing was imported.",
            {"file": [str(one) for one in plan.mistakes[:20]]},
        )
    if not (plan.new or plan.changed or (plan.gone and end_gone)):
        return seen, None
    edition = begin_edition(
        actor=actor,
        at=at,
        note=note or "导入清单 Imported list",
        file_sha256=seen.sha256,
        expected=seen.edition if expected is None else expected,
    )
    _add_classes(plan, target)
    classes = _classes(target)
    units = units_by_name()
    ended = [one.kept.pk for one in plan.changed] + ([one.pk for one in plan.gone] if end_gone else [])
    end_conditions(ended, edition)
    FilingCondition.objects.bulk_create(
        (
            row_for(classes[key], said, edition, place=place, pack="", units=units)
            for key, said, place in _wanted(plan, target)
        ),
        batch_size=1000,
    )
    return seen, edition


def _wanted(plan: Plan, target: Target) -> Iterator[tuple[Key, ConditionText, int]]:
    """Key, condition and place of each row to be added; a changed one keeps its place."""
    places = dict(
        FilingCondition.objects.filter(pk__in=[one.kept.pk for one in plan.changed]).values_list(
            "pk", "place_in_class"
        )
    )
    for changed in plan.changed:
        yield changed.kept.key, changed.becomes, places[changed.kept.pk]
    for line in plan.new:
        yield (line.of_class.kind or target.usual, line.of_class.code), line.condition, line.row


def _add_classes(plan: Plan, target: Target) -> None:
    """Classes that only the file knows. They have no English name yet: the Chinese one stands in for it."""
    edition = {"scheme": target.scheme, "version": target.version, "origin": "local"}
    said = {
        kind: [one for one in plan.new_classes if one.kind == kind]
        for kind in (ClassKind.ASSET, ClassKind.EVENT)
    }
    AssetClass.objects.bulk_create(
        AssetClass(
            **edition,
            code=one.code,
            name=one.name,
            name_en=one.name,
            major_name=one.major_name,
            major_name_en=one.major_name,
            geometry_kind="point",
        )
        for one in said[ClassKind.ASSET]
    )
    EventClass.objects.bulk_create(
        EventClass(
            **edition,
            code=one.code,
            name=one.name,
            name_en=one.name,
            major_name=one.major_name,
            major_name_en=one.major_name,
        )
        for one in said[ClassKind.EVENT]
    )


def _classes(target: Target) -> dict[Key, AnyClass]:
    edition = {"scheme": target.scheme, "version": target.version}
    found: dict[Key, AnyClass] = {
        (ClassKind.ASSET, one.code): one for one in AssetClass.objects.filter(**edition)
    }
    return found | {(ClassKind.EVENT, one.code): one for one in EventClass.objects.filter(**edition)}


def _kept(target: Target) -> list[Kept]:
    """The conditions in force of the target's classes; those of packs come and go with their pack."""
    edition = (target.scheme, target.version)
    return [
        Kept(
            row.pk,
            (ClassKind.ASSET if row.asset_class_id else ClassKind.EVENT, row.of_class.code),
            row.of_class.name,
            said_by(row),
        )
        for row in FilingCondition.objects.current().with_class().filter(pack="")
        if (row.of_class.scheme, row.of_class.version) == edition
    ]
