"""The closed loop as data: stages, moves, and who makes them (docs: domain, Stages and moves).

Three separate axes describe an incident: its stage, its reason for waiting, and the delivery of its
messages. The whole loop is laid out here; which moves are offered yet stands in `OFFERED`.
"""

from enum import StrEnum

from geogrid.organisations.roles import Action


class Stage(StrEnum):
    """Where an incident stands."""

    REPORTED = "REPORTED"  # 采集上报
    FILED = "FILED"  # 立案
    DISPATCHED = "DISPATCHED"  # 指挥派遣
    HANDLING = "HANDLING"  # 处置中
    HANDLED = "HANDLED"  # 处置反馈
    VERIFIED = "VERIFIED"  # 任务核查
    CLOSED = "CLOSED"  # 结案归档
    EVALUATED = "EVALUATED"  # 考核评价
    REJECTED = "REJECTED"  # 不予立案
    VOID = "VOID"  # 作废


UNFINISHED: frozenset[Stage] = frozenset(
    {Stage.REPORTED, Stage.FILED, Stage.DISPATCHED, Stage.HANDLING, Stage.HANDLED, Stage.VERIFIED}
)


class Waiting(StrEnum):
    """Why the clock stands still; empty when it runs."""

    NONE = ""
    SUSPENDED = "suspended"  # 挂账


class LoopLevel(StrEnum):
    """Which of the three nested loops has the incident."""

    COMMUNITY = "COMMUNITY"
    STREET = "STREET"
    DISTRICT = "DISTRICT"


class Move(StrEnum):
    """What can happen to an incident."""

    REPORT = "report"  # 上报
    VERIFY_REPORT = "verify_report"  # 核实
    FILE = "file"  # 立案
    REJECT = "reject"  # 不予立案
    HANDLE_ON_SPOT = "handle_on_spot"  # 自行处置
    DISPATCH = "dispatch"  # 派遣
    ACCEPT = "accept"  # 接单
    ARRIVE = "arrive"  # 到场
    RETURN = "return"  # 退回
    HAND_IN = "hand_in"  # 反馈
    PASS_CHECK = "pass_check"  # 核查通过
    FAIL_CHECK = "fail_check"  # 返工
    CLOSE = "close"  # 结案
    CLOSE_WITH_CODE = "close_with_code"  # 特殊结案
    MAKE_VOID = "void"  # 作废
    EVALUATE = "evaluate"  # 评价
    REOPEN = "reopen"  # 重开
    PASS_UP = "pass_up"  # 上报上级
    PASS_DOWN = "pass_down"  # 下派
    SUSPEND = "suspend"  # 挂账
    RESUME = "resume"  # 恢复
    MOVE_PLACE = "move_place"  # 改点位
    HAND_OVER = "hand_over"  # 交接
    REGRID = "regrid"  # 重新归格: the grid changed under it
    SENSOR = "sensor"  # 监测更新: an alarm that belongs to it has changed


Stages = frozenset[Stage]
_ANY_OPEN: Stages = UNFINISHED

# From which stages a move starts, and where it ends (None: the stage stays).
MOVES: dict[Move, tuple[Stages, Stage | None]] = {
    Move.VERIFY_REPORT: (frozenset({Stage.REPORTED}), None),
    Move.FILE: (frozenset({Stage.REPORTED}), Stage.FILED),
    Move.REJECT: (frozenset({Stage.REPORTED}), Stage.REJECTED),
    Move.HANDLE_ON_SPOT: (frozenset({Stage.REPORTED}), Stage.HANDLED),
    Move.DISPATCH: (frozenset({Stage.FILED}), Stage.DISPATCHED),
    Move.ACCEPT: (frozenset({Stage.DISPATCHED}), Stage.HANDLING),
    Move.ARRIVE: (frozenset({Stage.HANDLING}), None),
    Move.RETURN: (frozenset({Stage.DISPATCHED, Stage.HANDLING}), Stage.FILED),
    Move.HAND_IN: (frozenset({Stage.HANDLING}), Stage.HANDLED),
    Move.PASS_CHECK: (frozenset({Stage.HANDLED}), Stage.VERIFIED),
    Move.FAIL_CHECK: (frozenset({Stage.HANDLED}), Stage.HANDLING),
    Move.CLOSE: (frozenset({Stage.VERIFIED}), Stage.CLOSED),
    Move.CLOSE_WITH_CODE: (frozenset({Stage.FILED}), Stage.CLOSED),
    Move.MAKE_VOID: (frozenset({Stage.FILED, Stage.DISPATCHED, Stage.HANDLING}), Stage.VOID),
    Move.EVALUATE: (frozenset({Stage.CLOSED}), Stage.EVALUATED),
    Move.REOPEN: (frozenset({Stage.CLOSED, Stage.EVALUATED}), Stage.FILED),
    Move.PASS_UP: (frozenset({Stage.FILED, Stage.DISPATCHED}), Stage.FILED),
    Move.PASS_DOWN: (frozenset({Stage.FILED, Stage.DISPATCHED}), Stage.FILED),
    Move.SUSPEND: (_ANY_OPEN, None),
    Move.RESUME: (_ANY_OPEN, None),
    Move.MOVE_PLACE: (_ANY_OPEN, None),
    Move.HAND_OVER: (_ANY_OPEN, None),
    Move.REGRID: (_ANY_OPEN, None),
    Move.SENSOR: (_ANY_OPEN, None),
}


class Axis(StrEnum):
    """What a move changes besides the stage. Nothing else may change it."""

    PLACE = "place"  # the point, and with it cell and units
    WORKER = "worker"  # 网格员, who answers for the place
    WAITING = "waiting"
    LEVEL = "level"


# The database refuses a change of one of these without a step whose move is named here.
AXES: dict[Axis, frozenset[Move]] = {
    Axis.PLACE: frozenset({Move.MOVE_PLACE, Move.REGRID}),
    Axis.WORKER: frozenset({Move.MOVE_PLACE, Move.HAND_OVER}),
    Axis.WAITING: frozenset({Move.SUSPEND, Move.RESUME}),
    Axis.LEVEL: frozenset({Move.PASS_UP, Move.PASS_DOWN}),
}

# The moves that people can make today, and the action their role must allow. The others wait for
# dispatch, clocks and verification.
OFFERED: dict[Move, Action] = {
    Move.FILE: Action.FILE,
    Move.REJECT: Action.REJECT,
    Move.HANDLE_ON_SPOT: Action.HANDLE_ON_SPOT,
    Move.MOVE_PLACE: Action.MOVE_PLACE,
    Move.HAND_OVER: Action.HAND_OVER,
}

# Moves that cannot be made without words.
NEEDS_NOTE: frozenset[Move] = frozenset({Move.REJECT, Move.MOVE_PLACE, Move.HAND_OVER})


def transitions() -> set[tuple[str, str, str]]:
    """Every (move, stage before, stage after). The database holds the same in `incident_transition`."""
    known = {(Move.REPORT.value, "", Stage.REPORTED.value)}
    for move, (starts, end) in MOVES.items():
        known |= {(move.value, start.value, (end or start).value) for start in starts}
    return known


def moves_from(stage: Stage) -> list[Move]:
    """The moves that start at this stage, whoever may make them."""
    return [move for move, (starts, _) in MOVES.items() if stage in starts]


def stage_after(move: Move, stage: Stage) -> Stage:
    """The stage that `move` leads to from `stage`.

    Raises:
        ValueError: when the move does not start there.
    """
    starts, end = MOVES[move]
    if stage not in starts:
        raise ValueError(f"{move} does not start at {stage}")
    return end or stage
