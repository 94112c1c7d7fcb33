"""The order in which rules are asked, changed by hand: which priorities put one rule before another. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from incidents.responsibility.deciding import Rule

LEAST, MOST = -32_000, 32_000  # a small integer of the database, with room


def place_before(rules: Iterable[Rule], moved: str, before: str | None) -> dict[str, int]:
    """Priorities that must change so that `moved` is asked just before `before` (None: last), by rule name.

    The others keep their order. As few as possible change: the moved one takes a priority that fits between
    its neighbours, and only where none does, those above it are raised.

    Raises:
        KeyError: when one of the two is no rule.
        ValueError: when there is no room for priorities left.
    """
    ordered = sorted(rules, key=lambda rule: rule.rank)
    own = next((rule for rule in ordered if rule.name == moved), None)
    others = [rule for rule in ordered if rule.name != moved]
    place = len(others)
    if before is not None:
        place = next((nr for nr, rule in enumerate(others) if rule.name == before), -1)
    if own is None or place < 0:
        raise KeyError(moved if own is None else before)
    above = others[place - 1] if place else None
    below = others[place] if place < len(others) else None
    own = _between(own, above, below)
    changed = {own.name: own.priority}
    # Bottom up: whoever would now come after the one below it is raised.
    last = own
    for rule in reversed(others[:place]):
        if rule.rank < last.rank:
            break
        last = _just_above(rule, last)
        changed[rule.name] = last.priority
    if not all(LEAST <= priority <= MOST for priority in changed.values()):
        raise ValueError("no room for priorities is left")
    was = {rule.name: rule.priority for rule in ordered}
    return {name: priority for name, priority in changed.items() if was[name] != priority}


def _between(rule: Rule, above: Rule | None, below: Rule | None) -> Rule:
    """The rule with the first priority that fits: its own, one of its neighbours', one beside them."""
    tried = [rule.priority]
    if below is not None:
        tried += [below.priority, below.priority + 1]
    if above is not None:
        tried += [above.priority, above.priority - 1]
    for priority in tried:
        found = replace(rule, priority=priority)
        if (above is None or above.rank < found.rank) and (below is None or found.rank < below.rank):
            return found
    # Only between two neighbours of equal or next priority: those above are raised then.
    return _just_above(rule, below) if below is not None else rule


def _just_above(rule: Rule, below: Rule) -> Rule:
    """The rule with the least priority that is asked before `below`."""
    level = replace(rule, priority=below.priority)
    return level if level.rank < below.rank else replace(rule, priority=below.priority + 1)
