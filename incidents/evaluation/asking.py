"""What is asked of the evaluation, and how far the asker sees: the same for figures, series and receipts."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from geogrid.core.errors import Forbidden
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import EVERYWHERE, Scopes, scopes_of
from grid_units.models import Cell
from incidents.models import county_code


class By(StrEnum):
    """What figures are told by."""

    DISTRICT = "DISTRICT"
    STREET = "STREET"
    COMMUNITY = "COMMUNITY"
    CELL = "CELL"
    DUTY = "DUTY"  # 责任网格: the cells of a worker's duty
    UNIT = "UNIT"  # 责任单位
    PERSON = "PERSON"  # the worker who answers for the place
    CLASS = "CLASS"
    CHANNEL = "CHANNEL"


PLACES = frozenset({By.DISTRICT, By.STREET, By.COMMUNITY, By.CELL, By.DUTY})
OF_PEOPLE = frozenset({By.DUTY, By.PERSON})
# What else than the place may narrow: the column of a fact, which is the `by` of a roll-up as well.
KEYS: dict[By, str] = {By.UNIT: "unit", By.PERSON: "person", By.CLASS: "class", By.CHANNEL: "channel"}


class View(StrEnum):
    """Which grid: that of then, or today's grid by the point."""

    WAS = "was"
    IS = "is"


@dataclass(frozen=True)
class Seen:
    """What the asker sees: places by prefixes of their codes, or the business of some units."""

    prefixes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unplaced: bool = False

    @property
    def everything(self) -> bool:
        return EVERYWHERE in self.prefixes

    @property
    def nothing(self) -> bool:
        return not self.prefixes and not self.units


@dataclass(frozen=True)
class Asked:
    """A question. `start` and `end` are local days, both included; `under` is the code of a unit."""

    by: By
    start: date
    end: date
    view: View = View.WAS
    under: str = ""
    unit: str = ""
    person: str = ""
    klass: str = ""
    channel: str = ""
    seen: Seen = Seen()

    @property
    def after(self) -> date:
        """The first day that is over the end."""
        return self.end + timedelta(days=1)

    @property
    def narrowed(self) -> dict[By, str]:
        """Keys that narrow, by dimension."""
        said = {By.UNIT: self.unit, By.PERSON: self.person, By.CLASS: self.klass, By.CHANNEL: self.channel}
        return {by: key for by, key in said.items() if key}

    def before(self) -> "Asked":
        """The same question of the period before, as long."""
        length = self.end - self.start + timedelta(days=1)
        return replace(self, start=self.start - length, end=self.end - length)

    def roll_up(self) -> str | None:
        """The `by` of the roll-ups that answer it; None: only the facts do."""
        narrowed = self.narrowed
        if self.seen.units or any(is_cell(code) for code in (*self.seen.prefixes, self.under)):
            if self.by not in {By.CELL, By.DUTY} or self.seen.units or narrowed:
                return None
            return "cell"
        if self.by in {By.CELL, By.DUTY}:
            return None if narrowed else "cell"
        wanted = set(narrowed) | ({self.by} if self.by in KEYS else set())
        if len(wanted) > 1:
            return None
        return KEYS[wanted.pop()] if wanted else "channel"


def is_cell(code: str) -> bool:
    """Whether this is the code of a cell: below the communities, by which most is rolled up."""
    return bool(code) and Cell.objects.filter(code=code).exists()


def seen_by(user: User, by: By) -> Seen:
    """How far `user` sees figures told by `by`.

    Raises:
        Forbidden: figures of people, to those who see no people.
    """
    scopes = scopes_of(user)
    prefixes = scopes.incident_prefixes
    if by in OF_PEOPLE:
        prefixes = _both(scopes)
        if not prefixes:
            raise Forbidden("Your role sees no figures of people. 您的角色不能查看人员考核数据。")
    if prefixes:
        return Seen(prefixes, (), unplaced=county_code().startswith(prefixes))
    return Seen((), tuple(str(one) for one in scopes.organisation_ids))


def _both(scopes: Scopes) -> tuple[str, ...]:
    """Where both incidents and people are seen."""
    if Action.SEE_PEOPLE not in scopes.actions:
        return ()
    longer: set[str] = set()
    for one in scopes.incident_prefixes:
        for other in scopes.people_prefixes:
            if one.startswith(other):
                longer.add(one)
            elif other.startswith(one):
                longer.add(other)
    return tuple(sorted(longer))


def like(prefix: str) -> str:
    """A prefix of digits as a LIKE pattern."""
    return f"{prefix}%"


def scope_sql(asked: Asked, params: dict[str, Any], *, was: str, place: str, unit: str) -> str:
    """A condition that keeps to what the asker sees and asks under; fills `params`.

    was, place, unit: the columns (ours) of the cell of then, of the place as asked, and of the unit.
    """
    seen = asked.seen
    parts: list[str] = []
    if seen.units:
        params["units"] = list(seen.units)
        parts.append(f"{unit} = ANY (%(units)s)")
    elif seen.nothing:
        parts.append("false")
    elif not seen.everything:
        params["prefixes"] = [like(prefix) for prefix in seen.prefixes]
        lies = f"{was} LIKE ANY (%(prefixes)s)"
        parts.append(f"({lies} OR {was} = '')" if seen.unplaced else lies)
        if place != was:
            parts.append(f"({place} LIKE ANY (%(prefixes)s) OR {place} = '')")
    if asked.under:
        params["under"] = like(asked.under)
        parts.append(f"{place} LIKE %(under)s")
    return " AND ".join(parts) or "true"
