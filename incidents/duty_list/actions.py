"""What writes the duty list: every change is an edition of its own, and older ones are never touched."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from assets import catalogue
from assets.models import AssetClass
from geogrid.core.actor import Actor, name_actor
from geogrid.core.errors import Conflict, Invalid, NotFound
from geogrid.organisations.models import Organisation, User
from incidents.clocks.limits import Limit, LimitKind
from incidents.duty_list.conditions import ClassKind, ConditionText, Origin, UnitRule
from incidents.duty_list.models import DutyListEdition, FilingCondition, FilingConditionQuerySet
from incidents.duty_list.presets import Pack, packs, preset
from incidents.models import EventClass

_LOCK = (72101, 72)  # editions are made one after the other
AnyClass = AssetClass | EventClass


def newest_edition() -> int:
    """Number of the edition in force, 0 before the first."""
    return DutyListEdition.objects.order_by("-number").values_list("number", flat=True).first() or 0


def conditions_of(one: AnyClass) -> FilingConditionQuerySet:
    """What a class is filed under now, in order."""
    return FilingCondition.objects.current().of_class(one).order_by("place_in_class", "pk")


def said_by(row: FilingCondition) -> ConditionText:
    """All that a row says, without its class."""
    return ConditionText(
        text=row.text,
        text_en=row.text_en,
        closing=row.closing,
        closing_en=row.closing_en,
        limit=Limit(row.amount, LimitKind(row.kind)),
        report_photos=tuple(row.report_photos),
        result_photos=tuple(row.result_photos),
        legal_basis=row.legal_basis,
        legal_basis_en=row.legal_basis_en,
        standard=row.standard,
        standard_en=row.standard_en,
        handling_unit_text=row.handling_unit_text,
        authority_text=row.authority_text,
        is_self_governed=row.is_self_governed,
        origin=Origin(row.origin),
    )


def begin_edition(
    *, actor: Actor, at: datetime, note: str, file_sha256: str = "", expected: int | None = None
) -> DutyListEdition:
    """The edition that the changes of this transaction make up.

    Raises:
        Conflict: when another was made since `expected` was looked at.
    """
    name_actor(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
    newest = newest_edition()
    if expected is not None and newest != expected:
        raise Conflict(
            f"清单已有新版本 {newest}，请重新预览。"
            f"The duty list has changed since (edition {newest}): look at a new preview first."
        )
    return DutyListEdition.objects.create(
        made_at=at,
        made_by=actor if isinstance(actor, User) else None,
        actor=actor.get_username(),
        note=note[:300],
        file_sha256=file_sha256,
    )


def row_for(
    one: AnyClass,
    said: ConditionText,
    edition: DutyListEdition,
    *,
    place: int,
    pack: str,
    units: dict[str, int],
) -> FilingCondition:
    """A row to be added. A unit written in the list is taken when a unit of exactly that name exists."""
    unit = units.get(said.handling_unit_text) if said.handling_unit_text else None
    return FilingCondition(
        edition_from=edition,
        asset_class=one if isinstance(one, AssetClass) else None,
        event_class=one if isinstance(one, EventClass) else None,
        place_in_class=place,
        handling_unit_id=unit,
        unit_rule=(UnitRule.NAMED if unit else UnitRule.BY_TABLE).value,
        pack=pack,
        **said.columns(),
    )


def units_by_name() -> dict[str, int]:
    """Ids of units by their names, without names that stand twice."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for name, pk in Organisation.objects.values_list("name", "pk"):
        twice |= {name} & set(found)
        found[name] = pk
    return {name: pk for name, pk in found.items() if name not in twice}


@transaction.atomic
def load_duty_list(*, actor: Actor, at: datetime) -> int:
    """Add the preset's conditions of every class that never had one; how many were added.

    What the city made of the list stays, so loading again after an upgrade only adds.
    """
    rows = FilingCondition.objects.order_by()
    had_assets = set(rows.values_list("asset_class_id", flat=True).distinct())
    had_events = set(rows.values_list("event_class_id", flat=True).distinct())
    edition_of = {"scheme": catalogue.SCHEME, "version": catalogue.VERSION}
    classes: dict[tuple[ClassKind, str], AnyClass] = {
        (ClassKind.ASSET, one.code): one for one in AssetClass.objects.filter(**edition_of)
    }
    classes |= {(ClassKind.EVENT, one.code): one for one in EventClass.objects.filter(**edition_of)}
    wanted = []
    for key, conditions in preset().items():
        one = classes.get(key)
        if one is None:
            continue
        if one.pk not in (had_assets if isinstance(one, AssetClass) else had_events):
            wanted.append((one, conditions))
    if not wanted:
        return 0
    edition = begin_edition(actor=actor, at=at, note="预置清单 Preset of GeoGrid")
    units = units_by_name()
    return len(
        FilingCondition.objects.bulk_create(
            row_for(one, said, edition, place=place, pack="", units=units)
            for one, conditions in wanted
            for place, said in enumerate(conditions, start=1)
        )
    )


