"""Misses, gaps and the rest over a span, by unit or by person, over what a viewer may see."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from geogrid.organisations.models import User
from grid_units.models import Cell, GridUnit
from grid_units.patrols.cards import people_seen_by
from incidents.patrol_quality.judging import Verdict
from incidents.patrol_quality.models import Judgement, JudgementQuerySet

# Digits of a unit's code at each level are configuration: the tree says which unit a cell lies in.
LEVELS = ("CELL", "COMMUNITY", "STREET", "DISTRICT")
_UP = {"COMMUNITY": "community", "STREET": "community__parent", "DISTRICT": "community__parent__parent"}


@dataclass
class Tally:
    """How many citizens' reports were judged how, in a unit or of a person."""

    code: str = ""
    name: str = ""
    name_en: str = ""
    worker: int | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def miss(self) -> int:
        """漏报."""
        return self.counts[Verdict.MISS]

    @property
    def gap(self) -> int:
        """漏巡."""
        return self.counts[Verdict.GAP]

    @property
    def neither(self) -> int:
        """无责."""
        return self.counts[Verdict.NEITHER]

    @property
    def judged(self) -> int:
        """All of them: the denominator of any rate."""
        return self.counts.total()


def judged_between(viewer: User, start: datetime, end: datetime) -> JudgementQuerySet:
    """Judgements of reports that came from `start` (included) to `end` (excluded)."""
    return Judgement.objects.visible_to(viewer).filter(window_to__gte=start, window_to__lt=end)


def by_unit(judgements: JudgementQuerySet, level: str) -> list[Tally]:
    """Of every unit of a level that has any, by code. Reports outside of the grid have no code."""
    above = _codes_above(level)
    found: dict[str, Tally] = {}
    counted = judgements.values_list("incident__unit_code", "verdict").annotate(amount=Count("pk"))
    for cell, verdict, amount in counted.order_by():
        code = above.get(cell, "") if above is not None and cell else cell
        found.setdefault(code, Tally(code)).counts[verdict] += amount
    _name(found, level)
    return [found[code] for code in sorted(found)]


def by_worker(judgements: JudgementQuerySet, viewer: User) -> list[Tally]:
    """Of every person named in one, most misses first.

    A miss names who walked past, a gap who came nearest; a gap of which nobody was heard names nobody.
    """
    seen: QuerySet[User] = people_seen_by(viewer)
    found: dict[int, Tally] = {}
    named = judgements.filter(worker__in=seen.values("pk")).exclude(verdict=Verdict.NEITHER)
    counted = named.values_list("worker_id", "verdict").annotate(amount=Count("pk"))
    for worker_id, verdict, amount in counted.order_by():
        found.setdefault(worker_id, Tally(worker=worker_id)).counts[verdict] += amount
    for person in User.objects.filter(pk__in=found):
        found[person.pk].name = str(person)
    return sorted(found.values(), key=lambda tally: (-tally.miss, -tally.gap, tally.name))


def _codes_above(level: str) -> dict[str, str] | None:
    if level == "CELL":
        return None
    return dict(Cell.objects.values_list("code", f"{_UP[level]}__code"))


def _name(found: dict[str, Tally], level: str) -> None:
    units: Any = Cell.objects.all() if level == "CELL" else GridUnit.objects.filter(level=level)
    for code, name, name_en in units.filter(code__in=list(found)).values_list("code", "name", "name_en"):
        found[code].name, found[code].name_en = name, name_en
