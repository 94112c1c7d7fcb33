"""The desk's queues (案件队列): which there are, for whom, and what order a list has. Knows no database."""

from collections.abc import Iterable, Set
from datetime import datetime
from enum import StrEnum

from geogrid.organisations.roles import Action


class Queue(StrEnum):
    """A pile of open incidents that somebody works off."""

    TO_FILE = "to_file"  # 待立案
    TRAY = "tray"  # 待补全: reported without a place in the grid, or without a class
    TO_DISPATCH = "to_dispatch"  # 待派遣
    RETURNED = "returned"  # 退回: came back from a unit and waits for another
    TO_VERIFY = "to_verify"  # 待核查
    TO_CLOSE = "to_close"  # 待结案
    TO_APPROVE = "to_approve"  # 待审批: somebody applied and a second person decides
    UNIT_NEW = "unit_new"  # 待接单: sent to the own unit
    UNIT_AT_WORK = "unit_at_work"  # 在办: accepted by the own unit
    NEAR_LIMIT = "near_limit"  # 临期: a clock is yellow and none is red
    OVERDUE = "overdue"  # 超时: a clock is red
    MINE = "mine"  # 我的
    BORDER = "border"  # 边界: within 5 m of another cell
    OPEN = "open"  # 全部在办


class Order(StrEnum):
    """How a list is sorted."""

    NEWEST = "newest"
    URGENT = "urgent"  # the nearest deadline first; a report that is not filed yet counts from its coming


class Light(StrEnum):
    """The worst light of the clocks that run (红黄绿灯)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


_FOR_ALL = (Queue.NEAR_LIMIT, Queue.OVERDUE, Queue.MINE, Queue.BORDER, Queue.OPEN)
_OF_THE_DESK = (Queue.TO_FILE, Queue.TRAY, Queue.TO_DISPATCH, Queue.RETURNED, Queue.TO_VERIFY, Queue.TO_CLOSE)
_DESK_ACTIONS = frozenset({Action.FILE, Action.DISPATCH, Action.APPROVE})


def queues_of(actions: Set[Action], *, is_of_a_unit: bool) -> list[Queue]:
    """The queues that somebody with these actions works at, those of their own work first.

    is_of_a_unit: whether they handle for a unit: its two queues then come first.
    """
    if not actions & {Action.SEE_INCIDENTS, Action.HANDLE}:
        return []
    found: list[Queue] = [Queue.UNIT_NEW, Queue.UNIT_AT_WORK] if is_of_a_unit else []
    if actions & _DESK_ACTIONS:
        found += _OF_THE_DESK
    elif Action.CHECK in actions:
        found.append(Queue.TO_VERIFY)
    if Action.APPROVE in actions:
        found.append(Queue.TO_APPROVE)
    return [*found, *_FOR_ALL]


def begins_with(actions: Set[Action], queues: list[Queue]) -> Queue | None:
    """The queue that the page opens with: what this person is here for."""
    wanted = [
        (Action.HANDLE, Queue.UNIT_NEW),
        (Action.FILE, Queue.TO_FILE),
        (Action.DISPATCH, Queue.TO_DISPATCH),
        (Action.APPROVE, Queue.TO_APPROVE),
        (Action.CHECK, Queue.MINE),
    ]
    if Action.MANAGE_CITY in actions:
        return Queue.TO_FILE if Queue.TO_FILE in queues else None
    found = (queue for action, queue in wanted if action in actions and queue in queues)
    return next(found, queues[-1] if queues else None)


def has_case(word: str) -> bool:
    """Whether small and capital letters of it differ: 井盖 has none, and is found by a plain LIKE."""
    return word.lower() != word.upper()


def light_of(limits: Iterable[tuple[datetime | None, datetime | None]], at: datetime) -> Light:
    """The worst light of (warn_at, due_at) of several clocks. Without a limit a clock stays green."""
    found = Light.GREEN
    for warn_at, due_at in limits:
        if due_at is not None and at > due_at:
            return Light.RED
        if warn_at is not None and at >= warn_at:
            found = Light.YELLOW
    return found
