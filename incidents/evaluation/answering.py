"""From a question over HTTP to figures, rows and receipts."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Min

from geogrid.core.errors import Forbidden, NotFound
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from incidents.evaluation.asking import Asked, By, View, seen_by
from incidents.evaluation.figures import Figures, figures, total
from incidents.evaluation.indicators import Indicator, Scheme
from incidents.evaluation.models import Fact, IndicatorScheme, Mark, Pending, StaleDay
from incidents.evaluation.naming import Named, names_of
from incidents.evaluation.serializers import local_today


def asked_by(user: User, said: dict[str, Any]) -> Asked:
    """The question, as far as `user` sees.

    Raises:
        Forbidden: figures of people, to those who see no people.
    """
    by = By(said["by"])
    seen = seen_by(user, By.PERSON if said["person"] else by)
    return Asked(
        by=by,
        start=said["start"],
        end=said["end"],
        view=View(said["view"]),
        under=said["under"],
        unit=said["unit"],
        person=said["person"],
        klass=said["klass"],
        channel=said["channel"],
        seen=seen,
    )


def scheme_of(said: dict[str, Any]) -> Scheme:
    """The scheme asked for, in the version asked for or the newest.

    Raises:
        NotFound: when there is none of this name.
    """
    kept = IndicatorScheme.objects.filter(name=said["scheme"]).order_by("-id")
    if said["version"]:
        kept = kept.filter(version=said["version"])
    found = kept.first()
    if found is None:
        raise NotFound("There is no such scheme. 没有该考核口径。")
    return found.value


def indicator_of(scheme: Scheme, key: str) -> Indicator:
    """The indicator of a scheme.

    Raises:
        NotFound: when it has none of this key.
    """
    found = scheme.named(key)
    if found is None:
        raise NotFound("This scheme has no such indicator. 该口径没有此指标。")
    return found


def newest_schemes() -> list[Scheme]:
    """Each scheme in its newest version."""
    return [one.value for one in IndicatorScheme.objects.order_by("name", "-id").distinct("name")]


def choices_for(user: User) -> dict[str, Any]:
    """Schemes, today by the city's clock, since when there is anything, and what may be asked by."""
    allowed = []
    for by in By:
        try:
            seen = seen_by(user, by)
        except Forbidden:
            continue
        if not seen.nothing:
            allowed.append(by.value)
    first = Fact.objects.aggregate(first=Min("reported_day"))["first"] if allowed else None
    return {"schemes": newest_schemes(), "today": local_today(), "first": first, "by": allowed}


def table(asked: Asked, scheme: Scheme) -> dict[str, Any]:
    """What the page shows: a row for each key, and the total."""
    found = figures(asked)
    names = names_of(asked.by, [one.key for one in found])
    rows = [row_of(one, names, scheme) for one in sorted(found, key=lambda one: one.key)]
    whole = row_of(Figures("", total(asked)), {}, scheme)
    city = the_city()
    return {
        "start": asked.start,
        "end": asked.end,
        "by": asked.by.value,
        "view": asked.view.value,
        "scheme": scheme.name,
        "version": scheme.version,
        "is_running": asked.end >= local_today(),
        "is_behind": is_behind(),
        "has_simulated": bool(city and city.is_demo),
        "indicators": scheme.indicators,
        "total": whole,
        "rows": rows,
    }


def is_behind() -> bool:
    """Whether some incidents are not counted anew yet."""
    mark = Mark.objects.first()
    building = mark is None or mark.built_to < mark.ends_at
    return building or Pending.objects.exists() or StaleDay.objects.exists()


def row_of(one: Figures, names: dict[str, Named], scheme: Scheme) -> dict[str, Any]:
    """One row: names, counts, and a rate for each indicator of the scheme."""
    named, counts = names.get(one.key, Named(one.key)), one.counts
    return {
        "key": one.key,
        "name": named.zh,
        "name_en": named.en,
        "is_gone": named.is_gone,
        "received": counts["received"],
        "filed": counts["filed"],
        "due": counts["due"],
        "closed": counts["due_closed"],
        "left_out": counts["left_out_suspended"] + counts["left_out_exempt"],
        "rates": [rate_of(indicator, counts) for indicator in scheme.indicators],
    }


def rate_of(indicator: Indicator, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "numerator": counts[indicator.numerator],
        "denominator": counts[indicator.denominator],
        "value": indicator.value(counts),
    }


def as_csv(asked: Asked, scheme: Scheme) -> Iterator[str]:
    """The table as CSV, with numerator and denominator of every rate, for a spreadsheet."""
    shown = table(asked, scheme)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["scheme", f"{scheme.name} {scheme.version}", "from", asked.start, "to", asked.end])
    head = ["key", "name", "name_en", "received", "filed", "due", "closed", "left_out"]
    for one in scheme.indicators:
        head += [one.key, f"{one.key}.numerator", f"{one.key}.denominator"]
    writer.writerow(head)
    for row in [*shown["rows"], shown["total"] | {"key": "TOTAL"}]:
        cells: list[Any] = [_plain(row[name]) for name in head[:8]]
        for rate in row["rates"]:
            value = "" if rate["value"] is None else round(rate["value"], 6)
            cells += [value, rate["numerator"], rate["denominator"]]
        writer.writerow(cells)
    yield "\ufeff"
    yield out.getvalue()


def _plain(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula is text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