@transaction.atomic
def replace_condition(
    *,
    condition: FilingCondition,
    by: ConditionText,
    actor: Actor,
    at: datetime,
    units: dict[str, int] | None = None,
) -> FilingCondition:
    """Put another condition in the place of one, in a new edition. The old one stays for what it filed.

    units: ids of units by the names by which a condition may name them; all units without it.

    Raises:
        Conflict: when it was replaced or ended meanwhile.
        Invalid: when nothing differs.
    """
    known = units_by_name() if units is None else units
    if by == said_by(condition) and known.get(by.handling_unit_text) == condition.handling_unit_id:
        raise Invalid("没有变化。Nothing differs from what stands there.")
    edition = begin_edition(actor=actor, at=at, note=f"修改 Changed: {condition.of_class} {by.text}")
    end_conditions([condition.pk], edition)
    row = row_for(
        condition.of_class,
        by,
        edition,
        place=condition.place_in_class,
        pack=condition.pack,
        units=known,
    )
    row.save(force_insert=True)
    return row


@transaction.atomic
def add_condition(
    *,
    one: AnyClass,
    said: ConditionText,
    actor: Actor,
    at: datetime,
    units: dict[str, int] | None = None,
) -> FilingCondition:
    """Add a condition to a class, in a new edition. units: as `replace_condition`."""
    edition = begin_edition(actor=actor, at=at, note=f"新增 Added: {one} {said.text}")
    known = units_by_name() if units is None else units
    row = row_for(one, said, edition, place=conditions_of(one).count() + 1, pack="", units=known)
    row.save(force_insert=True)
    return row


@transaction.atomic
def end_condition(*, condition: FilingCondition, actor: Actor, at: datetime) -> None:
    """Nothing is filed under it any more; what was, keeps it.

    Raises:
        Conflict: when it was replaced or ended meanwhile.
    """
    edition = begin_edition(actor=actor, at=at, note=f"停用 Ended: {condition.of_class} {condition.text}")
    end_conditions([condition.pk], edition)


def end_conditions(ids: Iterable[int], edition: DutyListEdition) -> None:
    """End conditions with an edition.

    Raises:
        Conflict: when one of them has ended meanwhile.
    """
    wanted = list(ids)
    ended = FilingCondition.objects.filter(pk__in=wanted, edition_to=None).update(edition_to=edition)
    if ended != len(wanted):
        raise Conflict("条件已被别人修改，请重新查看。Somebody else has changed a condition: look again.")


def pack_named(slug: str) -> Pack:
    """A class pack.

    Raises:
        NotFound: when none has that name.
    """
    found = packs().get(slug)
    if found is None:
        raise NotFound(f"没有类别包“{slug}”。There is no class pack called {slug}.")
    return found


def is_installed(pack: Pack) -> bool:
    return FilingCondition.objects.current().filter(pack=pack.slug).exists()


@transaction.atomic
def install_pack(*, slug: str, actor: Actor, at: datetime) -> int:
    """Bring in a pack's classes and conditions; how many conditions. One removed before comes back.

    Raises:
        NotFound: when there is none of that name.
        Conflict: when it is installed already.
    """
    pack = pack_named(slug)
    edition = begin_edition(actor=actor, at=at, note=f"安装类别包 Pack installed: {pack.name} {pack.name_en}")
    if is_installed(pack):
        raise Conflict(f"“{pack.name}”已安装。The pack {pack.name_en} is installed already.")
    units = units_by_name()
    rows = []
    for one in pack.classes:
        event_class, _ = EventClass.objects.update_or_create(
            scheme=pack.scheme,
            version=pack.version,
            code=one.code,
            defaults={"is_active": True},
            create_defaults={
                "major_name": pack.major_name,
                "major_name_en": pack.major_name_en,
                "name": one.name,
                "name_en": one.name_en,
                "icon": one.icon,
                "origin": "ours",
                "is_active": True,
            },
        )
        rows += [
            row_for(event_class, said, edition, place=place, pack=slug, units=units)
            for place, said in enumerate(one.conditions, start=1)
        ]
    return len(FilingCondition.objects.bulk_create(rows))


@transaction.atomic
def remove_pack(*, slug: str, actor: Actor, at: datetime) -> int:
    """Take a pack out of use: its classes are offered no more, its conditions end. Incidents keep theirs.

    Raises:
        NotFound: when there is none of that name, or it is not installed.
    """
    pack = pack_named(slug)
    edition = begin_edition(actor=actor, at=at, note=f"移除类别包 Pack removed: {pack.name} {pack.name_en}")
    ended = FilingCondition.objects.current().filter(pack=slug).update(edition_to=edition)
    if not ended:
        raise NotFound(f"“{pack.name}”未安装。The pack {pack.name_en} is not installed.")
    EventClass.objects.filter(scheme=pack.scheme, version=pack.version).update(is_active=False)
    return ended
