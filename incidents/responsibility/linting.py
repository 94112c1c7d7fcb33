"""Rules that never fire: about nothing that exists, at no hour, or always behind others. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.responsibility.deciding import Moment, Rule

MOST_NAMED = 5


@dataclass(frozen=True)
class Idle:
    """A rule that never fires. reason: class, place, hours or covered; `by`: the rules that come first."""

    name: str
    reason: str
    by: tuple[str, ...] = ()


def idle_rules(
    rules: list[Rule],
    classes: Iterable[tuple[str, str, str]],
    communities: list[str],
    codes: Sequence[str],
    levels: Iterable[str],
    week: list[tuple[Moment, str]],
) -> list[Idle]:
    """Rules that fire for no class (kind, scheme, code), place, level and hour of a plain week.

    communities: where is asked; codes: of every unit and cell, sorted. A rule about less than a community is
    asked in its own place.
    """
    all_classes, all_levels = list(classes), list(levels)
    moments = [moment for moment, _ in week]
    found = []
    for rule in rules:
        reason = _why_idle(rule, rules, all_classes, communities, codes, all_levels, moments)
        if reason is not None:
            found.append(reason)
    return found


def _why_idle(
    rule: Rule,
    rules: list[Rule],
    classes: list[tuple[str, str, str]],
    communities: list[str],
    codes: Sequence[str],
    levels: list[str],
    moments: list[Moment],
) -> Idle | None:
    own_classes = [one for one in classes if _is_about(rule, one)]
    # A rule about no class at all is for what nobody has classed, too: that is always possible.
    if not (rule.kind or rule.scheme or rule.code):
        own_classes.append(("", "", ""))
    if not own_classes:
        return Idle(rule.name, "class")
    places = [code for code in communities if code.startswith(rule.place)]
    if not places:
        at = bisect_left(codes, rule.place)
        if at == len(codes) or not codes[at].startswith(rule.place):
            return Idle(rule.name, "place")
        places = [rule.place]
    hours = [moment for moment in moments if rule.band.holds(moment)]
    if not hours:
        return Idle(rule.name, "hours")
    first = [one for one in rules if one.rank < rule.rank and one.asset_unit in (None, rule.asset_unit)]
    asked = [level for level in levels if rule.level in ("", level)]
    behind: dict[tuple[Rule, ...], None] = {}
    for one in own_classes:
        of_class = [other for other in first if _is_about(other, one)]
        for place in places:
            here = tuple(other for other in of_class if place.startswith(other.place))
            if here in behind:
                continue
            if not all(
                any(other.level in ("", level) and other.band.holds(moment) for other in here)
                for level in asked
                for moment in hours
            ):
                return None
            behind[here] = None
    names = dict.fromkeys(other.name for here in behind for other in here)
    return Idle(rule.name, "covered", tuple(names)[:MOST_NAMED])


def _is_about(rule: Rule, of_class: tuple[str, str, str]) -> bool:
    kind, scheme, code = of_class
    return rule.kind in ("", kind) and rule.scheme in ("", scheme) and code.startswith(rule.code)
