"""The closed loop as data: stages, moves, and who makes them (docs: domain, Stages and moves).

Three separate axes describe an incident: its stage, its reason for waiting, and the delivery of its
messages. The whole loop is laid out here: what a move is called, where it leads, who makes it (`BY`), what
it needs (`NEEDS`), and which moves a second person must approve (`BY_TWO`).
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
    CLOSE_PAST = "close_past"  # 历史结案: it was closed in the system that it was imported from
    MAKE_VOID = "void"  # 作废
    EVALUATE = "evaluate"  # 评价
    REOPEN = "reopen"  # 重开
    PASS_UP = "pass_up"  # 上报上级
    PASS_DOWN = "pass_down"  # 下派
    SUSPEND = "suspend"  # 挂账
    RESUME = "resume"  # 恢复
    EXTEND = "extend"  # 延期
    EXEMPT = "exempt"  # 免责
    APPLY = "apply"  # 申请: somebody asks for a move that a second person approves
    REFUSE = "refuse"  # 驳回: the second person does not
    ASK_CHECK = "ask_check"  # 请求核实
    CO_ACCEPT = "co_accept"  # 协办接单
    CO_RETURN = "co_return"  # 协办退回
    CO_HAND_IN = "co_hand_in"  # 协办反馈
    ADD_UNIT = "add_unit"  # 增派
    WHISTLE = "whistle"  # 吹哨
    SIGN_IN = "sign_in"  # 签到
    REMIND = "remind"  # 提醒函
    SUPERVISE = "supervise"  # 督办
    DRAW = "draw"  # 抽取核查员
    WARN = "warn"  # 预警: 80 % of a limit have passed
    OVERDUE = "overdue"  # 超时
    SECOND_DISPATCH = "second_dispatch"  # 二次派遣, to the next unit
    ESCALATE = "escalate"  # 升级: to the next level, by the clock
    RATE = "rate"  # 满意度
    MOVE_PLACE = "move_place"  # 改点位
    HAND_OVER = "hand_over"  # 交接
    RECLASSIFY = "reclassify"  # 改类: limit from the filing time, units and rule anew
    REGRID = "regrid"  # 重新归格: the grid changed under it
    SENSOR = "sensor"  # 监测更新: an alarm that belongs to it has changed
    CLASSIFY = "classify"  # 归类: a report gets its class before it is filed
    FOLLOW = "follow"  # 同一问题: somebody else told of it, and follows it
    MERGE = "merge"  # 并入: a later one was found to be the same; the later one is rejected or closed
    SPLIT_OFF = "split_off"  # 拆出: it was not the same after all
    SPLIT = "split"  # 拆分, of one that was filed: it goes on where it was
    SPLIT_REPORT = "split_report"  # 拆分, of one that was only reported


Stages = frozenset[Stage]
_ANY_OPEN: Stages = UNFINISHED
_ENDED: Stages = frozenset({Stage.CLOSED, Stage.EVALUATED})
_AT_WORK: Stages = frozenset({Stage.DISPATCHED, Stage.HANDLING})

# From which stages a move starts, and where it ends (None: the stage stays).
MOVES: dict[Move, tuple[Stages, Stage | None]] = {
    Move.ASK_CHECK: (frozenset({Stage.REPORTED}), None),
    Move.VERIFY_REPORT: (frozenset({Stage.REPORTED}), None),
    Move.FILE: (frozenset({Stage.REPORTED}), Stage.FILED),
    Move.REJECT: (frozenset({Stage.REPORTED}), Stage.REJECTED),
    Move.HANDLE_ON_SPOT: (frozenset({Stage.REPORTED}), Stage.HANDLED),
    Move.DISPATCH: (frozenset({Stage.FILED}), Stage.DISPATCHED),
    Move.WHISTLE: (_AT_WORK | {Stage.FILED}, Stage.DISPATCHED),
    Move.ADD_UNIT: (_AT_WORK, None),
    Move.ACCEPT: (frozenset({Stage.DISPATCHED}), Stage.HANDLING),
    Move.ARRIVE: (frozenset({Stage.HANDLING}), None),
    Move.SIGN_IN: (_AT_WORK, None),
    Move.RETURN: (_AT_WORK, Stage.FILED),
    Move.HAND_IN: (frozenset({Stage.HANDLING}), Stage.HANDLED),
    Move.CO_ACCEPT: (_AT_WORK, None),
    Move.CO_RETURN: (_AT_WORK, None),
    Move.CO_HAND_IN: (_AT_WORK, None),
    Move.REMIND: (_AT_WORK, None),
    Move.SUPERVISE: (_AT_WORK, None),
    Move.DRAW: (frozenset({Stage.HANDLED}), None),
    Move.PASS_CHECK: (frozenset({Stage.HANDLED}), Stage.VERIFIED),
    Move.FAIL_CHECK: (frozenset({Stage.HANDLED}), Stage.HANDLING),
    Move.CLOSE: (frozenset({Stage.VERIFIED}), Stage.CLOSED),
    Move.CLOSE_WITH_CODE: (frozenset({Stage.FILED}), Stage.CLOSED),
    Move.CLOSE_PAST: (frozenset({Stage.FILED}), Stage.CLOSED),
    Move.MAKE_VOID: (_AT_WORK | {Stage.FILED}, Stage.VOID),
    Move.RATE: (frozenset({Stage.CLOSED}), None),
    Move.EVALUATE: (frozenset({Stage.CLOSED}), Stage.EVALUATED),
    Move.REOPEN: (_ENDED, Stage.FILED),
    Move.PASS_UP: (frozenset({Stage.FILED, Stage.DISPATCHED}), Stage.FILED),
    Move.PASS_DOWN: (frozenset({Stage.FILED, Stage.DISPATCHED}), Stage.FILED),
    Move.SECOND_DISPATCH: (_AT_WORK, Stage.DISPATCHED),
    Move.ESCALATE: (_AT_WORK | {Stage.FILED}, Stage.FILED),
    Move.SUSPEND: (_ANY_OPEN, None),
    Move.RESUME: (_ANY_OPEN, None),
    Move.EXTEND: (_ANY_OPEN, None),
    Move.EXEMPT: (_ANY_OPEN | _ENDED, None),
    Move.APPLY: (_ANY_OPEN | _ENDED, None),
    Move.REFUSE: (_ANY_OPEN | _ENDED, None),
    Move.WARN: (_ANY_OPEN, None),
    Move.OVERDUE: (_ANY_OPEN, None),
    Move.MOVE_PLACE: (_ANY_OPEN, None),
    Move.HAND_OVER: (_ANY_OPEN, None),
    # What was handed in is verified as what it was handled as.
    Move.RECLASSIFY: (_AT_WORK | {Stage.REPORTED, Stage.FILED}, None),
    Move.REGRID: (_ANY_OPEN, None),
    Move.SENSOR: (_ANY_OPEN, None),
    Move.CLASSIFY: (frozenset({Stage.REPORTED}), None),
    Move.FOLLOW: (_ANY_OPEN, None),
    Move.MERGE: (_ANY_OPEN, None),
    Move.SPLIT_OFF: (frozenset(Stage), None),
    Move.SPLIT: (_ENDED, Stage.FILED),
    Move.SPLIT_REPORT: (frozenset({Stage.REJECTED}), Stage.REPORTED),
}


class Axis(StrEnum):
    """What a move changes besides the stage. Nothing else may change it."""

    PLACE = "place"  # the point, and with it cell and units
    WORKER = "worker"  # 网格员, who answers for the place
    WAITING = "waiting"
    LEVEL = "level"
    HOLDER = "holder"  # whose clock runs now
    ROUND = "round"  # counts up when a closed one is reopened


# The database refuses a change of one of these without a step whose move is named here.
AXES: dict[Axis, frozenset[Move]] = {
    Axis.PLACE: frozenset({Move.MOVE_PLACE, Move.REGRID}),
    Axis.WORKER: frozenset({Move.MOVE_PLACE, Move.HAND_OVER}),
    Axis.WAITING: frozenset({Move.SUSPEND, Move.RESUME}),
    Axis.LEVEL: frozenset({Move.PASS_UP, Move.PASS_DOWN, Move.ESCALATE}),
    Axis.HOLDER: frozenset(
        move for move, (_, end) in MOVES.items() if end is not None or move in {Move.DRAW, Move.RESUME}
    )
    | {Move.MOVE_PLACE, Move.HAND_OVER},
    Axis.ROUND: frozenset({Move.REOPEN}),
}

# Who makes a move: the action that a role must allow. Moves that are not here are the clock's, a machine's,
# or the reporter's (RATE). What must be true besides (of the unit, drawn, on the level) stands with the
# rules.
BY: dict[Move, Action] = {
    Move.ASK_CHECK: Action.FILE,
    Move.VERIFY_REPORT: Action.CHECK,
    Move.FILE: Action.FILE,
    Move.REJECT: Action.REJECT,
    Move.HANDLE_ON_SPOT: Action.HANDLE_ON_SPOT,
    Move.DISPATCH: Action.DISPATCH,
    Move.ADD_UNIT: Action.DISPATCH,
    Move.WHISTLE: Action.WHISTLE,
    Move.ACCEPT: Action.HANDLE,
    Move.ARRIVE: Action.HANDLE,
    Move.SIGN_IN: Action.HANDLE,
    Move.RETURN: Action.HANDLE,
    Move.HAND_IN: Action.HANDLE,
    Move.CO_ACCEPT: Action.HANDLE,
    Move.CO_RETURN: Action.HANDLE,
    Move.CO_HAND_IN: Action.HANDLE,
    Move.PASS_CHECK: Action.CHECK,
    Move.FAIL_CHECK: Action.CHECK,
    Move.CLOSE: Action.DISPATCH,
    Move.CLOSE_WITH_CODE: Action.DISPATCH,
    Move.MAKE_VOID: Action.MAKE_VOID,
    Move.REOPEN: Action.REOPEN,
    Move.PASS_UP: Action.DISPATCH,
    Move.PASS_DOWN: Action.DISPATCH,
    Move.SUSPEND: Action.DISPATCH,
    Move.EXTEND: Action.DISPATCH,
    Move.EXEMPT: Action.DISPATCH,
    Move.RESUME: Action.DISPATCH,
    Move.REMIND: Action.DISPATCH,
    Move.SUPERVISE: Action.APPROVE,
    Move.MOVE_PLACE: Action.MOVE_PLACE,
    Move.HAND_OVER: Action.HAND_OVER,
    Move.RECLASSIFY: Action.FILE,
    Move.CLASSIFY: Action.FILE,
    Move.FOLLOW: Action.REPORT,
    Move.MERGE: Action.REJECT,
    Move.SPLIT_REPORT: Action.REJECT,
    Move.SPLIT: Action.DISPATCH,
}

# One person applies (`BY`; the first three also a handler of a unit at work), another with APPROVE decides.
BY_TWO: frozenset[Move] = frozenset(
    {Move.SUSPEND, Move.EXTEND, Move.EXEMPT, Move.CLOSE_WITH_CODE, Move.MAKE_VOID}
)
HANDLERS_APPLY: frozenset[Move] = frozenset({Move.SUSPEND, Move.EXTEND, Move.EXEMPT})
# How often in the life of an incident each is approved.
MOST_TIMES: dict[Move, int] = {Move.SUSPEND: 1, Move.EXTEND: 2, Move.EXEMPT: 1}

# What the moves on the level's own desk ask for: a dispatcher of that level or of one above.
OF_THE_LEVEL: frozenset[Move] = frozenset(
    {Move.DISPATCH, Move.ADD_UNIT, Move.WHISTLE, Move.CLOSE, Move.CLOSE_WITH_CODE, Move.PASS_UP}
    | {Move.PASS_DOWN, Move.SUSPEND, Move.EXTEND, Move.EXEMPT, Move.RESUME}
    | {Move.REMIND, Move.SUPERVISE}
)

# The moves that the card on the map page has a form for.
ON_THE_CARD: frozenset[Move] = frozenset(
    {Move.FILE, Move.REJECT, Move.HANDLE_ON_SPOT, Move.MOVE_PLACE, Move.HAND_OVER}
)

# What each move needs besides the press of a button.
NEEDS: dict[Move, tuple[str, ...]] = {
    Move.VERIFY_REPORT: ("is_true", "photo"),
    Move.FILE: ("condition?", "filing_condition?"),
    Move.REJECT: ("note", "response?"),
    Move.HANDLE_ON_SPOT: ("before_photo", "after_photo"),
    Move.DISPATCH: ("units",),
    Move.ADD_UNIT: ("units",),
    Move.WHISTLE: ("units", "meeting_at", "meeting_place"),
    Move.ARRIVE: ("place?",),
    Move.SIGN_IN: ("place?",),
    Move.RETURN: ("note", "suggested_unit?"),
    Move.HAND_IN: ("result", "after_photo"),
    Move.CO_RETURN: ("note", "suggested_unit?"),
    Move.CO_HAND_IN: ("result",),
    Move.PASS_CHECK: ("photo", "mark"),
    Move.FAIL_CHECK: ("photo", "note"),
    Move.CLOSE: ("code", "response?"),
    Move.CLOSE_WITH_CODE: ("code", "note"),
    Move.MAKE_VOID: ("note",),
    Move.REOPEN: ("note",),
    Move.PASS_UP: ("note",),
    Move.PASS_DOWN: ("note",),
    Move.SUSPEND: ("note", "until"),
    Move.RESUME: ("note",),
    Move.REMIND: ("note",),
    Move.SUPERVISE: ("note",),
    Move.EXTEND: ("note",),
    Move.EXEMPT: ("note",),
    Move.RATE: ("satisfaction",),
    Move.MOVE_PLACE: ("place", "note"),
    Move.HAND_OVER: ("person", "note"),
    Move.RECLASSIFY: ("class", "note"),
}


class ClosingCode(StrEnum):
    """How an incident ended. The last three close it without handling, with a second person."""

    SOLVED = "solved"  # 已解决
    SOLVED_BY_ITSELF = "solved_by_itself"  # 自行消除
    NO_FURTHER_ACTION = "no_further_action"  # 解释说明
    DUPLICATE = "duplicate"  # 重复
    DOES_NOT_EXIST = "does_not_exist"  # 不存在
    TRANSFERRED_OUT = "transferred_out"  # 移交


WITHOUT_HANDLING: frozenset[ClosingCode] = frozenset(
    {ClosingCode.DUPLICATE, ClosingCode.DOES_NOT_EXIST, ClosingCode.TRANSFERRED_OUT}
)

# While it is suspended nothing else moves it on.
WHILE_WAITING: frozenset[Move] = frozenset(
    {Move.RESUME, Move.MOVE_PLACE, Move.HAND_OVER, Move.REGRID, Move.SENSOR, Move.EXEMPT}
    | {Move.APPLY, Move.REFUSE, Move.MAKE_VOID, Move.FOLLOW, Move.MERGE, Move.SPLIT_OFF}
)

# What is noted beside the work takes nobody's decision away: a move decided before it still counts.
BESIDE: frozenset[Move] = frozenset(
    {Move.SENSOR, Move.REGRID, Move.WARN, Move.OVERDUE, Move.HAND_OVER, Move.DRAW, Move.ARRIVE, Move.SIGN_IN}
    | {Move.CO_ACCEPT, Move.APPLY, Move.REFUSE, Move.ASK_CHECK, Move.VERIFY_REPORT, Move.FOLLOW, Move.MERGE}
    | {Move.SPLIT_OFF, Move.REMIND, Move.SUPERVISE}
)

# Made through their own addresses (incidents/duplicates, incidents/inbound), so no list of moves offers them.
ELSEWHERE: frozenset[Move] = frozenset(
    {Move.CLASSIFY, Move.FOLLOW, Move.MERGE, Move.SPLIT_OFF, Move.SPLIT, Move.SPLIT_REPORT}
)


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
