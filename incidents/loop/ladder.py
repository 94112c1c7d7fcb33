"""The ladder of levels: which is next, and when a pass goes back the second time. Knows no database."""

from itertools import pairwise

from incidents.workflow import LoopLevel, Move

LEVELS: tuple[LoopLevel, ...] = (LoopLevel.COMMUNITY, LoopLevel.STREET, LoopLevel.DISTRICT)


def level_next_to(level: LoopLevel, move: Move) -> LoopLevel | None:
    """The level that an incident comes to by a pass up or down, or None at the end of the ladder."""
    place = LEVELS.index(level) + (-1 if move == Move.PASS_DOWN else 1)
    return LEVELS[place] if 0 <= place < len(LEVELS) else None


def goes_back(passes: list[Move], move: Move) -> bool:
    """Whether this pass would send the incident back for the second time: the level above decides then.

    passes: those made in this round, the first first. A pass goes back when the one before went the
    other way.
    """
    backs = sum(a != b for a, b in pairwise(passes))
    return bool(passes) and passes[-1] != move and backs >= 1
