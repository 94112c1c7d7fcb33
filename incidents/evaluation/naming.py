"""Names of what figures are told by: places of now and of then, units, people, classes."""

from collections.abc import Iterable
from dataclasses import dataclass

from assets.models import AssetClass
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Duty
from grid_units.models import Cell, CellVersion, GridUnit
from incidents.evaluation.asking import By
from incidents.models import EventClass


@dataclass(frozen=True)
class Named:
    """What to call a key, in two languages where there are two; `is_gone`: no longer in the grid."""

    zh: str
    en: str = ""
    is_gone: bool = False


def names_of(by: By, keys: Iterable[str]) -> dict[str, Named]:
    """Names by key. Keys without a row have none."""
    wanted = [key for key in keys if key]
    if by == By.CELL:
        return _cells(wanted)
    if by in {By.COMMUNITY, By.STREET, By.DISTRICT}:
        units = GridUnit.objects.filter(code__in=wanted)
        return {code: Named(zh, en) for code, zh, en in units.values_list("code", "name", "name_en")}
    if by == By.CLASS:
        return _classes(wanted)
    if by == By.CHANNEL:
        return {}
    ids = [int(key) for key in wanted if key.isdecimal()]
    if by == By.UNIT:
        known = Organisation.objects.filter(pk__in=ids)
        return {str(pk): Named(name) for pk, name in known.values_list("pk", "name")}
    if by == By.PERSON:
        return {str(user.pk): Named(str(user)) for user in User.objects.filter(pk__in=ids)}
    return _duties(ids)


def _cells(codes: list[str]) -> dict[str, Named]:
    now = Cell.objects.filter(code__in=codes).values_list("code", "name", "name_en")
    found = {code: Named(name or code, name_en) for code, name, name_en in now}
    gone = CellVersion.objects.filter(code__in=[code for code in codes if code not in found]).order_by("id")
    return found | {code: Named(name or code, "", True) for code, name in gone.values_list("code", "name")}


def _classes(keys: list[str]) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for kind, model in (("A", AssetClass), ("E", EventClass)):
        ids = [int(key[1:]) for key in keys if key[0] == kind and key[1:].isdecimal()]
        rows = model._default_manager.filter(pk__in=ids).values_list("pk", "code", "name", "name_en")
        found |= {f"{kind}{pk}": Named(f"{code} {zh}", f"{code} {en}") for pk, code, zh, en in rows}
    return found


def _duties(ids: list[int]) -> dict[str, Named]:
    duties = Duty.objects.filter(pk__in=ids).select_related("user").prefetch_related("areas")
    found = {}
    for duty in duties:
        codes = sorted(area.unit_code for area in duty.areas.all())
        cells = f"{codes[0]}" + (f" +{len(codes) - 1}" if len(codes) > 1 else "") if codes else ""
        found[str(duty.pk)] = Named(f"{duty.user} {cells}".strip())
    return found
